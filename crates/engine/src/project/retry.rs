//! What cannot be read is tried a few times with backoff, then parked with the reason. What cannot be
//! calculated is parked at once: rules are pure, so the same facts fail the same way for ever. A parked
//! subject delays only itself (I10); a new fact about it, or `events retry`, tries again.

use kernel::time::SECOND_MS;
use kernel::{ObjectKey, UnixMs};
use store::Tx;
use store::mark::Mark;
use store::work::{State, WorkRow};

use crate::house::EngineError;

/// After this many failures something is parked.
pub(crate) const ATTEMPTS_MAX: i64 = 5;

/// The wait after this many failures: 1 s, 4 s, 16 s, 64 s. What fails for good is parked after 85 s, well
/// within the patience of `events drain`.
pub(crate) fn backoff_ms(attempts: i64) -> i64 {
    SECOND_MS << (2 * (attempts - 1).clamp(0, 8))
}

/// An inbox row failed again.
pub(crate) fn row_failed(
    tx: &mut Tx<'_>,
    item: &WorkRow,
    reason: &str,
    now: UnixMs,
) -> Result<(), EngineError> {
    let attempts = item.attempts + 1;
    let over = attempts >= ATTEMPTS_MAX;
    let state = if over { State::Parked } else { State::Pending };
    let not_before = now + backoff_ms(attempts);
    store::work::set(
        tx,
        &WorkRow { seq: item.seq, book: item.book, state, reason: reason.to_owned(), attempts, not_before },
    )?;
    Ok(())
}

/// A subject could not be made true: its marks are parked, and with them the events that caused them. `false`: nobody waits for
/// it any more.
pub(crate) fn subject_failed(
    tx: &mut Tx<'_>,
    book: i64,
    subject: &ObjectKey,
    causes: &[&Mark],
    reason: &str,
    now: UnixMs,
) -> Result<bool, EngineError> {
    let attempts = causes.iter().map(|mark| mark.attempts).max().unwrap_or(0) + 1;
    let mut seqs: Vec<i64> = causes.iter().map(|mark| mark.seq).filter(|seq| *seq > 0).collect();
    seqs.sort_unstable();
    seqs.dedup();
    let given_up = store::discarded::of(tx, &seqs)?;
    if !seqs.is_empty() && given_up.len() == seqs.len() {
        return Ok(false);
    }
    seqs.retain(|seq| !given_up.iter().any(|row| row.seq == *seq));
    for seq in if seqs.is_empty() { vec![0] } else { seqs.clone() } {
        let mark = Mark {
            id: 0,
            book,
            kind: i64::from(subject.kind.code()),
            ref_: subject.id.to_string(),
            seq,
            attempts,
            not_before: now,
        };
        store::mark::put_back(tx, &mark, reason)?;
    }
    for seq in seqs {
        let reason = reason.to_owned();
        store::work::set(
            tx,
            &WorkRow { seq, book, state: State::Parked, reason, attempts, not_before: now },
        )?;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_for_good_is_parked_within_the_patience_of_a_drain() {
        let waits: Vec<i64> = (1..ATTEMPTS_MAX).map(|failures| backoff_ms(failures) / SECOND_MS).collect();
        assert_eq!(waits, [1, 4, 16, 64]);
    }
}
