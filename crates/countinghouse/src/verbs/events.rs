//! `events list | show | types`; what is parked is in `parked.rs`, draining in `drain.rs`, moving in `carry.rs`,
//! archives in `archive.rs`.

use engine::events::{self, EventFilter};

use super::{archive, carry, drain, house, parked};
use crate::cli::{Common, EventsVerb};
use crate::observe::escaped;
use crate::{Outcome, Stop, output};

pub(crate) fn run(common: &Common, verb: EventsVerb) -> Outcome {
    match verb {
        EventsVerb::List { state, event_type, limit, before } => {
            list(common, EventFilter { state, event_type, before_seq: before, limit })
        }
        EventsVerb::Show { id } => show(common, &id),
        EventsVerb::Parked => parked::list(common),
        EventsVerb::Retry(args) => parked::retry(common, args),
        EventsVerb::Discard(args) => parked::discard(common, args),
        EventsVerb::Quarantine { number, limit } => parked::quarantine(common, number, limit),
        EventsVerb::Replay { id, apply } => super::replay::event(common, &id, apply),
        EventsVerb::Drain { timeout_s } => drain::run(common, timeout_s),
        EventsVerb::Types { thin, subscribed } => types(common, thin, subscribed),
        EventsVerb::Export(args) => carry::export(common, &args),
        EventsVerb::Import { file, account } => carry::import(common, &file, account.as_deref()),
        EventsVerb::Archive(args) => archive::run(common, &args),
        EventsVerb::Restore { file } => archive::restore(common, &file),
    }
}

fn list(common: &Common, filter: EventFilter) -> Outcome {
    if let Some(state) = filter.state.as_deref().filter(|state| !events::STATES.contains(state)) {
        return Err(Stop::Usage(format!("'{state}' is not a state: {}", events::STATES.join(", "))));
    }
    let listed = events::page(&house(common)?, &filter)?;
    if let Some(seq) = listed.searched_to {
        output::remark(&format!("note: looked no further back than event {seq}; go on with --before {seq}"));
    }
    if common.json {
        return output::print_json(&listed.rows);
    }
    let rows = listed
        .rows
        .into_iter()
        .map(|row| {
            vec![
                row.received_at,
                row.id.unwrap_or_default(),
                row.event_type.unwrap_or_default(),
                row.account.unwrap_or_default(),
                row.livemode.map_or_else(String::new, |live| if live { "live" } else { "test" }.to_owned()),
                row.state,
                row.reason.unwrap_or_default(),
            ]
        })
        .collect();
    output::print_table(&["received", "event", "type", "account", "mode", "state", "reason"], &[], rows)
}

/// There is no event of this id.
pub(super) fn not_received(id: &str) -> Stop {
    Stop::Found(format!(
        "no event {id} was received; what Stripe made in the last 30 days and did not deliver is fetched by: \
         countinghouse catch-up"
    ))
}

fn show(common: &Common, id: &str) -> Outcome {
    let details = events::show(&house(common)?, id)?;
    if details.is_empty() {
        return Err(not_received(id));
    }
    if common.json {
        return output::print_json(&details);
    }
    for detail in details {
        let row = &detail.row;
        output::print(&format!(
            "{id} {} ({}), {}{}, received {} by {}{}\n",
            escaped(row.event_type.as_deref().unwrap_or("?")),
            escaped(row.api_version.as_deref().unwrap_or("no version")),
            row.state,
            row.reason.as_deref().map(|reason| format!(": {}", escaped(reason))).unwrap_or_default(),
            row.received_at,
            row.source,
            if row.deliveries > 1 { format!(" ({} times)", row.deliveries) } else { String::new() },
        ))?;
        for step in &detail.timeline {
            let again = if ["repeated", "other_body"].contains(&&*step.what) { "again: " } else { "" };
            let at = step.at.as_deref().map(|at| format!("{at} ")).unwrap_or_default();
            output::print(&format!("  {again}{at}{}\n", escaped(&step.words)))?;
        }
        for object in &detail.objects {
            output::print(&format!("  says: {object}\n"))?;
        }
        for caused in &detail.effects.entries {
            let entry = &caused.entry;
            output::print(&format!("  entry {} of sale {}: {}\n", entry.id, caused.sale, entry.reason))?;
        }
        for note in &detail.notes {
            output::print(&format!(
                "  note: {:?} at {} {}\n",
                note.code,
                escaped(&note.path),
                escaped(&note.detail)
            ))?;
        }
        match &detail.archived {
            Some(why) => output::print(&format!("  {why}\n"))?,
            None => output::print(&format!("{}\n", detail.body))?,
        }
    }
    Ok(())
}

/// One event type, as `events types --json` prints it.
#[derive(serde::Serialize)]
struct TypeRow {
    #[serde(rename = "type")]
    event_type: &'static str,
    /// read | stored
    state: &'static str,
    object: Option<&'static str>,
    subscribed: bool,
    /// What it says, or why it is only kept.
    says: &'static str,
}

fn types(common: &Common, thin: bool, subscribed: bool) -> Outcome {
    let rows = if thin { facts::thin_rows() } else { facts::snapshot_rows() };
    let names: Vec<&str> = facts::subscribed().collect();
    let row = |row: &facts::Row| {
        let (state, object, says) = match row.means {
            facts::Means::Read(kind) => ("read", Some(kind.stripe_name()), row.does),
            facts::Means::Stored(why) => ("stored", None, why),
        };
        let subscribed = !thin && names.contains(&row.event_type);
        TypeRow { event_type: row.event_type, state, object, subscribed, says }
    };
    let rows: Vec<TypeRow> = rows.iter().map(row).filter(|row| row.subscribed || !subscribed).collect();
    if common.json {
        return output::print_json(&rows);
    }
    let cells = |row: TypeRow| {
        let text = |text: &str| text.to_owned();
        vec![text(row.event_type), text(row.state), text(row.object.unwrap_or_default()), text(row.says)]
    };
    output::print_table(&["type", "state", "object", "says"], &[], rows.into_iter().map(cells).collect())
}
