//! The protocol: a true-up as the order of its statements, the state of the store, and what may happen next.

use crate::statement::roll_back;
use crate::world::{Fact, Role, SUBJECTS_MAX, World};

/// One kind of statement of a true-up's transaction. Walks and locks take several steps, one per level of
/// links and one per row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    /// Follows links from the marks it picked, one statement per level.
    Walk,
    /// Inserts missing subject rows in sorted order; waits for another transaction's uncommitted row.
    Stub,
    /// Locks the subject rows in sorted order.
    Lock,
    /// Deletes every visible mark on a key of the closure; waits for another transaction's delete.
    Consume,
    /// Walks again. More subjects than are locked: rolls back and starts at `Stub` with the larger set.
    Recheck,
    /// Takes the operator head row shared.
    Head,
    Registry,
    /// Facts of the closure, in one statement.
    Load,
    /// Facts of discounts and promotion codes, in another.
    Mirrors,
    /// Computes; marks who reads an output that changed, by the links visible now.
    Dependents,
    /// Positions, entries, commit.
    Commit,
}

use Stage::{Commit, Consume, Dependents, Head, Load, Lock, Mirrors, Recheck, Registry, Stub, Walk};

/// The protocol of DESIGN.md 2a.
pub(crate) const DESIGNED: &[Stage] =
    &[Walk, Stub, Lock, Consume, Recheck, Head, Registry, Load, Mirrors, Dependents, Commit];
pub(crate) const LOADS_BEFORE_LOCKING: &[Stage] =
    &[Walk, Load, Mirrors, Stub, Lock, Consume, Recheck, Head, Registry, Dependents, Commit];
pub(crate) const CONSUMES_AFTER_LOADING: &[Stage] =
    &[Walk, Stub, Lock, Recheck, Head, Registry, Load, Mirrors, Consume, Dependents, Commit];
pub(crate) const DOES_NOT_RECHECK: &[Stage] =
    &[Walk, Stub, Lock, Consume, Head, Registry, Load, Mirrors, Dependents, Commit];
pub(crate) const LOCKS_NO_HEAD: &[Stage] =
    &[Walk, Stub, Lock, Consume, Recheck, Registry, Load, Mirrors, Dependents, Commit];
pub(crate) const READS_REGISTRY_BEFORE_HEAD: &[Stage] =
    &[Walk, Stub, Lock, Consume, Recheck, Registry, Head, Load, Mirrors, Dependents, Commit];

/// Whether facts may be applied and trued up in one transaction ("small cases do both at once").
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Together {
    Never,
    Freely,
    /// Every transaction that applies facts, alone or together, locks the projector's cursor first.
    Fenced,
}

/// When the operator writes a range mark.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ranges {
    Always,
    /// Unless there is no subject row yet, seen while he holds the head.
    UnlessNoSubject,
    /// The same, seen before he has the head.
    UnlessNoSubjectEarlier,
}

/// What the transaction that applies a fact marks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marks {
    /// The object a fact is about, and the object its link starts from.
    AboutAndNamer,
    About,
    /// The object a fact is about, unless all it brings is a link.
    AboutUnlessLink,
}

#[derive(Clone, Copy)]
pub(crate) struct Protocol {
    pub(crate) stages: &'static [Stage],
    /// Off: the rows are read where they would be locked.
    pub(crate) locks_subjects: bool,
    /// A closure that grew gets its further locks on top, instead of everything anew.
    pub(crate) keeps_locks_when_grown: bool,
    pub(crate) compare_and_set: bool,
    pub(crate) marks: Marks,
    /// A fact may arrive again at any time.
    pub(crate) redelivers: bool,
    pub(crate) marks_dependents: bool,
    /// Positions are read by the statement that locks the rows, so by the snapshot from before it waited.
    pub(crate) positions_with_lock: bool,
    pub(crate) together: Together,
    pub(crate) ranges: Ranges,
}

impl Protocol {
    pub(crate) const DESIGNED: Self = Self {
        stages: DESIGNED,
        locks_subjects: true,
        keeps_locks_when_grown: false,
        compare_and_set: true,
        marks: Marks::AboutAndNamer,
        redelivers: false,
        marks_dependents: true,
        positions_with_lock: false,
        together: Together::Never,
        ranges: Ranges::UnlessNoSubject,
    };

    pub(crate) const fn with(stages: &'static [Stage]) -> Self {
        Self { stages, ..Self::DESIGNED }
    }
}

