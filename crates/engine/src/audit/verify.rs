//! `ledger verify`: every invariant that can be checked by looking. Each finding names its invariant
//! (RELIABILITY.md) and where it is broken.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::house::{EngineError, House};

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Finding {
    pub invariant: &'static str,
    pub what: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Report {
    pub entries: i64,
    pub events: i64,
    pub findings: Vec<Finding>,
}

impl Report {
    #[must_use]
    pub const fn sound(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Checks the ledger; with `deep` also every body in the inbox against its hash.
pub fn verify(house: &House, deep: bool) -> Result<Report, EngineError> {
    let (entries, mut findings) = house.db().read(|read| -> Result<_, EngineError> {
        let faults = store::verify::faults(read)?.into_iter();
        let findings: Vec<Finding> =
            faults.map(|fault| Finding { invariant: fault.invariant, what: fault.what }).collect();
        Ok((store::entry::count(read)?, findings))
    })?;
    let broken = house.inbox().faults()?.into_iter();
    findings.extend(broken.map(|what| Finding { invariant: "I1", what }));
    let projected = house.db().read(store::work::projected)?;
    let events = house.inbox().head()?;
    if events < projected {
        let what = format!("the inbox ends at {events}, the books have worked off {projected}");
        findings.push(Finding { invariant: "I8", what });
    }
    if deep {
        findings.extend(bodies(house)?);
    }
    Ok(Report { entries, events, findings })
}

/// Every stored body against the hash of what was received.
fn bodies(house: &House) -> Result<Vec<Finding>, EngineError> {
    let mut findings = Vec::new();
    let mut after = 0;
    loop {
        let rows = house.inbox().read(after, 500)?;
        let Some(last) = rows.last() else { return Ok(findings) };
        after = last.seq;
        for row in &rows {
            let hash: [u8; 32] = Sha256::digest(&row.body).into();
            if hash != row.body_hash {
                let (id, seq) = (&row.event_ref, row.seq);
                let what = format!("event {id} (inbox {seq}): the stored body is not the body received");
                findings.push(Finding { invariant: "I2", what });
            }
        }
    }
}
