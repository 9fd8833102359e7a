//! The overview: what came in through partners, what they are owed, and whether the house keeps up.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Html;
use engine::House;
use engine::status::Status;
use kernel::{UnixMs, time};
use serde::Deserialize;
use store::read::overview::{Totals, Waiting, month, totals, waiting};

use super::chart::{Bar, Chart, chart};
use super::form::render;
use super::frame::{Frame, Scene};
use super::leakage::{LeakagePage, Share, shares};
use super::show::{Amount, Moment, Pill, amount, count, moment_of, pill, span};
use crate::access::Asker;
use crate::error::Trouble;
use crate::extract::Params;
use crate::state::App;

#[derive(Deserialize)]
pub struct Query {
    book: Option<String>,
    /// `all`: a chart for each currency, however many there are.
    charts: Option<String>,
}

/// One currency's figures.
#[derive(Clone, Debug)]
pub struct Figures {
    pub sales: String,
    pub revenue: Amount,
    pub base: Amount,
    pub pending: Amount,
    pub available: Amount,
    pub held: Amount,
}

/// How the house keeps up with Stripe.
#[derive(Clone, Debug)]
pub struct Pulse {
    pub level: Pill,
    pub pending: String,
    pub events_last_minute: String,
    pub lag: String,
    pub last_received: Option<Moment>,
    pub parked: i64,
    pub quarantined: i64,
    pub unresolved: i64,
    pub unlinked: i64,
    pub oldest_unlinked: Option<String>,
}

#[derive(Template)]
#[template(path = "overview.html")]
pub struct OverviewPage {
    pub frame: Frame,
    pub live: LivePart,
    pub charts: Vec<Chart>,
    /// Currencies that have figures and no chart.
    pub undrawn: Vec<String>,
}

/// The part that is fetched again while the page is open.
#[derive(Template)]
#[template(path = "overview_live.html")]
pub struct LivePart {
    pub query: String,
    pub has_facts: bool,
    pub as_of: Moment,
    pub figures: Vec<Figures>,
    pub pulse: Pulse,
    pub leakage: Vec<Share>,
    /// What is wrong now, in words.
    pub alerts: Vec<String>,
}

pub(super) async fn page(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    Params(query): Params<Query>,
) -> Result<Html<String>, Trouble> {
    let scene = Scene::new(&app, &asker, "/", query.book.clone());
    let page = app.ask(move |house| -> Result<_, Trouble> {
        let frame = scene.frame(house)?;
        let most = if query.charts.as_deref() == Some("all") { usize::MAX } else { CHARTS_MAX };
        let (charts, undrawn) = charts(house, &frame, most)?;
        Ok(OverviewPage { live: live_part(house, &frame)?, charts, undrawn, frame })
    });
    render(&page.await?)
}

pub(super) async fn live(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    Params(query): Params<Query>,
) -> Result<Html<String>, Trouble> {
    let scene = Scene::new(&app, &asker, "/", query.book);
    let part = app.ask(move |house| live_part(house, &scene.frame(house)?));
    render(&part.await?)
}

fn live_part(house: &House, frame: &Frame) -> Result<LivePart, Trouble> {
    let (book, as_of) = (frame.known.id, frame.known.newest_at);
    let (all, waiting) = house.db().read(|read| -> Result<_, engine::EngineError> {
        Ok((totals(read, book, as_of)?, waiting(read, book)?))
    })?;
    let status = engine::status::status(house, frame.now_at)?;
    Ok(LivePart {
        query: frame.query(),
        has_facts: frame.has_facts(),
        as_of: frame.as_of(),
        figures: all.iter().map(figures).collect(),
        pulse: pulse(&status, waiting, frame.now_at),
        leakage: shares(house, &frame.known.book)?,
        alerts: engine::alert::list(house, true, 50)?.into_iter().map(|alert| alert.words).collect(),
    })
}

fn figures(totals: &Totals) -> Figures {
    let shown = |minor| amount(minor, &totals.currency);
    Figures {
        sales: count(totals.sales),
        revenue: shown(totals.net_sold_minor),
        base: shown(totals.net_minor),
        pending: shown(totals.pending_minor),
        available: shown(totals.available_minor),
        held: shown(totals.held_minor),
    }
}

fn pulse(status: &Status, waiting: Waiting, now: UnixMs) -> Pulse {
    Pulse {
        level: pill(if status.level { "level" } else { "catching up" }),
        pending: count(status.pending + status.marks),
        events_last_minute: count(status.events_last_minute),
        lag: span(status.lag_ms),
        last_received: status.last_received_at.as_deref().map(moment_of),
        parked: status.parked + status.marks_parked,
        quarantined: status.quarantined,
        unresolved: waiting.discounts_unresolved,
        unlinked: waiting.payments_unlinked,
        oldest_unlinked: waiting.oldest_unlinked_at.map(|at| span(now - at)),
    }
}

