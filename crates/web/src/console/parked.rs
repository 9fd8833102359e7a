//! What is parked, by reason, with buttons to try all of one reason again or to give it up.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{Html, Redirect};
use engine::parked::{self, ParkedGroup, WHY_CHARS_MAX, Which};
use serde::Deserialize;

use super::form::{Checked, Tokened, render};
use super::frame::{ACTOR, Frame, Scene};
use super::show::{Moment, count, encode, moment_of};
use crate::access::Asker;
use crate::error::Trouble;
use crate::extract::Params;
use crate::state::App;

#[derive(Deserialize)]
pub struct Query {
    book: Option<String>,
    done: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Group {
    pub reason: String,
    pub events: String,
    pub oldest: String,
    /// Link to the event that waits longest; empty when none caused it.
    pub href: String,
    pub since: Option<Moment>,
}

#[derive(Template)]
#[template(path = "parked.html")]
pub struct ParkedPage {
    pub frame: Frame,
    pub groups: Vec<Group>,
}

pub(super) async fn page(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    Params(query): Params<Query>,
) -> Result<Html<String>, Trouble> {
    let mut scene = Scene::new(&app, &asker, "/events/parked", query.book);
    scene.done = query.done;
    let page = app.ask(move |house| -> Result<_, Trouble> {
        let frame = scene.frame(house)?;
        let groups = parked::groups(house)?.iter().map(|one| group(one, &frame)).collect();
        Ok(ParkedPage { frame, groups })
    });
    render(&page.await?)
}

fn group(group: &ParkedGroup, frame: &Frame) -> Group {
    let oldest = group.oldest.clone().unwrap_or_default();
    let href = format!("/events/{}{}", encode(&oldest), frame.query());
    Group {
        reason: group.reason.clone(),
        events: count(group.events),
        href: if oldest.is_empty() { String::new() } else { href },
        oldest,
        since: group.oldest_at.as_deref().map(moment_of),
    }
}

#[derive(Deserialize)]
pub struct Form {
    form_token: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    why: String,
}

impl Tokened for Form {
    fn form_token(&self) -> &str {
        &self.form_token
    }
}

pub(super) async fn retry(
    State(app): State<App>,
    Params(query): Params<Query>,
    Checked(form): Checked<Form>,
) -> Result<Redirect, Trouble> {
    let now = app.now();
    // A reason that no event caused has no events to count: then everything is tried again.
    let which = if form.reason.is_empty() { Which::All } else { Which::Reason(form.reason) };
    app.ask(move |house| parked::retry(house, &which, ACTOR, now)).await?;
    Ok(back(query, "retried_all"))
}

pub(super) async fn discard(
    State(app): State<App>,
    Params(query): Params<Query>,
    Checked(form): Checked<Form>,
) -> Result<Redirect, Trouble> {
    let now = app.now();
    let which = Which::Reason(form.reason);
    let given_up = app.ask(move |house| parked::discard(house, &which, &form.why, ACTOR, now)).await?;
    Ok(back(query, if given_up > 0 { "discarded" } else { "nothing_parked" }))
}

fn back(query: Query, done: &str) -> Redirect {
    let book = encode(&query.book.unwrap_or_default());
    Redirect::to(&format!("/events/parked?book={book}&done={done}"))
}

impl ParkedPage {
    #[must_use]
    pub fn sample(odd: &str) -> Self {
        let one = Group {
            reason: odd.into(),
            events: "3".into(),
            oldest: odd.into(),
            href: "/events/evt_1".into(),
            since: Some(moment_of(odd)),
        };
        let loose = Group { events: "0".into(), href: String::new(), since: None, ..one.clone() };
        Self { frame: Frame::sample("/events/parked", "test"), groups: vec![one, loose] }
    }
}
