//! Names of traces and spans. The inbox is append-only and its rows are fixed, so nothing is stored: the trace of an event is
//! worked out from its book and id, here and wherever else somebody has both. Pure but for the counter.

use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

/// 16 bytes, not all zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::observe) struct TraceId(pub(super) [u8; 16]);

/// 8 bytes, not all zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::observe) struct SpanId(pub(super) [u8; 8]);

/// A span and the trace it is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::observe) struct Place {
    pub(super) trace: TraceId,
    pub(super) span: SpanId,
}

/// Where an event was received: the same for ever.
pub(super) fn receipt(book: &str, event: &str) -> Place {
    place(&[b"countinghouse receipt\0", book.as_bytes(), b"\0", event.as_bytes()])
}

/// Fresh names: of a seed that no other process has, and a counter.
pub(super) struct Ids {
    seed: [u8; 32],
    next: AtomicU64,
}

impl Ids {
    pub(super) const fn new(seed: [u8; 32]) -> Self {
        Self { seed, next: AtomicU64::new(0) }
    }

    pub(super) fn fresh(&self) -> Place {
        place(&[&self.seed, &self.next.fetch_add(1, Ordering::Relaxed).to_be_bytes()])
    }
}

fn place(parts: &[&[u8]]) -> Place {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    let hash: [u8; 32] = hasher.finalize().into();
    let (mut trace, mut span) = ([0; 16], [0; 8]);
    trace.copy_from_slice(&hash[..16]);
    span.copy_from_slice(&hash[16..24]);
    // All zero means none; so does no hash in practice, and none here at all.
    trace[15] |= 1;
    span[7] |= 1;
    Place { trace: TraceId(trace), span: SpanId(span) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_events_trace_is_the_same_for_ever_and_no_others() {
        let first = receipt("test", "evt_1");
        assert_eq!(first, receipt("test", "evt_1"));
        assert_eq!(first.trace.0, 0x40f6_f4e2_62c5_d967_5de5_b3e0_4b04_51b1_u128.to_be_bytes());
        for (book, event) in [("live", "evt_1"), ("test", "evt_2"), ("testevt", "_1")] {
            assert_ne!(first, receipt(book, event));
        }
        let ids = Ids::new([7; 32]);
        assert_ne!(ids.fresh(), ids.fresh());
    }
}
