//! A dispute: a buyer questions a charge; its evidence, its end, and the money it moved. It must not know who
//! is right.

use std::sync::Arc;

use kernel::Currency;

use super::{BalanceTransaction, Meta};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dispute {
    pub id: String,
    pub amount: i64,
    pub currency: Currency,
    pub charge: String,
    pub intent: Option<String>,
    pub reason: &'static str,
    /// Stripe's word, `warning_needs_response`, `needs_response`, `won`, `lost`, ...
    pub status: &'static str,
    pub due_by_s: i64,
    pub past_due: bool,
    /// What was said, by the name of the field.
    pub evidence: Vec<(&'static str, String)>,
    /// The merchant said something, submitted or not.
    pub has_evidence: bool,
    /// How often evidence was submitted.
    pub submissions: i64,
    pub moves: Vec<Arc<BalanceTransaction>>,
    pub metadata: Meta,
    pub created_s: i64,
}

impl Dispute {
    /// One that was opened now and waits for an answer.
    #[must_use]
    pub fn blank(id: &str, charge: &str, amount: i64, currency: Currency, created_s: i64) -> Self {
        Self {
            id: id.to_owned(),
            amount,
            currency,
            charge: charge.to_owned(),
            intent: None,
            reason: "fraudulent",
            status: "needs_response",
            due_by_s: created_s + 9 * 86_400,
            past_due: false,
            evidence: Vec::new(),
            has_evidence: false,
            submissions: 0,
            moves: Vec::new(),
            metadata: Meta::new(),
            created_s,
        }
    }

    /// Whether the bank only asks: no money was taken.
    #[must_use]
    pub fn inquiry(&self) -> bool {
        self.status.starts_with("warning_")
    }

    /// Whether nothing more is asked and decided.
    #[must_use]
    pub fn closed(&self) -> bool {
        matches!(self.status, "won" | "lost" | "warning_closed" | "prevented")
    }
}

/// A card network's warning about a charge.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EarlyFraudWarning {
    pub id: String,
    pub charge: String,
    pub intent: Option<String>,
    pub fraud_type: &'static str,
    /// Refunding it can still avoid a dispute.
    pub actionable: bool,
    pub created_s: i64,
}
