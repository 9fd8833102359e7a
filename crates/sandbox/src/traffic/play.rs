//! The loop over the world's clock: what is on the list is done when its time has come, and what happened is
//! heard, so that people may react to it. It must not know what any of it is worth.

use std::collections::BTreeMap;

use super::back::Back;
use super::later::Later;
use super::office::Office;
use super::shop::{self, LATE, Shop};
use super::visit::Visit;
use super::{agenda, back, counter, later, partners, react};
use crate::rng::Rng;

/// What somebody will do.
#[derive(Clone, Debug)]
pub(super) enum Todo {
    Visit(Visit),
    /// At an open checkout page.
    Page(counter::AtPage),
    Later(Later),
    Back(Back),
    /// The second code of a shared coupon is made.
    LateCode,
}

pub(super) struct Play {
    pub(super) office: Office,
    pub(super) rng: Rng,
    pub(super) shop: Shop,
    pub(super) end_s: i64,
    list: BTreeMap<(i64, u64), Todo>,
    serial: u64,
}

/// Time goes on in steps of this at most, so that people hear of what happens before the next thing does.
const STEP_S: i64 = 4 * 3600;

impl Play {
    pub(super) fn new(livemode: bool, seed: u64, months: u32, customers: u32, start_s: i64) -> Self {
        let mut office = Office::new(seed, livemode, start_s);
        let shop = shop::open(&mut office);
        let end_s = start_s + i64::from(months) * shop::MONTH_S;
        let rng = Rng::new(seed ^ u64::from(livemode) << 32);
        let mut play = Self { office, rng, shop, end_s, list: BTreeMap::new(), serial: 0 };
        play.at(partners::half_s(start_s, months) + 3 * shop::DAY_S, Todo::LateCode);
        agenda::draw(&mut play, customers, start_s);
        play
    }

    /// Puts it on the list; what would be after the end never happens.
    pub(super) fn at(&mut self, at_s: i64, todo: Todo) {
        if at_s < self.end_s {
            self.serial += 1;
            self.list.insert((at_s, self.serial), todo);
        }
    }

    /// The same so many seconds from now, at least and at most.
    pub(super) fn within(&mut self, (least_s, most_s): (i64, i64), todo: Todo) {
        let at_s = self.office.now_s() + self.rng.between(least_s, most_s);
        self.at(at_s, todo);
    }

    /// An index below `count`.
    pub(super) fn pick(&mut self, count: usize) -> usize {
        let below = u64::try_from(count).unwrap_or(0);
        usize::try_from(self.rng.below(below)).unwrap_or(0)
    }

    /// Everything until then, and at most until the end.
    pub(super) fn until(&mut self, stop_s: i64) {
        let stop_s = stop_s.min(self.end_s);
        self.hear();
        while self.office.now_s() < stop_s {
            let now_s = self.office.now_s();
            let next_s = self.list.first_key_value().map_or(stop_s, |((at_s, _), _)| *at_s);
            let to_s = next_s.max(now_s).min(now_s + STEP_S).min(stop_s);
            self.office.world.tick(to_s);
            self.hear();
            if next_s <= to_s
                && let Some((_, todo)) = self.list.pop_first()
            {
                self.act(todo);
                self.hear();
            }
        }
    }

    fn act(&mut self, todo: Todo) {
        match todo {
            Todo::Visit(visit) => counter::visit(self, visit),
            Todo::Page(page) => counter::pay(self, page),
            Todo::Later(later) => later::act(self, later),
            Todo::Back(back) => back::act(self, back),
            Todo::LateCode => {
                let id = shop::make(&mut self.office, LATE);
                let late = self.shop.codes.iter_mut().find(|code| code.text == LATE);
                if let Some(code) = late {
                    code.id = id;
                }
            }
        }
    }

    fn hear(&mut self) {
        for event in self.office.hear() {
            react::heard(self, &event);
        }
    }
}
