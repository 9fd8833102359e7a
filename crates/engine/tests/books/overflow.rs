//! Amounts near the end of 64 bits: what has a sum has a row, what has none is parked with the reason at once
//! and explained; nothing panics, nothing is tried for ever, and every audit still ends.

use kernel::operator::{Action, Handle, Pay, Terms};
use sandbox::Setup;
use store::Append;

use crate::invariants::event;
use crate::world::{NOW, World};

const MAX: i64 = i64::MAX;

/// A paid invoice of that total that names anna, with something more in it.
fn invoice(id: &str, more: &str) -> String {
    format!(
        r#"{{"id":"{id}","object":"invoice","status":"paid","currency":"usd","total":{MAX},"subtotal":{MAX},"amount_paid":{MAX},"amount_due":{MAX},"created":1767225600,"status_transitions":{{"paid_at":1767225600}},"parent":{{"subscription_details":{{"subscription":"sub_{id}","metadata":{{"partner_ref":"anna"}}}}}}{more}}}"#
    )
}

fn anna(world: &World) {
    let anna = Handle::parse("anna").expect("a handle");
    let terms = Terms { pay: Pay::RateBps(10_000), products: Vec::new(), hold_days: 30 };
    let (name, email) = ("Anna".into(), "anna@example.com".into());
    let action = Action::PartnerAdd { handle: anna, name, email, terms };
    world.operator(&[Setup { action, effective_at: None }]);
}

/// What it is, whether it can be calculated, and its events: type and object.
type Row = (&'static str, bool, Vec<(&'static str, String)>);

fn rows() -> Vec<Row> {
    let paid = |more: &str| ("invoice.paid", invoice("in_1", more));
    let part = |id: &str| {
        let object = format!(
            r#"{{"id":"{id}","object":"invoice_payment","invoice":"in_1","status":"paid","currency":"usd","amount_paid":{MAX},"amount_requested":{MAX},"status_transitions":{{"paid_at":1767225600}},"payment":{{"type":"payment_intent","payment_intent":"pi_1"}}}}"#
        );
        ("invoice_payment.paid", object)
    };
    let refund = |id: &str| {
        let object = format!(
            r#"{{"id":"{id}","object":"refund","status":"succeeded","currency":"usd","amount":{MAX},"charge":"ch_1","payment_intent":"pi_1","created":1767225600}}"#
        );
        ("refund.created", object)
    };
    let charge = (
        "charge.succeeded",
        format!(
            r#"{{"id":"ch_1","object":"charge","status":"succeeded","paid":true,"currency":"usd","amount":{MAX},"amount_captured":{MAX},"amount_refunded":{MAX},"payment_intent":"pi_1","created":1767225600}}"#
        ),
    );
    let line = |id: &str| {
        format!(
            r#"{{"id":"{id}","object":"line_item","amount":{MAX},"quantity":{MAX},"pricing":{{"unit_amount_decimal":"{MAX}"}}}}"#
        )
    };
    let lines = format!(r#","lines":{{"data":[{},{}]}}"#, line("il_1"), line("il_2"));
    let tax = format!(
        r#","total_taxes":[{{"amount":{MAX},"tax_behavior":"exclusive"}},{{"amount":{MAX},"tax_behavior":"exclusive"}}]"#
    );
    let off = format!(r#"{{"amount":{MAX},"discount":"di_1"}}"#);
    let discounts = format!(r#","total_discount_amounts":[{off},{off}]"#);
    let shipping = format!(r#","shipping_cost":{{"amount_total":-{MAX},"amount_tax":{MAX}}}"#);
    vec![
        ("the largest amount there is", true, vec![paid("")]),
        ("two payments of the largest amount", false, vec![paid(""), part("inpay_1"), part("inpay_2")]),
        (
            "two refunds of it",
            false,
            vec![paid(""), part("inpay_1"), charge.clone(), refund("re_1"), refund("re_2")],
        ),
        ("two lines of it, in huge quantities", true, vec![paid(&lines)]),
        ("its tax twice: more than the total, so nothing is left to earn on", true, vec![paid(&tax)]),
        ("its discount twice", false, vec![paid(&discounts)]),
        ("shipping below zero", false, vec![paid(&shipping)]),
    ]
}

fn appends(events: &[(&'static str, String)]) -> Vec<Append> {
    let one = |(index, (kind, object)): (usize, &(&'static str, String))| {
        event(&format!("evt_{index}"), kind, object)
    };
    events.iter().enumerate().map(one).collect()
}

#[test]
fn what_cannot_be_calculated_is_parked_at_once_and_says_why() {
    for (what, calculable, events) in rows() {
        for backwards in [false, true] {
            for world in World::each() {
                let what = format!("{what}, backwards: {backwards}, on {}", world.engine);
                anna(&world);
                let mut batch = appends(&events);
                if backwards {
                    batch.reverse();
                }
                for one in batch {
                    world.house.inbox().append(&[one]).expect("appended");
                    world.drain();
                }
                let status = engine::status::status(&world.house, NOW).expect("a status");
                assert!(status.level && status.marks == 0, "{what}: {status:?}");
                let parked = status.parked > 0;
                let shown =
                    engine::explain::explain(&world.house, None, "in_1").expect("explained").remove(0);
                let found = (world.rows().len() == 1, parked, shown.problem.is_some(), shown.due.is_some());
                assert_eq!(found, (calculable, !calculable, !calculable, calculable), "{what}: {shown:?}");
                assert_eq!(shown.reason == "uncalculable", !calculable, "{what}");
                world.verify();
            }
        }
    }
}

#[test]
fn sums_beyond_64_bits_stop_no_audit_and_no_page() {
    for world in World::each() {
        anna(&world);
        for number in 0..12 {
            let id = format!("in_{number}");
            let made = event(&format!("evt_{number}"), "invoice.paid", &invoice(&id, ""));
            world.house.inbox().append(&[made]).expect("appended");
        }
        world.drain();
        assert_eq!(world.rows().len(), 12);
        world.verify();
        let (book, totals, partner, month) = world
            .house
            .db()
            .read(|read| -> Result<_, store::StoreError> {
                let (book, _) = store::book::all(read)?.remove(0);
                Ok((
                    book,
                    store::read::overview::totals(read, book, NOW)?,
                    store::read::partners::totals(read, book, NOW, vec!["anna".into()])?,
                    store::read::overview::month(read, book, 0, NOW)?,
                ))
            })
            .expect("read");
        let all = i128::from(MAX) * 12;
        assert!(book > 0);
        assert_eq!((totals[0].net_sold_minor, totals[0].available_minor), (all, all), "on {}", world.engine);
        assert_eq!((partner[0].1.net_minor, month[0].1), (all, all), "on {}", world.engine);
    }
}
