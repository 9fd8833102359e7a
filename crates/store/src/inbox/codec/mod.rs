//! How a body lies in its row: the number in `codec` says which of these ways was taken, and what is read back is
//! byte for byte what was received, or an error. A body that does not become smaller is kept as it came.
//! It must not know what a body means: anything may be in it.

mod lz;

use super::dictionary::{Dictionary, STRIPE_1};
use crate::db::StoreError;

/// As received.
pub(super) const AS_RECEIVED: i64 = 0;
/// Four bytes of length (little endian), then one LZ4 block whose window begins with the dictionary `STRIPE_1`.
const LZ4_STRIPE_1: i64 = 1;
/// Not here: the bytes say where it went (`super::away`).
pub(super) const AWAY: i64 = 2;

const LENGTH_BYTES: usize = 4;

/// One byte of an LZ4 block stands for no more than this many bytes of what it says.
const EXPANSION_MAX: usize = 255;

/// A body as its row holds it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Packed {
    pub(super) codec: i64,
    pub(super) bytes: Vec<u8>,
}

/// The smallest way that gives the body back. Each body is read back here, by another hand than the one that
/// packed it, before anybody promises that it is kept.
pub(super) fn pack(body: &[u8]) -> Packed {
    let small = packed(&STRIPE_1, body);
    let small = small.filter(|bytes| unpack(LZ4_STRIPE_1, bytes).is_ok_and(|back| back == body));
    match small {
        Some(bytes) => Packed { codec: LZ4_STRIPE_1, bytes },
        None => Packed { codec: AS_RECEIVED, bytes: body.to_vec() },
    }
}

/// `None` where packing gains nothing.
fn packed(dictionary: &Dictionary, body: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(body.len()).ok()?;
    let mut bytes = Vec::with_capacity(LENGTH_BYTES + body.len() / 4);
    bytes.extend_from_slice(&length.to_le_bytes());
    lz::compress(dictionary, body, &mut bytes)?;
    (bytes.len() < body.len()).then_some(bytes)
}

/// The bytes that were received. A damaged row is an error, and takes no more memory than 255 times its size
/// while that is found out. What is damaged without breaking the form is found by the body's hash.
pub(super) fn unpack(codec: i64, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    match codec {
        AS_RECEIVED => Ok(bytes.to_vec()),
        LZ4_STRIPE_1 => unpacked(&STRIPE_1, bytes),
        _ => Err(StoreError::Unreadable(format!(
            "a body is stored in a way (codec {codec}) that this program does not know: use the newer program"
        ))),
    }
}

fn unpacked(dictionary: &Dictionary, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    let damaged = || StoreError::Unreadable("a packed body is damaged: restore it from a backup".to_owned());
    let (length, block) = bytes.split_first_chunk::<LENGTH_BYTES>().ok_or_else(damaged)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| damaged())?;
    if length > block.len().saturating_mul(EXPANSION_MAX) {
        return Err(damaged());
    }
    let body = lz4_flex::block::decompress_with_dict(block, length, dictionary.bytes());
    body.ok().filter(|body| body.len() == length).ok_or_else(damaged)
}

#[cfg(test)]
mod tests;
