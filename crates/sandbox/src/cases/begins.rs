//! From which sale on a code earns, where the clock does not tell: a subscription's first invoice and a code
//! that was put on it in the same second, before or after.

use super::Case;
use super::story::Story;
use crate::history::{Bill, Sub, currency};
use crate::model::{Discount, Duration, Off, PromotionCode};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    cases.extend([false, true].map(added_in_the_same_second));
    cases.extend([false, true].map(used_in_the_same_second));
    cases.extend([added_a_second_later(), trial_names_it(), trial_leaves_it_out(), added_during_the_trial()]);
    cases
}

/// Anna at 20 % with a code of 1000 off once, and a monthly subscription of 10000 without a code.
fn begin(s: &mut Story) -> (PromotionCode, Sub) {
    s.partner("anna", 2000);
    let tag = s.h.id("tag").trim_start_matches("tag_").to_uppercase();
    let code = s.h.code(&format!("BEGIN{tag}"), Off::Amount(1000, currency("usd")), Duration::Once);
    s.owns("anna", &code);
    let sub = s.sub(None, 10_000, "usd");
    (code, sub)
}

/// The first invoice was made before the code came; Stripe tells of both in one second, in either order.
fn added_in_the_same_second(reversed: bool) -> Case {
    let name = if reversed { "code_after_first_told_before" } else { "code_after_first_invoice" };
    let mut s =
        Story::new(name, "a code added in the second of the first invoice earns from the next one on");
    let (code, mut sub) = begin(&mut s);
    let first = s.h.bill_period(&mut sub, "subscription_create").sale;
    s.h.add_code(&mut sub, &code);
    let mut events = s.h.take();
    if reversed {
        events.reverse();
    }
    let row = s.none(&first, "nobody").sold(10_000);
    s.expect_after(events, [row.clone()]);
    s.h.at("2026-02-05");
    let second = s.h.renew(&mut sub).sale;
    s.expect([row, s.due(&second, "anna", 1800).reason("promotion_code")]);
    s.done()
}

fn used_in_the_same_second(reversed: bool) -> Case {
    let name = if reversed { "code_before_first_told_after" } else { "code_before_first_invoice" };
    let mut s =
        Story::new(name, "a code put on in the second of the first invoice, which says that it used it");
    let (code, mut sub) = begin(&mut s);
    s.h.add_code(&mut sub, &code);
    let first = s.h.bill_period(&mut sub, "subscription_create").sale;
    let mut events = s.h.take();
    if reversed {
        events.reverse();
    }
    let row = s.due(&first, "anna", 1800).reason("promotion_code");
    s.expect_after(events, [row.clone()]);
    s.h.at("2026-02-05");
    let second = s.h.renew(&mut sub).sale;
    s.expect([row, s.due(&second, "anna", 2000).reason("existing_attribution")]);
    s.done()
}

fn added_a_second_later() -> Case {
    let mut s = Story::new("code_a_second_later", "a code added a second after the first invoice");
    let (code, mut sub) = begin(&mut s);
    let first = s.h.bill_period(&mut sub, "subscription_create").sale;
    s.h.later(1);
    s.h.add_code(&mut sub, &code);
    s.expect([s.none(&first, "nobody")]);
    s.done()
}

/// The invoice of zero that begins a trial.
fn trial(s: &mut Story, sub: &Sub, code: Option<&Discount>) -> String {
    let bill = sub.on(Bill::of(0, currency("usd")), "subscription_create");
    let bill = match code {
        Some(discount) => bill.discount(discount, 0),
        None => bill,
    };
    let invoice = s.h.invoice(&bill);
    s.h.pay(invoice).sale
}

fn trial_names_it() -> Case {
    let mut s =
        Story::new("trial_names_code", "a trial's invoice of zero names the code, which took nothing");
    let (code, mut sub) = begin(&mut s);
    let discount = s.h.add_code(&mut sub, &code);
    let zero = trial(&mut s, &sub, Some(&discount));
    let row = s.due(&zero, "anna", 0).reason("promotion_code");
    s.expect([row.clone()]);
    s.h.at("2026-01-19");
    let paid = s.h.renew(&mut sub).sale;
    s.expect([row, s.due(&paid, "anna", 1800).reason("existing_attribution")]);
    s.done()
}

/// Nothing could be taken from it, so that it lists nothing proves nothing; a code used up by it shows nowhere else.
fn trial_leaves_it_out() -> Case {
    let mut s =
        Story::new("trial_leaves_code_out", "a trial's invoice of zero leaves out the code it began with");
    let (code, mut sub) = begin(&mut s);
    s.h.add_code(&mut sub, &code);
    let zero = trial(&mut s, &sub, None);
    sub.uses = vec![1];
    let row = s.due(&zero, "anna", 0).reason("promotion_code");
    s.expect([row.clone()]);
    s.h.at("2026-01-19");
    let paid = s.h.renew(&mut sub).sale;
    s.expect([row, s.due(&paid, "anna", 2000).reason("existing_attribution")]);
    s.done()
}

fn added_during_the_trial() -> Case {
    let mut s =
        Story::new("code_during_trial", "a code added during a trial earns from the first paid invoice on");
    let (code, mut sub) = begin(&mut s);
    let zero = trial(&mut s, &sub, None);
    s.h.at("2026-01-10");
    s.h.add_code(&mut sub, &code);
    s.expect([s.none(&zero, "nobody")]);
    s.h.at("2026-01-19");
    let paid = s.h.renew(&mut sub).sale;
    s.expect([s.none(&zero, "nobody"), s.due(&paid, "anna", 1800).reason("promotion_code")]);
    s.done()
}
