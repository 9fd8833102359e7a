//! Bodies that leave the inbox for an archive and come back. Written first, made durable and read back by who keeps
//! the files; only then are they taken out here, page by page, so that a body is in both places before it is in one.
//! It must not know files: archives are lines, in pages, with offsets.

use std::collections::BTreeSet;

use kernel::UnixMs;
use serde::Serialize;
use store::inbox::{InboxRow, Place, Returned};

use crate::carry::line::{self, Carried};
use crate::house::{EngineError, House};

/// Events in one page of an archive: what is decoded to read one of them.
pub const PAGE: usize = 128;

/// Rows looked at in one go.
const LOOKED_AT: i64 = 2_000;

/// What may leave.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plan {
    /// Inbox numbers, in order.
    pub seqs: Vec<i64>,
    /// Old enough, but not worked off: pending, waiting or parked. They stay.
    pub stays: u64,
}

/// Which bodies of events received before then may leave, at most `limit`.
pub fn plan(house: &House, before: UnixMs, limit: usize) -> Result<Plan, EngineError> {
    let (mut plan, mut after) = (Plan::default(), 0);
    while plan.seqs.len() < limit {
        let page = house.inbox().old(after, before, LOOKED_AT)?;
        let Some(last) = page.last() else { break };
        after = *last;
        let stays = unfinished(house, &page)?;
        let room = limit - plan.seqs.len();
        plan.stays += stays.len() as u64;
        plan.seqs.extend(page.into_iter().filter(|seq| !stays.contains(seq)).take(room));
    }
    Ok(plan)
}

/// A run that moves old bodies by itself ended; `problem` is why it failed. Alerts look at the last one.
pub fn retention_ended(house: &House, at: UnixMs, problem: Option<&str>) -> Result<(), EngineError> {
    Ok(house.db().work(|tx| store::retention::ended(tx, at, problem))?)
}

/// Those of these rows whose bodies may be wanted by the books yet.
fn unfinished(house: &House, seqs: &[i64]) -> Result<BTreeSet<i64>, EngineError> {
    house.db().read(|read| {
        let projected = store::work::projected(read)?;
        let mut stays: BTreeSet<i64> = seqs.iter().copied().filter(|seq| *seq > projected).collect();
        stays.extend(store::work::of(read, seqs)?.into_iter().map(|row| row.seq));
        stays.extend(store::thin::of(read, seqs)?.into_iter().filter(|it| it.waiting).map(|it| it.seq));
        stays.extend(store::mark::caused_by(read, seqs)?);
        Ok(stays)
    })
}

/// The lines of one page of an archive.
pub fn page(house: &House, seqs: &[i64]) -> Result<Vec<u8>, EngineError> {
    let mut lines = Vec::new();
    for kept in house.inbox().kept(seqs)? {
        line::write_event(&kept, &mut lines);
    }
    Ok(lines)
}

/// Takes out of the inbox what these lines hold, each read back from its place in the archive. A line that is not what it
/// says ends it before anything of the page is taken. Returns how many bodies left.
pub fn take_out(house: &House, archive: &str, lines: &[(u64, &[u8])]) -> Result<u64, EngineError> {
    let mut rows = Vec::with_capacity(lines.len());
    for (offset, text) in lines {
        let carried = line::read(text).map_err(|why| {
            EngineError::Usage(format!("{archive}, at byte {offset}: {why}; nothing of it was taken out"))
        })?;
        let Carried::Event { seq, event, .. } = carried else { continue };
        let bytes = event.body.len() as u64;
        let place = Place { archive: archive.to_owned(), offset: *offset, bytes };
        rows.push((seq, event.body_hash, place));
    }
    let seqs: Vec<i64> = rows.iter().map(|(seq, _, _)| *seq).collect();
    let stays = unfinished(house, &seqs)?;
    rows.retain(|(seq, _, _)| !stays.contains(seq));
    Ok(house.inbox().take_bodies(&rows)?)
}

/// What became of the bodies of an archive that were to come back.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Restored {
    pub restored: u64,
    /// They had never left, or were back.
    pub here: u64,
    /// Of events that are not in this inbox.
    pub unknown: u64,
    /// Why each of the others was refused.
    pub refused: Vec<String>,
}

/// Puts bodies back, some lines at a time.
pub fn put_back(house: &House, lines: &[Vec<u8>], done: &mut Restored) -> Result<(), EngineError> {
    let mut rows = Vec::with_capacity(lines.len());
    for text in lines.iter().filter(|text| !text.trim_ascii().is_empty()) {
        match line::read(text) {
            Ok(Carried::Event { seq, event, .. }) => rows.push(InboxRow {
                seq,
                book: event.book,
                event_ref: event.event_ref,
                event_type: event.event_type,
                api_version: event.api_version,
                created_s: event.created_s,
                received_at: event.received_at,
                source: event.source,
                headers: event.headers,
                body: event.body,
                body_hash: event.body_hash,
            }),
            Ok(Carried::Quarantined { .. }) => {}
            Err(why) => done.refused.push(why),
        }
    }
    for (row, answer) in rows.iter().zip(house.inbox().return_bodies(&rows)?) {
        match answer {
            Returned::Back => done.restored += 1,
            Returned::Here => done.here += 1,
            Returned::Unknown => done.unknown += 1,
            Returned::Other => done.refused.push(format!(
                "event {}: this is not the body that was received; the hash that the inbox kept is another one",
                row.event_ref
            )),
        }
    }
    Ok(())
}
