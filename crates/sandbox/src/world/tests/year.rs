//! How fast time goes by: ten thousand subscriptions, a year.

use std::time::Instant;

use super::{Hands, of};
use crate::world::subscription;

/// `cargo test --release -p sandbox --lib year -- --ignored --nocapture` prints the rate.
#[test]
#[ignore = "a benchmark"]
#[allow(clippy::disallowed_methods, clippy::float_arithmetic, reason = "it measures")]
fn a_year_of_ten_thousand_subscriptions_goes_by() {
    let mut hands = Hands::new(1);
    let price = hands.price(2_000, "month");
    let begun = Instant::now();
    let mut events = 0;
    for day in 0..365 {
        let many = if day < 30 { 10_000 / 30 + usize::from(day < 10_000 % 30) } else { 0 };
        for _ in 0..many {
            let customer = hands.customer();
            let new = of(&customer.id, &price, 1);
            subscription::create(hands.book(), new).expect("a subscription");
        }
        hands.days(1);
        events += hands.world.take_events().len();
    }
    let took = begun.elapsed().as_secs_f64();
    let invoices = hands.book().invoices.len();
    println!(
        "10,000 subscriptions, one year: {invoices} invoices, {events} events in {took:.1} s = {:.0} events/s",
        events as f64 / took
    );
    assert!(invoices > 115_000, "{invoices}");
}
