//! A failure that lasts is told when it begins, when it becomes another, and when it is over; not at every try in between.
//! A panic in a worker's step is a failure like another.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// One step of a worker, which does it again if it failed. A panic has been told with its place by then, and what the
/// step held is given back: its transaction rolled back, its locks released. So the thread lives on.
pub fn step<T, E: Display>(work: impl FnOnce() -> Result<T, E>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(|why| why.to_string()),
        Err(_) => Err("a step panicked".to_owned()),
    }
}

/// What one worker has told of its trouble.
pub(crate) struct Lasting {
    /// Who could not go on.
    part: &'static str,
    told: Option<String>,
    attempts: u64,
}

impl Lasting {
    pub(crate) const fn new(part: &'static str) -> Self {
        Self { part, told: None, attempts: 0 }
    }

    /// It failed, perhaps again.
    pub(crate) fn failed(&mut self, why: &impl Display) {
        self.attempts += 1;
        let error = why.to_string();
        if self.told.as_ref() == Some(&error) {
            tracing::debug!(part = self.part, attempts = self.attempts, error, "a worker still cannot go on");
            return;
        }
        tracing::error!(part = self.part, error, "a worker could not go on; it tries again");
        self.told = Some(error);
    }

    /// It went well.
    pub(crate) fn over(&mut self) {
        if self.told.take().is_some() {
            tracing::warn!(part = self.part, attempts = self.attempts, "a worker goes on again");
            self.attempts = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Lasting;

    #[test]
    fn what_was_told_is_told_again_only_when_it_is_another_or_was_over() {
        let mut lasting = Lasting::new("projector");
        for (why, told, attempts) in [
            (Some("the disk is full"), Some("the disk is full"), 1),
            (Some("the disk is full"), Some("the disk is full"), 2),
            (Some("no connection"), Some("no connection"), 3),
            (None, None, 0),
            (None, None, 0),
            (Some("no connection"), Some("no connection"), 1),
        ] {
            match why {
                Some(why) => lasting.failed(&why),
                None => lasting.over(),
            }
            assert_eq!((lasting.told.as_deref(), lasting.attempts), (told, attempts), "{why:?}");
        }
    }
}
