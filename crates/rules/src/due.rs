//! The answers: who a sale belongs to and why, and what the books should say about it now.

use serde::{Deserialize, Serialize};

use kernel::operator::Handle;
use kernel::{Currency, ObjectKey, Ref, UnixMs};

/// Why a sale has (or has not) a partner, or earns nothing. A closed list: the wire names are stable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    // The rule that chose the partner.
    Manual,
    ExistingAttribution,
    PromotionCode,
    PartnerRef,
    ClientReferenceId,
    Coupon,
    // Why there is no partner.
    Nobody,
    CodeUnmapped,
    CouponAmbiguous,
    DiscountUnresolved,
    // Attributed, but earns nothing.
    PartnerInactive,
    BeforeStart,
    // Why a candidate lost.
    AlreadyAttributed,
    LowerPrecedence,
    SmallerDiscount,
    NotOwned,
}

/// The rule a candidate argues by, in order of precedence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    Manual,
    ExistingAttribution,
    PromotionCode,
    SubscriptionMetadata,
    SessionMetadata,
    IntentMetadata,
    ClientReferenceId,
    Coupon,
}

/// One thing that might decide whose sale it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Candidate {
    pub rule: Rule,
    /// `None`: it names nobody we know (then `rejected` says why).
    pub partner: Option<Handle>,
    /// The object that carries it (a discount, session, subscription, invoice, intent).
    pub source: ObjectKey,
    pub promotion_code: Option<Ref>,
    pub coupon: Option<Ref>,
    /// The public code's text at that time, when known.
    pub code: Option<String>,
    /// What the discount took, in the sale's minor units; 0 when not said.
    pub discount_minor: i64,
    /// Attribution time.
    pub at: UnixMs,
    /// Why it did not win. `None`: it is eligible, or it won.
    pub rejected: Option<Reason>,
}

/// What one sale of a subscription argues for. Stored, and read by the subscription's own true-up.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Claim {
    pub sale: ObjectKey,
    pub sale_at: UnixMs,
    /// When its invoice was made: what was put on the subscription later is not in it.
    #[serde(default)]
    pub made_at: UnixMs,
    /// The invoice says itself which discounts it used, or that it used none.
    #[serde(default)]
    pub lists_discounts: bool,
    /// The invoice carries the subscription's metadata as they were.
    #[serde(default)]
    pub metadata_snapshot: bool,
    /// When the first of the sale's own sessions was created.
    #[serde(default)]
    pub started_at: Option<UnixMs>,
    pub candidates: Vec<Candidate>,
}

/// The output of a subscription's true-up: every sale of the subscription reads it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct SubscriptionAttribution {
    /// Candidates of the subscription and its sessions; and of its own discounts, which argue for the first
    /// sale only.
    pub base: Vec<Candidate>,
    /// The earliest sale of all, whoever gets it.
    #[serde(default)]
    pub first_sale: Option<ObjectKey>,
    /// The candidate that made the first attribution, with the sale it was made by.
    pub first: Option<FirstAttribution>,
    /// When its first session was created, else the subscription: the attribution time of what has none.
    #[serde(default)]
    pub started_at: Option<UnixMs>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FirstAttribution {
    pub sale: ObjectKey,
    pub sale_at: UnixMs,
    pub candidate: Candidate,
}

/// Who gets a sale, and the whole argument.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Attribution {
    pub partner: Option<Handle>,
    pub reason: Reason,
    /// The attributing code's text at that time.
    pub code: Option<String>,
    /// Attribution time; the sale time when nothing attributes.
    pub at: UnixMs,
    /// Sorted: winner first, then by precedence.
    pub candidates: Vec<Candidate>,
}

/// Amounts of MONEY.md section 2, all in minor units of `currency`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Amounts {
    pub currency: Currency,
    pub total_minor: i64,
    pub gross_minor: i64,
    pub discount_minor: i64,
    pub tax_minor: i64,
    pub shipping_minor: i64,
    /// C
    pub paid_minor: i64,
    pub refunded_minor: i64,
    pub disputed_minor: i64,
    /// N as sold: T - tax - shipping.
    pub net_total_minor: i64,
    /// floor(C x N / T)
    pub net_sold_minor: i64,
    /// base = floor(R x N / T)
    pub base_minor: i64,
    /// R
    pub remaining_minor: i64,
}

/// One partner's share of a sale. Without a partner: one share with `partner: None` and nothing due.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Share {
    pub partner: Option<Handle>,
    pub share_bps: i64,
    pub commission_minor: i64,
    /// What it earned before anything was taken back: tells "reversed" from "never earned".
    pub earned_minor: i64,
}

/// One line of the arithmetic as `explain` prints it: `base = floor(1900 x 2417 / 2900) = 1583`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Line {
    pub label: String,
    pub arithmetic: String,
    pub minor: i64,
}

/// References a sale is shown with. Each the smallest id when several are linked.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct SaleRefs {
    pub invoice: Option<Ref>,
    pub session: Option<Ref>,
    pub intent: Option<Ref>,
    pub customer: Option<Ref>,
    pub subscription: Option<Ref>,
}

/// What the books should say about one root now. `None` from [`crate::commission::due`] means: no row,
/// no position (an alias, an unpaid invoice, an unlinked payment).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Due {
    pub amounts: Amounts,
    pub attribution: Attribution,
    pub shares: Vec<Share>,
    /// `None` when several rates apply, a fixed amount is paid, or nobody is owed.
    pub rate_bps: Option<i64>,
    /// Version number of the partner's terms, from 1.
    pub terms_version: Option<i64>,
    /// A dispute is open: the whole commission is held.
    pub held: bool,
    /// Nothing has been paid in full yet: stays pending whatever the time.
    pub partly_paid: bool,
    pub sale_at: UnixMs,
    /// `None` when nobody is owed.
    pub available_at: Option<UnixMs>,
    pub refs: SaleRefs,
    pub lines: Vec<Line>,
}
