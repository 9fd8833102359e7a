//! Every try of a delivery and how it went, the newest kept. It must not know when the next one is.

use std::collections::VecDeque;

use super::address::Address;
use crate::json::Obj;
use crate::model::ModelEvent;

/// How many tries are remembered.
const KEPT_MAX: usize = 20_000;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// The receiver's status; 2xx is success.
    Answered(u16),
    Failed(String),
    /// Chaos: never sent.
    Lost,
}

impl Outcome {
    pub(crate) fn is_success(&self) -> bool {
        matches!(self, Self::Answered(200..=299))
    }
}

pub(crate) struct Attempt {
    pub(crate) event_ref: String,
    pub(crate) event_type: &'static str,
    pub(crate) endpoint_ref: String,
    pub(crate) url: String,
    /// The first is 1.
    pub(crate) number: usize,
    pub(crate) at_s: i64,
    pub(crate) outcome: Outcome,
    pub(crate) next_s: Option<i64>,
}

impl Attempt {
    pub(super) fn of(event: &ModelEvent, to: &Address, number: usize, at_s: i64, outcome: Outcome) -> Self {
        Self {
            event_ref: event.id.clone(),
            event_type: event.kind,
            endpoint_ref: to.endpoint_ref.clone(),
            url: String::new(),
            number,
            at_s,
            outcome,
            next_s: None,
        }
    }

    pub(crate) fn json(&self) -> String {
        let (status, error) = match &self.outcome {
            Outcome::Answered(status) => (Some(i64::from(*status)), None),
            Outcome::Failed(why) => (None, Some(why.as_str())),
            Outcome::Lost => (None, Some("lost (chaos)")),
        };
        Obj::new()
            .str("event", &self.event_ref)
            .str("type", self.event_type)
            .str("endpoint", &self.endpoint_ref)
            .str("url", &self.url)
            .int("attempt", i64::try_from(self.number).unwrap_or(i64::MAX))
            .int("at", self.at_s)
            .bool("delivered", self.outcome.is_success())
            .opt_int("status", status)
            .opt_str("error", error)
            .opt_int("next_attempt_at", self.next_s)
            .close()
    }
}

/// The newest tries, and sums over all.
#[derive(Default)]
pub(crate) struct Log {
    rows: VecDeque<Attempt>,
    pub(crate) delivered: u64,
    pub(crate) failed: u64,
    pub(crate) lost: u64,
}

impl Log {
    pub(super) fn add(&mut self, attempt: Attempt) {
        match attempt.outcome {
            Outcome::Lost => self.lost += 1,
            _ if attempt.outcome.is_success() => self.delivered += 1,
            _ => self.failed += 1,
        }
        if self.rows.len() >= KEPT_MAX {
            self.rows.pop_front();
        }
        self.rows.push_back(attempt);
    }

    pub(crate) fn newest(&self) -> impl Iterator<Item = &Attempt> {
        self.rows.iter().rev()
    }
}
