//! Which of this process's projectors does what, so that no two of them do the same work and one throws it away.
//! Only for speed: what may be done at once, and what wins, is decided by the cursor and the row locks, and other
//! processes know nothing of these lanes.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

#[derive(Default)]
pub(crate) struct Lanes {
    applying: Mutex<()>,
    taken: Mutex<BTreeSet<i64>>,
}

/// A projector's place in the queue of marks, until it is dropped.
pub(super) struct Lane<'a> {
    lanes: &'a Lanes,
    /// From 0. Whoever has the n-th leaves the first n batches of marks to the others.
    pub(super) number: i64,
}

impl Lanes {
    /// The turn to apply inbox rows; `None` while another projector has it.
    pub(super) fn turn(&self) -> Option<MutexGuard<'_, ()>> {
        match self.applying.try_lock() {
            Ok(turn) => Some(turn),
            Err(TryLockError::Poisoned(turn)) => Some(turn.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// The first lane that nobody has.
    pub(super) fn take(&self) -> Lane<'_> {
        let mut taken = self.taken();
        let number = (0..).find(|number| !taken.contains(number)).unwrap_or(0);
        taken.insert(number);
        Lane { lanes: self, number }
    }

    fn taken(&self) -> MutexGuard<'_, BTreeSet<i64>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lane<'_> {
    fn drop(&mut self) {
        self.lanes.taken().remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_comes_takes_the_first_lane_that_is_free() {
        let lanes = Lanes::default();
        let (first, second) = (lanes.take(), lanes.take());
        assert_eq!((first.number, second.number, lanes.take().number), (0, 1, 2));
        drop(first);
        assert_eq!((lanes.take().number, second.number), (0, 1));
    }

    #[test]
    fn one_at_a_time_applies_and_a_panic_does_not_end_it() {
        let lanes = Lanes::default();
        let turn = lanes.turn();
        assert!(turn.is_some() && lanes.turn().is_none());
        drop(turn);
        let defect = || {
            let _turn = lanes.turn();
            panic!("as a defect would");
        };
        let ended = std::thread::scope(|scope| scope.spawn(defect).join());
        assert!(ended.is_err() && lanes.turn().is_some());
    }
}
