//! One event: when it came and what was done about it, what was made of it, and what Stripe sent, with what is personal
//! hidden until somebody asks for it.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{Html, Redirect};
use engine::effects::{self, Caused, MarkShown};
use engine::events::{EventDetail, show};
use engine::explain::PostingShown;
use engine::parked::{self, Which};
use engine::timeline::Step;
use serde::Deserialize;

use super::events::{Line, line};
use super::form::{Checked, Tokened, render};
use super::frame::{ACTOR, Frame, Scene};
use super::redact::{pretty, redacted};
use super::show::{Amount, Moment, amount, encode, exact_moment_of, moment_of};
use crate::access::Asker;
use crate::error::Trouble;
use crate::extract::{Params, Piece};
use crate::state::App;

#[derive(Deserialize)]
pub struct Query {
    book: Option<String>,
    done: Option<String>,
}

/// One body received under the event's id.
#[derive(Clone, Debug)]
pub struct Body {
    pub line: Line,
    pub created: Option<Moment>,
    pub api_version: String,
    pub source: String,
    pub attempts: i64,
    pub parked: bool,
    pub objects: Vec<About>,
    pub notes: Vec<NoteLine>,
    pub timeline: Vec<StepLine>,
    pub entries: Vec<EntryLine>,
    pub marks: Vec<MarkShown>,
    /// The body is in an archive that cannot be read from here; the text says so.
    pub away: bool,
    pub text: String,
}

/// What the event said something about, and where that is looked up.
#[derive(Clone, Debug)]
pub struct About {
    pub words: String,
    pub href: String,
}

/// A line of the timeline.
#[derive(Clone, Debug)]
pub struct StepLine {
    pub at: Option<Moment>,
    pub words: String,
}

/// An entry that names the event as a cause: one line for each amount.
#[derive(Clone, Debug)]
pub struct EntryLine {
    pub id: i64,
    pub recorded: Moment,
    pub reason: String,
    pub sale: String,
    pub href: String,
    pub postings: Vec<Posting>,
}

#[derive(Clone, Debug)]
pub struct Posting {
    pub debit: String,
    pub credit: String,
    pub partner: String,
    pub amount: Amount,
}

#[derive(Clone, Debug)]
pub struct NoteLine {
    pub code: String,
    pub path: String,
    pub detail: String,
}

#[derive(Template)]
#[template(path = "event.html")]
pub struct EventPage {
    pub frame: Frame,
    pub id: String,
    /// Where its forms go: a verb follows.
    pub action: String,
    /// The book, for the forms.
    pub query: String,
    pub bodies: Vec<Body>,
    /// The bodies are shown as they came.
    pub whole: bool,
}

pub(super) async fn page(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    Piece(id): Piece,
    Params(query): Params<Query>,
) -> Result<Html<String>, Trouble> {
    shown(app, &asker, id, query, false).await
}

/// The same page with the bodies as they came, after it is on record that they were shown. Not by an address that could
/// be followed by chance: it takes a form.
pub(super) async fn body_shown(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    Piece(id): Piece,
    Params(query): Params<Query>,
    _: Checked<Retry>,
) -> Result<Html<String>, Trouble> {
    let (now, asked) = (app.now(), id.clone());
    let is_event = app.ask(move |house| effects::body_shown(house, &asked, ACTOR, now)).await?;
    if !is_event {
        // A body in quarantine is in no book, and so in no book's log.
        tracing::warn!(event = %id, "a body in quarantine was shown unredacted");
    }
    shown(app, &asker, id, query, true).await
}

async fn shown(
    app: App,
    asker: &Asker,
    id: String,
    query: Query,
    whole: bool,
) -> Result<Html<String>, Trouble> {
    let mut scene = Scene::new(&app, asker, "/events/", query.book);
    scene.done = query.done;
    let page = app.ask(move |house| -> Result<_, Trouble> {
        let mut frame = scene.frame(house)?;
        let details = show(house, &id)?;
        if details.is_empty() {
            return Err(Trouble::not_found("event"));
        }
        frame.path = format!("/events/{}", encode(&id));
        let bodies = details.iter().map(|detail| body(detail, &frame, whole)).collect();
        let (action, query) = (frame.path.clone(), frame.query());
        Ok(EventPage { frame, id, action, query, bodies, whole })
    });
    render(&page.await?)
}

fn body(detail: &EventDetail, frame: &Frame, whole: bool) -> Body {
    let row = &detail.row;
    Body {
        line: line(row, frame),
        created: row.created_at.as_deref().map(moment_of),
        api_version: row.api_version.clone().unwrap_or_else(|| "not said".to_owned()),
        source: row.source.clone(),
        attempts: row.attempts,
        parked: row.state == "parked",
        objects: detail.objects.iter().map(|object| about(object, frame)).collect(),
        notes: detail.notes.iter().map(note).collect(),
        timeline: detail.timeline.iter().map(step).collect(),
        entries: detail.effects.entries.iter().map(|caused| entry(caused, &line(row, frame).book)).collect(),
        marks: detail.effects.marks.clone(),
        away: detail.archived.is_some(),
        text: match &detail.archived {
            Some(why) => why.clone(),
            None if whole => pretty(&detail.body),
            None => redacted(&detail.body),
        },
    }
}

