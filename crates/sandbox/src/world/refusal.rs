//! Why a call was refused, in Stripe's own terms (docs.stripe.com/api/errors). It must not know HTTP beyond
//! the status number, nor how an answer is written.

use std::ops::Deref;

/// `error.type`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    InvalidRequest,
    Card,
    Idempotency,
    Api,
}

impl Kind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request_error",
            Self::Card => "card_error",
            Self::Idempotency => "idempotency_error",
            Self::Api => "api_error",
        }
    }
}

/// A refusal; boxed, because most calls are not refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Refusal(Box<Details>);

/// An error object in the making. The object a card error concerns is named by id and put in whole when the
/// answer is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Details {
    pub(crate) status: u16,
    pub(crate) kind: Kind,
    pub(crate) code: Option<&'static str>,
    pub(crate) decline_code: Option<&'static str>,
    pub(crate) param: Option<String>,
    pub(crate) message: String,
    /// Of card errors.
    pub(crate) charge_ref: Option<String>,
    /// Of card errors.
    pub(crate) intent_ref: Option<String>,
}

impl Deref for Refusal {
    type Target = Details;

    fn deref(&self) -> &Details {
        &self.0
    }
}

impl Refusal {
    /// 400, about one parameter.
    pub(crate) fn invalid(param: &str, message: impl Into<String>) -> Self {
        let mut refusal = Self::request(message);
        refusal.0.param = Some(param.to_owned());
        refusal
    }

    /// 400, about the request as a whole or the state of the object.
    pub(crate) fn request(message: impl Into<String>) -> Self {
        Self::plain(400, Kind::InvalidRequest, message)
    }

    /// 404: `No such coupon: 'X'`.
    pub(crate) fn missing(what: &str, param: &str, id: &str) -> Self {
        let mut refusal = Self::plain(404, Kind::InvalidRequest, format!("No such {what}: '{id}'"));
        refusal.0.param = Some(param.to_owned());
        refusal.code("resource_missing")
    }

    pub(crate) fn plain(status: u16, kind: Kind, message: impl Into<String>) -> Self {
        Self(Box::new(Details {
            status,
            kind,
            code: None,
            decline_code: None,
            param: None,
            message: message.into(),
            charge_ref: None,
            intent_ref: None,
        }))
    }

    /// The same with another message.
    #[must_use]
    pub(crate) fn reworded(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    #[must_use]
    pub(crate) fn declined(mut self, decline_code: Option<&'static str>) -> Self {
        self.0.decline_code = decline_code;
        self
    }

    /// What is missing was named by a parameter, not by the path: 400 instead of 404.
    #[must_use]
    pub(crate) fn unless_in(mut self, path: &[String]) -> Self {
        let named = |id: &String| self.0.message.contains(&format!("'{id}'"));
        if self.0.code == Some("resource_missing") && !path.iter().any(named) {
            self.0.status = 400;
        }
        self
    }

    #[must_use]
    pub(crate) fn code(mut self, code: &'static str) -> Self {
        self.0.code = Some(code);
        self
    }

    #[must_use]
    pub(crate) fn of_param(mut self, param: &str) -> Self {
        self.0.param = Some(param.to_owned());
        self
    }

    /// Of a card: the intent and the charge it concerns.
    #[must_use]
    pub(crate) fn about(mut self, intent_ref: &str, charge_ref: Option<&str>) -> Self {
        self.0.intent_ref = Some(intent_ref.to_owned());
        self.0.charge_ref = charge_ref.map(str::to_owned);
        self
    }
}
