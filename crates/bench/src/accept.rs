//! Accepted deliveries per second at several numbers of connections. Every round goes through all servers
//! in turn, so that whatever else the machine does meets all of them.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::Plan;
use crate::driver::{self, Driven};
use crate::servers::{Kind, Server};
use crate::{bodies, machine};

/// One measurement.
pub(crate) struct Point {
    pub(crate) kind: Kind,
    pub(crate) connections: usize,
    pub(crate) round: usize,
    pub(crate) driven: Driven,
    /// Processor time of the server's process per accepted delivery (a database server's is not in it).
    pub(crate) cpu_us: Option<f64>,
}

impl Point {
    pub(crate) fn rate(&self) -> f64 {
        self.driven.accepted as f64 / self.driven.seconds
    }
}

pub(crate) fn measure(plan: &Plan) -> Result<Vec<Point>> {
    let path = std::env::temp_dir().join(format!("countinghouse-bench-bodies-{}", std::process::id()));
    bodies::write(&path)?;
    let points = rounds(plan, &path);
    drop(std::fs::remove_file(&path));
    points
}

fn rounds(plan: &Plan, bodies: &std::path::Path) -> Result<Vec<Point>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let of_engines = plan.engines.iter().flat_map(|engine| [Kind::House(*engine), Kind::Naive(*engine)]);
    let kinds: Vec<Kind> = [Kind::Empty, Kind::Raw].into_iter().chain(of_engines).collect();
    let mut points = Vec::new();
    for round in 0..plan.rounds {
        for connections in &plan.connections {
            eprintln!("accepting: round {} of {}, {connections} connections", round + 1, plan.rounds);
            for kind in &kinds {
                let server = Server::start(&runtime, *kind)?;
                let before = machine::cpu_s();
                let driven = driver::drive(server.address, bodies, *connections, plan.seconds)?;
                let used = machine::cpu_s().zip(before).map(|(after, before)| after - before);
                let cpu_us = used.map(|used| used * 1e6 / driven.accepted_ever.max(1) as f64);
                server.end(&runtime, driven.accepted_ever)?;
                points.push(Point { kind: *kind, connections: *connections, round, driven, cpu_us });
            }
        }
    }
    Ok(points)
}

/// The rates of `above` over those of `below` at so many connections, round by round.
pub(crate) fn ratios(points: &[Point], connections: usize, above: Kind, below: Kind) -> Vec<f64> {
    let of = |kind: Kind| -> BTreeMap<usize, f64> {
        let here = points.iter().filter(|point| point.kind == kind && point.connections == connections);
        here.map(|point| (point.round, point.rate())).collect()
    };
    let below = of(below);
    let pairs = of(above).into_iter().filter_map(|(round, rate)| Some((rate, *below.get(&round)?)));
    pairs.filter(|(_, below)| *below > 0.0).map(|(above, below)| above / below).collect()
}
