//! What is wrong, as a pure function of figures: one line per rule. Words are for people and name no secret and no
//! person.

use kernel::UnixMs;
use kernel::time::{self, SECOND_MS};

/// When a rule speaks. Times in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Thresholds {
    /// More parked events than this.
    pub parked_over: i64,
    /// More bodies put in quarantine within a day than this.
    pub quarantined_over: i64,
    /// The oldest event that is not in the books is older than this.
    pub lag_over_ms: i64,
    /// A book is silent for so long that this many events would have been usual.
    pub silence_events: i64,
    /// Of the events that Stripe lists, fewer were delivered than this, in basis points.
    pub delivery_under_bps: i64,
    /// More runs of the retention failed in a row than this.
    pub retention_failures_over: i64,
    /// How often it is looked.
    pub every_ms: i64,
    /// How often an open alert is said again.
    pub remind_every_ms: i64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            parked_over: 0,
            quarantined_over: 0,
            lag_over_ms: 300 * SECOND_MS,
            silence_events: 10,
            delivery_under_bps: 9_900,
            retention_failures_over: 0,
            every_ms: 60 * SECOND_MS,
            remind_every_ms: 24 * 3600 * SECOND_MS,
        }
    }
}

/// A book nothing came for, against what is usual.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Silence {
    pub book: String,
    pub last_at: UnixMs,
    /// What would have been usual since, in thousandths of events.
    pub usual_events_milli: i64,
}

/// What the last look at Stripe's own list of a book's events found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeliveryRate {
    pub book: String,
    pub rate_bps: i64,
    /// Events that had not come, and were fetched then.
    pub missing: i64,
}

/// How the last run of the retention ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Retention {
    pub tried_at: UnixMs,
    /// Runs that failed in a row, up to this one.
    pub failures: i64,
    pub problem: String,
}

/// What the rules look at.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Readings {
    /// Parked events by the first word of the reason.
    pub parked: Vec<(String, i64)>,
    /// Parked work that no event caused.
    pub marks_parked: i64,
    pub quarantined_last_day: i64,
    pub lag_ms: i64,
    /// What is to be done at Stripe and is not tried any more.
    pub intents_parked: i64,
    pub silences: Vec<Silence>,
    pub delivery_rates: Vec<DeliveryRate>,
    /// `None`: nothing is archived by itself.
    pub retention: Option<Retention>,
}

/// Something that is wrong now. At most one per rule and scope.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Firing {
    pub rule: &'static str,
    /// A book's label; empty is the whole house.
    pub scope: String,
    pub words: String,
    pub figure: i64,
}

/// A book that was silent for less than this is not called silent.
const SILENCE_MS_MIN: i64 = 3600 * SECOND_MS;

/// A retention that failed and was not tried again for so long was switched off. It is tried each hour while it fails.
const RETENTION_OFF_MS: i64 = 48 * 3600 * SECOND_MS;

/// Everything that is wrong at `now`.
#[must_use]
pub fn firing(readings: &Readings, thresholds: &Thresholds, now: UnixMs) -> Vec<Firing> {
    let mut found = Vec::new();
    let mut say = |rule, scope: &str, figure, words| {
        found.push(Firing { rule, scope: scope.to_owned(), words, figure });
    };
    let events: i64 = readings.parked.iter().map(|(_, events)| events).sum();
    let parked = if events == 0 { readings.marks_parked } else { events };
    if parked > thresholds.parked_over {
        let by_code: Vec<String> =
            readings.parked.iter().map(|(code, events)| format!("{code} {events}")).collect();
        let by_code = if by_code.is_empty() { String::new() } else { format!(" ({})", by_code.join(", ")) };
        say(
            "parked",
            "",
            parked,
            format!("{parked} parked event(s) wait for a person{by_code}; see: countinghouse events parked"),
        );
    }
    if readings.quarantined_last_day > thresholds.quarantined_over {
        let count = readings.quarantined_last_day;
        say(
            "quarantined",
            "",
            count,
            format!(
                "{count} signed {} no book came within a day; see: countinghouse events quarantine",
                if count == 1 { "body that fits" } else { "bodies that fit" }
            ),
        );
    }
    if readings.lag_ms > thresholds.lag_over_ms {
        let seconds = readings.lag_ms / SECOND_MS;
        say(
            "lag",
            "",
            readings.lag_ms,
            format!(
                "the oldest event that is not in the books was received {seconds} s ago; is a worker running?"
            ),
        );
    }
    if readings.intents_parked > 0 {
        let count = readings.intents_parked;
        say(
            "intents",
            "",
            count,
            format!("{count} intent(s) at Stripe are not tried any more; see: countinghouse code intents"),
        );
    }
    found.extend(of_retention(readings, thresholds, now));
    found.extend(of_books(readings, thresholds, now));
    found
}