/// A true-up in progress: what its transaction has read, and what it has written and not committed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Worker {
    /// 0: idle; else one more than the place in the list of stages.
    pub(crate) at: u8,
    pub(crate) keys: u8,
    pub(crate) frontier: u8,
    pub(crate) links: u8,
    /// Subject rows it inserted.
    pub(crate) stubs: u8,
    /// Subject rows it has locked; its stubs too.
    pub(crate) held: u8,
    /// Keys whose marks it deleted.
    pub(crate) consumed: u8,
    /// Facts it loaded.
    pub(crate) facts: u8,
    /// Facts it applies itself.
    pub(crate) own: u8,
    pub(crate) registry: u8,
    pub(crate) head: bool,
    /// Keys it marked.
    pub(crate) marked: u8,
    /// Subjects that another transaction posted to since this one read them.
    pub(crate) stale: u8,
}

/// What is committed, and who is at what.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct State {
    pub(crate) facts: u8,
    /// Keys with a mark that nobody has deleted. A key's marks are all alike, so they need no count.
    pub(crate) marks: u8,
    /// Subject rows.
    pub(crate) rows: u8,
    pub(crate) said: [u8; SUBJECTS_MAX],
    pub(crate) claims: u8,
    pub(crate) operator: Operator,
    pub(crate) saw: Saw,
    /// The range mark: one more than the object it is expanded up to; 0: there is none.
    pub(crate) range: u8,
    /// The page the expander has read: one more than an object, or `LAST_PAGE`; 0: none.
    pub(crate) page: u8,
    pub(crate) workers: [Worker; 2],
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Operator {
    #[default]
    Waiting,
    /// Holds the head row; its log line and range mark are not committed.
    Writing,
    Done,
}

/// Whether the operator has seen subject rows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Saw {
    #[default]
    NotLooked,
    Subjects,
    None,
}

impl Saw {
    const fn of(rows: u8) -> Self {
        if rows == 0 { Self::None } else { Self::Subjects }
    }
}

const LAST_PAGE: u8 = 9;

/// Something that may happen next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Action {
    Deliver(u8),
    Pick(u8, u8),
    Together(u8, u8),
    Run(u8),
    Crash(u8),
    OperatorLooks,
    OperatorWrites,
    OperatorCommits,
    PageReads,
    PageCommits,
}

/// What must never happen at a commit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wrong {
    PostedTwice,
    PositionIsNotItsPostings,
}

pub(crate) struct Model {
    pub(crate) world: &'static World,
    pub(crate) protocol: Protocol,
    pub(crate) stages: Vec<Stage>,
}

impl Model {
    pub(crate) fn new(world: &'static World, protocol: Protocol) -> Self {
        let used = |stage: &Stage| match stage {
            Head | Registry => world.operator,
            Mirrors => world.has(Role::Mirror),
            Dependents => world.outputs(world.all()) != 0,
            _ => true,
        };
        Self { world, protocol, stages: protocol.stages.iter().copied().filter(used).collect() }
    }

    pub(crate) fn stage(&self, worker: &Worker) -> Option<Stage> {
        (worker.at > 0).then(|| self.stages[usize::from(worker.at) - 1])
    }

    /// Every mark that a statement would see now.
    pub(crate) fn visible_marks(state: &State) -> u8 {
        state.workers.iter().fold(state.marks, |set, worker| set | worker.consumed)
    }

    /// The keys that a range mark will still come to.
    pub(crate) fn range_ahead(&self, state: &State) -> u8 {
        if state.range == 0 { 0 } else { self.world.all() & (u8::MAX << (state.range - 1)) }
    }

    /// The next state for every action that is possible now. A statement that would wait is not possible.
    pub(crate) fn successors(&self, state: &State, next: &mut Vec<(Action, Result<State, Wrong>)>) {
        next.clear();
        for w in 0..2_u8 {
            if state.workers[usize::from(w)].at == 0 {
                self.picks(state, w, next);
                continue;
            }
            let mut after = *state;
            match self.run(&mut after, usize::from(w)) {
                Ok(true) => next.push((Action::Run(w), Ok(after))),
                Ok(false) => {}
                Err(wrong) => next.push((Action::Run(w), Err(wrong))),
            }
        }
        self.deliveries(state, next);
        if self.world.operator {
            self.operator(state, next);
        }
        for w in 0..2_u8 {
            if state.workers[usize::from(w)].at != 0 {
                let mut after = *state;
                roll_back(&mut after, usize::from(w));
                next.push((Action::Crash(w), Ok(after)));
            }
        }
    }

