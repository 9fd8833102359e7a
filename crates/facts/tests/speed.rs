//! How long the envelope and the whole reading of an event take. Not a check: run it by hand, optimised,
//! with `cargo test --release -p facts --test speed -- --ignored --nocapture`.

mod common;

use std::hint::black_box;
use std::time::Duration;

const ROUNDS: u32 = 20_000;

#[expect(clippy::disallowed_methods, reason = "this is measuring code")]
fn timed(mut work: impl FnMut()) -> Duration {
    let start = std::time::Instant::now();
    for _ in 0..ROUNDS {
        work();
    }
    start.elapsed() / ROUNDS
}

#[test]
#[ignore = "a measurement"]
fn how_long_an_invoice_takes() {
    let padding: String =
        (0..90).map(|field| format!("  \"field_{field}\": \"some value of some length here\",\n")).collect();
    for (path, text) in common::fixtures().into_iter().filter(|(path, _)| path.starts_with("invoice/")) {
        let object = text.replacen('{', &format!("{{\n{padding}"), 1);
        let body = common::event("invoice.paid", "2026-07-29.dahlia", &object).into_bytes();
        let envelope = timed(|| drop(black_box(facts::Envelope::parse(&body))));
        let whole = timed(|| drop(black_box(facts::normalise_event(&body))));
        println!("{path}: {} bytes, envelope {envelope:?}, everything {whole:?}", body.len());
    }
}