fn of_retention(readings: &Readings, thresholds: &Thresholds, now: UnixMs) -> Option<Firing> {
    let retention = readings.retention.as_ref()?;
    let (failures, problem) = (retention.failures, &retention.problem);
    let speaks = failures > thresholds.retention_failures_over && now - retention.tried_at < RETENTION_OFF_MS;
    let words = || {
        format!(
            "bodies of old events could not be archived, {failures} time(s) in a row; they stay in the inbox: {problem}"
        )
    };
    speaks.then(|| Firing { rule: "retention", scope: String::new(), words: words(), figure: failures })
}

/// The rules that each book has for itself.
fn of_books(readings: &Readings, thresholds: &Thresholds, now: UnixMs) -> Vec<Firing> {
    let mut found = Vec::new();
    let mut say = |rule, scope: &str, figure, words| {
        found.push(Firing { rule, scope: scope.to_owned(), words, figure });
    };
    for rate in readings.delivery_rates.iter().filter(|rate| rate.missing > 0) {
        if rate.rate_bps < thresholds.delivery_under_bps {
            let (whole, part, missing) = (rate.rate_bps / 100, rate.rate_bps % 100, rate.missing);
            say(
                "delivery",
                &rate.book,
                rate.rate_bps,
                format!(
                    "of the events Stripe lists for the book {} {whole}.{part:02} % had been delivered; {missing} were fetched instead; see: countinghouse webhooks check",
                    rate.book
                ),
            );
        }
    }
    for silence in &readings.silences {
        let usual = silence.usual_events_milli / 1000;
        if usual >= thresholds.silence_events && now - silence.last_at >= SILENCE_MS_MIN {
            let since = time::rfc3339(silence.last_at);
            say(
                "silence",
                &silence.book,
                usual,
                format!(
                    "nothing was delivered to the book {} since {since}; usual would be some {usual} events; see: countinghouse webhooks check",
                    silence.book
                ),
            );
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_speaks_above_its_threshold_and_not_at_it() {
        let limits = Thresholds {
            parked_over: 2,
            quarantined_over: 1,
            lag_over_ms: 1000,
            retention_failures_over: 1,
            ..Thresholds::default()
        };
        let hour = 3600 * SECOND_MS;
        let silence = |usual_events_milli, ago_ms| Silence {
            book: "live".into(),
            last_at: 10 * hour - ago_ms,
            usual_events_milli,
        };
        let parked = |events| Readings { parked: vec![("amounts".into(), events)], ..Readings::default() };
        let rate = |rate_bps, missing| {
            let rate = DeliveryRate { book: "live".into(), rate_bps, missing };
            Readings { delivery_rates: vec![rate], ..Readings::default() }
        };
        let archived = |failures, ago_ms| {
            let retention = Retention { failures, tried_at: 10 * hour - ago_ms, problem: "no room".into() };
            Readings { retention: Some(retention), ..Readings::default() }
        };
        let silent = |silence| Readings { silences: vec![silence], ..Readings::default() };
        for (what, readings, rules) in [
            ("all is well", Readings::default(), vec![]),
            ("as many as allowed", parked(2), vec![]),
            ("one more", parked(3), vec![("parked", 3)]),
            ("work of no event", Readings { marks_parked: 3, ..Readings::default() }, vec![("parked", 3)]),
            (
                "quarantine",
                Readings { quarantined_last_day: 2, ..Readings::default() },
                vec![("quarantined", 2)],
            ),
            ("lag", Readings { lag_ms: 1000, ..Readings::default() }, vec![]),
            ("more lag", Readings { lag_ms: 1001, ..Readings::default() }, vec![("lag", 1001)]),
            ("an intent", Readings { intents_parked: 1, ..Readings::default() }, vec![("intents", 1)]),
            ("old bodies are archived", archived(0, hour), vec![]),
            ("one run failed", archived(1, 0), vec![]),
            ("and the next", archived(2, hour), vec![("retention", 2)]),
            ("and none was tried since", archived(2, 48 * hour), vec![]),
            ("nearly everything delivered", rate(9_900, 3), vec![]),
            ("less delivered", rate(9_899, 3), vec![("delivery", 9_899)]),
            ("imported, not missed", rate(5_000, 0), vec![]),
            ("usual silence", silent(silence(9_999, 3 * hour)), vec![]),
            ("unusual silence", silent(silence(10_000, hour)), vec![("silence", 10)]),
            ("a busy book's pause", silent(silence(500_000, hour - 1)), vec![]),
        ] {
            let found = firing(&readings, &limits, 10 * hour);
            let found: Vec<_> = found.iter().map(|one| (one.rule, one.figure)).collect();
            assert_eq!(found, rules, "{what}");
        }
    }
}
