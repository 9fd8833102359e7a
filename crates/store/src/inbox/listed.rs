//! Appending what Stripe lists: an event that is here in any shape is not kept a second time, since its list shows
//! it in another version than the delivery did. Looking and appending are one transaction under the lock of the
//! head, so no delivery comes in between.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Book, Ref};

use super::append::{HEAD_LOCKED, Prepared, append};
use super::{Append, Inbox, Source, account};
use crate::db::{Stmt, StoreError, Tx};

/// How a listed event stands to the inbox.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Listed {
    /// It was delivered.
    Pushed,
    /// It is here, but nobody delivered it: listed before, imported or fetched.
    Here(Source),
    /// It was not here, and is now.
    New { seq: i64 },
}

pub(super) const KNOWN_BY: Stmt = Stmt::new(
    "inbox.known_by",
    "SELECT k.event_ref, i.source FROM event_key k JOIN inbox i ON i.seq = k.seq \
     WHERE k.account = $1 AND k.livemode = $2 AND k.event_ref {in:3} ORDER BY k.event_ref, k.seq",
);

impl Inbox {
    /// Keeps those of one book's events that are not here, and says of each how it stands, in the order given.
    pub fn append_listed(&self, of: &Book, batch: &[Append]) -> Result<Vec<Listed>, StoreError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        self.engine.work(|tx| {
            tx.one_int(&HEAD_LOCKED, &[])?;
            let known = known_by(tx, of, batch)?;
            let mut seen = BTreeSet::new();
            let mut fresh = Vec::new();
            for event in batch {
                if !known.contains_key(&event.event_ref) && seen.insert(&event.event_ref) {
                    fresh.push(event.clone());
                }
            }
            let kept = append(tx, &fresh.iter().map(Prepared::new).collect::<Vec<_>>())?;
            let mut kept: BTreeMap<&Ref, i64> =
                fresh.iter().map(|event| &event.event_ref).zip(kept.iter().map(|one| one.seq())).collect();
            let stands = |event: &Append| match known.get(&event.event_ref) {
                Some(listed) => *listed,
                // The same event twice on one page is new once.
                None => kept
                    .remove(&event.event_ref)
                    .map_or(Listed::Here(Source::List), |seq| Listed::New { seq }),
            };
            Ok(batch.iter().map(stands).collect())
        })
    }
}

/// Of the events that are here: the best that can be said of how they came.
fn known_by(tx: &mut Tx<'_>, of: &Book, batch: &[Append]) -> Result<BTreeMap<Ref, Listed>, StoreError> {
    let refs: BTreeSet<String> = batch.iter().map(|event| event.event_ref.as_str().to_owned()).collect();
    let refs: Vec<String> = refs.into_iter().collect();
    let mut known = BTreeMap::new();
    for row in tx.rows(&KNOWN_BY, &args![account(of), of.livemode, refs])? {
        let source = Source::parse(row.str(1)?)
            .ok_or_else(|| StoreError::Unreadable("an unknown source of an event".into()))?;
        let stands = if source == Source::Webhook { Listed::Pushed } else { Listed::Here(source) };
        let entry = known.entry(row.reference(0)?).or_insert(stands);
        if stands == Listed::Pushed {
            *entry = stands;
        }
    }
    Ok(known)
}
