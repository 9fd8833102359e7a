//! Facts about test clocks. Only test books have any.

use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TestClock {
    /// `ready`, `advancing`, `internal_failure`.
    pub status: String,
    pub name: Option<String>,
    pub frozen_s: Option<i64>,
    pub deletes_after_s: Option<i64>,
    pub deleted: bool,
    pub created_s: i64,
}
