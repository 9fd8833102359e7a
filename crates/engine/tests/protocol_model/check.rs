//! The search: every reachable state, breadth first, so that the first violation found has a shortest trace.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::hash::{BuildHasherDefault, Hasher};

use crate::protocol::{Action, Model, Operator, Stage, State, Wrong, bits};
use crate::statement::changes;
use crate::world::Said;

/// What a search found out.
pub(crate) struct Report {
    pub(crate) states: usize,
    pub(crate) steps: usize,
    /// States in which everything has arrived, nothing is marked and nobody works.
    pub(crate) level: usize,
    /// States in which a worker waits for the other or for the operator.
    pub(crate) waiting: usize,
    pub(crate) drained: usize,
    pub(crate) violation: Option<Violation>,
}

pub(crate) struct Violation {
    pub(crate) what: What,
    pub(crate) trace: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum What {
    /// A subject differs from the recompute and no mark leads to it.
    LostMark,
    /// Two entries for one (subject, rev).
    PostedTwice,
    /// The postings of a subject do not add up to its position.
    PositionIsNotItsPostings,
    /// Every true-up in progress waits for another.
    Deadlock,
    /// With the faults over, the work does not come to an end.
    NeverLevel,
}

/// Every how many states the backlog is drained without further faults.
const DRAIN_EVERY: usize = 64;
const DRAIN_STEPS_MAX: usize = 400;

type Visited = HashSet<State, BuildHasherDefault<Mix>>;

pub(crate) fn explore(model: &Model) -> Report {
    let oracle = Oracle::new(model);
    let mut report = Report { states: 0, steps: 0, level: 0, waiting: 0, drained: 0, violation: None };
    let (mut queue, mut from) = (vec![State::default()], vec![0]);
    let mut visited = Visited::default();
    visited.insert(State::default());
    let mut next = Vec::new();
    while report.states < queue.len() {
        let (here, state) = (report.states, queue[report.states]);
        report.states += 1;
        model.successors(&state, &mut next);
        report.steps += next.len();
        let found = oracle.wrong(&state).or_else(|| count_waiting(&state, &next, &mut report));
        if let Some(what) = found {
            report.violation =
                Some(Violation { what, trace: trace(model, &path(&queue, &from, here), None) });
            return report;
        }
        report.level += usize::from(is_level(model, &state));
        for (action, after) in &next {
            match after {
                Ok(after) => {
                    let after = symmetric(*after);
                    if visited.insert(after) {
                        queue.push(after);
                        from.push(here);
                    }
                }
                Err(wrong) => {
                    let what = match wrong {
                        Wrong::PostedTwice => What::PostedTwice,
                        Wrong::PositionIsNotItsPostings => What::PositionIsNotItsPostings,
                    };
                    let trace = trace(model, &path(&queue, &from, here), Some(*action));
                    report.violation = Some(Violation { what, trace });
                    return report;
                }
            }
        }
    }
    for (here, state) in queue.iter().enumerate().step_by(DRAIN_EVERY) {
        report.drained += 1;
        if !drains(model, &oracle, *state) {
            let trace = trace(model, &path(&queue, &from, here), None);
            report.violation = Some(Violation { what: What::NeverLevel, trace });
            return report;
        }
    }
    report
}

/// The two workers are alike: states that differ only in who is who are one.
fn symmetric(mut state: State) -> State {
    state.workers.sort_unstable();
    state
}

fn is_level(model: &Model, state: &State) -> bool {
    usize::from(state.facts) + 1 == 1 << model.world.facts.len()
        && state.operator == if model.world.operator { Operator::Done } else { Operator::Waiting }
        && is_quiet(state)
}

fn is_quiet(state: &State) -> bool {
    state.marks == 0 && state.range == 0 && state.workers.iter().all(|worker| worker.at == 0)
}

type Next = [(Action, Result<State, Wrong>)];

fn count_waiting(state: &State, next: &Next, report: &mut Report) -> Option<What> {
    let active = state.workers.iter().filter(|worker| worker.at != 0).count();
    let runs = next.iter().filter(|(action, _)| matches!(action, Action::Run(_))).count();
    report.waiting += usize::from(runs < active);
    (active > 0 && runs == 0 && state.operator != Operator::Writing).then_some(What::Deadlock)
}

/// Nothing crashes and nothing arrives any more: does the work end, with the right books?
fn drains(model: &Model, oracle: &Oracle<'_>, mut state: State) -> bool {
    let mut next = Vec::new();
    for _ in 0..DRAIN_STEPS_MAX {
        if is_quiet(&state) && state.operator != Operator::Writing {
            return oracle.wrong(&state).is_none();
        }
        model.successors(&state, &mut next);
        let goes_on = |(action, _): &&(Action, _)| {
            !matches!(
                action,
                Action::Crash(_)
                    | Action::Deliver(_)
                    | Action::Together(..)
                    | Action::OperatorLooks
                    | Action::OperatorWrites
            )
        };
        let runs_first = |(action, _): &&(Action, _)| !matches!(action, Action::Run(_));
        match next.iter().filter(goes_on).min_by_key(runs_first) {
            Some((_, Ok(after))) => state = *after,
            _ => return false,
        }
    }
    false
}

/// The recompute and the reach of marks, for every set of facts, worked out once.
struct Oracle<'a> {
    model: &'a Model,
    /// By registry, then by facts.
    level: [Vec<Said>; 2],
}

