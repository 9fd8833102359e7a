//! `events parked | retry | discard | quarantine`: what waits for a person.

use engine::House;
use engine::events::{self, EventFilter};
use engine::parked::{self, Which};

use super::{actor, house};
use crate::cli::{Common, DiscardArgs, RetryArgs};
use crate::{Outcome, Stop, clock, output};

pub(super) fn list(common: &Common) -> Outcome {
    let groups = parked::groups(&house(common)?)?;
    if common.json {
        return output::print_json(&groups);
    }
    let rows = groups.into_iter().map(|group| {
        let since = group.oldest_at.unwrap_or_default();
        vec![group.code, group.events.to_string(), since, group.oldest.unwrap_or_default(), group.reason]
    });
    output::print_table(&["code", "events", "since", "oldest", "reason"], &["events"], rows.collect())
}

fn which(ids: Vec<String>, reason: Option<String>, all: bool, or: &str) -> Result<Which, Stop> {
    match reason {
        Some(reason) => Ok(Which::Reason(reason)),
        None if all => Ok(Which::All),
        None if ids.is_empty() => Err(Stop::Usage(format!(
            "which events? Name their ids, or --reason CODE{or}; see: countinghouse events parked"
        ))),
        None => Ok(Which::Ids(ids)),
    }
}

pub(super) fn retry(common: &Common, args: RetryArgs) -> Outcome {
    let which = which(args.ids, args.reason, args.all, ", or --all")?;
    let house = house(common)?;
    let count = parked::retry(&house, &which, &actor(), clock::now())?;
    said(common, &house, &which, "retried", count, "will be tried again at once")
}

pub(super) fn discard(common: &Common, args: DiscardArgs) -> Outcome {
    let which = which(args.ids, args.reason, false, "")?;
    let house = house(common)?;
    let count =
        parked::discard(&house, &which, &args.why, &actor(), clock::now()).map_err(super::usage_or_found)?;
    said(common, &house, &which, "discarded", count, "given up; nothing that is booked changed")
}

/// What came of it; that nothing was parked is a difference, but for everything at once.
fn said(common: &Common, house: &House, which: &Which, field: &str, count: usize, words: &str) -> Outcome {
    if common.json {
        let mut answer = serde_json::json!({ field: count });
        if let Which::Ids(ids) = which
            && let [id] = ids.as_slice()
        {
            answer["id"] = serde_json::json!(id);
        }
        output::print_json(&answer)?;
    }
    if count == 0 && *which != Which::All {
        return Err(Stop::Found(nothing(house, which)));
    }
    if common.json { Ok(()) } else { output::print(&format!("{count} event(s) {words}\n")) }
}

fn nothing(house: &House, which: &Which) -> String {
    match which {
        Which::Ids(ids) => {
            format!("{} is not parked; see: countinghouse events list --state parked", ids.join(", "))
        }
        Which::Reason(reason) => {
            let codes: Vec<String> = parked::groups(house)
                .unwrap_or_default()
                .into_iter()
                .filter(|group| group.events > 0)
                .map(|group| group.code)
                .collect();
            let others = if codes.is_empty() {
                "nor for any other reason".to_owned()
            } else {
                format!("parked for other reasons: {}", codes.join(", "))
            };
            format!(
                "nothing is parked for '{reason}' now (what was retried a moment ago is being worked off, and is parked \
                 again if it fails again); {others}"
            )
        }
        Which::All => "nothing is parked".to_owned(),
    }
}

pub(super) fn quarantine(common: &Common, number: Option<i64>, limit: usize) -> Outcome {
    let house = house(common)?;
    if let Some(number) = number {
        let Some(detail) = events::quarantined(&house, number)? else {
            return Err(Stop::Found(format!(
                "there is no number {number} in quarantine; see: countinghouse events quarantine"
            )));
        };
        if common.json {
            return output::print_json(&detail);
        }
        let row = &detail.row;
        let what = row.event_type.as_deref().unwrap_or("no readable type");
        let reason = row.reason.as_deref().unwrap_or_default();
        return output::print(&format!(
            "number {number}, {what}, received {} ({} times)\n  not in a book: {reason}\n{}\n",
            row.received_at, row.deliveries, detail.body
        ));
    }
    let filter = EventFilter { state: Some("quarantined".into()), limit, ..EventFilter::default() };
    let rows = events::list(&house, &filter)?;
    if common.json {
        return output::print_json(&rows);
    }
    let cells = rows.into_iter().map(|row| {
        vec![
            row.quarantine.map(|number| number.to_string()).unwrap_or_default(),
            row.received_at,
            row.id.unwrap_or_default(),
            row.event_type.unwrap_or_default(),
            row.deliveries.to_string(),
            row.reason.unwrap_or_default(),
        ]
    });
    output::print_table(
        &["number", "received", "event", "type", "times", "reason"],
        &["number", "times"],
        cells.collect(),
    )
}
