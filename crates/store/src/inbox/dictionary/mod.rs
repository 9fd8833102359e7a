//! What Stripe's bodies have in common, so that a stored body need not say it again. `N.bin` is the text of one
//! dictionary: pieces of events as our own sandbox renders them, in one line and indented as Stripe sends them.
//! Rows point into it for ever, so its bytes never change; another one gets another number, and a codec of its own.
//! `cargo run --release -p bench -- dictionary FILE` makes one.

use std::sync::LazyLock;

const LONG_BITS: u32 = 14;
const SHORT_BITS: u32 = 14;

/// 32 KiB: half of what an LZ4 block can look back on, and it stays in a processor's cache.
pub(super) static STRIPE_1: LazyLock<Dictionary> = LazyLock::new(|| Dictionary::new(include_bytes!("1.bin")));

/// A dictionary and where in it to find what begins with some bytes.
pub(super) struct Dictionary {
    bytes: &'static [u8],
    /// Places by the hash of the next eight bytes, and of the next five; 0 is none.
    long: Vec<u16>,
    short: Vec<u16>,
}

impl Dictionary {
    fn new(bytes: &'static [u8]) -> Self {
        let mut dictionary = Self { bytes, long: vec![0; 1 << LONG_BITS], short: vec![0; 1 << SHORT_BITS] };
        // Of places that hash alike the last stays: the nearer a place, the longer it can be looked back on.
        for place in 1..bytes.len().saturating_sub(8) {
            let next = load(bytes, place);
            let place = u16::try_from(place).unwrap_or(0);
            dictionary.long[hash_of_eight(next)] = place;
            dictionary.short[Self::hash_of_five(next, SHORT_BITS)] = place;
        }
        dictionary
    }

    #[inline]
    pub(super) const fn bytes(&self) -> &'static [u8] {
        self.bytes
    }

    /// Where these eight bytes may be; 0 is nowhere.
    #[inline]
    pub(super) fn long(&self, next: u64) -> usize {
        usize::from(self.long[hash_of_eight(next)])
    }

    /// Where the first five of these bytes may be; 0 is nowhere.
    #[inline]
    pub(super) fn short(&self, next: u64) -> usize {
        usize::from(self.short[Self::hash_of_five(next, SHORT_BITS)])
    }

    #[inline]
    pub(super) const fn hash_of_five(next: u64, bits: u32) -> usize {
        ((next << 24).wrapping_mul(0x9E37_79B1_85EB_CA87) >> (64 - bits)) as usize
    }
}

#[inline]
const fn hash_of_eight(next: u64) -> usize {
    (next.wrapping_mul(0x9E37_79B1_85EB_CA87) >> (64 - LONG_BITS)) as usize
}

/// Eight bytes as a number, the first the lowest.
#[inline]
pub(super) fn load(bytes: &[u8], at: usize) -> u64 {
    bytes[at..].first_chunk().map_or(0, |eight| u64::from_le_bytes(*eight))
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn a_dictionary_that_rows_point_into_never_changes() {
        let hash: String =
            Sha256::digest(STRIPE_1.bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, "019b6d11976f4f8dc9ddbbc167d01751b7a7a979edaa8d314071b654da118b15");
        assert!(STRIPE_1.bytes().len() <= 32 << 10);
    }
}
