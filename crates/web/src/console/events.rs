//! The event list: what Stripe delivered, newest first, with what became of it.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;
use engine::House;
use engine::events::{EventFilter, EventRow, STATES, page as page_of};
use serde::Deserialize;

use super::form::render;
use super::frame::{Frame, Scene};
use super::show::{Moment, Pill, encode, exact_moment_of, moment_of, pill};
use crate::access::Asker;
use crate::error::Trouble;
use crate::extract::Params;
use crate::state::App;

#[derive(Clone, Default, Deserialize)]
pub struct Query {
    book: Option<String>,
    #[serde(default)]
    state: String,
    #[serde(rename = "type", default)]
    event_type: String,
    before: Option<i64>,
}

#[derive(Clone, Debug)]
pub struct Line {
    /// Empty when nothing can be opened: a body without a readable id.
    pub href: String,
    pub id: String,
    pub event_type: String,
    pub book: String,
    pub state: Pill,
    pub reason: String,
    pub received: Moment,
    pub deliveries: i64,
    pub conflict: bool,
}

#[derive(Template)]
#[template(path = "events.html")]
pub struct EventsPage {
    pub frame: Frame,
    pub state: String,
    pub event_type: String,
    pub list: EventsPart,
    /// Where the live part is fetched from; empty on older pages, which do not move.
    pub live: String,
}

#[derive(Template)]
#[template(path = "events_live.html")]
pub struct EventsPart {
    pub lines: Vec<Line>,
    /// Link to older events; empty on the last page.
    pub older: String,
    /// The number at which a search stopped before it had a whole page.
    pub searched_to: Option<i64>,
}

const PAGE_ROWS: usize = 50;

pub(super) async fn page(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    Params(query): Params<Query>,
) -> Result<Html<String>, Trouble> {
    let scene = Scene::new(&app, &asker, "/events", query.book.clone());
    let page = app.ask(move |house| -> Result<_, Trouble> {
        let frame = scene.frame(house)?;
        let list = part(house, &frame, &query)?;
        let live = match query.before {
            None => format!("/live/events{}", filter_query(&frame, &query)),
            Some(_) => String::new(),
        };
        Ok(EventsPage { frame, state: query.state, event_type: query.event_type, list, live })
    });
    render(&page.await?)
}

pub(super) async fn live(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    Params(query): Params<Query>,
) -> Result<Html<String>, Trouble> {
    let scene = Scene::new(&app, &asker, "/events", query.book.clone());
    let part = app.ask(move |house| part(house, &scene.frame(house)?, &query));
    render(&part.await?)
}

fn filter_query(frame: &Frame, query: &Query) -> String {
    format!("{}&state={}&type={}", frame.query(), encode(&query.state), encode(&query.event_type))
}

/// Events of every book: a delivery in the wrong one is what a person comes here to find.
fn part(house: &House, frame: &Frame, query: &Query) -> Result<EventsPart, Trouble> {
    let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let filter = EventFilter {
        state: filled(&query.state),
        event_type: filled(&query.event_type),
        before_seq: query.before,
        limit: PAGE_ROWS,
    };
    let listed = page_of(house, &filter)?;
    let rows = &listed.rows;
    // Quarantined bodies have no place in the inbox's order.
    let last =
        rows.iter().map(|row| row.seq).filter(|seq| *seq > 0).min().filter(|_| rows.len() >= PAGE_ROWS);
    let older = last
        .or(listed.searched_to)
        .map_or_else(String::new, |seq| format!("/events{}&before={seq}", filter_query(frame, query)));
    let lines = rows.iter().map(|row| line(row, frame)).collect();
    Ok(EventsPart { lines, older, searched_to: listed.searched_to })
}

pub(super) fn line(row: &EventRow, frame: &Frame) -> Line {
    let id = row.id.clone().unwrap_or_default();
    Line {
        href: if id.is_empty() { id.clone() } else { format!("/events/{}{}", encode(&id), frame.query()) },
        id: if id.is_empty() { "no readable id".to_owned() } else { id },
        event_type: row.event_type.clone().unwrap_or_default(),
        book: book_label(row),
        state: pill(&row.state),
        reason: row.reason.clone().unwrap_or_default(),
        received: exact_moment_of(&row.received_at),
        deliveries: row.deliveries,
        conflict: row.conflict,
    }
}

fn book_label(row: &EventRow) -> String {
    let mode = match row.livemode {
        Some(true) => "live",
        Some(false) => "test",
        None => return "none".to_owned(),
    };
    row.account.as_ref().map_or_else(|| mode.to_owned(), |account| format!("{account}:{mode}"))
}

impl EventsPage {
    #[must_use]
    pub fn sample(odd: &str) -> Self {
        let line = Line {
            href: "/events/evt_1".into(),
            id: odd.into(),
            event_type: odd.into(),
            book: odd.into(),
            state: pill("parked"),
            reason: odd.into(),
            received: moment_of("2026-01-01T00:00:00Z"),
            deliveries: 2,
            conflict: true,
        };
        let quiet = Line { href: String::new(), state: pill(odd), conflict: false, ..line.clone() };
        Self {
            frame: Frame::sample("/events", "test"),
            state: "parked".into(),
            event_type: odd.into(),
            list: EventsPart {
                lines: vec![line, quiet],
                older: "/events?before=3".into(),
                searched_to: Some(3),
            },
            live: "/live/events?book=test".into(),
        }
    }
}
