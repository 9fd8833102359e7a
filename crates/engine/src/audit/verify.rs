//! `ledger verify`: every invariant that can be checked by looking. Each finding names its invariant
//! (RELIABILITY.md) and where it is broken.

use serde::Serialize;
use sha2::{Digest, Sha256};
use store::StoreError;
use store::inbox::InboxRow;

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
    /// Bodies in archives that were not looked at: they cannot be read from here.
    pub archived_unseen: i64,
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
    let mut archived_unseen = 0;
    if deep {
        let (found, unseen) = bodies(house)?;
        findings.extend(found);
        archived_unseen = unseen;
    }
    Ok(Report { entries, events, archived_unseen, findings })
}

const PAGE: i64 = 500;

/// Every stored body against the hash of what was received, and how many are in archives that cannot be read. A row that
/// cannot be read is a finding of its own.
fn bodies(house: &House) -> Result<(Vec<Finding>, i64), EngineError> {
    let finding = |what| Finding { invariant: "I2", what };
    let (mut findings, mut unseen) = (Vec::new(), 0);
    let mut next = 1;
    let head = house.inbox().head()?;
    while next <= head {
        let page: Vec<i64> = (next..=head.min(next + PAGE - 1)).collect();
        next += PAGE;
        match house.inbox().rows(&page) {
            Ok(rows) => findings.extend(rows.iter().filter_map(altered).map(finding)),
            Err(StoreError::Unreadable(_) | StoreError::Archived(_)) => {
                for seq in page {
                    match house.inbox().rows(&[seq]) {
                        Err(StoreError::Unreadable(what)) => findings.push(finding(what)),
                        Err(StoreError::Archived(_)) => unseen += 1,
                        one => findings.extend(one?.iter().filter_map(altered).map(finding)),
                    }
                }
            }
            Err(other) => return Err(other.into()),
        }
    }
    Ok((findings, unseen))
}

fn altered(row: &InboxRow) -> Option<String> {
    let hash: [u8; 32] = Sha256::digest(&row.body).into();
    let (id, seq) = (&row.event_ref, row.seq);
    (hash != row.body_hash)
        .then(|| format!("event {id} (inbox {seq}): the stored body is not the body received"))
}
