//! What can go wrong between us and Stripe, and whether trying again may help. Texts from outside are cut short
//! and freed of the key before they get here.

use serde::Deserialize;
use thiserror::Error;

/// Every failure of a call, after the client's own tries are used up.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum StripeError {
    /// Stripe understood and said no.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// 429 until patience was over.
    #[error("Stripe says that calls come too fast; try again in {} s", retry_after_ms.div_ceil(1000))]
    RateLimited { retry_after_ms: u64 },
    /// Another try of the same intent is still being worked on at Stripe (409).
    #[error("Stripe is still working on an earlier try of the same call; try again in a minute")]
    InProgress,
    /// Nothing was sent, so nothing happened.
    #[error("Stripe cannot be reached: {why}")]
    Unreachable { why: String },
    /// Sent, and no answer came: what happened is unknown.
    #[error("no answer from Stripe, so it is unknown whether the call had its effect: {why}")]
    TimedOutAfterSend { why: String },
    /// Stripe failed (5xx): what happened is unknown. `replayed`: it has stored this failure under the
    /// idempotency key and will repeat it, so look up what exists and then use another key.
    #[error("Stripe failed ({status}){}", request_words(request_ref.as_deref()))]
    Failed { status: u16, replayed: bool, request_ref: Option<String> },
    /// An answer came and cannot be read.
    #[error("the answer cannot be read ({status}): {why}")]
    BadAnswer { status: u16, why: String },
    /// The call was given up because the house is closing.
    #[error("given up because the program is ending")]
    Closing,
    /// The call could not be written down: an id that would lead elsewhere.
    #[error("'{what}' cannot be sent to Stripe")]
    Unsendable { what: String },
}

/// What Stripe said when it said no.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("Stripe refused ({status}{}): {message}{}", code_words(code.as_deref(), param.as_deref()), request_words(request_ref.as_deref()))]
pub struct Refusal {
    pub status: u16,
    pub kind: RefusedKind,
    /// `resource_missing`, `resource_already_exists`, `coupon_expired`, ...
    pub code: Option<String>,
    pub param: Option<String>,
    pub message: String,
    pub request_ref: Option<String>,
}

/// Whether the same call may be made again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Again {
    /// Nothing happened; try again later.
    Safe,
    /// It may have happened; try again only with the same idempotency key, or look first.
    SameKeyOnly,
    /// It would fail again in the same way.
    Useless,
}

/// `error.type`, as far as somebody branches on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RefusedKind {
    InvalidRequest,
    /// The idempotency key was used for other parameters.
    Idempotency,
    /// 401: the key is wrong, expired or revoked.
    Authentication,
    /// 403: the key may not do this.
    Permission,
    Card,
    Unknown(String),
}

impl StripeError {
    #[must_use]
    pub const fn again(&self) -> Again {
        match self {
            Self::RateLimited { .. } | Self::Unreachable { .. } => Again::Safe,
            Self::InProgress | Self::TimedOutAfterSend { .. } | Self::BadAnswer { .. } | Self::Closing => {
                Again::SameKeyOnly
            }
            Self::Failed { replayed, .. } if !*replayed => Again::SameKeyOnly,
            Self::Failed { .. } | Self::Refused(_) | Self::Unsendable { .. } => Again::Useless,
        }
    }

    /// What Stripe said, when it said no.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// There is no such object (404).
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.refusal()
            .is_some_and(|said| said.status == 404 || said.code.as_deref() == Some("resource_missing"))
    }

    /// An object with this id, or an active code of this text, exists already. For codes Stripe has no code of
    /// its own, only words.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        self.refusal().is_some_and(|said| {
            said.code.as_deref() == Some("resource_already_exists") || said.message.contains("already exists")
        })
    }

    /// 403: the key may not do this.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.refusal().is_some_and(|said| said.kind == RefusedKind::Permission)
    }

    /// 401: the key is wrong, expired or revoked.
    #[must_use]
    pub fn is_key_refused(&self) -> bool {
        self.refusal().is_some_and(|said| said.kind == RefusedKind::Authentication)
    }
}

/// `{"error": {...}}`.
#[derive(Deserialize)]
struct Document {
    error: Details,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Details {
    r#type: Option<String>,
    code: Option<String>,
    param: Option<String>,
    message: Option<String>,
}

const TEXT_CHARS_MAX: usize = 500;

/// A refusal's body in our words. `scrub` takes the key out of what Stripe repeats.
pub(crate) fn refusal(
    status: u16,
    body: &[u8],
    request_ref: Option<String>,
    scrub: impl Fn(&str) -> String,
) -> StripeError {
    let details = serde_json::from_slice::<Document>(body).map(|document| document.error).unwrap_or_default();
    let clean = |text: String| clip(&scrub(&text));
    let kind = match (status, details.r#type.as_deref()) {
        (401, _) => RefusedKind::Authentication,
        (403, _) => RefusedKind::Permission,
        (_, Some("invalid_request_error")) => RefusedKind::InvalidRequest,
        (_, Some("idempotency_error")) => RefusedKind::Idempotency,
        (_, Some("card_error")) => RefusedKind::Card,
        (_, other) => RefusedKind::Unknown(clean(other.unwrap_or_default().to_owned())),
    };
    StripeError::Refused(Box::new(Refusal {
        status,
        kind,
        code: details.code.map(clean),
        param: details.param.map(clean),
        message: clean(details.message.unwrap_or_else(|| "without saying why".to_owned())),
        request_ref,
    }))
}

/// One line of bounded length.
pub(crate) fn clip(text: &str) -> String {
    text.chars().take(TEXT_CHARS_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn code_words(code: Option<&str>, param: Option<&str>) -> String {
    let code = code.map(|code| format!(" {code}")).unwrap_or_default();
    let param = param.map(|param| format!(" at {param}")).unwrap_or_default();
    format!("{code}{param}")
}

fn request_words(request_ref: Option<&str>) -> String {
    request_ref.map(|id| format!(" [{id}]")).unwrap_or_default()
}
