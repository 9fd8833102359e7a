//! Telling what happened. An event shares the object as it is now, and as it was before a change; what that
//! looks like is each API version's business. It must not know who listens.

use std::sync::Arc;

use super::Book;
use super::clock::Job;
use crate::model::{ModelEvent, Object};

/// How long events stay listed.
const KEPT_S: i64 = 30 * 86_400;
/// How often old ones are cleared away.
const SWEEP_S: i64 = 86_400;

impl Book {
    /// It happened, now.
    pub(crate) fn emit(&mut self, kind: &'static str, object: impl Into<Object>) {
        self.tell(kind, None, object.into());
    }

    /// It changed, now. Nothing is told when nothing changed.
    pub(crate) fn emit_changed(
        &mut self,
        kind: &'static str,
        before: impl Into<Object>,
        after: impl Into<Object>,
    ) {
        let (before, after) = (before.into(), after.into());
        if before != after {
            self.tell(kind, Some(before), after);
        }
    }

    fn tell(&mut self, kind: &'static str, before: Option<Object>, object: Object) {
        if self.events.len() == 0 {
            schedule_sweep(self);
        }
        super::discount::notice(self, kind, &object);
        let event = ModelEvent {
            id: self.id("evt"),
            kind,
            created_s: self.now_s(),
            account: self.key.account.clone(),
            livemode: self.key.livemode,
            object,
            previous: Vec::new(),
            before,
            cause: self.cause.clone(),
        };
        let id = event.id.clone();
        let event = self.events.put(&id, event);
        self.fresh.push(event);
    }

    /// How much happened so far, for `unsay`.
    pub(super) fn happened(&self) -> usize {
        self.fresh.len()
    }

    /// Takes back what was told since then about such objects: it was undone before anybody heard.
    pub(super) fn unsay(&mut self, before: usize, about: impl Fn(&Object) -> bool) {
        let told = self.fresh.split_off(before.min(self.fresh.len()));
        for event in told {
            if about(&event.object) {
                self.events.remove(&event.id);
            } else {
                self.fresh.push(event);
            }
        }
    }

    pub(super) fn take_fresh(&mut self) -> Vec<Arc<ModelEvent>> {
        std::mem::take(&mut self.fresh)
    }
}

/// The list is the account's and keeps the main time: a test clock may stand far from it, stay where it is or be
/// deleted, and what happened on it was told when it was told.
fn schedule_sweep(book: &mut Book) {
    book.on(None, |book| book.schedule(book.now_s() + SWEEP_S, Job::ForgetEvents));
}

/// Clears what was told more than 30 days ago, and comes again tomorrow while there is anything.
pub(super) fn forget_old(book: &mut Book) {
    let now_s = book.now_s();
    book.told_by.push_back((now_s, book.events.next_place()));
    let mut old_before = 0;
    while let Some((_, place)) = book.told_by.front().filter(|(at_s, _)| *at_s + KEPT_S <= now_s) {
        old_before = *place;
        book.told_by.pop_front();
    }
    let is_old = |event: &&Arc<ModelEvent>| book.events.place(&event.id).is_some_and(|at| at < old_before);
    let old: Vec<String> = book.events.oldest().take_while(is_old).map(|event| event.id.clone()).collect();
    for id in old {
        book.events.remove(&id);
        book.undelivered.remove(&id);
    }
    if book.events.len() > 0 {
        schedule_sweep(book);
    } else {
        book.told_by.clear();
    }
}
