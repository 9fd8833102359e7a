//! Time lines and what is due on them. The main line is moved by `World::tick`, each test clock by its own
//! calls. Jobs name objects by id and look again when they run: what changed meanwhile is seen then. It must
//! not know what a job does.

use std::collections::BTreeMap;

/// What happens by itself once its time has come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Job {
    /// Events older than 30 days leave the list. Always on the main line.
    ForgetEvents,
    Billing(super::billing::Job),
    /// A promotion code's last moment.
    ExpireCode(String),
    /// A register answers about a tax number.
    LookUpTaxId(String),
    /// A coupon's `redeem_by`.
    ExpireCoupon(String),
    Payment(super::payment::Job),
    Payout(super::payout::Job),
}

struct Line {
    now_s: i64,
    due: BTreeMap<(i64, u64), Job>,
}

pub(crate) struct Clock {
    main: Line,
    test_clocks: BTreeMap<String, Line>,
    current: Option<String>,
    serial: u64,
}

impl Clock {
    pub(super) fn new(now_s: i64) -> Self {
        Self {
            main: Line { now_s, due: BTreeMap::new() },
            test_clocks: BTreeMap::new(),
            current: None,
            serial: 0,
        }
    }

    fn line(&self) -> &Line {
        self.current.as_ref().and_then(|id| self.test_clocks.get(id)).unwrap_or(&self.main)
    }

    fn line_mut(&mut self) -> &mut Line {
        match &self.current {
            Some(id) => self.test_clocks.get_mut(id).unwrap_or(&mut self.main),
            None => &mut self.main,
        }
    }

    pub(super) fn now_of(&self, clock_ref: Option<&str>) -> i64 {
        clock_ref.and_then(|id| self.test_clocks.get(id)).unwrap_or(&self.main).now_s
    }

    pub(super) fn now_s(&self) -> i64 {
        self.line().now_s
    }

    /// Makes a line current and says which was.
    pub(super) fn switch(&mut self, clock_ref: Option<&str>) -> Option<String> {
        std::mem::replace(&mut self.current, clock_ref.map(str::to_owned))
    }

    /// A new test clock's line.
    pub(crate) fn open(&mut self, clock_ref: &str, now_s: i64) {
        self.test_clocks.insert(clock_ref.to_owned(), Line { now_s, due: BTreeMap::new() });
    }

    /// A test clock is gone, and what was due on it.
    pub(crate) fn close(&mut self, clock_ref: &str) {
        self.test_clocks.remove(clock_ref);
    }

    pub(super) fn schedule(&mut self, at_s: i64, job: Job) {
        self.serial += 1;
        let serial = self.serial;
        self.line_mut().due.insert((at_s, serial), job);
    }

    /// The next job due by `to_s`; the line's time moves to its instant.
    pub(super) fn next_due(&mut self, to_s: i64) -> Option<Job> {
        let line = self.line_mut();
        let (&(at_s, serial), _) = line.due.first_key_value().filter(|((at_s, _), _)| *at_s <= to_s)?;
        line.now_s = line.now_s.max(at_s);
        line.due.remove(&(at_s, serial))
    }

    /// The lines on which something is due at their own time; `None` is the main one.
    pub(super) fn due_lines(&self) -> Vec<Option<String>> {
        let due = |line: &Line| line.due.first_key_value().is_some_and(|((at_s, _), _)| *at_s <= line.now_s);
        let main = due(&self.main).then_some(None);
        let others = self.test_clocks.iter().filter(|(_, line)| due(line)).map(|(id, _)| Some(id.clone()));
        main.into_iter().chain(others).collect()
    }

    pub(super) fn reach(&mut self, to_s: i64) {
        let line = self.line_mut();
        line.now_s = line.now_s.max(to_s);
    }
}
