//! What the gate has counted since it started, for `/metrics`. Counters only go up; what lies in the
//! store (pending, parked, ...) is asked for when the page is read.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use kernel::UnixMs;
use kernel::time::SECOND_MS;

/// Everything a delivery can end in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    Accepted,
    Duplicate,
    Quarantined,
    /// 400: no signature header that could be read.
    BadHeader,
    /// 400: no configured secret made the signature.
    BadSignature,
    /// 400: signed too long ago, or in the future.
    BadAge,
    /// 400: the sender broke off within the body.
    Broken,
    /// 408
    TooSlow,
    /// 413
    TooLarge,
    /// 503: could not be stored; Stripe tries again.
    NotStored,
}

impl Ending {
    pub const ALL: [Self; 10] = [
        Self::Accepted,
        Self::Duplicate,
        Self::Quarantined,
        Self::BadHeader,
        Self::BadSignature,
        Self::BadAge,
        Self::Broken,
        Self::TooSlow,
        Self::TooLarge,
        Self::NotStored,
    ];

    /// The label in `countinghouse_deliveries_total{ending="..."}`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Duplicate => "duplicate",
            Self::Quarantined => "quarantined",
            Self::BadHeader => "rejected_header",
            Self::BadSignature => "rejected_signature",
            Self::BadAge => "rejected_age",
            Self::Broken => "rejected_broken",
            Self::TooSlow => "rejected_slow",
            Self::TooLarge => "rejected_large",
            Self::NotStored => "not_stored",
        }
    }
}

#[derive(Default)]
pub struct Metrics {
    endings: [AtomicU64; Ending::ALL.len()],
    /// How many discounted sales nobody earns on.
    pub(crate) leakage: Kept,
}

/// Figures that cost too much to be made at each scrape: they are made anew after a minute.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Option<(UnixMs, String)>>);

const KEPT_MS: i64 = 60 * SECOND_MS;

impl Kept {
    /// What is kept, or what `make` makes. Of several who ask at once one makes it, and the others wait for that.
    pub(crate) fn at<E>(&self, now: UnixMs, make: impl FnOnce() -> Result<String, E>) -> Result<String, E> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, text)) = kept.as_ref()
            && (0..KEPT_MS).contains(&now.saturating_sub(*at))
        {
            return Ok(text.clone());
        }
        let text = make()?;
        *kept = Some((now, text.clone()));
        Ok(text)
    }
}

impl Metrics {
    pub fn count(&self, ending: Ending) {
        self.endings[ending as usize].fetch_add(1, Ordering::Relaxed);
    }

    #[must_use]
    pub fn of(&self, ending: Ending) -> u64 {
        self.endings[ending as usize].load(Ordering::Relaxed)
    }

    /// The counters in Prometheus' text format.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::from(
            "# HELP countinghouse_deliveries_total Webhook deliveries by how they ended.\n\
             # TYPE countinghouse_deliveries_total counter\n",
        );
        for ending in Ending::ALL {
            let (label, count) = (ending.label(), self.of(ending));
            text.push_str(&format!("countinghouse_deliveries_total{{ending=\"{label}\"}} {count}\n"));
        }
        text
    }
}

/// What has become of what was told to the outside, of one kind.
#[derive(Debug)]
pub struct SinkCounts {
    pub name: &'static str,
    pub sent: AtomicU64,
    /// There was no room, or too much of it.
    pub dropped: AtomicU64,
    /// It was given up after some tries, or refused.
    pub failed: AtomicU64,
}

impl SinkCounts {
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name, sent: AtomicU64::new(0), dropped: AtomicU64::new(0), failed: AtomicU64::new(0) }
    }

    pub(crate) fn add_to(&self, family: &mut Family) {
        for (ending, count) in [("sent", &self.sent), ("dropped", &self.dropped), ("failed", &self.failed)] {
            let count = i64::try_from(count.load(Ordering::Relaxed)).unwrap_or(i64::MAX);
            family.add(&[("sink", self.name), ("ending", ending)], count);
        }
    }
}

/// One gauge with its help line.
pub(crate) fn gauge(text: &mut String, name: &str, help: &str, value: i64) {
    text.push_str(&format!(
        "# HELP countinghouse_{name} {help}\n# TYPE countinghouse_{name} gauge\ncountinghouse_{name} {value}\n"
    ));
}

/// Some series of one name, with their help line; nothing at all when there is no series.
pub(crate) struct Family {
    name: &'static str,
    help: &'static str,
    kind: &'static str,
    lines: Vec<String>,
}

impl Family {
    pub(crate) const fn gauge(name: &'static str, help: &'static str) -> Self {
        Self { name, help, kind: "gauge", lines: Vec::new() }
    }

    pub(crate) const fn counter(name: &'static str, help: &'static str) -> Self {
        Self { name, help, kind: "counter", lines: Vec::new() }
    }

    /// A series without labels.
    pub(crate) fn one(mut self, value: i64) -> Self {
        self.lines.push(format!("countinghouse_{} {value}\n", self.name));
        self
    }

    pub(crate) fn add(&mut self, labels: &[(&str, &str)], value: i64) {
        let labels: Vec<String> =
            labels.iter().map(|(name, text)| format!("{name}=\"{}\"", escaped(text))).collect();
        self.lines.push(format!("countinghouse_{}{{{}}} {value}\n", self.name, labels.join(",")));
    }

    pub(crate) fn text(&self) -> String {
        if self.lines.is_empty() {
            return String::new();
        }
        let Self { name, help, kind, .. } = self;
        format!(
            "# HELP countinghouse_{name} {help}\n# TYPE countinghouse_{name} {kind}\n{}",
            self.lines.concat()
        )
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_costs_much_is_made_once_a_minute() {
        let kept = Kept::default();
        let asked =
            |now, made: Result<&str, &str>| kept.at(now, || made.map(str::to_owned).map_err(str::to_owned));
        assert_eq!(asked(0, Err("no store")), Err("no store".to_owned()), "a failure is not kept");
        assert_eq!(asked(1, Ok("a")), Ok("a".to_owned()));
        assert_eq!(asked(KEPT_MS, Ok("b")), Ok("a".to_owned()));
        assert_eq!(asked(KEPT_MS + 1, Ok("b")), Ok("b".to_owned()));
        assert_eq!(asked(5, Ok("c")), Ok("c".to_owned()), "the clock was set back");
    }

    #[test]
    fn a_label_can_hold_any_text() {
        let mut family = Family::gauge("parked", "Parked.");
        assert_eq!(family.text(), "");
        family.add(&[("reason", "a\"b\\c\nd"), ("x", "")], 3);
        assert!(
            family.text().ends_with("countinghouse_parked{reason=\"a\\\"b\\\\c\\nd\",x=\"\"} 3\n"),
            "{}",
            family.text()
        );
    }

    #[test]
    fn each_ending_has_a_counter_of_its_own() {
        let metrics = Metrics::default();
        for (index, ending) in Ending::ALL.into_iter().enumerate() {
            assert_eq!(ending as usize, index);
            metrics.count(ending);
        }
        metrics.count(Ending::BadSignature);
        assert!(metrics.text().contains("countinghouse_deliveries_total{ending=\"rejected_signature\"} 2\n"));
        assert!(metrics.text().contains("countinghouse_deliveries_total{ending=\"accepted\"} 1\n"));
    }
}
