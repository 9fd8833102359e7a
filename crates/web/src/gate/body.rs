//! Reads a delivery's body under three bounds: bytes of one body, time, and bytes of all bodies together.
//! It keeps the bytes exactly as they came.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, header};

/// Why there is no body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum BodyError {
    TooLarge,
    TooSlow,
    /// The sender broke off.
    Broken,
    /// All bodies being read together are too many.
    Crowded,
}

/// Bytes of bodies held in memory while being read; shared by all requests.
#[derive(Clone)]
pub struct Budget {
    used: Arc<AtomicUsize>,
    bytes_max: usize,
}

impl Budget {
    #[must_use]
    pub fn new(bytes_max: usize) -> Self {
        Self { used: Arc::default(), bytes_max }
    }
}

/// What one request has taken from the budget; given back when dropped.
struct Taken<'a> {
    budget: &'a Budget,
    bytes: usize,
}

impl Taken<'_> {
    fn take(&mut self, bytes: usize) -> Result<(), BodyError> {
        self.bytes += bytes;
        let before = self.budget.used.fetch_add(bytes, Ordering::Relaxed);
        if before + bytes > self.budget.bytes_max { Err(BodyError::Crowded) } else { Ok(()) }
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Refuses by Content-Length alone, before a byte is read.
pub(super) fn announced(headers: &HeaderMap, bytes_max: usize) -> Result<(), BodyError> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    match length.map(str::parse::<u64>) {
        Some(Ok(length)) if length > bytes_max as u64 => Err(BodyError::TooLarge),
        _ => Ok(()),
    }
}

pub(super) async fn read(
    body: Body,
    bytes_max: usize,
    timeout: Duration,
    budget: &Budget,
) -> Result<Bytes, BodyError> {
    match tokio::time::timeout(timeout, collect(body, bytes_max, budget)).await {
        Ok(read) => read,
        Err(_) => Err(BodyError::TooSlow),
    }
}

/// One frame is the usual case and is handed on without a copy.
async fn collect(mut body: Body, bytes_max: usize, budget: &Budget) -> Result<Bytes, BodyError> {
    let mut taken = Taken { budget, bytes: 0 };
    let mut first = Bytes::new();
    let mut rest = Vec::new();
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
        if first.len() + rest.len() + data.len() > bytes_max {
            return Err(BodyError::TooLarge);
        }
        taken.take(data.len())?;
        if first.is_empty() && rest.is_empty() {
            first = data;
        } else {
            if rest.is_empty() {
                rest.reserve(2 * (first.len() + data.len()));
                rest.extend_from_slice(&std::mem::take(&mut first));
            }
            rest.extend_from_slice(&data);
        }
    }
    Ok(if rest.is_empty() { first } else { rest.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_is_bounded_in_bytes_and_gives_its_budget_back() {
        let second = Duration::from_secs(1);
        let budget = Budget::new(100);
        let read = |bytes: usize| read(Body::from(vec![7u8; bytes]), 80, second, &budget);
        assert_eq!(read(80).await.map(|bytes| bytes.len()), Ok(80));
        assert_eq!(read(81).await, Err(BodyError::TooLarge));
        budget.used.store(50, Ordering::Relaxed);
        assert_eq!(read(60).await, Err(BodyError::Crowded));
        assert_eq!(budget.used.load(Ordering::Relaxed), 50);
    }

    #[test]
    fn a_length_is_believed_before_anything_is_read() {
        let with = |length: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_LENGTH, axum::http::HeaderValue::from_static(length));
            announced(&headers, 10)
        };
        assert_eq!(with("10"), Ok(()));
        assert_eq!(with("11"), Err(BodyError::TooLarge));
        assert_eq!(
            with("99999999999999999999999999"),
            Ok(()),
            "hyper refuses it; here it cannot pass either"
        );
    }
}
