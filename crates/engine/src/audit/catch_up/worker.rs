//! The thread that catches up: when the house opens, when it has heard nothing for a while, and on a schedule. It must
//! not know what a round does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kernel::time::SECOND_MS;
use kernel::{Book, UnixMs};

use super::round::{Ask, catch_up};
use crate::audit::ListFailure;
use crate::audit::lister::Lister;
use crate::house::{EngineError, House};
use crate::lasting::{Lasting, step};
use crate::outward::Outward;
use crate::worker::{Bell, Clock};

/// When rounds are made.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Books that are caught up even before anything is known of them.
    pub books: Vec<Book>,
    pub every_ms: i64,
    /// Nothing was received for so long, nor was anything listed.
    pub silence_ms: i64,
    /// An event may be so young before it counts as missing.
    pub patience_s: i64,
}

impl Plan {
    #[must_use]
    pub const fn of(books: Vec<Book>) -> Self {
        let minute_ms = 60 * SECOND_MS;
        Self { books, every_ms: 60 * minute_ms, silence_ms: 10 * minute_ms, patience_s: 20 }
    }

    /// How long is waited after so many failures in a row: twice as long each time, and never longer than usual.
    fn again_ms(&self, failures: u32) -> i64 {
        AGAIN_MS.checked_shl(failures.saturating_sub(1).min(20)).unwrap_or(self.every_ms).min(self.every_ms)
    }

    /// Why a round is due, if one is. `newest` is when anything was received last.
    fn due(&self, last: Option<UnixMs>, newest: Option<UnixMs>, now: UnixMs) -> Option<&'static str> {
        let Some(last) = last else { return Some("boot") };
        let since = now.saturating_sub(last);
        let silent = newest.is_none_or(|newest| now.saturating_sub(newest) >= self.silence_ms);
        if since >= self.every_ms {
            Some("schedule")
        } else if silent && since >= self.silence_ms {
            Some("silence")
        } else {
            None
        }
    }
}

/// What a look came to.
enum Made {
    Nothing,
    Whole,
    /// Stripe could not be asked of a book now.
    InPart,
}

/// How soon a round that Stripe did not answer is made again, at first.
const AGAIN_MS: i64 = 60 * SECOND_MS;

/// How often it looks whether a round is due.
const LOOK_MS: u64 = 1_000;

/// A running catch-up. Dropping it stops it after the page it is at, or while Stripe does not answer.
pub struct CatchUpWorker {
    stop: Arc<AtomicBool>,
    own_bell: Bell,
    thread: Outward,
}

impl CatchUpWorker {
    /// `bell` wakes whoever applies what was listed.
    #[must_use]
    pub fn start(house: &House, lister: &Arc<dyn Lister>, plan: Plan, clock: &Clock, bell: &Bell) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let own_bell = Bell::default();
        let (house, lister, clock, bell) = (house.clone(), Arc::clone(lister), clock.clone(), bell.clone());
        let (stopped, rest) = (Arc::clone(&stop), own_bell.clone());
        let work = move || {
            let (mut last, mut rest_over, mut failures) = (None, UnixMs::MIN, 0);
            let mut trouble = Lasting::new("catch_up");
            while !stopped.load(Ordering::SeqCst) {
                let now = clock();
                let look = || {
                    if now < rest_over {
                        return Ok(Made::Nothing);
                    }
                    round_if_due(&house, &*lister, &plan, last, &clock, &bell, &stopped)
                };
                match step(look) {
                    Ok(made) => {
                        trouble.over();
                        match made {
                            Made::Nothing => {}
                            Made::Whole => (last, failures) = (Some(clock()), 0),
                            Made::InPart => {
                                failures += 1;
                                rest_over = clock().saturating_add(plan.again_ms(failures));
                            }
                        }
                    }
                    Err(why) => trouble.failed(&why),
                }
                rest.wait_ms(LOOK_MS);
            }
        };
        let thread = Outward::start("catch-up", work);
        Self { stop, own_bell, thread }
    }
}

impl Drop for CatchUpWorker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        self.own_bell.ring();
        self.thread.leave();
    }
}

fn round_if_due(
    house: &House,
    lister: &dyn Lister,
    plan: &Plan,
    last: Option<UnixMs>,
    clock: &Clock,
    bell: &Bell,
    stopped: &AtomicBool,
) -> Result<Made, EngineError> {
    let now = clock();
    let newest = house.inbox().stats(now)?.last_received_at;
    let Some(reason) = plan.due(last, newest, now) else { return Ok(Made::Nothing) };
    let mut made = Made::Whole;
    for book in books(house, lister, &plan.books)? {
        if stopped.load(Ordering::SeqCst) {
            break;
        }
        let ask = Ask { reason, patience_s: plan.patience_s, clock: &**clock };
        match catch_up(house, lister, &book, &ask) {
            Ok(report) => {
                let rate = report.rate;
                if rate.missing > 0 {
                    bell.ring();
                    tracing::warn!(
                        book = report.book,
                        listed = rate.listed,
                        missing = rate.missing,
                        "events had not been delivered and were listed"
                    );
                }
                if let Some(gap) = report.gap {
                    let (from, to) = (gap.from, gap.to);
                    tracing::warn!(
                        book = report.book,
                        from_at = from,
                        to_at = to,
                        "no longer listed; run: countinghouse reconcile"
                    );
                }
            }
            Err(ListFailure::Closing) => break,
            Err(why) => {
                if matches!(why, ListFailure::Later { .. }) {
                    made = Made::InPart;
                }
                tracing::warn!(book = book.label(), error = %why, "not caught up");
            }
        }
    }
    Ok(made)
}

/// The books to catch up: those named and those known, as far as there is a key.
pub(crate) fn books(house: &House, lister: &dyn Lister, named: &[Book]) -> Result<Vec<Book>, EngineError> {
    let mut books = named.to_vec();
    for known in crate::status::books(house)? {
        if !books.contains(&known) {
            books.push(known);
        }
    }
    books.retain(|book| lister.reaches(book));
    Ok(books)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_tried_again_after_a_minute_and_then_ever_more_rarely() {
        let plan = Plan::of(Vec::new());
        let minutes = |failures| plan.again_ms(failures) / (60 * SECOND_MS);
        assert_eq!([1, 2, 3, 6, 7, 100].map(minutes), [1, 2, 4, 32, 60, 60]);
    }

    #[test]
    fn rounds_are_made_at_start_on_a_schedule_and_after_silence() {
        let plan = Plan::of(Vec::new());
        let minute = 60 * SECOND_MS;
        let now = 1_000 * minute;
        for (last, newest, due) in [
            (None, None, Some("boot")),
            (None, Some(now), Some("boot")),
            (Some(now - 9 * minute), Some(now - 30 * minute), None),
            (Some(now - 10 * minute), Some(now - 10 * minute), Some("silence")),
            (Some(now - 10 * minute), None, Some("silence")),
            (Some(now - 59 * minute), Some(now - minute), None),
            (Some(now - 60 * minute), Some(now - minute), Some("schedule")),
        ] {
            assert_eq!(plan.due(last, newest, now), due, "{last:?} {newest:?}");
        }
    }
}
