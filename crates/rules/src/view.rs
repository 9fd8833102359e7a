//! What a rule may look at: the folded facts of everything a sale or a subscription is linked to.
//! The engine assembles these from links; a rule never fetches anything itself.

use std::collections::BTreeMap;

use kernel::fact::{
    Charge, CreditNote, Discount, Dispute, Intent, Invoice, InvoicePayment, PromotionCode, Refund, Session,
    Subscription,
};
use kernel::{Book, ObjectKey, Ref};

/// One possible sale and everything linked to it. All lists are sorted by id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SaleView {
    pub book: Book,
    /// An invoice, a session or an intent: what the sale is named after.
    pub root: ObjectKey,
    /// Objects this root is only another name of (session -> invoice, intent -> invoice or session).
    /// Not empty: the root is no sale, its due is zero.
    pub alias_of: Vec<ObjectKey>,
    /// The root's own facts when the root is an invoice. `None`: only references to it were seen.
    pub invoice: Option<Invoice>,
    /// The root session itself, or every session that names the root invoice.
    pub sessions: Vec<(Ref, Session)>,
    /// The subscription the sale belongs to (from invoice facts or links).
    pub subscription: Option<Ref>,
    pub invoice_payments: Vec<(Ref, InvoicePayment)>,
    /// One per payment intent, and one per charge that has no intent.
    pub payments: Vec<PaymentView>,
    pub credit_notes: Vec<(Ref, CreditNote)>,
    pub discounts: DiscountBook,
}

/// What is known about the discounts that something names.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DiscountBook {
    /// Every `di_` named; `None` when nothing has explained it yet.
    pub discounts: BTreeMap<Ref, Option<Discount>>,
    /// Every promotion code named, directly or by a discount; `None` when the mirror does not know it. And
    /// every mirrored code of a coupon that is named: several partners' codes make the coupon ambiguous.
    pub promotion_codes: BTreeMap<Ref, Option<PromotionCode>>,
}

/// A payment and what came back from it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PaymentView {
    /// The intent, or the charge when it has none.
    pub key: ObjectKey,
    pub intent: Option<Intent>,
    pub charges: Vec<(Ref, Charge)>,
    /// Refunds of these charges and of the intent, each once.
    pub refunds: Vec<(Ref, Refund)>,
    pub disputes: Vec<DisputeView>,
    /// Every sale this payment is linked to with what it paid there (from invoice payments; else what of
    /// the invoice's own cash they leave open; 0 when not said), sorted by sale id. One element, or none said: the payment belongs to this sale alone.
    pub paid_to: Vec<(ObjectKey, i64)>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DisputeView {
    pub id: Ref,
    pub dispute: Dispute,
    /// When Stripe said so first (the version's second): the closing time if nothing better is known.
    pub at_s: i64,
    /// The last second in which a won one was said to be anything else.
    pub open_s: Option<i64>,
}

/// A subscription, what names it, and what its sales claim.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubscriptionView {
    pub book: Book,
    pub id: Ref,
    pub subscription: Option<Subscription>,
    /// Sessions that name this subscription, sorted by id.
    pub sessions: Vec<(Ref, Session)>,
    /// Discounts linked to the subscription or named by its sessions.
    pub discounts: DiscountBook,
    /// `di_` ids linked to the subscription itself.
    pub own_discounts: Vec<Ref>,
}
