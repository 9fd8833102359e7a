//! The business objects of a scenario: what really happened between a merchant and a customer, free of
//! API versions. They know nothing of JSON; `render` does. Ids are Stripe-like text, amounts minor units,
//! times unix seconds.

mod account;
mod balance_transaction;
mod charge;
mod checkout;
mod coupon;
mod credit_note;
mod customer;
mod dispute;
mod endpoint;
mod event;
mod intent;
mod invoice;
mod invoice_item;
mod invoice_payment;
mod line;
mod payment_method;
mod payout;
mod plain;
mod price;
mod refund;
mod setup_intent;
mod subscription;
mod tax_rate;
pub(crate) mod test_card;
mod test_clock;
mod transfer;

pub use account::{Account, Capability, Controller};
pub use balance_transaction::{BalanceTransaction, Fee};
pub use charge::Charge;
pub use checkout::{Conversion, Mode, PaymentStatus, Session, SessionItem};
pub use coupon::{Coupon, Discount, Duration, Off, PromotionCode};
pub use credit_note::{CreditLine, CreditNote};
pub use customer::{Customer, CustomerBalanceTransaction, TaxId};
pub use dispute::{Dispute, EarlyFraudWarning};
pub use endpoint::{Secret, WebhookEndpoint};
pub(crate) use endpoint::{event_type, event_types};
pub use event::{Cause, ModelEvent, Object, Previous};
pub use intent::{Address, Intent, NextAction, ShipTo, TransferData};
pub use invoice::{Invoice, InvoiceStatus, Shipping};
pub use invoice_item::InvoiceItem;
pub use invoice_payment::InvoicePayment;
pub use line::{Applied, Line, Tax};
pub use payment_method::{
    Asks, Bank, Behavior, BillingDetails, Card, Failure, Instrument, Outcome, PaymentMethod, Returns,
};
pub use payout::Payout;
pub use plain::Plain;
pub use price::{CurrencyOption, Price, Product, ShippingRate, Tier, TiersMode};
pub use refund::Refund;
pub use setup_intent::SetupIntent;
pub use subscription::{Billed, Cancellation, Collection, Item, Pause, PendingUpdate, Subscription};
pub use tax_rate::TaxRate;
pub use test_clock::TestClock;
pub use transfer::{ApplicationFee, Transfer, TransferReversal};

/// Stripe metadata.
pub type Meta = Vec<(String, String)>;

/// `amount x bps / 10000`, rounded half up as Stripe rounds percentages of one amount.
#[must_use]
pub(crate) fn percent(amount: i64, bps: i64) -> i64 {
    ratio(amount, bps, 10_000)
}

/// `amount x part / whole`, rounded half up (half away from zero for credits).
#[must_use]
pub(crate) fn ratio(amount: i64, part: i64, whole: i64) -> i64 {
    if whole <= 0 {
        return 0;
    }
    let product = i128::from(amount.abs()) * i128::from(part);
    let rounded = (product * 2 + i128::from(whole)).div_euclid(i128::from(whole) * 2);
    i64::try_from(rounded).unwrap_or(0) * amount.signum()
}
