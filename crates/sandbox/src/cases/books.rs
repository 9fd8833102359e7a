//! Books do not mix: live and test, the own account and connected ones.

use super::Case;
use super::story::Story;
use crate::history::{Checkout, currency};
use crate::model::{Duration, Off};

pub(super) fn cases() -> Vec<Case> {
    vec![x(), live_and_test(), connected()]
}

fn x() -> Case {
    let mut s = Story::new("x", "coupon SUMMERX is A's in live and B's in test");
    s.partner("anna", 2000);
    s.partner("bob", 2000);
    let mut rows = Vec::new();
    for (livemode, owner) in [(true, "anna"), (false, "bob")] {
        s.book(livemode, None);
        let coupon = s.h.coupon("SUMMERX", Off::Amount(1000, currency("usd")), Duration::Forever);
        s.owns_coupon(owner, &coupon);
        let price = s.h.price(11_000, currency("usd"), None);
        let bought = s.h.buy(&Checkout::of(&price).coupon(&coupon));
        rows.push(s.due(&bought.session.id, owner, 2000).reason("coupon"));
    }
    s.expect(rows);
    s.done()
}

fn live_and_test() -> Case {
    let mut s = Story::new("live_and_test", "test and live events of one account, one partner, two books");
    s.partner("anna", 2000);
    let mut rows = Vec::new();
    for (livemode, amount, due) in [(true, 10_000, 2000), (false, 4000, 800)] {
        s.book(livemode, None);
        let price = s.h.price(amount, currency("usd"), None);
        let bought = s.h.buy(&Checkout::of(&price).reference("anna"));
        rows.push(s.due(&bought.session.id, "anna", due));
    }
    s.expect(rows);
    s.done()
}

/// The own account's mapping of the same text says nothing about the connected account's code.
fn connected() -> Case {
    let mut s = Story::new("connected", "a connected account's sale, in its own book with its own mapping");
    s.partner("anna", 2000);
    s.partner("bob", 1000);
    s.book(false, None);
    s.owns_text("anna", "PLATFORM10");
    s.book(false, Some("acct_1Connected"));
    let code = s.h.code("PLATFORM10", Off::PercentBps(1000), Duration::Once);
    let price = s.h.price(10_000, currency("usd"), None);
    let page = Checkout::of(&price).code(&code);
    let first = s.h.buy(&page).session.id;
    s.expect([s.none(&first, "code_unmapped")]);
    s.owns("bob", &code);
    s.h.later(3600);
    let second = s.h.buy(&page).session.id;
    s.expect([s.due(&first, "bob", 900), s.due(&second, "bob", 900)]);
    s.done()
}
