//! One round of fetching: look at some sales that wait, claim the objects they want, fetch each, append it to the
//! inbox, and say how it went. A claim is committed before the fetch, and runs out if nobody comes back.

use std::collections::{BTreeMap, BTreeSet};

use kernel::time::SECOND_MS;
use kernel::{Book, ObjectKey, Ref, UnixMs};
use sha2::{Digest, Sha256};
use store::fetch::Claim;
use store::{Append, Source};

use super::want::wanted;
use super::{FetchFailure, Fetched, Fetcher, queue};
use crate::house::{EngineError, House};
use crate::trace;

/// Sales looked at in one round.
const PAGE: i64 = 20;

/// How long somebody may be at one object: longer than any call with all its tries.
pub(super) const LEASE_MS: i64 = 10 * MINUTE_MS;

/// After so many fetches that explained nothing an object is left alone.
pub(super) const ATTEMPTS_MAX: i64 = 8;

/// A sale that was looked at is not looked at again so soon.
const REST_MS: i64 = 10 * SECOND_MS;

const MINUTE_MS: i64 = 60 * SECOND_MS;

/// An object to fetch, with its book's number.
type Want = (i64, Book, ObjectKey);

/// What one round did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Looked {
    /// Sales and objects that wait; 0 at the end of the list, where it begins anew.
    pub waiting: usize,
    /// Objects that are in the inbox now.
    pub fetched: usize,
    pub failed: usize,
}

/// Goes round and round the sales that wait.
#[derive(Default)]
pub struct Fetching {
    after: i64,
    /// When each sale may be looked at again.
    rests: BTreeMap<i64, UnixMs>,
}

impl Fetching {
    pub fn round(
        &mut self,
        house: &House,
        fetcher: &dyn Fetcher,
        clock: &dyn Fn() -> UnixMs,
    ) -> Result<Looked, EngineError> {
        let now = clock();
        let (waiting, wants) = house.db().read(|read| self.plan(house, read, fetcher, now))?;
        let mut looked = Looked { waiting, ..Looked::default() };
        for (book_id, book, object) in wants {
            match fetch(house, fetcher, book_id, &book, &object, clock)? {
                Some(true) => looked.fetched += 1,
                Some(false) => looked.failed += 1,
                None => {}
            }
        }
        let queued = queue::round(house, fetcher, clock)?;
        looked.waiting += queued.waiting;
        looked.fetched += queued.fetched;
        looked.failed += queued.failed;
        Ok(looked)
    }

    /// The next page of waiting sales, and the objects they want: each once.
    fn plan(
        &mut self,
        house: &House,
        read: &mut store::Read<'_>,
        fetcher: &dyn Fetcher,
        now: UnixMs,
    ) -> Result<(usize, BTreeSet<Want>), EngineError> {
        let page = store::fetch::waiting(read, self.after, PAGE)?;
        self.after = page.last().map_or(0, |last| last.subject);
        self.rests.retain(|_, until| *until > now);
        let mut wants = BTreeSet::new();
        let registry = house.registry(read)?;
        for sale in &page {
            if self.rests.contains_key(&sale.subject) {
                continue;
            }
            self.rests.insert(sale.subject, now + REST_MS);
            let book = store::book::get(read, sale.book)?;
            if !fetcher.reaches(&book) {
                continue;
            }
            let objects = wanted(read, &registry, sale.book, &book, &sale.root, ATTEMPTS_MAX)?;
            wants.extend(objects.into_iter().map(|object| (sale.book, book.clone(), object)));
        }
        Ok((page.len(), wants))
    }
}

