//! A plausible year of a SaaS business, as deliveries in the disorder of real webhooks, with what every
//! partner is due at its end. All of it follows from the seed.

mod life;
mod oracle;
mod shop;
mod street;

pub use oracle::{Due, Oracle, Total};
pub use street::Planned;

use crate::cases::Setup;
use crate::history::History;
use crate::model::ModelEvent;
use crate::render::{Delivery, deliver};
use crate::rng::Rng;

/// What happened, what the operator did, how it arrives, and what is due in the end. Bodies are made on
/// the way out, so a large year fits in memory.
#[derive(Clone, Debug)]
pub struct Traffic {
    /// Partners, codes, terms: to be in the log before the first delivery.
    pub setup: Vec<Setup>,
    /// Every event once, in the order of the world.
    pub history: Vec<ModelEvent>,
    /// Every delivery, duplicates included, in the order of arrival.
    pub arrivals: Vec<Planned>,
    pub oracle: Oracle,
}

impl Traffic {
    /// The deliveries in the order of arrival.
    pub fn deliveries(&self) -> impl Iterator<Item = Delivery> + '_ {
        self.arrivals.iter().filter_map(|planned| {
            let event = self.history.get(planned.event)?;
            deliver(event, planned.version)
        })
    }
}

/// `months` of traffic of that many customers in the own account's test book.
#[must_use]
pub fn year(seed: u64, months: u32, customers: u32, start_s: i64) -> Traffic {
    year_in(false, seed, months, customers, start_s)
}

/// The same in the live or the test book.
#[must_use]
pub fn year_in(livemode: bool, seed: u64, months: u32, customers: u32, start_s: i64) -> Traffic {
    let mut rng = Rng::new(seed);
    let mut h = History::new(&format!("{}{seed}x", if livemode { "l" } else { "t" }), livemode, None);
    h.at_s(start_s);
    let shop = shop::open(&mut h, livemode, start_s, months);
    let end_s = start_s + i64::from(months) * shop::MONTH_S;
    let mut oracle = oracle::Book::new(&shop);
    for _ in 0..customers {
        let born_s = rng.between(start_s, end_s - 1);
        life::live(&mut h, &mut rng, &shop, &mut oracle, (born_s, end_s));
    }
    let mut history = h.take();
    history.sort_by_key(|event| event.created_s);
    let arrivals = street::arrivals(&history, &mut rng);
    Traffic { setup: shop.setup, history, arrivals, oracle: oracle.close() }
}
