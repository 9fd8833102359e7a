//! `alerts list | test`.

use engine::alert::{self, Message};
use serde::Serialize;

use super::house;
use crate::cli::{AlertsVerb, Common};
use crate::config::Config;
use crate::{Outcome, Stop, alerting, clock, output};

pub(super) fn run(common: &Common, verb: &AlertsVerb) -> Outcome {
    match verb {
        AlertsVerb::List { all, limit } => list(common, !all, *limit),
        AlertsVerb::Test => test(common),
    }
}

fn list(common: &Common, only_open: bool, limit: i64) -> Outcome {
    let alerts = alert::list(&house(common)?, only_open, limit.clamp(1, 10_000))?;
    if common.json {
        return output::print_json(&alerts);
    }
    let rows = alerts.into_iter().map(|one| {
        let closed = one.closed_at.unwrap_or_default();
        vec![one.state.to_owned(), one.rule, one.scope.unwrap_or_default(), one.opened_at, closed, one.words]
    });
    output::print_table(&["state", "rule", "book", "since", "until", "what"], &[], rows.collect())
}

/// What became of one sink's test.
#[derive(Serialize)]
struct Tested {
    sink: &'static str,
    arrived: bool,
    problem: Option<String>,
}

/// Sends a word to every sink, past the store: it is the way there that is tested.
fn test(common: &Common) -> Outcome {
    let config = Config::read(common)?;
    let sinks = alerting::sinks(&config.alerts)?;
    if sinks.is_empty() {
        return Err(Stop::Found(
            "no place is configured that alerts could go to; see docs/operating.md, Alerts".to_owned(),
        ));
    }
    let now = clock::now();
    let message = Message {
        id: format!("alert_test_{now}"),
        kind: "test".to_owned(),
        words: "this is a test of Countinghouse's alerts; nothing is wrong".to_owned(),
        said_at: kernel::time::rfc3339(now),
        alert: None,
    };
    let tested: Vec<Tested> = sinks
        .iter()
        .map(|sink| {
            let problem = sink.send(&message, now).err();
            Tested { sink: sink.name(), arrived: problem.is_none(), problem }
        })
        .collect();
    let all_arrived = tested.iter().all(|one| one.arrived);
    if common.json {
        output::print_json(&tested)?;
    } else {
        for one in &tested {
            let outcome = one.problem.as_deref().unwrap_or("sent");
            output::print(&format!("{}: {outcome}\n", one.sink))?;
        }
    }
    if all_arrived { Ok(()) } else { Err(Stop::Found("not every sink could be reached".to_owned())) }
}
