//! What the last reconciliation of the book found: by cause, difference by difference, and how to heal it. It must not know how a
//! difference is found.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;
use engine::audit::reconcile::{Compared, Difference, Report, State as Stands, stands};
use serde::Deserialize;

use super::form::render;
use super::frame::{Frame, Scene};
use super::show::{Moment, Pill, count, encode, moment_of, pill};
use crate::access::Asker;
use crate::error::Trouble;
use crate::extract::Params;
use crate::state::App;

#[derive(Deserialize)]
pub struct Query {
    book: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Cause {
    pub why: &'static str,
    pub differences: String,
    pub mended: String,
}

#[derive(Clone, Debug)]
pub struct Line {
    pub object: String,
    pub id: String,
    pub what: String,
    pub path: String,
    pub ours: String,
    pub stripes: String,
    pub why: &'static str,
    /// The event that did not come.
    pub event: String,
    pub event_href: String,
    pub mended: bool,
}

/// The last run that came to its end.
#[derive(Clone, Debug)]
pub struct Last {
    pub finished: Option<Moment>,
    pub verdict: Pill,
    pub objects: String,
    pub missing: String,
    pub extra: String,
    pub different: String,
    pub mended: String,
    /// What is to be done.
    pub heals: bool,
    pub causes: Vec<Cause>,
    pub lines: Vec<Line>,
    /// Differences that are not on the page.
    pub more: usize,
    /// Kinds that could not be listed, and why.
    pub left_out: Vec<Compared>,
}

#[derive(Template)]
#[template(path = "reconcile.html")]
pub struct ReconcilePage {
    pub frame: Frame,
    /// A run that has not come to its end.
    pub open: Option<Moment>,
    pub last: Option<Last>,
}

/// Differences on the page; the API has all.
const SHOWN: usize = 500;

pub(super) async fn page(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    Params(query): Params<Query>,
) -> Result<Html<String>, Trouble> {
    let scene = Scene::new(&app, &asker, "/reconcile", query.book);
    let page = app.ask(move |house| -> Result<_, Trouble> {
        let frame = scene.frame(house)?;
        let Stands { open_since, last: report } = stands(house, &frame.known.book)?;
        let open = open_since.as_deref().map(moment_of);
        let last = report.as_ref().map(|report| last(report, &frame));
        Ok(ReconcilePage { frame, open, last })
    });
    render(&page.await?)
}

fn last(report: &Report, frame: &Frame) -> Last {
    let number = |rows: usize| count(i64::try_from(rows).unwrap_or(i64::MAX));
    let objects: i64 = report.compared.iter().map(|kind| kind.listed).sum();
    Last {
        finished: report.finished_at.as_deref().map(moment_of),
        verdict: pill(if report.differences.is_empty() { "no difference" } else { "differences" }),
        objects: count(objects),
        missing: number(report.missing),
        extra: number(report.extra),
        different: number(report.different),
        mended: number(report.fixed),
        heals: report.fixed < report.differences.len(),
        causes: causes(&report.differences),
        lines: report.differences.iter().take(SHOWN).map(|found| line(found, frame)).collect(),
        more: report.differences.len().saturating_sub(SHOWN),
        left_out: report.compared.iter().filter(|kind| kind.problem.is_some()).cloned().collect(),
    }
}

fn causes(found: &[Difference]) -> Vec<Cause> {
    let mut causes: Vec<(&'static str, i64, i64)> = Vec::new();
    for one in found {
        let mended = i64::from(one.fixed);
        match causes.iter_mut().find(|(why, ..)| *why == one.why) {
            Some((_, count, fixed)) => (*count, *fixed) = (*count + 1, *fixed + mended),
            None => causes.push((one.why, 1, mended)),
        }
    }
    let shown = |(why, found, mended)| Cause { why, differences: count(found), mended: count(mended) };
    causes.into_iter().map(shown).collect()
}

fn line(found: &Difference, frame: &Frame) -> Line {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let event = text(&found.event);
    Line {
        object: found.object.clone(),
        id: found.id.clone(),
        what: found.what.clone(),
        path: text(&found.path),
        ours: text(&found.ours),
        stripes: text(&found.stripes),
        why: found.why,
        event_href: format!("/events/{}{}", encode(&event), frame.query()),
        event,
        mended: found.fixed,
    }
}

impl ReconcilePage {
    #[must_use]
    pub fn sample(odd: &str) -> Self {
        let frame = Frame::sample("/reconcile", "live");
        let found = Difference {
            object: odd.into(),
            id: odd.into(),
            what: "different".into(),
            path: Some(odd.into()),
            ours: Some(odd.into()),
            stripes: Some(odd.into()),
            cause: "unknown".into(),
            why: "unknown",
            event: Some(odd.into()),
            fixed: false,
        };
        let whole =
            Difference { path: None, ours: None, stripes: None, event: None, fixed: true, ..found.clone() };
        let report = Report {
            book: "live".into(),
            started_at: "2026-01-01T00:00:00Z".into(),
            finished_at: Some("2026-01-01T00:00:00Z".into()),
            compared: vec![Compared { object: "payout", listed: 3, problem: Some(odd.into()) }],
            missing: 1,
            extra: 0,
            different: 1,
            fixed: 1,
            differences: vec![found, whole],
        };
        let last = Some(last(&report, &frame));
        Self { frame, open: Some(moment_of("2026-01-01T00:00:00Z")), last }
    }
}
