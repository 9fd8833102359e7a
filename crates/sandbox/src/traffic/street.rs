//! The street between Stripe and the gate: late deliveries, duplicates, stragglers, and endpoints pinned
//! to different API versions. It must not look into events, except for what a version cannot carry.

use crate::model::{ModelEvent, Object};
use crate::render::Version;
use crate::rng::Rng;

/// One delivery to come: an index into the history, a version, a time of arrival.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Planned {
    pub event: usize,
    pub version: Version,
    pub arrives_s: i64,
}

const VERSIONS: [(Version, u64); 5] = [
    (Version::Dahlia20260729, 68),
    (Version::Endive20261028, 12),
    (Version::Clover20250930, 8),
    (Version::Basil20250331, 6),
    (Version::Acacia20241028, 6),
];

pub(super) fn arrivals(history: &[ModelEvent], rng: &mut Rng) -> Vec<Planned> {
    let mut arrivals = Vec::with_capacity(history.len() + history.len() / 32);
    for (index, event) in history.iter().enumerate() {
        let version = version(event, rng);
        let arrives_s = event.created_s + delay(rng);
        arrivals.push(Planned { event: index, version, arrives_s });
        if rng.chance(20) {
            let arrives_s = arrives_s + rng.between(1, 7200);
            arrivals.push(Planned { event: index, version, arrives_s });
        }
    }
    arrivals.sort_by_key(|planned| planned.arrives_s);
    arrivals
}

/// Mostly seconds; one in a hundred some hours; one in two hundred days.
fn delay(rng: &mut Rng) -> i64 {
    match rng.weighted(&[985, 10, 5]) {
        0 => rng.between(0, 20),
        1 => rng.between(600, 6 * 3600),
        _ => rng.between(86_400, 3 * 86_400),
    }
}

fn version(event: &ModelEvent, rng: &mut Rng) -> Version {
    let weights = VERSIONS.map(|(_, weight)| weight);
    let drawn = VERSIONS.get(rng.weighted(&weights)).map_or(Version::Dahlia20260729, |row| row.0);
    match &event.object {
        Object::InvoicePayment(payment) if payment.intent.is_none() => drawn.max(Version::Dahlia20260729),
        Object::InvoicePayment(_) => drawn.max(Version::Basil20250331),
        _ => drawn,
    }
}
