//! What each statement of a true-up does to the store, under READ COMMITTED: it sees what is committed when
//! it runs, and its own transaction's writes.

use crate::protocol::{Model, Operator, Stage, State, Worker, Wrong, bits};
use crate::world::{Role, SUBJECTS_MAX, View};

use Stage::{Commit, Consume, Dependents, Head, Load, Lock, Mirrors, Recheck, Registry, Stub, Walk};

/// Gives everything back: marks, locks, rows. Also what a crash does.
pub(crate) fn roll_back(state: &mut State, w: usize) {
    state.marks |= state.workers[w].consumed;
    state.workers[w] = Worker::default();
}

impl Model {
    /// The worker's next statement. `false`: it waits.
    pub(crate) fn run(&self, state: &mut State, w: usize) -> Result<bool, Wrong> {
        let (mut me, other) = (state.workers[w], state.workers[1 - w]);
        let visible = state.facts | me.own;
        let stage = self.stages[usize::from(me.at) - 1];
        match stage {
            Walk | Recheck => {
                if !self.walk(&mut me, visible, stage == Recheck) {
                    let again = self.place(Load).min(self.place(Stub));
                    if self.protocol.keeps_locks_when_grown {
                        me.at = again;
                    } else {
                        roll_back(state, w);
                        me = Worker { at: again, keys: me.keys, own: me.own, ..Worker::default() };
                    }
                }
            }
            Stub | Lock => {
                if !self.acquire(state.rows, &mut me, &other) {
                    return Ok(false);
                }
            }
            Consume => {
                if other.consumed & me.keys != 0 {
                    return Ok(false);
                }
                me.consumed |= state.marks & me.keys;
                state.marks &= !me.keys;
                self.advance(&mut me);
            }
            Head => {
                if state.operator == Operator::Writing {
                    return Ok(false);
                }
                me.head = true;
                self.advance(&mut me);
            }
            Registry => {
                me.registry = u8::from(state.operator == Operator::Done);
                self.advance(&mut me);
            }
            Load | Mirrors => {
                let mirrors = self.world.only(self.world.all(), &[Role::Mirror]);
                let wanted = if stage == Load { me.keys & !mirrors } else { mirrors };
                let about = |index: &u8| wanted >> self.world.facts[usize::from(*index)].about & 1 == 1;
                me.facts |= bits(visible).filter(about).fold(0, |set, index| set | 1 << index);
                self.advance(&mut me);
            }
            Dependents => {
                let (said, _) = (self.world.due)(self.view(state, &me));
                let changed = self.world.outputs(changes(&said, &state.said));
                if self.protocol.marks_dependents {
                    me.marked = self.world.dependents(changed, visible) & !me.keys;
                }
                self.advance(&mut me);
            }
            Commit => return self.commit(state, w).map(|()| true),
        }
        state.workers[w] = me;
        Ok(true)
    }

    /// One level of links. `false`: the closure has subjects that are not locked.
    fn walk(&self, me: &mut Worker, visible: u8, again: bool) -> bool {
        let (found, seen) = self.world.neighbours(me.frontier, visible);
        me.links |= seen;
        me.frontier = found & !me.keys;
        me.keys |= found;
        let grown = again && self.world.subjects(me.keys) & !me.held != 0;
        if me.frontier == 0 && !grown {
            self.advance(me);
        }
        me.frontier != 0 || !grown
    }

    /// Inserts or locks the next row, skipping those that need nothing. `false`: it waits.
    fn acquire(&self, rows: u8, me: &mut Worker, other: &Worker) -> bool {
        let subjects = self.world.subjects(me.keys);
        let taken = |theirs: u8, row: u8| self.protocol.locks_subjects && theirs >> row & 1 == 1;
        let inserts = self.stage(me) == Some(Stub);
        if let Some(row) = bits(subjects & !rows & !me.stubs).next().filter(|_| inserts) {
            if taken(other.stubs, row) {
                return false;
            }
            me.stubs |= 1 << row;
            me.held |= 1 << row;
        } else if let Some(row) = bits(subjects & !me.held).next() {
            me.at = self.place(Lock);
            if taken(other.held, row) {
                return inserts; // the locking statement has begun, and waits
            }
            me.held |= 1 << row;
        }
        if subjects & !me.held == 0 {
            me.at = self.place(Lock);
            self.advance(me);
        }
        true
    }

    /// Posts the difference between what is due and what was read, and publishes all the rest.
    fn commit(&self, state: &mut State, w: usize) -> Result<(), Wrong> {
        let me = state.workers[w];
        let (said, claims) = (self.world.due)(self.view(state, &me));
        let written = changes(&said, &state.said);
        let stale = me.stale & written != 0;
        match (stale, self.protocol.positions_with_lock, self.protocol.compare_and_set) {
            (true, true, _) => return Err(Wrong::PositionIsNotItsPostings),
            (true, false, false) => return Err(Wrong::PostedTwice),
            (true, false, true) => {
                roll_back(state, w);
                return Ok(());
            }
            (false, ..) => {}
        }
        (state.said, state.claims) = (said, claims);
        state.rows |= self.world.subjects(me.keys);
        state.facts |= me.own;
        state.marks |= me.marked;
        state.workers[w] = Worker::default();
        let other = &mut state.workers[1 - w];
        other.stale |= written & self.has_read(other);
        Ok(())
    }

    /// Subjects whose rev and position this worker has read.
    fn has_read(&self, worker: &Worker) -> u8 {
        let locking = self.protocol.positions_with_lock && worker.at == self.place(Lock);
        if locking { self.world.subjects(worker.keys) } else { worker.held }
    }

    fn view(&self, state: &State, me: &Worker) -> View<'_> {
        View {
            links: me.links,
            facts: me.facts,
            registry: me.registry,
            keys: me.keys,
            said: state.said,
            claims: state.claims,
            world: self.world,
        }
    }

    fn advance(&self, me: &mut Worker) {
        me.at += 1;
        if self.stage(me) == Some(Recheck) {
            (me.frontier, me.links) = (me.keys, 0);
        }
    }

    fn place(&self, stage: Stage) -> u8 {
        (1_u8..).zip(&self.stages).find(|(_, each)| **each == stage).map_or(NOWHERE, |(place, _)| place)
    }
}

const NOWHERE: u8 = u8::MAX;

pub(crate) fn changes(new: &[u8; SUBJECTS_MAX], old: &[u8; SUBJECTS_MAX]) -> u8 {
    (0..SUBJECTS_MAX).fold(0, |set, index| set | u8::from(new[index] != old[index]) << index)
}
