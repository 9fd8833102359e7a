//! A line of the operator log that would move booked money says so first, also when the money is somebody
//! else's (MONEY.md section 5).

use engine::operate::{OperateError, Request, operate};
use kernel::operator::{Action, CodeMapping, Handle, Pay, Terms};
use kernel::{Book, Ref};

use crate::invariants::event;
use crate::world::{NOW, World};

fn handle(name: &str) -> Handle {
    Handle::parse(name).expect("a handle")
}

fn add(name: &str) -> Action {
    let terms = Terms { pay: Pay::RateBps(2000), products: Vec::new(), hold_days: 30 };
    Action::PartnerAdd {
        handle: handle(name),
        name: name.into(),
        email: format!("{name}@example.com"),
        terms,
    }
}

fn map(name: &str, promotion_code: Option<&str>, coupon: Option<&str>) -> Action {
    Action::CodeMap(CodeMapping {
        partner: handle(name),
        book: Book::own(false),
        code: None,
        promotion_code: promotion_code.and_then(Ref::parse),
        coupon: coupon.and_then(Ref::parse),
    })
}

fn act(world: &World, action: Action, retroactive: bool) -> Result<usize, OperateError> {
    let request = Request { actor: "test".into(), effective_at: None, action, retroactive };
    operate(&world.house, &request, NOW).map(|outcome| outcome.changes.len())
}

/// A paid session of 10000 with these discounts and this metadata.
fn session(discounts: &str, metadata: &str) -> String {
    format!(
        r#"{{"id":"cs_1","object":"checkout.session","mode":"payment","status":"complete","payment_status":"paid","currency":"usd","amount_total":10000,"amount_subtotal":10000,"created":1767225600,"discounts":[{discounts}],"metadata":{metadata},"total_details":{{"amount_discount":0,"amount_tax":0,"amount_shipping":0}}}}"#
    )
}

fn owner(world: &World) -> Option<String> {
    world.drain();
    world.rows()[0].partner.clone()
}

/// Bob is booked; the action would give the sale to somebody else.
fn check(session: &str, action: Action, winner: &str) {
    for world in World::each() {
        for setup in
            [add("anna"), add("bob"), map("bob", Some("promo_b"), None), map("bob", None, Some("SUM"))]
        {
            act(&world, setup, false).expect("set up");
        }
        world
            .house
            .inbox()
            .append(&[event("evt_1", "checkout.session.completed", session)])
            .expect("appended");
        assert_eq!(owner(&world).as_deref(), Some("bob"));
        match act(&world, action.clone(), false) {
            Err(OperateError::WouldChange(changes)) => {
                assert_eq!(changes[0].partner_before.as_deref(), Some("bob"));
                assert_eq!(changes[0].partner_after.as_deref(), Some(winner));
            }
            other => panic!("bob loses a sale without a word: {other:?}"),
        }
        assert_eq!(owner(&world).as_deref(), Some("bob"), "nothing was done");
        assert_eq!(act(&world, action.clone(), true).expect("meant"), 1);
        assert_eq!(owner(&world).as_deref(), Some(winner));
    }
}

#[test]
fn adopting_a_code_that_takes_another_partners_sale_is_previewed() {
    let both = r#"{"coupon":null,"promotion_code":"promo_a"},{"coupon":null,"promotion_code":"promo_b"}"#;
    check(&session(both, "{}"), map("anna", Some("promo_a"), None), "anna");
}

#[test]
fn adding_a_partner_whom_booked_sales_already_name_is_previewed() {
    let bare = r#"{"coupon":"SUM","promotion_code":null}"#;
    check(&session(bare, r#"{"partner_ref":"carl"}"#), add("carl"), "carl");
}
