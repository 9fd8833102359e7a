//! What goes wrong on purpose, and how often. A draw follows from the seed, the kind of mishap and a serial
//! number alone, so equal seeds give equal mishaps and switching one kind on does not move the others. It
//! must not know what is delivered or called.

use std::collections::BTreeMap;

use crate::rng::Rng;

/// One kind of mishap.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Mishap {
    /// A delivery is made twice.
    Duplicate,
    /// A delivery is held back a little, so that later ones overtake it.
    Reorder,
    /// A delivery is held back for long.
    Delay,
    /// A delivery is never made, nor tried again.
    Lose,
    /// The receiver seems not to be there: nothing is sent, and it is tried again later.
    Refuse,
    /// The receiver's answer is not heard, as when it is too slow: it is sent again later.
    Unanswered,
    /// A call is refused for calling too often.
    Api429,
    /// A call ends with 500 before its effect.
    Api500,
    /// A call ends with 500 after its effect.
    Api500After,
    /// A call's connection is cut before its effect.
    ApiReset,
    /// A call has its effect, and no answer.
    ApiTimeout,
}

/// The names of the flag.
const NAMES: [(&str, Mishap); 11] = [
    ("duplicate", Mishap::Duplicate),
    ("reorder", Mishap::Reorder),
    ("delay", Mishap::Delay),
    ("lose", Mishap::Lose),
    ("refuse", Mishap::Refuse),
    ("unanswered", Mishap::Unanswered),
    ("api-429", Mishap::Api429),
    ("api-500", Mishap::Api500),
    ("api-500-after", Mishap::Api500After),
    ("api-reset", Mishap::ApiReset),
    ("api-timeout", Mishap::ApiTimeout),
];

impl Mishap {
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, mishap)| *mishap == self).map_or("", |(name, _)| name)
    }
}

const MILD: &str = "duplicate=2%,reorder=5%,delay=0.5%,refuse=1%,unanswered=1%";
const WILD: &str = "duplicate=10%,reorder=30%,delay=5%,lose=1%,refuse=10%,unanswered=5%,burst-s=10,\
                    api-429=3%,api-500=2%,api-500-after=2%,api-reset=2%,api-timeout=2%";

/// How much of it there is, and how often each kind happened so far.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chaos {
    seed: u64,
    per_mille: BTreeMap<Mishap, u64>,
    reorder_s: i64,
    delay_s: i64,
    /// Deliveries of so many seconds come together at their end; 0: each when it is due.
    burst_s: i64,
    counts: BTreeMap<Mishap, u64>,
}

impl Chaos {
    #[must_use]
    pub fn none(seed: u64) -> Self {
        let (per_mille, counts) = (BTreeMap::new(), BTreeMap::new());
        Self { seed, per_mille, reorder_s: 5, delay_s: 3600, burst_s: 0, counts }
    }

    /// Reads `mild`, `wild`, or `duplicate=5%,delay=1%,delay-s=600`; later parts win. An error says what is
    /// wrong and what there is.
    pub fn parse(text: &str, seed: u64) -> Result<Self, String> {
        let mut chaos = Self::none(seed);
        chaos.read(text)?;
        Ok(chaos)
    }

