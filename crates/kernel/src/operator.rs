//! The operator log: what people told the house. Append-only; together with the inbox it is all the books
//! are made of. This file is its vocabulary; what it means for a sale is the business of `rules`.

use serde::{Deserialize, Serialize};

use crate::book::Book;
use crate::key::Ref;
use crate::money::Currency;
use crate::time::UnixMs;

/// One line of the log. `seq` starts at 1 and has no gaps; it orders the log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Logged {
    pub seq: i64,
    /// Who: an operating system user, or `console`, `api`, `demo`.
    pub actor: String,
    /// When it takes effect; what the rules look at. `None`: open to the past.
    pub effective_at: Option<UnixMs>,
    /// When it was written; never looked at by a rule.
    pub recorded_at: UnixMs,
    pub action: Action,
}

/// A partner's handle: lower case letters, digits, `-`, `_`, `.`; 1 to 64 of them. Never reused, and never
/// the word `nobody`, which says that a sale has no partner.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Handle(String);

impl Handle {
    /// Folds to lower case; `None` if anything else is wrong with it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let fits = (1..=64).contains(&text.len())
            && text != "nobody"
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        fits.then_some(Self(text))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a partner earns.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Terms {
    pub pay: Pay,
    /// Rates of single products, instead of the general rate. Sorted by product.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<(Ref, i64)>,
    /// Days after the last payment until a commission is available.
    pub hold_days: i64,
}

pub const HOLD_DAYS_DEFAULT: i64 = 30;
pub const RATE_BPS_MAX: i64 = 10_000;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pay {
    /// Basis points of the commission base, 0 to 10,000.
    RateBps(i64),
    /// An amount once per sale in this currency; sales in other currencies earn 0.
    Fixed { minor: i64, currency: Currency },
}

/// Which sales a terms version binds (MONEY.md section 5).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Binds {
    All,
    New,
}

/// What a code mapping matches. At least one of the three is given.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CodeMapping {
    pub partner: Handle,
    pub book: Book,
    /// The public code as a customer types it; matched without regard to case.
    pub code: Option<String>,
    pub promotion_code: Option<Ref>,
    pub coupon: Option<Ref>,
}

/// What a manual attribution is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ManualScope {
    /// A sale's id (`in_`, `cs_`, `pi_`).
    Sale(Ref),
    Subscription(Ref),
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// A partner, active and with terms that bind all sales, both open to the past.
    PartnerAdd {
        handle: Handle,
        name: String,
        email: String,
        terms: Terms,
    },
    PartnerStatus {
        handle: Handle,
        active: bool,
    },
    TermsSet {
        handle: Handle,
        terms: Terms,
        binds: Binds,
    },
    /// Gives a code (text, promotion code, coupon) to a partner from `effective_at` on. The previous owner
    /// of the same text or id loses it from then on.
    CodeMap(CodeMapping),
    /// Ends a mapping: the same three keys, no owner from `effective_at` on.
    CodeEnd(CodeMapping),
    /// Sales before this instant earn nothing.
    ProgramStart {
        book: Book,
        at: UnixMs,
    },
    /// `partner: None` says: nobody.
    Manual {
        book: Book,
        scope: ManualScope,
        partner: Option<Handle>,
    },
    /// Parked events are given up: nothing is tried about them any more. What is booked stays as it is.
    EventsDiscard {
        events: Vec<ParkedEvent>,
        /// What they had been parked for.
        reason: String,
        why: String,
    },
    /// Parked events are to be tried again. For the record: it changes nothing that a rule could see.
    EventsRetry {
        events: Vec<ParkedEvent>,
    },
    /// Somebody was shown an event's body with what is personal in it. For the record.
    BodyShown {
        event: ParkedEvent,
    },
}

/// An event as the log names it: by its row in the inbox, and by its id for people.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ParkedEvent {
    pub seq: i64,
    pub event: Ref,
    /// Nothing of it had been read: once discarded, what it says stays out of the books.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unread: bool,
}
