//! `replay`: the books again from nothing but the inbox and the operator log, in a store of their own
//! beside the live one (invariants I7, I12), the readable views of Stripe's objects included. Signatures are not checked
//! again: they were on receipt.

use std::collections::{BTreeMap, BTreeSet};

use kernel::UnixMs;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::export::{ExportOptions, ExportRow, fold};
use crate::house::{EngineError, House};
use crate::project;

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Replayed {
    pub events: i64,
    pub rows: usize,
    /// Rows of the canonical export that differ, as `sale partner` with ours and theirs; empty is good.
    pub differences: Vec<String>,
    /// The live books were level when compared; if not, differences may only be work in progress.
    pub level: bool,
    /// Rows of the readable views of Stripe's objects.
    pub mirror_rows: usize,
    /// Those of them that differ, as `view book row`; the books do not depend on them.
    pub mirror_differences: Vec<String>,
    /// Every view was up to date when compared.
    pub mirror_level: bool,
}

/// Rebuilds into `scratch` (an empty house that reads the same inbox): operator log first, then events.
pub fn rebuild(
    live: &House,
    scratch: &House,
    now: UnixMs,
    progress: &mut dyn FnMut(i64, i64),
) -> Result<i64, EngineError> {
    let mut log = live.db().read(|read| store::operator::since(read, 0))?;
    log.retain(|line| scratch.applies(line.recorded_at));
    scratch.db().work(|tx| -> Result<(), EngineError> {
        for logged in &log {
            store::operator::append(
                tx,
                &logged.actor,
                logged.effective_at,
                logged.recorded_at,
                &logged.action,
            )?;
            crate::parked::remember(tx, logged)?;
        }
        Ok(())
    })?;
    let head = live.inbox().head()?;
    loop {
        let step = project::step(scratch, now)?;
        let done = scratch.db().read(store::work::projected)?;
        progress(done, head);
        if step.idle() {
            return Ok(done);
        }
    }
}

/// Rebuilds beside the live books and compares the canonical exports row by row.
pub fn replay(
    house: &House,
    now: UnixMs,
    progress: &mut dyn FnMut(i64, i64),
) -> Result<Replayed, EngineError> {
    let scratch_db = house.db().scratch_like()?;
    let scratch = house.with_db((*scratch_db).clone());
    let events = rebuild(house, &scratch, now, progress)?;
    compare(house, &scratch, events)
}

/// What one row is known by, where there may be millions.
type Hash = [u8; 32];

fn text_of(row: &ExportRow) -> Result<(Hash, String), EngineError> {
    let text = serde_json::to_string(row).map_err(EngineError::unreadable("row"))?;
    Ok((Sha256::digest(text.as_bytes()).into(), text))
}

/// Row by row, by their hashes: only rows that differ are ever held whole.
fn compare(house: &House, scratch: &House, events: i64) -> Result<Replayed, EngineError> {
    let everything = ExportOptions::default();
    let (mut ours, level) = fold(house, &everything, &mut |hashes: &mut BTreeSet<Hash>, row| {
        hashes.insert(text_of(&row)?.0);
        Ok(())
    })?;
    let (theirs, _) = fold(scratch, &everything, &mut |theirs: &mut Theirs, row| {
        let (hash, text) = text_of(&row)?;
        if !ours.contains(&hash) {
            theirs.other.push(format!("replay: {text}"));
        }
        theirs.hashes.insert(hash);
        Ok(())
    })?;
    let mut differences = Vec::new();
    if ours != theirs.hashes {
        ours.retain(|hash| !theirs.hashes.contains(hash));
        let (found, _) = fold(house, &everything, &mut |found: &mut Vec<String>, row| {
            let (hash, text) = text_of(&row)?;
            if ours.contains(&hash) {
                found.push(format!("books:  {text}"));
            }
            Ok(())
        })?;
        if found.len() < ours.len() {
            differences.push(format!("books:  {} row(s) changed meanwhile", ours.len() - found.len()));
        }
        differences.extend(found);
        differences.extend(theirs.other);
    }
    let mirror = mirrors(house, scratch)?;
    Ok(Replayed {
        events,
        rows: theirs.hashes.len(),
        differences,
        level,
        mirror_rows: mirror.rows,
        mirror_differences: mirror.differences,
        mirror_level: !house.db().read(store::mirror::errand::any)?,
    })
}

/// The rows of the rebuilt books: their hashes, and those that the live books do not have.
#[derive(Default)]
struct Theirs {
    hashes: BTreeSet<Hash>,
    other: Vec<String>,
}

/// Two mirrors beside each other.
#[derive(Default)]
struct Mirrors {
    rows: usize,
    differences: Vec<String>,
}

/// View by view, by hashes as above.
fn mirrors(live: &House, scratch: &House) -> Result<Mirrors, EngineError> {
    let mut found = Mirrors::default();
    for index in 0..store::mirror::VIEWS {
        let mut ours: BTreeSet<Hash> = view(live, index, &mut |hashes: &mut BTreeSet<Hash>, (hash, _)| {
            hashes.insert(hash);
        })?;
        let theirs: Theirs = view(scratch, index, &mut |theirs: &mut Theirs, (hash, text)| {
            if !ours.contains(&hash) {
                theirs.other.push(format!("replay: {text}"));
            }
            theirs.hashes.insert(hash);
        })?;
        found.rows += theirs.hashes.len();
        if ours != theirs.hashes {
            ours.retain(|hash| !theirs.hashes.contains(hash));
            found.differences.extend(view(live, index, &mut |lines: &mut Vec<String>, (hash, text)| {
                lines.extend(ours.contains(&hash).then(|| format!("books:  {text}")));
            })?);
            found.differences.extend(theirs.other);
        }
    }
    Ok(found)
}

/// Folds a view's rows, each as its hash and in words; begins anew when the database has to be asked again. Books are named,
/// for their numbers follow who came first.
fn view<S: Default>(
    house: &House,
    index: usize,
    take: &mut dyn FnMut(&mut S, (Hash, String)),
) -> Result<S, EngineError> {
    house.db().read(|read| {
        let mut state = S::default();
        let books: BTreeMap<i64, String> =
            store::book::all(read)?.into_iter().map(|(id, book)| (id, book.label())).collect();
        store::mirror::view(read, index, &mut |name, book, row| {
            let book = books.get(&book).map_or("", String::as_str);
            let text = format!("{name} {book} {row}");
            take(&mut state, (Sha256::digest(text.as_bytes()).into(), text));
        })?;
        Ok(state)
    })
}
