//! The tables a person reads, and the same as JSON.

use std::fmt::Write as _;

use serde::Serialize;

use crate::accept::{Point, ratios};
use crate::machine::Machine;
use crate::projection::Projected;
use crate::servers::Kind;
use crate::spread::Spread;
use crate::year::Year;
use crate::{Engine, Plan, import};

/// Where the aims are set.
const AIM_CONNECTIONS: usize = 64;

#[derive(Serialize)]
pub(crate) struct Report {
    machine: Machine,
    seconds: f64,
    rounds: usize,
    body_bytes: usize,
    accept: Vec<AcceptRow>,
    project: Vec<ProjectRow>,
    ratios: Vec<RatioRow>,
    year: Option<Year>,
    import: Vec<import::ImportRow>,
    #[serde(skip)]
    fed: Option<import::Fed>,
}

#[derive(Serialize)]
struct AcceptRow {
    connections: usize,
    server: String,
    per_s: Spread,
    p50_ms: Spread,
    p99_ms: Spread,
    cpu_us: Option<Spread>,
    refused: u64,
}

#[derive(Serialize)]
struct ProjectRow {
    engine: &'static str,
    workers: usize,
    events: i64,
    per_s: Spread,
    cpu_us: Option<Spread>,
    writes_per_event: Option<f64>,
}

#[derive(Serialize)]
struct RatioRow {
    what: String,
    ratio: Spread,
    aim: Option<f64>,
}

fn name(kind: Kind) -> String {
    match kind {
        Kind::Empty => "empty handler".to_owned(),
        Kind::Raw => "a synced file, no more".to_owned(),
        Kind::House(engine) => format!("countinghouse, {}", engine.name()),
        Kind::Naive(engine) => format!("naive, {}", engine.name()),
    }
}

impl Report {
    pub(crate) fn new(
        machine: Machine,
        plan: &Plan,
        points: Vec<Point>,
        projected: Vec<Projected>,
        year: Option<Year>,
    ) -> Self {
        let mut ratio_rows = accept_ratios(plan, &points);
        ratio_rows.extend(projection_ratios(plan, &points, &projected));
        Self {
            machine,
            seconds: plan.seconds,
            rounds: plan.rounds,
            body_bytes: crate::bodies::BODY_BYTES,
            accept: accept_rows(&points),
            project: project_rows(&projected),
            ratios: ratio_rows,
            year,
            import: Vec::new(),
            fed: None,
        }
    }

    pub(crate) fn with_import(mut self, imported: Option<(import::Fed, Vec<import::Measured>)>) -> Self {
        if let Some((fed, measured)) = imported {
            self.import = import::rows(&measured);
            self.fed = Some(fed);
        }
        self
    }

    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        let Machine { cores, sync_us } = self.machine;
        let _ = writeln!(
            out,
            "{cores} cores shared by driver, server and database; a synced write of 8 kB takes {sync_us:.0} us here\n\
             bodies of {} bytes; {:.1} s per point, {} round(s); median (smallest..largest)\n",
            self.body_bytes, self.seconds, self.rounds
        );
        if !self.accept.is_empty() {
            let _ = writeln!(
                out,
                "{:>5}  {:<24}{:>26}{:>24}{:>24}{:>18}",
                "conns", "server", "accepted/s", "p50 ms", "p99 ms", "server cpu us"
            );
        }
        for row in &self.accept {
            let cpu = row.cpu_us.map_or_else(|| "-".to_owned(), |cpu| cpu.show(0, ""));
            let (rate, p50, p99) = (row.per_s.show(0, ""), row.p50_ms.show(2, ""), row.p99_ms.show(1, ""));
            let _ = writeln!(
                out,
                "{:>5}  {:<24}{rate:>26}{p50:>24}{p99:>24}{cpu:>18}",
                row.connections, row.server
            );
        }
        let refused: u64 = self.accept.iter().map(|row| row.refused).sum();
        if refused > 0 {
            let _ = writeln!(out, "{refused} deliveries were refused; they are not in the rates above");
        }
        if !self.project.is_empty() {
            let _ = writeln!(
                out,
                "\n{:<24}{:>10}{:>26}{:>22}{:>20}",
                "projection", "events", "projected/s", "our cpu us/event", "row writes/event"
            );
        }
        for row in &self.project {
            let what = format!("{}, {} worker(s)", row.engine, row.workers);
            let cpu = row.cpu_us.map_or_else(|| "-".to_owned(), |cpu| cpu.show(0, ""));
            let writes = row.writes_per_event.map_or_else(|| "-".to_owned(), |writes| format!("{writes:.1}"));
            let _ = writeln!(
                out,
                "{what:<24}{:>10}{:>26}{cpu:>22}{writes:>20}",
                row.events,
                row.per_s.show(0, "")
            );
        }
        if !self.ratios.is_empty() {
            let _ = writeln!(out, "\n{:<56}{:>26}{:>10}", "ratio", "", "aim");
        }
        for row in &self.ratios {
            let aim = row.aim.map_or_else(String::new, |aim| format!("{aim:.2}"));
            let _ = writeln!(out, "{:<56}{:>26}{aim:>10}", row.what, row.ratio.show(2, ""));
        }
        if let Some(year) = &self.year {
            let _ = write!(out, "\n{}", year.text());
        }
        if let Some(fed) = self.fed {
            out.push_str(&import::text(fed, &self.import));
        }
        out
    }
}

