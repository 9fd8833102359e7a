//! Writes LZ4 blocks whose window begins with a dictionary. Its own, because the places of the dictionary are
//! looked up once for all bodies here, which elsewhere is done anew for each body and takes longer than the body.
//! The format is LZ4's, so any of its readers can read it who has the dictionary. What runs for each byte is marked
//! to be inlined: the parts a crate is compiled in would be calls otherwise, at a third of the time.

use crate::inbox::dictionary::{Dictionary, load};

/// No match begins in the last bytes of a block, and none reaches into the very last: the format says so.
const START_BEFORE_END: usize = 12;
const END_BEFORE_END: usize = 5;
const MATCH_BYTES_MIN: usize = 4;
const OFFSET_MAX: usize = 65_535;

/// A match of fewer bytes hardly pays for its own three.
const OWN_BYTES_MIN: usize = 5;
const DICTIONARY_BYTES_MIN: usize = 6;
/// This many and nobody looks for a longer one.
const ENOUGH_BYTES: usize = 8;

/// After so many places without a match (as a power of two) every second place is passed over, then two of three ...
const PATIENCE_BITS: usize = 6;

const RECENT_BITS: u32 = 12;

/// The dictionary and the body behind it, as one text: places are counted from the dictionary's beginning.
struct Window<'a> {
    dictionary: &'a Dictionary,
    body: &'a [u8],
    /// The newest place in the body of what hashes alike; 0 is none.
    recent: [u32; 1 << RECENT_BITS],
}

/// The body from `start` is what lies at `place`, for `bytes`.
struct Match {
    start: usize,
    place: usize,
    bytes: usize,
}

/// Appends the block of `body`. `None` when the body is too long for places of 32 bits.
pub(super) fn compress(dictionary: &Dictionary, body: &[u8], out: &mut Vec<u8>) -> Option<()> {
    u32::try_from(body.len() + dictionary.bytes().len()).ok()?;
    let mut window = Window { dictionary, body, recent: [0; 1 << RECENT_BITS] };
    let (mut at, mut written, mut misses) = (0, 0, 0_usize);
    while at + START_BEFORE_END < body.len() {
        let Some(found) = window.find(at) else {
            misses += 1;
            at += 1 + (misses >> PATIENCE_BITS);
            continue;
        };
        let found = window.grown_back(found, written);
        literals(out, &body[written..found.start], (found.bytes - MATCH_BYTES_MIN).min(15));
        let offset = window.place(found.start) - found.place;
        out.extend_from_slice(&u16::try_from(offset).ok()?.to_le_bytes());
        rest_of_length(out, found.bytes - MATCH_BYTES_MIN);
        at = found.start + found.bytes;
        (written, misses) = (at, 0);
        window.remember(at - 2);
    }
    literals(out, &body[written..], 0);
    Some(())
}

impl Window<'_> {
    fn place(&self, at: usize) -> usize {
        self.dictionary.bytes().len() + at
    }

    fn remember(&mut self, at: usize) {
        if at + 8 <= self.body.len() {
            let place = self.place(at);
            self.recent[slot(load(self.body, at))] = u32::try_from(place).unwrap_or(0);
        }
    }

    /// The longest of: what came last in the body, and what the dictionary has, where it is near enough.
    #[inline]
    fn find(&mut self, at: usize) -> Option<Match> {
        let next = load(self.body, at);
        let recent = self.recent[slot(next)] as usize;
        self.remember(at);
        let own = self.at(recent, at).filter(|found| found.bytes >= OWN_BYTES_MIN);
        if own.as_ref().is_some_and(|found| found.bytes >= 4 * ENOUGH_BYTES) {
            return own;
        }
        let long = self.at(self.dictionary.long(next), at).filter(|found| found.bytes >= ENOUGH_BYTES);
        let listed = match (&long, &own) {
            (None, Some(own)) if own.bytes >= ENOUGH_BYTES => None,
            (None, _) => {
                let short = self.at(self.dictionary.short(next), at);
                short.filter(|found| found.bytes >= DICTIONARY_BYTES_MIN)
            }
            (Some(_), _) => long,
        };
        match (own, listed) {
            (Some(own), Some(listed)) if listed.bytes > own.bytes => Some(listed),
            (Some(own), _) => Some(own),
            (None, listed) => listed,
        }
    }

    /// How far the body from `start` is the same as what lies at `place`; 0 is no place.
    #[inline]
    fn at(&self, place: usize, start: usize) -> Option<Match> {
        if place == 0 || self.place(start) - place > OFFSET_MAX {
            return None;
        }
        let ahead = &self.body[start..self.body.len() - END_BEFORE_END];
        let before = match place.checked_sub(self.dictionary.bytes().len()) {
            Some(own) => &self.body[own..],
            None => &self.dictionary.bytes()[place..],
        };
        Some(Match { start, place, bytes: common(before, ahead) })
    }

    /// The bytes before a match that are the same too, as far as they are not written yet.
    fn grown_back(&self, mut found: Match, written: usize) -> Match {
        while found.start > written
            && found.place > 0
            && self.byte(found.place - 1) == self.body[found.start - 1]
        {
            found = Match { start: found.start - 1, place: found.place - 1, bytes: found.bytes + 1 };
        }
        found
    }

    fn byte(&self, place: usize) -> u8 {
        match place.checked_sub(self.dictionary.bytes().len()) {
            Some(own) => self.body[own],
            None => self.dictionary.bytes()[place],
        }
    }
}

/// By the next five bytes.
#[inline]
fn slot(next: u64) -> usize {
    Dictionary::hash_of_five(next, RECENT_BITS)
}

#[inline]
fn common(before: &[u8], ahead: &[u8]) -> usize {
    let most = before.len().min(ahead.len());
    let (before, ahead) = (&before[..most], &ahead[..most]);
    let mut bytes = 0;
    while bytes + 8 <= most {
        let differing = load(before, bytes) ^ load(ahead, bytes);
        if differing != 0 {
            return bytes + (differing.trailing_zeros() / 8) as usize;
        }
        bytes += 8;
    }
    bytes + before[bytes..].iter().zip(&ahead[bytes..]).take_while(|(a, b)| a == b).count()
}

/// A sequence's first byte, and its literal bytes. `match_nibble` is the match's length as far as it fits there.
#[inline]
fn literals(out: &mut Vec<u8>, bytes: &[u8], match_nibble: usize) {
    out.push(u8::try_from(bytes.len().min(15) << 4 | match_nibble).unwrap_or(u8::MAX));
    rest_of_length(out, bytes.len());
    out.extend_from_slice(bytes);
}

/// What of a length did not fit into its four bits: bytes that add up to it, the last below 255.
fn rest_of_length(out: &mut Vec<u8>, length: usize) {
    let Some(mut rest) = length.checked_sub(15) else { return };
    while rest >= 255 {
        out.push(255);
        rest -= 255;
    }
    out.push(u8::try_from(rest).unwrap_or(u8::MAX));
}
