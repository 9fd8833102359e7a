//! `code intents`: what is being made at Stripe, what was, and why something waits.

use engine::deliver::IntentView;
use engine::deliver::run::standing;

use super::carry::{Desk, ended};
use super::house;
use crate::cli::{Common, IntentsArgs};
use crate::{Outcome, Stop, clock, output};

pub(super) fn run(common: &Common, args: &IntentsArgs) -> Outcome {
    match &args.id {
        None => list(common, args.limit),
        Some(id) if args.retry => {
            let desk = Desk::open(common)?;
            let ran = desk.carry(id, 60)?;
            print(common, &ran.intent)?;
            ended(&ran, id)
        }
        Some(id) => match standing(&house(common)?, id, clock::now())? {
            Some(ran) => print(common, &ran.intent),
            None => Err(Stop::Found(format!("there is no intent {id}; see: countinghouse code intents"))),
        },
    }
}

fn print(common: &Common, intent: &IntentView) -> Outcome {
    if common.json {
        return output::print_json(intent);
    }
    let partner = intent.partner.as_deref().unwrap_or("-");
    output::print(&format!(
        "{}: {} {} for {partner} in the book {}, {}\n",
        intent.id, intent.kind, intent.code, intent.book, intent.state
    ))?;
    if let Some(reason) = &intent.reason {
        output::print(&format!("because: {reason}\n"))?;
    }
    let rows = intent.steps.iter().map(|step| {
        let word = |value: String| value.trim_matches('"').replace('_', " ");
        vec![
            word(serde_json::to_string(&step.step).unwrap_or_default()),
            word(serde_json::to_string(&step.state).unwrap_or_default()),
            step.object.clone().unwrap_or_default(),
        ]
    });
    output::print_table(&["step", "state", "object"], &[], rows.collect())
}

fn list(common: &Common, limit: i64) -> Outcome {
    let intents = engine::deliver::list(&house(common)?, None, limit.clamp(1, 500))?;
    if common.json {
        return output::print_json(&intents);
    }
    let rows = intents.into_iter().map(|intent| {
        vec![
            intent.id,
            intent.recorded_at,
            intent.kind,
            intent.code,
            intent.partner.unwrap_or_default(),
            intent.book,
            intent.state,
            intent.reason.unwrap_or_default(),
        ]
    });
    let header = ["intent", "recorded", "kind", "code", "partner", "book", "state", "reason"];
    output::print_table(&header, &[], rows.collect())
}
