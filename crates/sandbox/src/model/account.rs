//! Connected accounts: what they may do, and what Stripe still wants to know of them. It must not know what they sell.

use super::Meta;

/// Something an account asked to be allowed to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Capability {
    /// `card_payments`, `transfers`, ...
    pub id: String,
    pub account: String,
    pub requested_s: Option<i64>,
    /// `active`, `inactive`, `pending`, `unrequested`.
    pub status: &'static str,
    /// What is missing for it.
    pub currently_due: Vec<String>,
}

/// Who answers for what (`controller`), which the older types stand for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Controller {
    /// `account`, `application`.
    pub fees_payer: &'static str,
    /// `application`, `stripe`.
    pub losses: &'static str,
    pub requirements: &'static str,
    /// `express`, `full`, `none`.
    pub dashboard: &'static str,
}

impl Controller {
    /// Of `standard`, `express` or `custom`.
    #[must_use]
    pub fn of(kind: &str) -> Self {
        match kind {
            "express" => Self {
                fees_payer: "application_express",
                losses: "application",
                requirements: "stripe",
                dashboard: "express",
            },
            "custom" => Self {
                fees_payer: "application_custom",
                losses: "application",
                requirements: "application",
                dashboard: "none",
            },
            _ => Self { fees_payer: "account", losses: "stripe", requirements: "stripe", dashboard: "full" },
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    pub id: String,
    /// `standard`, `express`, `custom`, `none`.
    pub kind: &'static str,
    pub controller: Controller,
    /// ISO 3166, two letters.
    pub country: String,
    pub default_currency: String,
    pub email: Option<String>,
    /// `company`, `individual`, ...
    pub business_type: Option<&'static str>,
    pub business_name: Option<String>,
    pub business_url: Option<String>,
    pub capabilities: Vec<Capability>,
    pub details_submitted: bool,
    pub charges_enabled: bool,
    pub payouts_enabled: bool,
    /// What Stripe wants to know now.
    pub currently_due: Vec<String>,
    /// Stripe's word: `requirements.past_due`, `rejected.fraud`, ...
    pub disabled_reason: Option<&'static str>,
    pub created_s: i64,
    pub metadata: Meta,
}

impl Account {
    /// One that has told nothing about itself yet.
    #[must_use]
    pub fn blank(id: &str, created_s: i64) -> Self {
        Self {
            id: id.to_owned(),
            kind: "standard",
            controller: Controller::of("standard"),
            country: "US".into(),
            default_currency: "usd".into(),
            email: None,
            business_type: None,
            business_name: None,
            business_url: None,
            capabilities: Vec::new(),
            details_submitted: false,
            charges_enabled: false,
            payouts_enabled: false,
            currently_due: Vec::new(),
            disabled_reason: None,
            created_s,
            metadata: Meta::new(),
        }
    }
}
