//! How far a commission has come at some instant (MONEY.md section 6). Plain numbers in and out: the
//! engine stores them, and only the instant differs between two exports of the same books.

use kernel::UnixMs;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Held,
    Reversed,
    Pending,
    Available,
    Settled,
    /// Never earned anything.
    None,
}

impl Status {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Reversed => "reversed",
            Self::Pending => "pending",
            Self::Available => "available",
            Self::Settled => "settled",
            Self::None => "none",
        }
    }
}

/// `pending + available + held + settled - receivable = commission`, all in minor units.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Buckets {
    pub pending_minor: i64,
    pub available_minor: i64,
    pub held_minor: i64,
    pub settled_minor: i64,
    pub receivable_minor: i64,
    pub status: Status,
}

/// What is stored of one partner's share of one sale.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Due now.
    pub commission_minor: i64,
    /// Already paid to the partner for this sale.
    pub settled_minor: i64,
    pub held: bool,
    pub partly_paid: bool,
    pub available_at: Option<UnixMs>,
    /// Something was due at some time.
    pub ever_earned: bool,
}

impl Standing {
    /// What was settled stays settled; what is due beyond it stands in exactly one of three places, and
    /// what was settled beyond what is due is owed back.
    #[must_use]
    pub fn buckets(&self, as_of: UnixMs) -> Buckets {
        let open_minor = self.commission_minor.saturating_sub(self.settled_minor).max(0);
        let receivable_minor = self.settled_minor.saturating_sub(self.commission_minor).max(0);
        let ripe = !self.partly_paid && self.available_at.is_some_and(|at| at <= as_of);
        let (pending_minor, available_minor, held_minor) = match (self.held, ripe) {
            (true, _) => (0, 0, open_minor),
            (false, true) => (0, open_minor, 0),
            (false, false) => (open_minor, 0, 0),
        };
        let status = match self.commission_minor {
            _ if held_minor > 0 => Status::Held,
            0 if self.ever_earned => Status::Reversed,
            0 => Status::None,
            _ if pending_minor > 0 => Status::Pending,
            _ if available_minor > 0 => Status::Available,
            _ => Status::Settled,
        };
        Buckets {
            pending_minor,
            available_minor,
            held_minor,
            settled_minor: self.settled_minor,
            receivable_minor,
            status,
        }
    }
}

/// The buckets of a commission nothing of which has been settled.
#[must_use]
pub fn buckets(
    commission_minor: i64,
    held: bool,
    partly_paid: bool,
    available_at: Option<UnixMs>,
    ever_earned: bool,
    as_of: UnixMs,
) -> Buckets {
    Standing { commission_minor, settled_minor: 0, held, partly_paid, available_at, ever_earned }
        .buckets(as_of)
}
