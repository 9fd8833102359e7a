//! Shared by the tests: a history with one of everything, and where the reference files are.

pub(crate) mod money;
pub(crate) mod paths;
pub(crate) mod script;

use std::path::PathBuf;

use sandbox::{Bill, Checkout, Duration, History, ModelEvent, Off, TaxRule, currency};

/// The folder with Stripe's path lists; `None` where they are not installed.
#[allow(clippy::disallowed_methods, reason = "a test looks for files that are not part of the repository")]
pub(crate) fn shared() -> Option<PathBuf> {
    if let Ok(folder) = std::env::var("COUNTINGHOUSE_SHARED") {
        return Some(PathBuf::from(folder)).filter(|path| path.is_dir());
    }
    let start = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    start.ancestors().map(|folder| folder.join("shared")).find(|path| path.is_dir())
}

/// One of every object and nearly every event.
pub(crate) fn everything() -> Vec<ModelEvent> {
    let usd = currency("usd");
    let mut h = History::new("all", false, None);
    h.at("2026-01-05");
    let customer = h.customer();
    let price = h.price(10_000, usd, Some("month"));
    let once = h.price(5_000, usd, None);
    let mut code = h.code("ANNA20", Off::PercentBps(1250), Duration::Months(3));
    let fixed = h.coupon("TAKE5", Off::Amount(500, usd), Duration::Once);
    let mut page = Checkout::of(&price).customer(&customer).code(&code).coupon(&fixed).reference("anna");
    page.tax = Some(TaxRule { bps: 2000, inclusive: true });
    page.subscription_metadata = vec![("partner_ref".into(), "anna".into())];
    let (mut sub, mut first) = h.subscribe(&page);
    h.at("2026-01-10");
    let mut refund = h.refund(&mut first, 1000);
    h.refund_fails(&mut first, &mut refund);
    let mut dispute = h.dispute(&mut first, 5000, "warning_needs_response").expect("a charge");
    h.dispute_becomes(&mut dispute, "needs_response");
    h.dispute_becomes(&mut dispute, "won");
    h.at("2026-02-05");
    let mut renewed = h.renew(&mut sub);
    h.credit_note_refunded(&mut renewed, 700);
    let mut invoice = renewed.invoice.expect("an invoice");
    h.credit_note_to_balance(&mut invoice, 300);
    h.credit_note_out_of_band(&mut invoice, 200);
    h.at("2026-03-05");
    let mut open = h.renew_unpaid(&mut sub);
    h.pay_fails(&mut open);
    h.uncollectible(&mut open);
    h.at("2026-03-09");
    let item = h.discount(&code, Some(&customer));
    let of_invoice = h.coupon_discount(&fixed, Some(&customer));
    let bill = Bill::of(12_000, usd).line(8_000).customer(&customer);
    let bill = bill.item_discount(&item, 2000).discount(&of_invoice, 1800).tax_exclusive(3240);
    let shipped = h.invoice(&bill.shipping(500, 83));
    h.pay(shipped);
    let record = h.invoice(&Bill::of(100, usd));
    h.pay_out_of_band(record);
    let mut voided = h.invoice(&Bill::of(100, usd));
    h.void(&mut voided);
    let mut one_off = Checkout::of(&once).code(&code);
    one_off.shipping = 700;
    h.buy(&one_off);
    one_off.with_invoice = true;
    h.buy(&one_off);
    h.deactivate(&mut code);
    h.cancel(&mut sub);
    h.take()
}
