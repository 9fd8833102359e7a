//! Facts: what Stripe said about one object at one moment, free of API versions. `facts` makes them,
//! `store` keeps them, `rules` reads their fold. A fact is never changed; a newer one is put beside it.

mod discount;
mod fold;
mod payment;
mod sale;
mod subscription;

use serde::{Deserialize, Serialize};

pub use discount::{Coupon, Discount, Duration, PromotionCode};
pub use fold::newest;
pub use payment::{Charge, CreditNote, Dispute, DisputeStatus, Intent, InvoicePayment, Refund, RefundStatus};
pub use sale::{
    DiscountAmount, Hints, Invoice, InvoiceLine, InvoiceStatus, PartnerHint, PaymentStatus, Session,
    SessionMode,
};
pub use subscription::{Customer, Subscription};

use crate::key::{ObjectKey, Ref};
use crate::note::Note;

/// The shape of [`Body`] as stored. Raised when facts of older events would come out differently.
pub const FACTS_VERSION: i64 = 2;

/// One object as Stripe described it in one event (or in one fetched response).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Observed {
    pub object: ObjectKey,
    /// `created` of the event, in seconds: the grain Stripe gives, so it cannot order by itself.
    pub at_s: i64,
    /// The event's id; the last tie-break between versions of one second.
    pub event_ref: Ref,
    /// Higher for states that cannot be left again (paid, canceled, closed); see [`newest`].
    pub rank: u8,
    /// (field name hash, value hash) of the tracked top-level scalar fields as they are in this version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub now: Vec<(u64, u64)>,
    /// The same for `previous_attributes`: values these fields had just before this version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub previous: Vec<(u64, u64)>,
    pub body: Body,
}

/// What was said. The variant always matches `object.kind`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    Invoice(Box<Invoice>),
    Session(Box<Session>),
    Intent(Intent),
    Charge(Charge),
    Refund(Refund),
    Dispute(Dispute),
    InvoicePayment(InvoicePayment),
    CreditNote(CreditNote),
    Discount(Discount),
    PromotionCode(PromotionCode),
    Coupon(Coupon),
    Customer(Customer),
    Subscription(Subscription),
}

/// A directed reference between two objects, "`from` names `to`". Links are a set: they only grow, and
/// the order in which they arrive means nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Link {
    pub from: ObjectKey,
    pub to: ObjectKey,
}

/// Everything one event says.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Normalised {
    pub facts: Vec<Observed>,
    pub links: Vec<Link>,
    pub notes: Vec<Note>,
}