const MONTHS: usize = 12;
const CHARTS_MAX: usize = 3;

/// Commission by month of sale, one chart per currency, for the currencies with the most months; and the
/// currencies left over.
fn charts(house: &House, frame: &Frame, most: usize) -> Result<(Vec<Chart>, Vec<String>), Trouble> {
    if !frame.has_facts() {
        return Ok((Vec::new(), Vec::new()));
    }
    let starts = month_starts(frame.known.newest_at, MONTHS);
    let mut months = Vec::new();
    house.db().read(|read| -> Result<(), engine::EngineError> {
        for span in starts.windows(2) {
            if let [from, to] = span {
                months.push((*from, month(read, frame.known.id, *from, *to)?));
            }
        }
        Ok(())
    })?;
    let mut currencies: Vec<(usize, String)> = Vec::new();
    for currency in months.iter().flat_map(|(_, rows)| rows.iter().map(|(currency, _)| currency)) {
        match currencies.iter_mut().find(|(_, known)| known == currency) {
            Some((times, _)) => *times += 1,
            None => currencies.push((1, currency.clone())),
        }
    }
    currencies.sort_by(|left, right| right.0.cmp(&left.0).then(left.1.cmp(&right.1)));
    let (drawn, undrawn) = currencies.split_at(most.min(currencies.len()));
    let charts = drawn.iter().map(|(_, currency)| commission_chart(currency, &months)).collect();
    Ok((charts, undrawn.iter().map(|(_, currency)| currency.to_uppercase()).collect()))
}

type Month = (UnixMs, Vec<(String, i128)>);

fn commission_chart(currency: &str, months: &[Month]) -> Chart {
    let bars: Vec<Bar> = months
        .iter()
        .map(|(from, rows)| {
            let row = rows.iter().find(|(found, _)| found == currency);
            let value = row.map_or(0, |(_, commission)| *commission);
            let label = time::date(*from).get(..7).unwrap_or_default().to_owned();
            Bar { label, value, shown: amount(value, currency).text }
        })
        .collect();
    chart(format!("Commission by month of sale, {}", currency.to_uppercase()), &bars)
}

/// The starts of the `count` UTC months up to the one of `at`, and the start of the month after.
fn month_starts(at: UnixMs, count: usize) -> Vec<UnixMs> {
    let Some(month) = time::date(at).get(..7).map(str::to_owned) else { return Vec::new() };
    let numbers = month.split_once('-').map(|(year, month)| (year.parse::<i64>(), month.parse::<i64>()));
    let Some((Ok(year), Ok(month))) = numbers else { return Vec::new() };
    let last = year * 12 + month;
    let first = last - i64::try_from(count).unwrap_or(0);
    (first..=last)
        .filter_map(|index| {
            time::parse(&format!("{:04}-{:02}-01", index.div_euclid(12), index.rem_euclid(12) + 1))
        })
        .collect()
}

impl OverviewPage {
    #[must_use]
    pub fn sample(odd: &str) -> Self {
        let all =
            Totals { currency: "usd".into(), sales: 41, net_sold_minor: 2_350_000, ..Totals::default() };
        let bars = [Bar { label: odd.into(), value: 5, shown: odd.into() }];
        Self {
            frame: Frame::sample("/", "acct_1"),
            live: LivePart {
                query: "?book=acct_1".into(),
                has_facts: true,
                as_of: super::show::moment(0),
                figures: vec![figures(&all)],
                pulse: Pulse {
                    level: pill(odd),
                    pending: "3".into(),
                    events_last_minute: "12".into(),
                    lag: "2 s".into(),
                    last_received: Some(moment_of(odd)),
                    parked: 2,
                    quarantined: 1,
                    unresolved: 1,
                    unlinked: 1,
                    oldest_unlinked: Some(odd.into()),
                },
                leakage: LeakagePage::sample(odd).shares,
                alerts: vec![odd.into()],
            },
            charts: vec![chart(odd.into(), &bars)],
            undrawn: vec![odd.into()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_on_the_first_across_a_year() {
        let at = time::parse("2026-02-14T10:00:00Z").expect("a time");
        let starts: Vec<String> = month_starts(at, 3).into_iter().map(time::date).collect();
        assert_eq!(starts, ["2025-12-01", "2026-01-01", "2026-02-01", "2026-03-01"]);
    }
}
