//! `code drift`: our codes against Stripe's, and one flag to mend what can be mended.

use engine::deliver::drift::{Difference, Drift, drift};
use engine::deliver::mend::{Mended, fix, refresh};
use engine::deliver::{Stripe, begin};
use kernel::Book;
use serde::Serialize;

use super::book;
use super::carry::{Desk, refused};
use crate::cli::{Common, DriftArgs};
use crate::{Outcome, Stop, clock, output};

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    drift: Drift,
    mended: Vec<Mended>,
    /// Codes of which `code list` and `code show` now say what Stripe shows, and did not before.
    refreshed: usize,
}

pub(super) fn run(common: &Common, args: &DriftArgs) -> Outcome {
    let named = book(args.book.as_deref())?;
    let desk = Desk::open(common)?;
    let books = match named {
        Some(book) => vec![book],
        None => with_key(&desk)?,
    };
    let mut shown = Vec::new();
    let (mut left, mut mendable) = (0, 0);
    for book in &books {
        let mut seen = drift(&desk.house, &desk.stripe, book, clock::now()).map_err(refused)?;
        let (mut mended, mut refreshed) = (Vec::new(), 0);
        if args.fix {
            if !seen.differences.is_empty() {
                let asking = Desk::asking();
                mended =
                    fix(&desk.house, &desk.stripe, book, &seen, &asking, &clock::now).map_err(refused)?;
                // What Stripe answered is in the inbox: into the books with it, to compare with that.
                engine::project::drain(&desk.house, clock::now())?;
                // What is left is asked of Stripe, not assumed.
                seen = drift(&desk.house, &desk.stripe, book, clock::now()).map_err(refused)?;
            }
            refreshed = refresh(&desk.house, book, &seen, clock::now()).map_err(refused)?;
            engine::project::drain(&desk.house, clock::now())?;
        }
        left += seen.differences.len();
        mendable += seen.differences.iter().filter(|found| found.fix.is_some()).count();
        shown.push(Shown { drift: seen, mended, refreshed });
    }
    if common.json {
        output::print_json(&shown)?;
    } else {
        print(&shown)?;
    }
    if left == 0 {
        return Ok(());
    }
    let decide = "a person has to decide: change the code at Stripe, or end ours with `code end` and adopt the right one";
    let hint = match (args.fix, mendable) {
        (false, 1..) if mendable == left => "--fix mends them".to_owned(),
        (false, 1..) => format!("--fix mends {mendable} of them; about the others {decide}"),
        _ => decide.to_owned(),
    };
    Err(Stop::Found(format!("{left} difference(s) between our codes and Stripe's; {hint}")))
}

/// Every book that is known or own, and has a key.
fn with_key(desk: &Desk) -> Result<Vec<Book>, Stop> {
    let mut books = engine::status::books(&desk.house)?;
    books.retain(|book| desk.stripe.ready(book).is_ok());
    if books.is_empty() {
        books.push(begin::book(&desk.house, &desk.stripe, None).map_err(refused)?);
    }
    Ok(books)
}

fn print(shown: &[Shown]) -> Outcome {
    for Shown { drift, mended, refreshed } in shown {
        for done in mended {
            let reason = done.reason.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
            output::print(&format!("{}: {} ({}{reason})\n", done.code, done.fix, done.state))?;
        }
        if *refreshed > 0 {
            output::print(&format!(
                "book {}: {refreshed} codes are shown as Stripe has them now\n",
                drift.book
            ))?;
        }
        if drift.differences.is_empty() {
            output::print(&format!(
                "book {}: {} codes compared, no difference\n",
                drift.book, drift.compared
            ))?;
            continue;
        }
        let rows = drift.differences.iter().map(row).collect();
        let header =
            ["book", "partner", "code", "promotion code", "difference", "ours", "Stripe's", "--fix would"];
        output::print_table(&header, &[], rows)?;
    }
    Ok(())
}

fn row(found: &Difference) -> Vec<String> {
    let kind = serde_json::to_string(&found.kind).unwrap_or_default();
    vec![
        found.book.clone(),
        found.partner.clone(),
        found.code.clone(),
        found.promotion_code.clone().unwrap_or_default(),
        kind.trim_matches('"').replace('_', " "),
        found.ours.clone(),
        found.stripes.clone(),
        found.fix.unwrap_or("nothing: a person decides").to_owned(),
    ]
}
