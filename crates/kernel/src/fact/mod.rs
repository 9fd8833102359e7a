//! Facts: what Stripe said about one object at one moment, free of API versions. `facts` makes them,
//! `store` keeps them, `rules` reads their fold. A fact is never changed; a newer one is put beside it.

mod balance;
mod catalogue;
mod clock;
mod connect;
mod discount;
mod entitlement;
mod fold;
mod meter;
mod method;
mod payment;
mod payout;
mod portal;
mod radar;
mod sale;
mod schedule;
mod subscription;
mod tax_id;

use serde::{Deserialize, Serialize};

pub use balance::BalanceTransaction;
pub use catalogue::{Price, Product};
pub use clock::TestClock;
pub use connect::{Account, Application, ApplicationFee, Capability, FeeRefund, Transfer};
pub use discount::{Coupon, Discount, Duration, PromotionCode};
pub use entitlement::{Entitlement, Entitlements};
pub use fold::{BIRTH, is_decided, newest, wants_past};
pub use meter::{Alert, CreditGrant, Meter};
pub use method::{PaymentMethod, SetupIntent};
pub use payment::{Charge, CreditNote, Dispute, DisputeStatus, Intent, InvoicePayment, Refund, RefundStatus};
pub use payout::Payout;
pub use portal::{PortalConfiguration, PortalSession};
pub use radar::{FraudWarning, Review};
pub use sale::{
    DiscountAmount, Hints, Invoice, InvoiceLine, InvoiceStatus, PartnerHint, PaymentStatus, Session,
    SessionMode,
};
pub use schedule::{Schedule, SchedulePhase};
pub use subscription::{Customer, Subscription, SubscriptionItem};
pub use tax_id::TaxId;

use crate::key::{ObjectKey, Ref};
use crate::note::Note;

/// The shape of [`Body`] as stored. Raised when facts of older events would come out differently.
pub const FACTS_VERSION: i64 = 3;

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
    Subscription(Box<Subscription>),
    Product(Product),
    Price(Price),
    PaymentMethod(PaymentMethod),
    SetupIntent(SetupIntent),
    Schedule(Schedule),
    Payout(Payout),
    Transfer(Transfer),
    BalanceTransaction(BalanceTransaction),
    ApplicationFee(ApplicationFee),
    FeeRefund(FeeRefund),
    Account(Account),
    Capability(Capability),
    Application(Application),
    FraudWarning(FraudWarning),
    Review(Review),
    Entitlements(Entitlements),
    CreditGrant(CreditGrant),
    Meter(Meter),
    Alert(Alert),
    PortalConfiguration(PortalConfiguration),
    PortalSession(PortalSession),
    TaxId(TaxId),
    TestClock(TestClock),
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
    /// Objects that Stripe says are deleted. A set like the links: nothing that is said later undoes it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<ObjectKey>,
    pub notes: Vec<Note>,
}
