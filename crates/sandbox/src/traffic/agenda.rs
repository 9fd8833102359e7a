//! Who comes when: the newcomers of the whole time, drawn before it begins. It must not know what comes of a
//! visit.

use super::play::{Play, Todo};
use super::visit::Visit;

/// Puts every newcomer's first visit on the list.
pub(super) fn draw(play: &mut Play, customers: u32, start_s: i64) {
    let weights: Vec<u64> = play.shop.markets.iter().map(|market| market.weight).collect();
    for who in 0..customers {
        let at_s = play.rng.between(start_s + 1, play.end_s - 1);
        let market = play.rng.weighted(&weights);
        let taxed = play.shop.markets.get(market).map_or(0, |market| market.taxed);
        let taxed = play.rng.chance(taxed);
        let (wants, by) = (play.wants(), play.by());
        play.at(at_s, Todo::Visit(Visit { who, customer: None, market, taxed, wants, by }));
    }
}
