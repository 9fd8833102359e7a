//! Ids that look like Stripe's and follow from the seed. It must not know what they name.

use crate::rng::Rng;

pub(crate) struct Ids {
    rng: Rng,
    serial: u64,
}

const ALPHABET: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const RANDOM_CHARS: usize = 14;

impl Ids {
    pub(super) const fn new(seed: u64) -> Self {
        Self { rng: Rng::new(seed ^ 0x1d5), serial: 0 }
    }

    /// `prefix_1<serial><random>`: unique by the serial, in the alphabet Stripe uses.
    pub(crate) fn next(&mut self, prefix: &str) -> String {
        self.serial += 1;
        let mut id = format!("{prefix}_1");
        let mut left = self.serial;
        for _ in 0..6 {
            id.push(letter(left % 62));
            left /= 62;
        }
        self.letters(&mut id, RANDOM_CHARS);
        id
    }

    /// `acct_1...`
    pub(crate) fn account(&mut self) -> String {
        format!("acct_1{}", self.token(15))
    }

    /// Text of so many letters and digits, for secrets and tokens.
    pub(crate) fn token(&mut self, chars: usize) -> String {
        let mut token = String::with_capacity(chars);
        self.letters(&mut token, chars);
        token
    }

    fn letters(&mut self, out: &mut String, chars: usize) {
        for _ in 0..chars {
            out.push(letter(self.rng.below(62)));
        }
    }
}

fn letter(index: u64) -> char {
    usize::try_from(index).ok().and_then(|index| ALPHABET.get(index)).map_or('0', |byte| char::from(*byte))
}
