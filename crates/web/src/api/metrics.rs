//! `/metrics`: what the gate counted, and how the books stand.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::error::Trouble;
use crate::metrics::gauge;
use crate::state::App;

pub(super) async fn text(State(app): State<App>) -> Result<Response, Trouble> {
    let now = app.now();
    let status = app.ask(move |house| engine::status::status(house, now)).await?;
    let mut text = app.metrics.text();
    for (name, help, value) in [
        ("events_pending", "Events whose facts are not in the books yet.", status.pending),
        ("events_parked", "Events that wait for a person.", status.parked),
        ("events_quarantined", "Signed bodies that fit no book.", status.quarantined),
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
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}
