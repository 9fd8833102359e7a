//! `code rotate | deactivate`: a code that exists, replaced or ended at Stripe and here.

use engine::deliver::begin::BeginError;
use engine::deliver::change;

use super::book;
use super::carry::{Desk, Shown, ended, refused};
use crate::cli::{Common, RotateArgs};
use crate::{Outcome, Stop, clock, output};

const WAIT_S: i64 = 60;

pub(super) fn rotate(common: &Common, args: &RotateArgs) -> Outcome {
    let wanted = book(args.book.as_deref())?;
    let desk = Desk::open(common)?;
    let asking = Desk::asking();
    let begun = change::rotate(&desk.house, &desk.stripe, &args.old, &args.code, wanted.as_ref(), &asking);
    let begun = begun.map_err(|why| {
        let held = change::held(&desk.house, &args.old, wanted.as_ref(), clock::now());
        if matches!(held, Err(BeginError::Conflict(_))) { Stop::Found(why.to_string()) } else { refused(why) }
    })?;
    let ran = desk.carry(&begun.intent.id, args.wait_s)?;
    if common.json {
        output::print_json(&Shown { intent: &ran.intent, fresh: begun.fresh })?;
    } else if ran.state == store::intent::State::Done {
        let id = ran.intent.promotion_code.as_deref().unwrap_or_default();
        output::print(&format!(
            "{} ({id}) takes the place of {}, which is inactive now, in the book {}\n",
            ran.intent.code, args.old, ran.intent.book
        ))?;
    }
    ended(&ran, &format!("the rotation to {}", ran.intent.code))
}

pub(super) fn deactivate(common: &Common, code: &str, named: Option<&str>) -> Outcome {
    let wanted = book(named)?;
    let desk = Desk::open(common)?;
    let held = change::held(&desk.house, code, wanted.as_ref(), clock::now()).map_err(|why| match why {
        BeginError::Conflict(nobodys) => Stop::Found(nobodys),
        other => refused(other),
    })?;
    let begun = change::deactivate(&desk.house, &desk.stripe, &held, &Desk::asking()).map_err(refused)?;
    let ran = desk.carry(&begun.intent.id, WAIT_S)?;
    if common.json {
        output::print_json(&Shown { intent: &ran.intent, fresh: begun.fresh })?;
    } else if ran.state == store::intent::State::Done {
        let stripes = match &ran.intent.promotion_code {
            Some(id) => format!("{id} is inactive at Stripe, and"),
            None => "Stripe had no active code;".to_owned(),
        };
        output::print(&format!(
            "{stripes} {code} is {}'s no more, in the book {}\n",
            held.partner, ran.intent.book
        ))?;
    }
    ended(&ran, &format!("the end of {code}"))
}