fn accept_rows(points: &[Point]) -> Vec<AcceptRow> {
    let mut keys: Vec<(usize, Kind)> = points.iter().map(|point| (point.connections, point.kind)).collect();
    keys.sort_unstable();
    keys.dedup();
    let row = |(connections, kind): (usize, Kind)| {
        let here: Vec<&Point> =
            points.iter().filter(|point| (point.connections, point.kind) == (connections, kind)).collect();
        let ms = |us: u64| us as f64 / 1000.0;
        Some(AcceptRow {
            connections,
            server: name(kind),
            per_s: Spread::of(here.iter().map(|point| point.rate()))?,
            p50_ms: Spread::of(here.iter().map(|point| ms(point.driven.p50_us)))?,
            p99_ms: Spread::of(here.iter().map(|point| ms(point.driven.p99_us)))?,
            cpu_us: Spread::of(here.iter().filter_map(|point| point.cpu_us)),
            refused: here.iter().map(|point| point.driven.refused).sum(),
        })
    };
    keys.into_iter().filter_map(row).collect()
}

fn project_rows(projected: &[Projected]) -> Vec<ProjectRow> {
    let mut keys: Vec<(Engine, usize)> = projected.iter().map(|one| (one.engine, one.workers)).collect();
    keys.sort_unstable();
    keys.dedup();
    let row = |(engine, workers): (Engine, usize)| {
        let here: Vec<&Projected> =
            projected.iter().filter(|one| (one.engine, one.workers) == (engine, workers)).collect();
        let first = here.first()?;
        Some(ProjectRow {
            engine: engine.name(),
            workers,
            events: first.events,
            per_s: Spread::of(here.iter().map(|one| one.rate()))?,
            cpu_us: Spread::of(
                here.iter().filter_map(|one| one.cpu_s).map(|cpu| cpu * 1e6 / first.events.max(1) as f64),
            ),
            writes_per_event: first.writes.map(|writes| writes as f64 / first.events.max(1) as f64),
        })
    };
    keys.into_iter().filter_map(row).collect()
}

fn accept_ratios(plan: &Plan, points: &[Point]) -> Vec<RatioRow> {
    let mut rows = Vec::new();
    for connections in &plan.connections {
        let aim = |aim: f64| (*connections == AIM_CONNECTIONS).then_some(aim);
        for engine in &plan.engines {
            for (below, aim) in
                [(Kind::Empty, aim(0.25)), (Kind::Raw, None), (Kind::Naive(*engine), aim(5.0))]
            {
                let above = Kind::House(*engine);
                let what = format!("{} / {}, {connections} connections", name(above), name(below));
                let ratio = Spread::of(ratios(points, *connections, above, below));
                rows.extend(ratio.map(|ratio| RatioRow { what, ratio, aim }));
            }
        }
    }
    rows
}

/// Projection over accepts, medians: they are measured one after the other, not in pairs.
fn projection_ratios(plan: &Plan, points: &[Point], projected: &[Projected]) -> Vec<RatioRow> {
    let mut rows = Vec::new();
    for engine in &plan.engines {
        let accepted = points
            .iter()
            .filter(|point| point.kind == Kind::House(*engine) && point.connections == AIM_CONNECTIONS);
        let Some(accepted) = Spread::of(accepted.map(Point::rate)) else { continue };
        for workers in 1..=2 {
            let here = projected.iter().filter(|one| (one.engine, one.workers) == (*engine, workers));
            let ratio = Spread::of(here.map(|one| one.rate() / accepted.median));
            let what =
                format!("projection / accepts at {AIM_CONNECTIONS}, {}, {workers} worker(s)", engine.name());
            rows.extend(ratio.map(|ratio| RatioRow { what, ratio, aim: Some(0.5) }));
        }
    }
    rows
}
