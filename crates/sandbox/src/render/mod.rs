//! One renderer per object; each knows every version's shape of it (STRIPE.md section 3). The inverse of
//! the normaliser, written without looking at it. Renderers must not compute money: the model has.

mod account;
mod balance_transaction;
mod catalog;
mod charge;
mod coupon;
mod credit_note;
mod customer;
mod discount;
mod dispute;
mod early_fraud_warning;
mod event;
mod intent;
mod invoice;
mod invoice_item;
mod invoice_payment;
mod line;
mod payment_method;
mod payout;
mod plain;
mod previous;
mod promotion_code;
mod refund;
mod session;
mod setup_intent;
mod subscription;
mod tax;
mod tax_rate;
mod test_clock;
mod thin;
mod transfer;
mod version;
mod webhook_endpoint;

pub(crate) use catalog::{price_options, tiers};
pub(crate) use coupon::{amount_options, applies_to};
pub(crate) use dispute::EVIDENCE;
pub(crate) use event::event_type;
pub use event::{Delivery, deliver, deliver_pending, render};
pub(crate) use promotion_code::minimum_options;
pub(crate) use session::{breakdown, item as session_item};
pub use thin::thin;
pub(crate) use thin::{snapshot_of, thin_whole};
pub use version::Version;
pub(crate) use webhook_endpoint::with_secret as webhook_endpoint_with_secret;

use crate::json::Obj;
use crate::model::{CreditLine, Invoice, Item, Line, Object, Subscription};

/// Facts about the event that every object repeats.
#[derive(Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) version: Version,
    pub(crate) livemode: bool,
}

/// A Stripe object as that version shows it, in that mode.
#[must_use]
pub fn object(object: &Object, version: Version, livemode: bool) -> Vec<u8> {
    rendered(object, Frame { version, livemode }).into_bytes()
}

/// The same as text, as the API answers it.
pub(crate) fn json(object: &Object, version: Version, livemode: bool) -> String {
    rendered(object, Frame { version, livemode })
}

/// A line of an invoice by itself, as the API answers it.
pub(crate) fn line(row: &Line, invoice: &Invoice, version: Version, livemode: bool) -> String {
    line::render(row, invoice, Frame { version, livemode })
}

/// A line of a credit note by itself.
pub(crate) fn credit_line(row: &CreditLine, version: Version, livemode: bool) -> String {
    credit_note::credit_line(row, Frame { version, livemode })
}

/// An item of a subscription by itself.
pub(crate) fn subscription_item(
    item: &Item,
    subscription: &Subscription,
    version: Version,
    livemode: bool,
) -> String {
    subscription::item(item, subscription, Frame { version, livemode })
}

/// A list inside an object.
pub(crate) fn sublist(url: &str, rows: &[String]) -> String {
    Obj::new()
        .str("object", "list")
        .array("data", rows)
        .bool("has_more", false)
        .int("total_count", i64::try_from(rows.len()).unwrap_or(i64::MAX))
        .str("url", url)
        .close()
}

pub(crate) fn rendered(object: &Object, frame: Frame) -> String {
    match object {
        Object::Account(account) => account::render(account, frame),
        Object::Capability(row) => account::capability(row, frame),
        Object::Customer(customer) => customer::render(customer, frame),
        Object::CustomerBalanceTransaction(moved) => customer::balance_transaction(moved, frame),
        Object::TaxId(tax_id) => customer::tax_id(tax_id, frame),
        Object::Product(product) => catalog::product(product, frame),
        Object::Price(price) => catalog::price(price, frame),
        Object::ShippingRate(rate) => catalog::shipping_rate(rate, frame),
        Object::TaxRate(rate) => tax_rate::render(rate, frame),
        Object::Coupon(coupon) => coupon::render(coupon, frame),
        Object::PromotionCode(code) => promotion_code::render(code, frame),
        Object::Discount(discount) => discount::render(discount, frame),
        Object::Subscription(subscription) => subscription::render(subscription, frame),
        Object::Invoice(invoice) => invoice::render(invoice, frame),
        Object::InvoicePayment(payment) => invoice_payment::render(payment, frame),
        Object::Session(session) => session::render(session, frame),
        Object::Intent(intent) => intent::render(intent, frame),
        Object::PaymentMethod(method) => payment_method::render(method, frame),
        Object::BalanceTransaction(row) => balance_transaction::render(row, frame),
        Object::Charge(charge) => charge::render(charge, frame),
        Object::Refund(refund) => refund::render(refund, frame),
        Object::Dispute(dispute) => dispute::render(dispute, frame),
        Object::EarlyFraudWarning(warning) => early_fraud_warning::render(warning, frame),
        Object::Transfer(transfer) => transfer::render(transfer, frame),
        Object::TransferReversal(row) => transfer::reversal(row, frame),
        Object::ApplicationFee(fee) => transfer::fee(fee, frame),
        Object::Payout(row) => payout::render(row, frame),
        Object::SetupIntent(intent) => setup_intent::render(intent, frame),
        Object::CreditNote(note) => credit_note::render(note, frame),
        Object::InvoiceItem(item) => invoice_item::render(item, frame),
        Object::TestClock(clock) => test_clock::render(clock, frame),
        Object::Plain(plain) => plain::render(plain, frame),
        Object::WebhookEndpoint(endpoint) => webhook_endpoint::render(endpoint, frame),
    }
}

/// Ends an object; the unknown version adds fields nobody has heard of, a scalar and a tree.
fn finish(object: Obj, frame: Frame) -> String {
    let future = |object: Obj| {
        let tree = Obj::new().str("type", "tomorrow").array("rows", ["1", "{\"amount\":\"12.5\"}"]);
        object.str("x_future_scalar", "value").obj("x_future_tree", tree)
    };
    object.when(frame.version.unknown(), future).close()
}

/// `automatic_tax` of invoices, sessions and subscriptions, switched off.
fn automatic_tax(frame: Frame, with_status: bool) -> Obj {
    automatic_tax_is(frame, false, with_status.then_some(None))
}

/// The same; `status` where it has one.
fn automatic_tax_is(frame: Frame, enabled: bool, status: Option<Option<&str>>) -> Obj {
    let with_status = status.is_some();
    Obj::new()
        .bool("enabled", enabled)
        .nulls("liability")
        .when(with_status, |tax| tax.opt_str("status", status.flatten()))
        .when(with_status && frame.version.clover(), |tax| tax.nulls("provider"))
}
