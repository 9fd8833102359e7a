//! How a buyer pays, and what will come of it: a payment method carries its test behaviour, so that a card
//! declines the same way wherever it is used. It must not know what it pays for.

use std::sync::{Arc, LazyLock};

use super::{Address, Meta};

/// Why an attempt failed, in the words of Stripe's errors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Failure {
    /// `card_declined`, `expired_card`, ...
    pub code: &'static str,
    pub decline_code: Option<&'static str>,
    pub message: &'static str,
}

impl Failure {
    /// The bank said no, for that reason.
    #[must_use]
    pub const fn declined(decline_code: &'static str) -> Self {
        Self { code: "card_declined", decline_code: Some(decline_code), message: "Your card was declined." }
    }

    /// Whether it is not the bank's answer but a fault of the method or its use.
    #[must_use]
    pub(crate) fn of_request(self) -> bool {
        matches!(self.code, "payment_intent_authentication_failure" | "setup_intent_authentication_failure")
    }
}

/// What the bank does when money is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    Pays,
    Declines(Failure),
    /// Pays, and a dispute of that reason follows; an inquiry first when `inquiry`.
    Disputes {
        reason: &'static str,
        inquiry: bool,
    },
    /// Pays, and an early fraud warning follows.
    Warns,
}

/// When the buyer is asked (3-D Secure).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asks {
    Never,
    /// Every time, set up or not, also when the buyer is not there (who then can't answer).
    Always,
    /// Until the method was set up for use without the buyer.
    UnlessSetUp,
    /// When the buyer is there.
    OnSession,
}

/// What becomes of refunds to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Returns {
    AtOnce,
    /// `pending` first.
    Later,
    /// Succeeds first, then fails.
    Bounce,
}

/// Everything a method will do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Behavior {
    pub outcome: Outcome,
    /// The outcome shows also when it is saved to a customer, not only when it pays.
    pub when_saved: bool,
    pub asks: Asks,
    pub returns: Returns,
    /// How long a slow method is `processing`; 0: it answers at once.
    pub settles_in_s: i64,
    /// The money can be paid out at once.
    pub available_at_once: bool,
    /// `normal`, `elevated`, `highest`.
    pub risk: &'static str,
}

impl Behavior {
    pub const PLAIN: Self = Self {
        outcome: Outcome::Pays,
        when_saved: false,
        asks: Asks::Never,
        returns: Returns::AtOnce,
        settles_in_s: 0,
        available_at_once: false,
        risk: "normal",
    };
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Card {
    pub brand: &'static str,
    pub country: &'static str,
    pub exp_month: i64,
    pub exp_year: i64,
    pub funding: &'static str,
    pub last4: String,
    pub fingerprint: String,
    /// `pass`, `fail`, `unavailable`, or not checked yet.
    pub cvc_check: Option<&'static str>,
}

/// A bank account, of the USA or of SEPA.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bank {
    pub last4: String,
    pub country: &'static str,
    pub fingerprint: String,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Instrument {
    Card(Card),
    UsBankAccount(Bank),
    SepaDebit(Bank),
}

impl Instrument {
    /// `type` of a payment method.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Card(_) => "card",
            Self::UsBankAccount(_) => "us_bank_account",
            Self::SepaDebit(_) => "sepa_debit",
        }
    }
}

#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct BillingDetails {
    pub email: Option<String>,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub address: Address,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PaymentMethod {
    pub id: String,
    pub instrument: Instrument,
    pub behavior: Behavior,
    /// Set up for use without the buyer.
    pub set_up: bool,
    /// The buyer answered the bank: the next try is not asked.
    pub answered: bool,
    /// It paid once without being saved, or was detached: it can't be used again.
    pub used_up: bool,
    pub customer: Option<String>,
    pub billing: BillingDetails,
    pub metadata: Meta,
    pub created_s: i64,
}

impl PaymentMethod {
    #[must_use]
    pub fn blank(id: &str, instrument: Instrument, behavior: Behavior, created_s: i64) -> Self {
        Self {
            id: id.to_owned(),
            instrument,
            behavior,
            set_up: false,
            answered: false,
            used_up: false,
            customer: None,
            billing: BillingDetails::default(),
            metadata: Meta::new(),
            created_s,
        }
    }

    /// The card of those histories that don't say how a buyer paid.
    #[must_use]
    pub fn usual() -> Arc<Self> {
        Arc::clone(&USUAL)
    }
}

static USUAL: LazyLock<Arc<PaymentMethod>> = LazyLock::new(|| {
    let card = Card {
        brand: "visa",
        country: "US",
        exp_month: 4,
        exp_year: 2031,
        funding: "credit",
        last4: "4242".into(),
        fingerprint: "Xt5EWLLDS7FJjR1c".into(),
        cvc_check: Some("pass"),
    };
    let address = Address {
        city: Some("Springfield".into()),
        country: Some("US".into()),
        line1: Some("1 Main Street".into()),
        postal_code: Some("10001".into()),
        ..Address::default()
    };
    let usual =
        PaymentMethod::blank("pm_1SandboxVisa4242", Instrument::Card(card), Behavior::PLAIN, 1_700_000_000);
    Arc::new(PaymentMethod { billing: BillingDetails { address, ..BillingDetails::default() }, ..usual })
});
