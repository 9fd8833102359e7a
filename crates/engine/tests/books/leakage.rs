//! Leakage is counted in sales, not in rows, per book and currency, and the list holds the same sales.

use engine::leakage::leakage;
use kernel::operator::{Action, Handle, ManualScope, Pay, Terms};
use kernel::{Book, Ref};
use sandbox::Setup;
use store::read::sales::{Place, Wanted, page_leaked};

use crate::invariants::{event, invoice};
use crate::world::World;

fn sale(id: &str, currency: &str, discounted: bool) -> store::Append {
    let amounts = r#""total_discount_amounts":[{"amount":100,"discount":"di_1"}],"discounts":"#;
    let mut object = invoice(id, "1000", "").replace("\"usd\"", &format!("\"{currency}\""));
    if discounted {
        object = object.replace("\"discounts\":", amounts);
    }
    event(&format!("evt_{id}"), "invoice.paid", &object)
}

fn lines() -> Vec<Setup> {
    let handle = Handle::parse("anna").expect("a handle");
    let terms = Terms { pay: Pay::RateBps(1000), products: Vec::new(), hold_days: 30 };
    let add =
        Action::PartnerAdd { handle: handle.clone(), name: "Anna".into(), email: "a@b.c".into(), terms };
    let scope = ManualScope::Sale(Ref::parse("in_1").expect("an id"));
    let hers = Action::Manual { book: Book::own(false), scope, partner: Some(handle) };
    [add, hers].map(|action| Setup { effective_at: None, action }).into()
}

#[test]
fn leakage_is_the_share_of_discounted_sales_that_nobody_earns_on() {
    for world in World::each() {
        world.operator(&lines());
        let sales = [
            sale("in_1", "usd", true),
            sale("in_2", "usd", true),
            sale("in_3", "usd", true),
            sale("in_4", "usd", false),
            sale("in_5", "eur", true),
        ];
        world.house.inbox().append(&sales).expect("appended");
        world.drain();
        let found: Vec<_> = leakage(&world.house, None)
            .expect("figures")
            .into_iter()
            .map(|one| {
                (one.currency, one.discounted, one.without_partner, one.leakage_bps, one.net_sold_minor)
            })
            .collect();
        assert_eq!(found, [("eur".into(), 1, 1, 10_000, 1000), ("usd".into(), 3, 2, 6666, 2000)]);
        assert!(leakage(&world.house, Some(&Book::own(true))).expect("figures").is_empty());
        let wanted =
            Wanted { book: 1, as_of: 0, partner: None, reason: None, place: Place::start(), limit: 10 };
        let listed = world.house.db().read(|read| page_leaked(read, &wanted)).expect("a list");
        let mut ids: Vec<_> = listed.into_iter().map(|row| row.sale).collect();
        ids.sort();
        assert_eq!(ids, ["in_2", "in_3", "in_5"], "{}", world.engine);
    }
}
