//! Test clocks: a time line of their own for the customers on them, moved by calls alone. It must not know
//! what happens on the way.

use std::sync::Arc;

use super::calendar::DAY_S;
use super::{Book, Refusal};
use crate::model::TestClock;

/// How long a clock is kept.
const KEPT_S: i64 = 30 * DAY_S;
/// How far one call may go.
const ADVANCE_MAX_S: i64 = 2 * 366 * DAY_S;

pub(crate) fn create(
    book: &mut Book,
    frozen_s: i64,
    name: Option<String>,
) -> Result<Arc<TestClock>, Refusal> {
    if book.key.livemode {
        return Err(Refusal::request("Test clocks can only be used in test mode."));
    }
    let (id, created_s) = (book.id("clock"), book.now_s());
    book.clock.open(&id, frozen_s);
    let clock = TestClock {
        id: id.clone(),
        name,
        frozen_s,
        target_s: None,
        created_s,
        deletes_after_s: created_s + KEPT_S,
    };
    let clock = book.test_clocks.put(&id, clock);
    book.emit("test_helpers.test_clock.created", &clock);
    Ok(clock)
}

pub(crate) fn get(book: &Book, id: &str) -> Result<Arc<TestClock>, Refusal> {
    book.test_clocks.get(id).cloned().ok_or_else(|| Refusal::missing("test clock", "id", id))
}

/// Advances a clock. The answer says `advancing`, as Stripe's does; who asks again hears `ready`.
pub(crate) fn advance(book: &mut Book, old: &Arc<TestClock>, to_s: i64) -> Result<Arc<TestClock>, Refusal> {
    if to_s <= old.frozen_s {
        let message = "The `frozen_time` must be after the current frozen time of the test clock.";
        return Err(Refusal::invalid("frozen_time", message));
    }
    if to_s - old.frozen_s > ADVANCE_MAX_S {
        let message = "You can advance a test clock by at most two years at a time.";
        return Err(Refusal::invalid("frozen_time", message));
    }
    let advancing = TestClock { target_s: Some(to_s), ..TestClock::clone(old) };
    let advancing = book.test_clocks.put(&old.id, advancing);
    book.emit("test_helpers.test_clock.advancing", &advancing);
    book.advance(Some(&old.id), to_s);
    let ready = TestClock { frozen_s: to_s, ..TestClock::clone(old) };
    let ready = book.test_clocks.put(&old.id, ready);
    book.emit("test_helpers.test_clock.ready", &ready);
    Ok(advancing)
}

/// Deletes a clock with everybody on it and all they had.
pub(crate) fn delete(book: &mut Book, clock: &Arc<TestClock>) {
    let on = |of: &Option<String>| of.as_deref() == Some(&clock.id);
    let subscriptions: Vec<String> =
        book.subscriptions.oldest().filter(|row| on(&row.test_clock)).map(|row| row.id.clone()).collect();
    for id in subscriptions {
        book.subscriptions.remove(&id);
    }
    let invoices: Vec<String> =
        book.invoices.oldest().filter(|row| on(&row.test_clock)).map(|row| row.id.clone()).collect();
    for id in invoices {
        book.invoices.remove(&id);
    }
    let customers: Vec<_> = book.customers.oldest().filter(|row| on(&book.clock_of(row))).cloned().collect();
    for customer in customers {
        book.customers.remove(&customer.id);
    }
    book.test_clocks.remove(&clock.id);
    book.clock.close(&clock.id);
    book.emit("test_helpers.test_clock.deleted", clock);
}
