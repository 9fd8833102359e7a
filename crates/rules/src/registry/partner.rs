//! One partner as the log tells it: status over time and every version of the terms.

use kernel::UnixMs;
use kernel::operator::{Binds, Handle, Logged, Terms};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Partner {
    pub handle: Handle,
    /// The log line that added the partner.
    pub number: i64,
    /// `prt_<number>`.
    pub id: String,
    pub name: String,
    pub email: String,
    pub added_at: UnixMs,
    /// In log order; the first is open to the past.
    pub statuses: Vec<StatusChange>,
    /// In log order; versions count from 1, the first is open to the past and binds all.
    pub terms: Vec<TermsVersion>,
}

/// `from: None` is open to the past.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatusChange {
    pub from: Option<UnixMs>,
    pub active: bool,
    pub seq: i64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TermsVersion {
    pub version: i64,
    pub from: Option<UnixMs>,
    pub binds: Binds,
    pub terms: Terms,
    pub seq: i64,
}

impl Partner {
    pub(super) fn new(line: &Logged, handle: Handle, name: &str, email: &str, terms: Terms) -> Self {
        Self {
            handle,
            number: line.seq,
            id: format!("prt_{}", line.seq),
            name: name.to_owned(),
            email: email.to_owned(),
            added_at: line.recorded_at,
            statuses: vec![StatusChange { from: None, active: true, seq: line.seq }],
            terms: vec![TermsVersion { version: 1, from: None, binds: Binds::All, terms, seq: line.seq }],
        }
    }

    pub(super) fn terms_set(&mut self, from: UnixMs, terms: Terms, binds: Binds, seq: i64) {
        let version = self.terms.last().map_or(1, |last| last.version + 1);
        self.terms.push(TermsVersion { version, from: Some(from), binds, terms, seq });
    }

    #[must_use]
    pub fn is_active(&self, at: UnixMs) -> bool {
        let held = self.statuses.iter().rev().find(|change| in_force(change.from, at));
        held.is_some_and(|change| change.active)
    }

    #[must_use]
    pub fn terms_at(&self, sale_at: UnixMs, attribution_at: UnixMs) -> Option<&TermsVersion> {
        self.terms.iter().rev().find(|version| {
            let bound = match version.binds {
                Binds::All => true,
                Binds::New => in_force(version.from, attribution_at),
            };
            bound && in_force(version.from, sale_at)
        })
    }
}

fn in_force(from: Option<UnixMs>, at: UnixMs) -> bool {
    from.is_none_or(|from| from <= at)
}
