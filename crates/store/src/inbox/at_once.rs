//! The writer's way into the inbox. A batch of nothing but new events is one statement and one round trip where
//! the database is a server; whatever is not plainly that goes the long way, which alone decides what a delivery
//! is. It must not know what an event means, and must not guess: the statement looks for itself.

use std::collections::BTreeSet;

use super::append::{PUT_NEW_KEYS, PUT_ROWS, Prepared};
use super::{Appended, Inbox};
use crate::db::{Stmt, StoreError};

/// Moves the head if nobody else has, if none of the events is here, and if the commit will be on the disk. A
/// statement that had to wait for another's lock looks at the head again, so what it found missing still is: who
/// brings an event moves the head. Counted rather than asked for the first: for one row the planner reads the table
/// from its beginning.
const HEAD_IF_NEW: Stmt = Stmt::new(
    "inbox.head_if_new",
    "UPDATE inbox_head SET seq = $2 WHERE id = 1 AND seq = $1 AND current_setting('synchronous_commit') = 'on' \
     AND (SELECT count(*) FROM event_key WHERE event_ref = ANY($3)) = 0 RETURNING 1",
);

/// After this many batches in a row in which somebody else had moved the head, this way is tried again only
/// every so often: other instances append too.
const PASSED_OVER_MAX: u32 = 64;

pub(super) struct Appender {
    inbox: Inbox,
    /// The inbox's head, as far as known.
    head: Option<i64>,
    /// Batches still to go the long way, and how many they were the last time.
    passing_over: u32,
    passed_over: u32,
}

impl Appender {
    pub(super) const fn new(inbox: Inbox) -> Self {
        Self { inbox, head: None, passing_over: 0, passed_over: 0 }
    }

    /// All of the batch in one commit.
    pub(super) fn append(&mut self, batch: &[Prepared]) -> Result<Vec<Appended>, StoreError> {
        match self.at_once(batch) {
            Ok(Some(answers)) => return Ok(answers),
            // A lost connection may have taken the answer of a commit with it. The long way looks: what was
            // committed is known to it, and then counts as delivered once more, as it would if the sender tried again.
            Err(StoreError::Lost) => self.head = None,
            Ok(None) => {}
            Err(error) => return Err(error),
        }
        let answers = self.inbox.append_prepared(batch)?;
        self.learn(&answers);
        Ok(answers)
    }

    fn at_once(&mut self, batch: &[Prepared]) -> Result<Option<Vec<Appended>>, StoreError> {
        let Some(head) = self.head else { return Ok(None) };
        if self.passing_over > 0 {
            self.passing_over -= 1;
            return Ok(None);
        }
        let refs: BTreeSet<&str> = batch.iter().map(Prepared::event_ref).collect();
        if refs.len() < batch.len() {
            return Ok(None);
        }
        let refs: Vec<String> = refs.into_iter().map(str::to_owned).collect();
        let numbered = || (head + 1..).zip(batch);
        let keys = numbered().map(|(seq, event)| event.key_row(seq)).collect();
        let rows = numbered().map(|(seq, event)| event.row(seq)).collect();
        let args = args![head, head + refs.len() as i64, refs];
        if !self.inbox.engine.put_if(&HEAD_IF_NEW, &args, &[(&PUT_NEW_KEYS, keys), (&PUT_ROWS, rows)])? {
            return Ok(None);
        }
        self.passed_over = 0;
        let answers: Vec<Appended> = numbered().map(|(seq, _)| Appended::New { seq }).collect();
        self.head = answers.last().map(|answer| answer.seq());
        Ok(Some(answers))
    }

    /// Where the head is now, and whether it was somebody else who had moved it.
    fn learn(&mut self, answers: &[Appended]) {
        let rows = answers.iter().filter(|answer| !matches!(answer, Appended::Duplicate { .. }));
        let rows: Vec<i64> = rows.map(|answer| answer.seq()).collect();
        let (Some(first), Some(last)) = (rows.iter().min(), rows.iter().max()) else { return };
        if self.head.is_some_and(|head| head + 1 != *first) {
            self.passed_over = (self.passed_over * 2).clamp(1, PASSED_OVER_MAX);
            self.passing_over = self.passed_over;
        }
        self.head = Some(*last);
    }
}
