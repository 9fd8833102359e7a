//! The seam to Stripe: the few calls this wing makes, as values, and what may come of one. The binary connects
//! it to the real client, tests to a fake that fails on request. It must not know how a call is sent.

use std::collections::BTreeMap;

use kernel::{Book, Currency, Money, Ref};
use serde::{Deserialize, Serialize};

use crate::fetch::Fetched;

/// Metadata as Stripe keeps it.
pub type Meta = BTreeMap<String, String>;

/// Whoever can call Stripe.
pub trait Stripe: Send + Sync {
    /// Whether codes of this book can be made at all; else what is missing and what to do about it.
    fn ready(&self, book: &Book) -> Result<(), String>;

    /// Makes one call. `key` is the idempotency key of a write: the same for every try.
    fn call(&self, book: &Book, call: &Call, key: Option<&str>) -> Result<Reply, Failure>;
}

/// What a coupon takes off. One of the two, by construction.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Off {
    PercentBps(i64),
    Amount { minor: i64, currency: Currency, others: Vec<(Currency, i64)> },
}

/// How long a coupon works on a subscription.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lasts {
    Once,
    Months(i64),
    Forever,
}

/// What cannot be changed about a coupon once it is made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CouponTerms {
    pub off: Off,
    pub lasts: Lasts,
    /// Empty: every product.
    pub products: Vec<Ref>,
}

/// Who may use a code, how often, until when.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Limits {
    pub max_redemptions: Option<i64>,
    pub expires_at_s: Option<i64>,
    pub first_time_only: bool,
    pub minimum: Option<Money>,
    /// Only this customer.
    pub customer: Option<Ref>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct NewCoupon {
    pub id: Ref,
    pub terms: CouponTerms,
    pub metadata: Meta,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct NewCode {
    pub text: String,
    pub coupon: Ref,
    pub limits: Limits,
    pub metadata: Meta,
}

/// A call, written down.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    CreateCoupon(NewCoupon),
    Coupon(Ref),
    DescribeCoupon {
        id: Ref,
        metadata: Meta,
    },
    DeleteCoupon(Ref),
    CreateCode(NewCode),
    Code(Ref),
    /// Every code of this text, in either case, active or not.
    CodesOfText(String),
    /// Every code there is.
    AllCodes,
    ChangeCode {
        id: Ref,
        active: Option<bool>,
        metadata: Meta,
    },
}

impl Call {
    /// What is called, without what for.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::CreateCoupon(_) => "create_coupon",
            Self::Coupon(_) => "coupon",
            Self::DescribeCoupon { .. } => "describe_coupon",
            Self::DeleteCoupon(_) => "delete_coupon",
            Self::CreateCode(_) => "create_code",
            Self::Code(_) => "code",
            Self::CodesOfText(_) => "codes_of_text",
            Self::AllCodes => "all_codes",
            Self::ChangeCode { .. } => "change_code",
        }
    }
}

/// A coupon as Stripe shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CouponSeen {
    pub id: Ref,
    pub percent_off_bps: Option<i64>,
    pub amount_off: Option<(i64, String)>,
    /// Stripe's word: `once`, `repeating`, `forever`.
    pub duration: String,
    pub months: Option<i64>,
    pub valid: bool,
    pub metadata: Meta,
    /// As Stripe answered, for the inbox.
    pub answer: Option<Fetched>,
}

/// A promotion code as Stripe shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CodeSeen {
    pub id: Ref,
    pub text: String,
    pub coupon: Option<Ref>,
    pub active: bool,
    pub limits: Limits,
    pub times_redeemed: i64,
    pub metadata: Meta,
    /// As Stripe answered, for the inbox.
    pub answer: Option<Fetched>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reply {
    Coupon(CouponSeen),
    Code(CodeSeen),
    Codes(Vec<CodeSeen>),
    Deleted,
}

/// What came of a call that did not succeed, sorted by what to do next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Failure {
    /// There is no such object.
    Missing,
    /// The id or the text is in use.
    Taken(String),
    /// Understood and declined: it would be again.
    Refused(String),
    /// The key may not do this.
    Denied(String),
    /// Nothing happened.
    NotDone(String),
    /// It may have happened.
    Unknown(String),
    /// This idempotency key is spent: it will only ever repeat an old failure.
    Stale(String),
}

impl CouponSeen {
    /// Whether it takes off the same for as long.
    #[must_use]
    pub fn has(&self, terms: &CouponTerms) -> bool {
        let off = match &terms.off {
            Off::PercentBps(bps) => self.percent_off_bps == Some(*bps),
            Off::Amount { minor, currency, .. } => {
                self.amount_off.as_ref().is_some_and(|(is, of)| is == minor && of == currency.as_str())
            }
        };
        let (duration, months) = match terms.lasts {
            Lasts::Once => ("once", None),
            Lasts::Months(months) => ("repeating", Some(months)),
            Lasts::Forever => ("forever", None),
        };
        off && self.duration == duration && self.months == months
    }

    /// `10.00 % once`, for a person.
    #[must_use]
    pub fn words(&self) -> String {
        let off = match (self.percent_off_bps, &self.amount_off) {
            (Some(bps), _) => format!("{}.{:02} %", bps / 100, bps % 100),
            (None, Some((minor, currency))) => format!("{minor} {currency} (minor units)"),
            (None, None) => "something else".to_owned(),
        };
        let months = self.months.map(|months| format!(" {months} months")).unwrap_or_default();
        format!("{off} {}{months}", self.duration)
    }
}

/// A house without any key.
pub struct NoKey;

impl Stripe for NoKey {
    fn ready(&self, book: &Book) -> Result<(), String> {
        Err(no_key(book))
    }

    fn call(&self, book: &Book, _: &Call, _: Option<&str>) -> Result<Reply, Failure> {
        Err(Failure::Denied(no_key(book)))
    }
}

/// What to say where a key is missing.
#[must_use]
pub fn no_key(book: &Book) -> String {
    let (name, kind) = if book.livemode {
        ("STRIPE_API_KEY", "rk_live_...")
    } else {
        ("STRIPE_API_KEY_TEST", "rk_test_...")
    };
    format!(
        "there is no Stripe key for the book {}: set {name} to a restricted key ({kind}) that may write coupons and \
         promotion codes. Without one, make the code in Stripe's dashboard and give it to the partner with: \
         countinghouse code adopt",
        book.label()
    )
}