    fn read(&mut self, text: &str) -> Result<(), String> {
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            match part {
                "none" => *self = Self::none(self.seed),
                "mild" => self.read(MILD)?,
                "wild" => self.read(WILD)?,
                _ => self.set(part)?,
            }
        }
        Ok(())
    }

    fn set(&mut self, part: &str) -> Result<(), String> {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let number = || value.parse::<i64>().ok().filter(|number| *number >= 0);
        let odds = || NAMES.iter().find(|(known, _)| *known == name).zip(per_mille(value));
        match name {
            "reorder-s" => self.reorder_s = number().ok_or_else(|| unread(part))?,
            "delay-s" => self.delay_s = number().ok_or_else(|| unread(part))?,
            "burst-s" => self.burst_s = number().ok_or_else(|| unread(part))?,
            "seed" => self.seed = value.parse().map_err(|_| unread(part))?,
            _ => {
                let ((_, mishap), odds) = odds().ok_or_else(|| unread(part))?;
                self.per_mille.insert(*mishap, odds);
            }
        }
        Ok(())
    }

    /// Whether it happens to the one with that serial number; counted if so.
    pub(crate) fn strikes(&mut self, mishap: Mishap, serial: u64) -> bool {
        let odds = self.per_mille.get(&mishap).copied().unwrap_or(0);
        let strikes = odds > 0 && self.stream(mishap, serial).chance(odds);
        if strikes {
            *self.counts.entry(mishap).or_default() += 1;
        }
        strikes
    }

    /// When a delivery due now is really due.
    pub(crate) fn due_s(&mut self, now_s: i64, serial: u64) -> i64 {
        let mut due_s = now_s;
        for (mishap, most_s) in [(Mishap::Reorder, self.reorder_s), (Mishap::Delay, self.delay_s)] {
            if self.strikes(mishap, serial) {
                due_s += self.stream(mishap, !serial).between(1, most_s.max(1));
            }
        }
        if self.burst_s > 1 { due_s + (-due_s).rem_euclid(self.burst_s) } else { due_s }
    }

    fn stream(&self, mishap: Mishap, serial: u64) -> Rng {
        let mut rng = Rng::new(self.seed ^ 0xc4a0_5000 ^ (mishap as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        Rng::new(rng.bits() ^ serial)
    }

    /// The kinds that can happen, with their odds in a thousand and how often they did.
    pub fn report(&self) -> impl Iterator<Item = (Mishap, u64, u64)> {
        let count = |mishap: &Mishap| self.counts.get(mishap).copied().unwrap_or(0);
        self.per_mille.iter().map(move |(mishap, odds)| (*mishap, *odds, count(mishap)))
    }
}

fn unread(part: &str) -> String {
    let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
    format!(
        "'{part}' is no chaos: write mild, wild, or a list like duplicate=5%,delay=1%,delay-s=600; kinds: {}; \
         numbers: reorder-s, delay-s, burst-s, seed",
        names.join(", ")
    )
}

/// `5%` is 50, `0.5%` is 5: tenths of a percent.
fn per_mille(text: &str) -> Option<u64> {
    let number = text.strip_suffix('%')?;
    let (whole, tenth) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || tenth.len() != 1 {
        return None;
    }
    let odds = whole.parse::<u64>().ok()?.checked_mul(10)?.checked_add(tenth.parse().ok()?)?;
    (odds <= 1000).then_some(odds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_is_read_and_what_is_wrong_is_named() {
        for (text, expected) in [("5%", Some(50)), ("0.5%", Some(5)), ("100%", Some(1000))] {
            assert_eq!(per_mille(text), expected);
        }
        for bad in ["lose", "lose=5", "lose=101%", "lose=-1%", "lose=.5%", "loose=5%", "delay-s=x", "%"] {
            let why = Chaos::parse(bad, 1).expect_err(bad);
            assert!(why.contains(bad) && why.contains("duplicate"), "{why}");
        }
        let chaos = Chaos::parse("wild,lose=0%,seed=9", 1).expect("a list");
        assert_eq!((chaos.seed, chaos.burst_s), (9, 10));
        assert!(chaos.report().any(|row| row == (Mishap::Lose, 0, 0)));
    }

    #[test]
    fn a_seed_says_what_happens_and_one_kind_does_not_move_another() {
        let struck = |text: &str, seed: u64| {
            let mut chaos = Chaos::parse(text, seed).expect("a list");
            (0..1000).filter(|serial| chaos.strikes(Mishap::Duplicate, *serial)).collect::<Vec<u64>>()
        };
        let once = struck("duplicate=10%", 1);
        assert_eq!(once, struck("duplicate=10%,lose=50%,delay=50%", 1));
        assert_ne!(once, struck("duplicate=10%", 2));
        assert!((60..140).contains(&once.len()), "{}", once.len());
    }

    #[test]
    fn a_burst_comes_at_the_end_of_its_seconds() {
        let mut chaos = Chaos::parse("burst-s=10", 1).expect("a list");
        let dues: Vec<i64> = [100, 101, 109, 110, 111].map(|now_s| chaos.due_s(now_s, 0)).to_vec();
        assert_eq!(dues, [100, 110, 110, 110, 120]);
    }
}
