//! What would be: work done in a transaction that is always rolled back. It must not know what is rehearsed.

use std::convert::Infallible;

use kernel::{ObjectKey, UnixMs};
use store::{StoreError, Tx};

use crate::house::{EngineError, House};
use crate::project::{self, expand, true_up};

/// How often the closure may grow under it.
const GROWTH_MAX: usize = 16;

/// Batches of marks, and pages of marks on many, worked off for an answer.
const ROUNDS_MAX: usize = 64;

/// What is thrown to roll back: the answer, or why there is none.
enum Ended<T> {
    Seen(T),
    Failed(EngineError),
}

impl<T> From<StoreError> for Ended<T> {
    fn from(why: StoreError) -> Self {
        Self::Failed(why.into())
    }
}

/// What `work` sees when it is done, and is then undone. It is given what a closure had grown to when it was tried
/// before, for [`settle`].
pub(crate) fn rehearse<T>(
    house: &House,
    work: impl Fn(&mut Tx<'_>, &[ObjectKey]) -> Result<T, EngineError>,
) -> Result<T, EngineError> {
    let mut wider = Vec::new();
    for _ in 0..GROWTH_MAX {
        let outcome = house.db().work(|tx| -> Result<Infallible, Ended<T>> {
            Err(work(tx, &wider).map_or_else(Ended::Failed, Ended::Seen))
        });
        match outcome {
            Ok(never) => match never {},
            Err(Ended::Seen(seen)) => return Ok(seen),
            Err(Ended::Failed(EngineError::Grew(keys))) => wider = keys,
            Err(Ended::Failed(why)) => return Err(why),
        }
    }
    Err(EngineError::Usage("the books change faster than they can be read; try again".to_owned()))
}

/// Trues up whatever is marked, here also what a mark on many stands for. An answer from books that are not level yet
/// would be a guess, so there is none after too many rounds.
pub(crate) fn settle(
    house: &House,
    tx: &mut Tx<'_>,
    now: UnixMs,
    wider: &[ObjectKey],
) -> Result<(), EngineError> {
    settle_within(house, tx, now, wider, ROUNDS_MAX)
}

fn settle_within(
    house: &House,
    tx: &mut Tx<'_>,
    now: UnixMs,
    wider: &[ObjectKey],
    rounds: usize,
) -> Result<(), EngineError> {
    for _ in 0..rounds {
        if true_up::batch(house, tx, now, wider)? == 0 && expand::page(tx, project::BATCH)? == 0 {
            return Ok(());
        }
    }
    Err(EngineError::Usage(
        "too much is to be booked to foresee its end; book what waits first: countinghouse events drain"
            .to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use kernel::{Book, Kind};

    use super::*;

    const NOW: UnixMs = 1_900_000_000_000;

    /// With one mark waiting: the last round finds that nothing is left.
    #[test]
    fn what_is_not_settled_in_its_rounds_is_refused_and_whatever_was_done_is_undone() {
        let database = testkit::TestDatabase::sqlite();
        let house = House::open(&database.url).expect("a house");
        house
            .db()
            .work(|tx| -> Result<(), StoreError> {
                let book = store::book::id(tx, &Book::own(false))?;
                store::mark::insert(tx, &[(book, i64::from(Kind::Invoice.code()), "in_1".to_owned(), 1)])
            })
            .expect("marked");
        for (rounds, settled) in [(0, false), (1, false), (2, true), (ROUNDS_MAX, true)] {
            let ended = rehearse(&house, |tx, wider| settle_within(&house, tx, NOW, wider, rounds));
            match ended {
                Ok(()) => assert!(settled, "{rounds} rounds"),
                Err(why) => assert!(!settled && why.to_string().contains("events drain"), "{rounds}: {why}"),
            }
            let level = house.db().read(store::mark::is_level).expect("asked");
            assert!(!level, "the mark is still there after {rounds} rounds");
        }
    }
}
