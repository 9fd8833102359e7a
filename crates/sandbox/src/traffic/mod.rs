//! A plausible year of a business, played in the sandbox's own world: people buy at its checkout page, its clock
//! renews, its banks decline and question. What the world told becomes deliveries in the disorder of real
//! webhooks; what every partner is due is worked out from the objects as they are in the end. All of it follows
//! from the seed.

mod agenda;
mod back;
mod counter;
mod later;
mod office;
mod partners;
mod play;
mod react;
mod shop;
mod street;
#[cfg(test)]
mod tests;
mod visit;

pub use crate::oracle::{Due, Total};
pub use street::Planned;

use crate::cases::Setup;
use crate::model::{ModelEvent, Object};
use crate::oracle::{self, Terms};
use crate::render::{Delivery, deliver};
use crate::rng::Rng;
use crate::world::World;

/// Every object of a book by its kind, the oldest first.
pub type Objects = Vec<(&'static str, Vec<Object>)>;

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
    /// The world's objects when the time was over.
    pub objects: Objects,
    pub oracle: Oracle,
}

/// What is due: rows sorted by sale, totals by partner and currency.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Oracle {
    pub rows: Vec<Due>,
    pub totals: Vec<Total>,
}

impl Oracle {
    /// Worked out from MONEY.md alone, for objects as they are and lines as an operator entered them.
    #[must_use]
    pub fn of(objects: &[(&'static str, Vec<Object>)], setup: &[Setup], livemode: bool) -> Self {
        let shown = oracle::shown(objects, livemode);
        let rows = oracle::due(&shown, &Terms::entered(setup, livemode));
        let totals = oracle::totals(&rows);
        Self { rows, totals }
    }
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
    let (traffic, _) = played(livemode, seed, months, customers, start_s);
    traffic
}

/// A year of the test book whose world can be asked: at its half by `at_half`, and afterwards, for it is given back. Says
/// how many events of the history there were at the half.
pub fn year_kept(
    seed: u64,
    months: u32,
    customers: u32,
    start_s: i64,
    at_half: &mut dyn FnMut(&mut World),
) -> (Traffic, usize, World) {
    let mut play = play::Play::new(false, seed, months, customers, start_s);
    play.until(partners::half_s(start_s, months));
    let half = play.office.heard();
    at_half(&mut play.office.world);
    play.until(play.end_s);
    let (traffic, _, world) = closed(play, false, seed, months, start_s);
    (traffic, half, world)
}

/// With the calls that the world refused.
fn played(livemode: bool, seed: u64, months: u32, customers: u32, start_s: i64) -> (Traffic, Vec<String>) {
    let mut play = play::Play::new(livemode, seed, months, customers, start_s);
    play.until(play.end_s);
    let (traffic, refused, _) = closed(play, livemode, seed, months, start_s);
    (traffic, refused)
}

fn closed(
    play: play::Play,
    livemode: bool,
    seed: u64,
    months: u32,
    start_s: i64,
) -> (Traffic, Vec<String>, World) {
    let setup = partners::setup(&play.shop, livemode, start_s, months);
    let (history, objects, refused, world) = play.office.close();
    let arrivals = street::arrivals(&history, &mut Rng::new(seed ^ 0x57e7));
    let oracle = Oracle::of(&objects, &setup, livemode);
    (Traffic { setup, history, arrivals, objects, oracle }, refused, world)
}
