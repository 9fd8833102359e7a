//! One thing that happened, with the object as it was then. Ids and times are part of it, so that a
//! history is the same bytes every time. It must not know API versions, except which families had it.

use super::{
    Charge, Coupon, CreditNote, Customer, Discount, Dispute, Intent, Invoice, InvoicePayment, Price,
    PromotionCode, Refund, Session, Subscription,
};

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Object {
    Customer(Customer),
    Price(Price),
    Coupon(Coupon),
    PromotionCode(PromotionCode),
    Discount(Discount),
    Subscription(Box<Subscription>),
    Invoice(Box<Invoice>),
    InvoicePayment(InvoicePayment),
    Session(Box<Session>),
    Intent(Intent),
    Charge(Charge),
    Refund(Refund),
    Dispute(Dispute),
    CreditNote(CreditNote),
}

/// One field of `previous_attributes`: its name and its value as JSON.
pub type Previous = (&'static str, String);

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModelEvent {
    pub id: String,
    /// Stripe's event type, `invoice.paid`.
    pub kind: &'static str,
    pub created_s: i64,
    /// A connected account's id; `None` for the own account.
    pub account: Option<String>,
    pub livemode: bool,
    pub object: Object,
    pub previous: Vec<Previous>,
}
