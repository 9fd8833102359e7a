//! One event: what Stripe sent, word for word, and what was made of it.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{Html, Redirect};
use engine::events::{EventDetail, show};
use engine::parked::{self, Which};
use serde::Deserialize;

use super::events::{Line, line};
use super::form::{Checked, Tokened, render};
use super::frame::{ACTOR, Frame, Scene};
use super::show::{Moment, encode, moment_of};
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
    pub objects: Vec<String>,
    pub notes: Vec<NoteLine>,
    pub text: String,
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
}

pub(super) async fn page(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    Piece(id): Piece,
    Params(query): Params<Query>,
) -> Result<Html<String>, Trouble> {
    let mut scene = Scene::new(&app, &asker, "/events/", query.book);
    scene.done = query.done;
    let page = app.ask(move |house| -> Result<_, Trouble> {
        let mut frame = scene.frame(house)?;
        let details = show(house, &id)?;
        if details.is_empty() {
            return Err(Trouble::not_found("event"));
        }
        frame.path = format!("/events/{}", encode(&id));
        let bodies = details.iter().map(|detail| body(detail, &frame)).collect();
        let (action, query) = (frame.path.clone(), frame.query());
        Ok(EventPage { frame, id, action, query, bodies })
    });
    render(&page.await?)
}

fn body(detail: &EventDetail, frame: &Frame) -> Body {
    let row = &detail.row;
    Body {
        line: line(row, frame),
        created: row.created_at.as_deref().map(moment_of),
        api_version: row.api_version.clone().unwrap_or_else(|| "not said".to_owned()),
        source: row.source.clone(),
        attempts: row.attempts,
        parked: row.state == "parked",
        objects: detail.objects.clone(),
        notes: detail.notes.iter().map(note).collect(),
        text: detail.archived.clone().unwrap_or_else(|| pretty(&detail.body)),
    }
}

fn note(note: &kernel::Note) -> NoteLine {
    let code = serde_json::to_value(note.code).ok().and_then(|code| code.as_str().map(str::to_owned));
    NoteLine { code: code.unwrap_or_default(), path: note.path.clone(), detail: note.detail.clone() }
}

const SHOWN_CHARS_MAX: usize = 200_000;

/// Indented by its brackets alone: numbers, spellings and order stay as they came, and no depth of
/// nesting can exhaust the stack. What is no JSON comes out as it is.
pub(super) fn pretty(text: &str) -> String {
    const DEPTH_SHOWN_MAX: usize = 40;
    let (mut out, mut depth) = (String::with_capacity(text.len() * 2), 0usize);
    let (mut quoted, mut escaped) = (false, false);
    let mut chars = text.trim().chars().peekable();
    if !matches!(chars.peek(), Some('{' | '[')) {
        return text.chars().take(SHOWN_CHARS_MAX).collect();
    }
    let newline = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth.min(DEPTH_SHOWN_MAX)));
    };
    while let Some(next) = chars.next() {
        if out.len() > SHOWN_CHARS_MAX {
            out.push_str("\n(cut here for display)");
            break;
        }
        if quoted {
            quoted = escaped || next != '"';
            escaped = !escaped && next == '\\';
            out.push(next);
            continue;
        }
        match next {
            '{' | '[' => {
                out.push(next);
                depth += 1;
                skip_space(&mut chars);
                if !matches!(chars.peek(), Some('}' | ']')) {
                    newline(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                if !out.ends_with(['{', '[']) {
                    newline(&mut out, depth);
                }
                out.push(next);
            }
            ',' => {
                out.push(next);
                newline(&mut out, depth);
            }
            ':' => out.push_str(": "),
            space if space.is_ascii_whitespace() => {}
            other => {
                quoted = other == '"';
                out.push(other);
            }
        }
    }
    out
}

fn skip_space(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while chars.next_if(char::is_ascii_whitespace).is_some() {}
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
            objects: vec![odd.into()],
            notes: vec![note],
            text: odd.into(),
        };
        let bare = Body { created: None, parked: false, objects: vec![], notes: vec![], ..body.clone() };
        Self {
            frame,
            id: odd.into(),
            action: "/events/evt_1".into(),
            query: "?book=live".into(),
            bodies: vec![body, bare],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::pretty;

    #[test]
    fn a_body_is_indented_and_otherwise_left_as_it_came() {
        let text = r#"{"a":[1, 1e400,{}],"b":"x,\"{y","c":[]}"#;
        let shown = "{\n  \"a\": [\n    1,\n    1e400,\n    {}\n  ],\n  \"b\": \"x,\\\"{y\",\n  \"c\": []\n}";
        assert_eq!(pretty(text), shown);
        assert_eq!(pretty("not json"), "not json");
        assert!(pretty(&"[".repeat(100_000)).ends_with("(cut here for display)"));
        assert_eq!(pretty("}}"), "}}");
    }
}
