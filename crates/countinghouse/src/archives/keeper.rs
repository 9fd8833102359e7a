//! Retention under `serve`: once a day the bodies that have become old enough go to the archive's folder, the same way
//! as `events archive`. How each run ended is written down, for alerts. Off unless a number of months is set.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use engine::{House, archive};
use kernel::UnixMs;

use super::{Made, Run, Target};
use crate::{Stop, clock};

const EVERY_MS: u64 = 24 * 60 * 60 * 1000;

/// After a run that failed.
const AGAIN_MS: u64 = 60 * 60 * 1000;

/// Dropping it ends it after the page at hand.
pub(crate) struct Keeper {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    pub(crate) fn start(house: &House, folder: PathBuf, months: u32) -> Self {
        let stop = Arc::<AtomicBool>::default();
        let run = {
            let (house, stop) = (house.clone(), Arc::clone(&stop));
            move || run(&house, &Target::Folder(folder), months, &stop)
        };
        let thread = std::thread::Builder::new().name("retention".into()).spawn(run).ok();
        Self { stop, thread }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

fn run(house: &House, target: &Target, months: u32, stop: &AtomicBool) {
    let stopped = || stop.load(Ordering::SeqCst);
    let mut told = None;
    while !stopped() {
        let before = months_before(clock::now(), months);
        let run = Run { house, before, stop: &stopped, progress: &|_, _| {} };
        let problem = problem(|| run.to(target));
        if stopped() {
            // It was cut short: how it would have ended is not known.
            return;
        }
        if let Err(why) = archive::retention_ended(house, clock::now(), problem.as_deref()) {
            tracing::error!(error = %why, "how the retention fares could not be written down");
        }
        if let Some(why) = problem.as_ref().filter(|_| told != problem) {
            tracing::error!(
                error = why,
                "bodies of old events could not be archived; they stay in the inbox"
            );
        }
        let pause_ms = if problem.is_some() { AGAIN_MS } else { EVERY_MS };
        told = problem;
        let waited = clock::Watch::start();
        while !stopped() && waited.ms() < pause_ms {
            std::thread::park_timeout(Duration::from_millis(pause_ms - waited.ms().min(pause_ms)));
        }
    }
}

/// What kept a run from its end. A panic is a failure like another: it is tried again, and somebody hears of it.
fn problem(archive: impl FnOnce() -> Result<Vec<Made>, Stop>) -> Option<String> {
    let said = engine::lasting::step(|| {
        archive().map_err(|why| match why {
            Stop::Found(why) | Stop::Usage(why) => why,
        })
    });
    for made in said.as_ref().into_iter().flatten() {
        let (file, count) = (&made.file, made.events);
        tracing::info!(file, count, "bodies of old events were archived");
    }
    said.err()
}

/// The same day and time, months earlier; the month's last day where it is shorter.
fn months_before(now: UnixMs, months: u32) -> UnixMs {
    let then = jiff::Timestamp::from_millisecond(now)
        .map(|now| now.to_zoned(jiff::tz::TimeZone::UTC))
        .and_then(|now| now.checked_sub(jiff::Span::new().try_months(i64::from(months))?));
    then.map_or(UnixMs::MIN, |then| then.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::{Stop, months_before, problem};

    #[test]
    fn months_are_the_calendars() {
        for (now, months, then) in [
            ("2026-11-21T18:00:00Z", 1, "2026-10-21T18:00:00Z"),
            ("2026-03-31T00:00:00Z", 1, "2026-02-28T00:00:00Z"),
            ("2026-03-31T00:00:00Z", 24, "2024-03-31T00:00:00Z"),
        ] {
            let ms = |text| kernel::time::parse(text).expect("a time");
            assert_eq!(months_before(ms(now), months), ms(then), "{now}");
        }
    }

    #[test]
    fn a_run_that_panicked_failed_like_another() {
        let stopped = || Err(Stop::Usage("no such folder".to_owned()));
        assert_eq!(problem(stopped).as_deref(), Some("no such folder"));
        assert_eq!(problem(|| panic!("of a test")).as_deref(), Some("a step panicked"));
        assert_eq!(problem(|| Ok(Vec::new())), None);
    }
}
