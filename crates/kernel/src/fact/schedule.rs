//! Facts about subscription schedules: what a subscription will become, and when.

use serde::{Deserialize, Serialize};

use crate::key::Ref;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Schedule {
    /// `not_started`, `active`, `completed`, `released`, `canceled`.
    pub status: String,
    pub customer: Option<Ref>,
    /// The one it steers, or steered until it was released.
    pub subscription: Option<Ref>,
    pub end_behavior: Option<String>,
    /// The phase that runs now.
    pub phase_start_s: Option<i64>,
    pub phase_end_s: Option<i64>,
    pub phases: Vec<SchedulePhase>,
    pub canceled_at_s: Option<i64>,
    pub completed_at_s: Option<i64>,
    pub released_at_s: Option<i64>,
    pub created_s: i64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SchedulePhase {
    pub start_s: Option<i64>,
    pub end_s: Option<i64>,
    /// (price, quantity).
    pub items: Vec<(Option<Ref>, Option<i64>)>,
}