/// `None`: not ours to fetch now. `Some(false)`: it failed.
fn fetch(
    house: &House,
    fetcher: &dyn Fetcher,
    book_id: i64,
    book: &Book,
    object: &ObjectKey,
    clock: &dyn Fn() -> UnixMs,
) -> Result<Option<bool>, EngineError> {
    let from = clock();
    let claim = house.db().work(|tx| -> Result<_, EngineError> {
        Ok(store::fetch::claim(tx, book_id, object, from, from + LEASE_MS, ATTEMPTS_MAX)?)
    })?;
    let Some(claim) = claim else { return Ok(None) };
    let span = trace::fetch(book);
    let outcome =
        span.in_scope(|| fetcher.fetch(book, object)).and_then(|fetched| of_this_book(book, fetched));
    let now = clock();
    let (end, not_before, problem) = match outcome {
        Ok(fetched) => {
            let row = as_delivery(book, object, fetched, now);
            span.record("event", row.event_ref.as_str()).record("result", "fetched");
            house.inbox().append(&[row])?;
            (claim, now + backoff_ms(claim.attempts), None)
        }
        Err(failure) => ended_badly(claim, &failure, now),
    };
    if let Some(problem) = &problem {
        span.record("error", problem.as_str());
        tracing::warn!(object = %object.id, book = book.label(), error = problem, "not fetched");
    }
    house.db().work(|tx| -> Result<_, EngineError> {
        Ok(store::fetch::finish(tx, book_id, object, end, not_before, problem.as_deref())?)
    })?;
    Ok(Some(problem.is_none()))
}

/// A key of the wrong mode would bring test money into live books.
pub(super) fn of_this_book(book: &Book, fetched: Fetched) -> Result<Fetched, FetchFailure> {
    match fetched.livemode {
        Some(livemode) if livemode != book.livemode => {
            Err(FetchFailure::Refused("the answer is of the other mode".to_owned()))
        }
        _ => Ok(fetched),
    }
}

/// What is left of a claim, when to try again, and what to say.
fn ended_badly(claim: Claim, failure: &FetchFailure, now: UnixMs) -> (Claim, UnixMs, Option<String>) {
    // What may mend itself, or be mended, is never given up.
    let kept = Claim { attempts: claim.attempts.min(ATTEMPTS_MAX - 1), ..claim };
    match failure {
        FetchFailure::Missing => {
            let given_up = Claim { attempts: ATTEMPTS_MAX, ..claim };
            (given_up, now, Some("Stripe has no such object".to_owned()))
        }
        FetchFailure::Refused(why) => (kept, now + 60 * MINUTE_MS, Some(why.clone())),
        FetchFailure::Later(why) => (kept, now + backoff_ms(claim.attempts), Some(why.clone())),
        FetchFailure::Closing => {
            (Claim { attempts: claim.attempts - 1, ..claim }, now, Some("the program ended".to_owned()))
        }
    }
}

/// 1, 4, 16, 64 minutes and so on, at most a day.
pub(super) fn backoff_ms(attempts: i64) -> i64 {
    (MINUTE_MS << (2 * (attempts - 1).clamp(0, 6))).min(24 * 60 * MINUTE_MS)
}

/// A fetched object as a row of the inbox.
pub(crate) fn as_delivery(book: &Book, object: &ObjectKey, fetched: Fetched, now: UnixMs) -> Append {
    let at_s = fetched.answered_at_s.unwrap_or_else(|| now.div_euclid(SECOND_MS));
    let body_hash: [u8; 32] = Sha256::digest(&fetched.body).into();
    Append {
        book: book.clone(),
        // Each answer is a row of its own, not another body of the one before.
        event_ref: stamped(&object.id, at_s),
        event_type: object.kind.stripe_name().to_owned(),
        api_version: Some(fetched.api_version),
        created_s: at_s,
        received_at: now,
        source: Source::Fetch,
        headers: "{}".to_owned(),
        body: fetched.body,
        body_hash,
    }
}

/// The name of an answer.
pub(super) fn stamped(id: &Ref, at_s: i64) -> Ref {
    Ref::parse(&format!("{id}@{at_s}")).unwrap_or_else(|| id.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_fourfold_up_to_a_day() {
        let minutes: Vec<i64> = (1..=8).map(|attempts| backoff_ms(attempts) / MINUTE_MS).collect();
        assert_eq!(minutes, [1, 4, 16, 64, 256, 1024, 1440, 1440]);
    }
}
