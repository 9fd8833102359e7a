//! `/metrics`: what the gate counted, and how the books stand. Names and labels are a contract, listed in
//! docs/operating.md; a test compares.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use engine::{EngineError, House};
use kernel::UnixMs;

use crate::error::Trouble;
use crate::metrics::{Family, gauge};
use crate::state::App;

pub(super) async fn text(State(app): State<App>) -> Result<Response, Trouble> {
    let now = app.now();
    let mut text = app.metrics.text();
    let mut told =
        Family::counter("telemetry_total", "Spans' traces and errors told to the outside, by how it ended.");
    app.sinks.iter().for_each(|counts| counts.add_to(&mut told));
    text.push_str(&told.text());
    text.push_str(&app.ask(move |house| stored(house, now)).await?);
    let kept = app.clone();
    text.push_str(&app.ask(move |house| kept.metrics.leakage.at(now, || leakage(house))).await?);
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

fn stored(house: &House, now: UnixMs) -> Result<String, EngineError> {
    let status = engine::status::status(house, now)?;
    let mut text = String::new();
    for (name, help, value) in [
        ("events_pending", "Events whose facts are not in the books yet.", status.pending),
        ("events_parked", "Events that wait for a person.", status.parked),
        ("events_quarantined", "Signed bodies that fit no book.", status.quarantined),
        (
            "events_discarded",
            "Parked events that an operator gave up.",
            house.db().read(store::discarded::count)?,
        ),
        (
            "events_waiting",
            "Events without an object, whose object has not been fetched yet.",
            status.waiting,
        ),
        ("marks_open", "Dirty marks still to be worked off.", status.marks),
        ("marks_parked", "Dirty marks that wait for a person.", status.marks_parked),
        ("lag_ms", "Age of the oldest event that is not in the books.", status.lag_ms),
        ("level", "1 when every figure says what the facts say.", i64::from(status.level)),
        (
            "discounts_unresolved",
            "Sales whose discount nothing has explained yet.",
            status.discount_unresolved,
        ),
        ("payments_unlinked", "Payments that belong to no known sale.", status.unlinked_payments),
        ("inbox_seq", "Number of the newest event in the inbox.", status.inbox_seq),
    ] {
        gauge(&mut text, name, help, value);
    }
    text.push_str(
        &Family::counter("events_projected_total", "Events whose facts are in the books.")
            .one(status.projected_seq)
            .text(),
    );
    for family in [parked(house)?, intents(house)?, alerts(house)?, messages(house)?, newest(house)?] {
        text.push_str(&family.text());
    }
    for family in deliveries(house)? {
        text.push_str(&family.text());
    }
    Ok(text)
}

/// By the first word of the reason: the rest may say anything, and would be a series each.
fn parked(house: &House) -> Result<Family, EngineError> {
    let mut family = Family::gauge("parked", "Parked events by the first word of the reason.");
    for group in engine::parked::groups(house)? {
        family.add(&[("reason", &group.code)], group.events);
    }
    Ok(family)
}

fn intents(house: &House) -> Result<Family, EngineError> {
    let mut family = Family::gauge("intents", "What is to be done at Stripe, by where it stands.");
    for (state, count) in house.db().read(store::intent::counts)? {
        family.add(&[("state", state.as_str())], count);
    }
    Ok(family)
}

fn alerts(house: &House) -> Result<Family, EngineError> {
    let mut family = Family::gauge("alert_open", "1 for each alert that is open.");
    for alert in engine::alert::list(house, true, 1000)? {
        family.add(&[("rule", &alert.rule), ("book", alert.scope.as_deref().unwrap_or(""))], 1);
    }
    Ok(family)
}

fn messages(house: &House) -> Result<Family, EngineError> {
    let mut family =
        Family::gauge("alert_messages", "Messages about alerts, by sink and by what became of them.");
    for (sink, state, count) in house.db().read(store::alert::message_counts)? {
        family.add(&[("sink", &sink), ("state", &state)], count);
    }
    Ok(family)
}

fn newest(house: &House) -> Result<Family, EngineError> {
    let help = "Stripe's time of the newest fact of a book, unix seconds.";
    let mut family = Family::gauge("book_newest_event_timestamp_seconds", help);
    house.db().read(|read| -> Result<(), EngineError> {
        for (id, book) in store::book::all(read)? {
            family.add(&[("book", &book.label())], store::book::clock(read, id)?);
        }
        Ok(())
    })?;
    Ok(family)
}

/// Every sale is looked at for it, so it is not done at each scrape (`metrics::Kept`).
fn leakage(house: &House) -> Result<String, EngineError> {
    let mut all = Family::gauge("sales_discounted", "Sales that carry a discount.");
    let mut leaked = Family::gauge("sales_discounted_without_partner", "Those of them that nobody earns on.");
    for row in engine::leakage::leakage(house, None)? {
        let labels = [("book", row.book.as_str()), ("currency", row.currency.as_str())];
        all.add(&labels, row.discounted);
        leaked.add(&labels, row.without_partner);
    }
    Ok(all.text() + &leaked.text())
}

/// Of the last round of catch-up.
fn deliveries(house: &House) -> Result<Vec<Family>, EngineError> {
    let help = "Of the events that Stripe lists, how many had been delivered, in basis points.";
    let mut rate = Family::gauge("delivery_rate_bps", help);
    let mut missing =
        Family::gauge("delivery_missing", "Events that had not been delivered and were listed instead.");
    for (book, round) in engine::audit::catch_up::latest(house)? {
        let book = book.label();
        if let Some(bps) = round.rate.delivery_rate_bps {
            rate.add(&[("book", &book)], bps);
        }
        missing.add(&[("book", &book)], round.rate.missing);
    }
    Ok(vec![rate, missing])
}
