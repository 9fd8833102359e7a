//! One partner: what is owed, the codes and since when, every version of the terms, the newest sales, and
//! the forms that change any of it.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;
use engine::House;
use kernel::operator::{Binds, Handle};
use serde::Deserialize;
use store::read::sales::Place;

use super::form::render;
use super::frame::{Frame, Scene};
use super::partners::{Sums, pay, sample_sums, sums};
use super::sales::{self, sample_line};
use super::show::{Moment, Pill, encode, moment, pill};
use crate::access::Asker;
use crate::error::Trouble;
use crate::extract::{Params, Piece};
use crate::state::App;

#[derive(Deserialize)]
pub struct Query {
    book: Option<String>,
    done: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Code {
    pub text: String,
    pub promotion_code: String,
    pub coupon: String,
    /// `None`: open to the past.
    pub from: Option<Moment>,
    pub until: Option<Moment>,
    pub state: Pill,
}

#[derive(Clone, Debug)]
pub struct Version {
    pub number: i64,
    pub pay: String,
    pub hold_days: i64,
    pub binds: &'static str,
    pub from: Option<Moment>,
}

#[derive(Template)]
#[template(path = "partner.html")]
pub struct PartnerPage {
    pub frame: Frame,
    pub handle: String,
    pub id: String,
    pub name: String,
    pub email: String,
    pub active: bool,
    pub status: Pill,
    pub added: Moment,
    pub totals: Vec<Sums>,
    pub codes: Vec<Code>,
    pub versions: Vec<Version>,
    pub sales: Vec<sales::Line>,
    /// Where the forms go: `{action}/codes?book=...`.
    pub action: String,
}

const SALES_SHOWN: usize = 20;

pub(super) async fn page(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    Piece(handle): Piece,
    Params(query): Params<Query>,
) -> Result<Html<String>, Trouble> {
    let handle = Handle::parse(&handle).ok_or_else(|| Trouble::not_found("partner"))?;
    let mut scene = Scene::new(&app, &asker, "/partners/", query.book);
    scene.done = query.done;
    let page = app.ask(move |house| build(house, scene, &handle));
    render(&page.await?)
}

fn build(house: &House, scene: Scene, handle: &Handle) -> Result<PartnerPage, Trouble> {
    let mut frame = scene.frame(house)?;
    let registry = house.current_registry()?;
    let partner = registry.partner(handle).ok_or_else(|| Trouble::not_found("partner"))?;
    let action = format!("/partners/{}", encode(handle.as_str()));
    frame.path.clone_from(&action);
    let now = frame.now_at;
    let mut codes = Vec::new();
    for mapping in registry.mappings().filter(|mapping| mapping.partner == *handle) {
        if mapping.book != frame.known.book {
            continue;
        }
        let state = match (mapping.holds_at(now), mapping.until.is_some_and(|until| until <= now)) {
            (true, _) if mapping.is_unbound() => "unbound",
            (true, _) => "holds",
            (false, true) => "ended",
            (false, false) => "later",
        };
        codes.push(Code {
            text: mapping.code.clone().unwrap_or_default(),
            promotion_code: mapping.promotion_code.as_ref().map(ToString::to_string).unwrap_or_default(),
            coupon: mapping.coupon.as_ref().map(ToString::to_string).unwrap_or_default(),
            from: mapping.from.map(moment),
            until: mapping.until.map(moment),
            state: pill(state),
        });
    }
    let versions = partner.terms.iter().rev().map(|version| Version {
        number: version.version,
        pay: pay(&version.terms),
        hold_days: version.terms.hold_days,
        binds: if version.binds == Binds::All { "all sales" } else { "new attributions" },
        from: version.from.map(moment),
    });
    let rows = sales::rows(house, &frame, (Some(handle.as_str()), None), Place::start(), SALES_SHOWN)?;
    let mut totals = sums(house, &frame, vec![handle.to_string()])?;
    let active = partner.is_active(now);
    Ok(PartnerPage {
        handle: handle.to_string(),
        id: partner.id.clone(),
        name: partner.name.clone(),
        email: partner.email.clone(),
        active,
        status: pill(if active { "active" } else { "inactive" }),
        added: moment(partner.added_at),
        totals: totals.remove(handle.as_str()).unwrap_or_default(),
        codes,
        versions: versions.collect(),
        sales: rows.iter().map(|row| sales::line(row, &frame)).collect(),
        action,
        frame,
    })
}

impl PartnerPage {
    #[must_use]
    pub fn sample(odd: &str) -> Self {
        let frame = Frame::sample("/partners/anna", "test");
        let code = Code {
            text: odd.into(),
            promotion_code: odd.into(),
            coupon: odd.into(),
            from: Some(moment(0)),
            until: Some(moment(1)),
            state: pill("ended"),
        };
        let open = Code { from: None, until: None, state: pill("unbound"), ..code.clone() };
        let version = Version { number: 2, pay: odd.into(), hold_days: 30, binds: "all sales", from: None };
        Self {
            handle: odd.into(),
            id: "prt_1".into(),
            name: odd.into(),
            email: odd.into(),
            active: true,
            status: pill("active"),
            added: moment(0),
            totals: sample_sums(),
            codes: vec![code, open],
            versions: vec![Version { from: Some(moment(0)), ..version.clone() }, version],
            sales: vec![sales::line(&sample_line(odd), &frame)],
            action: "/partners/anna".into(),
            frame,
        }
    }
}