/// `invoice in_1`: the search opens the page of what it finds.
fn about(object: &str, frame: &Frame) -> About {
    let id = object.rsplit(' ').next().unwrap_or_default();
    About { words: object.to_owned(), href: format!("/search{}&q={}", frame.query(), encode(id)) }
}

fn step(step: &Step) -> StepLine {
    StepLine { at: step.at.as_deref().map(exact_moment_of), words: step.words.clone() }
}

fn entry(caused: &Caused, book: &str) -> EntryLine {
    let posting = |posting: &PostingShown| Posting {
        debit: posting.debit.clone(),
        credit: posting.credit.clone(),
        partner: posting.partner.clone(),
        amount: amount(posting.amount_minor, &posting.currency),
    };
    EntryLine {
        id: caused.entry.id,
        recorded: moment_of(&caused.entry.recorded_at),
        reason: caused.entry.reason.clone(),
        sale: caused.sale.clone(),
        href: format!("/sales/{}?book={}", encode(&caused.sale), encode(book)),
        postings: caused.entry.postings.iter().map(posting).collect(),
    }
}

fn note(note: &kernel::Note) -> NoteLine {
    let code = serde_json::to_value(note.code).ok().and_then(|code| code.as_str().map(str::to_owned));
    NoteLine { code: code.unwrap_or_default(), path: note.path.clone(), detail: note.detail.clone() }
}

#[derive(Deserialize)]
pub struct Retry {
    form_token: String,
}

impl Tokened for Retry {
    fn form_token(&self) -> &str {
        &self.form_token
    }
}

pub(super) async fn retry(
    State(app): State<App>,
    Piece(id): Piece,
    Params(query): Params<Query>,
    _: Checked<Retry>,
) -> Result<Redirect, Trouble> {
    let (now, which) = (app.now(), Which::Ids(vec![id.clone()]));
    let tried = app.ask(move |house| parked::retry(house, &which, ACTOR, now)).await?;
    Ok(back(&id, query, if tried > 0 { "retried" } else { "nothing_parked" }))
}

#[derive(Deserialize)]
pub struct Discard {
    form_token: String,
    #[serde(default)]
    why: String,
}

impl Tokened for Discard {
    fn form_token(&self) -> &str {
        &self.form_token
    }
}

pub(super) async fn discard(
    State(app): State<App>,
    Piece(id): Piece,
    Params(query): Params<Query>,
    Checked(form): Checked<Discard>,
) -> Result<Redirect, Trouble> {
    let (now, which) = (app.now(), Which::Ids(vec![id.clone()]));
    let count = app.ask(move |house| parked::discard(house, &which, &form.why, ACTOR, now)).await?;
    Ok(back(&id, query, if count > 0 { "discarded" } else { "nothing_parked" }))
}

fn back(id: &str, query: Query, done: &str) -> Redirect {
    let book = encode(&query.book.unwrap_or_default());
    Redirect::to(&format!("/events/{}?book={book}&done={done}", encode(id)))
}

impl EventPage {
    #[must_use]
    pub fn sample(odd: &str) -> Self {
        let frame = Frame::sample("/events/evt_1", "live");
        let line = super::events::EventsPage::sample(odd).list.lines.remove(0);
        let note = NoteLine { code: odd.into(), path: odd.into(), detail: odd.into() };
        let body = Body {
            line,
            created: Some(moment_of("2026-01-01T00:00:00Z")),
            api_version: odd.into(),
            source: "webhook".into(),
            attempts: 3,
            parked: true,
            objects: vec![about(odd, &frame)],
            notes: vec![note],
            timeline: vec![
                StepLine { at: Some(moment_of("2026-01-01T00:00:00Z")), words: odd.into() },
                StepLine { at: None, words: odd.into() },
            ],
            entries: vec![EntryLine {
                id: 1,
                recorded: moment_of("2026-01-01T00:00:00Z"),
                reason: odd.into(),
                sale: odd.into(),
                href: "/sales/in_1".into(),
                postings: vec![Posting {
                    debit: odd.into(),
                    credit: odd.into(),
                    partner: odd.into(),
                    amount: amount(140, "usd"),
                }],
            }],
            marks: vec![MarkShown { object: odd.into(), attempts: 2, parked: Some(odd.into()) }],
            away: false,
            text: odd.into(),
        };
        let bare = Body {
            created: None,
            parked: false,
            objects: vec![],
            notes: vec![],
            entries: vec![],
            marks: vec![],
            away: true,
            ..body.clone()
        };
        Self {
            frame,
            id: odd.into(),
            action: "/events/evt_1".into(),
            query: "?book=live".into(),
            bodies: vec![body, bare],
            whole: false,
        }
    }
}