    fn picks(&self, state: &State, w: u8, next: &mut Vec<(Action, Result<State, Wrong>)>) {
        let start = |keys: u8, own: u8| {
            let mut after = *state;
            after.workers[usize::from(w)] = Worker { at: 1, keys, frontier: keys, own, ..Worker::default() };
            Ok(after)
        };
        let marks = Self::visible_marks(state);
        if marks.count_ones() > 1 {
            next.push((Action::Pick(w, marks), start(marks, 0)));
        }
        for key in bits(marks) {
            next.push((Action::Pick(w, 1 << key), start(1 << key, 0)));
        }
        let applying = state.workers.iter().fold(0, |set, worker| set | worker.own);
        let may = match self.protocol.together {
            Together::Never => false,
            Together::Freely => true,
            Together::Fenced => applying == 0,
        };
        for (index, fact) in (0_u8..).zip(self.world.facts) {
            if may && (state.facts | applying) >> index & 1 == 0 {
                next.push((Action::Together(w, index), start(self.marks_of(fact), 1 << index)));
            }
        }
    }

    /// Applying a fact reads nothing and waits for nothing, so it is all in its commit.
    fn deliveries(&self, state: &State, next: &mut Vec<(Action, Result<State, Wrong>)>) {
        let applying = state.workers.iter().fold(0, |set, worker| set | worker.own);
        if self.protocol.together == Together::Fenced && applying != 0 {
            return;
        }
        for (index, fact) in (0_u8..).zip(self.world.facts) {
            let known = if self.protocol.redelivers { 0 } else { state.facts };
            if (known | applying) >> index & 1 == 0 {
                let mut after = *state;
                after.facts |= 1 << index;
                after.marks |= self.marks_of(fact);
                next.push((Action::Deliver(index), Ok(after)));
            }
        }
    }

    fn marks_of(&self, fact: &Fact) -> u8 {
        let namer = fact.link.map_or(0, |(from, _)| 1 << from);
        match self.protocol.marks {
            Marks::AboutAndNamer => 1 << fact.about | namer,
            Marks::AboutUnlessLink if fact.link.is_some() => 0,
            Marks::About | Marks::AboutUnlessLink => 1 << fact.about,
        }
    }

    fn operator(&self, state: &State, next: &mut Vec<(Action, Result<State, Wrong>)>) {
        let mut after = *state;
        let looks_first = self.protocol.ranges == Ranges::UnlessNoSubjectEarlier;
        match state.operator {
            Operator::Waiting if looks_first && state.saw == Saw::NotLooked => {
                after.saw = Saw::of(state.rows);
                next.push((Action::OperatorLooks, Ok(after)));
            }
            Operator::Waiting if state.workers.iter().all(|worker| !worker.head) => {
                after.operator = Operator::Writing;
                after.saw = match self.protocol.ranges {
                    Ranges::Always => Saw::Subjects,
                    Ranges::UnlessNoSubject => Saw::of(state.rows),
                    Ranges::UnlessNoSubjectEarlier => state.saw,
                };
                next.push((Action::OperatorWrites, Ok(after)));
            }
            Operator::Writing => {
                after.operator = Operator::Done;
                after.range = u8::from(state.saw == Saw::Subjects);
                after.saw = Saw::NotLooked;
                next.push((Action::OperatorCommits, Ok(after)));
            }
            _ => {}
        }
        let mut after = *state;
        if state.range != 0 && state.page == 0 {
            let first = bits(state.rows & self.range_ahead(state)).next();
            after.page = first.map_or(LAST_PAGE, |row| row + 1);
            next.push((Action::PageReads, Ok(after)));
        } else if state.page == LAST_PAGE {
            (after.range, after.page) = (0, 0);
            next.push((Action::PageCommits, Ok(after)));
        } else if state.page != 0 {
            after.marks |= 1 << (state.page - 1);
            (after.range, after.page) = (state.page + 1, 0);
            next.push((Action::PageCommits, Ok(after)));
        }
    }
}

pub(crate) fn bits(set: u8) -> impl Iterator<Item = u8> {
    (0..8_u8).filter(move |bit| set >> bit & 1 == 1)
}