impl<'a> Oracle<'a> {
    fn new(model: &'a Model) -> Self {
        let sets = 1_u8 << model.world.facts.len();
        let level =
            [0, 1].map(|registry| (0..sets).map(|facts| model.world.level(facts, registry)).collect());
        Self { model, level }
    }

    /// In every state, not only in quiet ones: what differs from the recompute is reached by a mark.
    fn wrong(&self, state: &State) -> Option<What> {
        let registry = usize::from(state.operator == Operator::Done);
        let (level, _) = self.level[registry][usize::from(state.facts)];
        let off = changes(&level, &state.said);
        let marked = |keys| off & !self.model.world.reach(keys, state.facts);
        let lost = off != 0 && marked(Model::visible_marks(state) | self.model.range_ahead(state)) != 0;
        lost.then_some(What::LostMark)
    }
}

fn path(queue: &[State], from: &[usize], mut at: usize) -> Vec<State> {
    let mut path = vec![queue[at]];
    while at != 0 {
        at = from[at];
        path.push(queue[at]);
    }
    path.reverse();
    path
}

/// Walks the path again without the symmetry, so that a worker keeps its name, and says what happened.
fn trace(model: &Model, path: &[State], last: Option<Action>) -> String {
    let (mut text, mut state) = (String::new(), path[0]);
    let mut next = Vec::new();
    for (number, wanted) in path[1..].iter().enumerate() {
        model.successors(&state, &mut next);
        let step = next.iter().find_map(|(action, after)| {
            after.as_ref().ok().filter(|after| symmetric(**after) == *wanted).map(|after| (*action, *after))
        });
        let (action, after) = step.expect("the path was found by these successors");
        let _ = writeln!(text, "{:>4}. {}", number + 1, describe(model, action, &state, &after));
        state = after;
    }
    if last.is_some() {
        model.successors(&state, &mut next);
        let (action, _) = next.iter().find(|(_, after)| after.is_err()).expect("the last step was wrong");
        let _ = writeln!(text, "{:>4}. {}", path.len(), describe(model, *action, &state, &state));
    }
    let _ = write!(
        text,
        "      books {:?}, marks {}",
        state.said,
        model.world.names(Model::visible_marks(&state))
    );
    let registry = u8::from(state.operator == Operator::Done);
    let _ = writeln!(text, ", recompute {:?}", model.world.level(state.facts, registry).0);
    text
}

fn describe(model: &Model, action: Action, before: &State, after: &State) -> String {
    let world = model.world;
    let fact = |index: u8| world.facts[usize::from(index)].name;
    match action {
        Action::Deliver(index) => format!("applied    {}", fact(index)),
        Action::Pick(w, keys) => format!("worker {w}   picks the marks on {}", world.names(keys)),
        Action::Together(w, index) => format!("worker {w}   applies and trues up at once: {}", fact(index)),
        Action::Crash(w) => format!("worker {w}   crashes"),
        Action::Run(w) => {
            let (was, is) = (before.workers[usize::from(w)], after.workers[usize::from(w)]);
            let stage = model.stage(&was).expect("it is at work");
            let took = world.names(is.held & !was.held);
            let consumed = world.names(is.consumed & !was.consumed);
            let loaded: Vec<_> = bits(is.facts & !was.facts).map(fact).collect();
            let what = match stage {
                _ if is.at != 0 && is.at < was.at => "finds more subjects".to_owned(),
                Stage::Lock | Stage::Stub => took,
                Stage::Consume => consumed,
                Stage::Walk | Stage::Recheck => world.names(is.keys),
                Stage::Load | Stage::Mirrors => format!("{loaded:?}"),
                Stage::Dependents => world.names(is.marked),
                Stage::Commit => format!("books {:?}", after.said),
                _ => String::new(),
            };
            format!("worker {w}   {stage:?} {what}")
        }
        Action::OperatorLooks => "operator   looks for subjects".to_owned(),
        Action::OperatorWrites => "operator   locks the head, appends, writes the range mark".to_owned(),
        Action::OperatorCommits => "operator   commits".to_owned(),
        Action::PageReads => format!(
            "expander   reads the page after {}",
            world.names(!(model.range_ahead(before)) & world.all())
        ),
        Action::PageCommits => {
            format!("expander   commits, marking {}", world.names(after.marks & !before.marks))
        }
    }
}

/// A quick hash of small integers; the standard one costs half of the run in a debug build.
#[derive(Default)]
pub(crate) struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u8(*byte);
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.0 = (self.0.rotate_left(5) ^ u64::from(byte)).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}
