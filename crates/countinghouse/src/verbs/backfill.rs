//! `backfill`: everything that Stripe has of an account into the inbox.

use engine::House;
use engine::audit::backfill::{self, Foreseen, Kinds, Listed};
use engine::audit::catch_up::{self, Ask, Report};
use kernel::Book;
use serde::Serialize;

use super::catch_up::{books, stopped};
use super::{book, house};
use crate::cli::{BackfillArgs, Common};
use crate::config::Config;
use crate::outgoing::Lists;
use crate::{Outcome, Stop, clock, output};

#[derive(Serialize)]
struct Done {
    book: String,
    kinds: Kinds,
    events: Report,
}

pub(crate) fn run(common: &Common, args: &BackfillArgs) -> Outcome {
    let named = book(args.book.as_deref())?;
    let lists = Lists::open(&Config::read(common)?)?;
    let house = house(common)?;
    let (mut done, mut seen) = (Vec::new(), Vec::new());
    for book in books(&house, &lists, lists.outgoing(), named)? {
        if args.dry_run || backfill::needs_start(&house, &book)? {
            seen.push(foresee(&house, &lists, &book)?);
            if !args.dry_run {
                totals(common, seen)?;
                return Err(no_start(&book));
            }
            continue;
        }
        done.push(one(&house, &lists, &book)?);
    }
    if args.dry_run {
        return totals(common, seen);
    }
    if common.json { output::print_json(&done) } else { print(&done) }
}

fn one(house: &House, lists: &Lists, book: &Book) -> Result<Done, Stop> {
    let mut progress = |listed: &Listed| output::step(&format!("{} {}", listed.listed, listed.kind));
    let kinds = backfill::backfill(house, lists, book, &clock::now, &mut progress).map_err(stopped)?;
    // What happened since a list was asked for, and when the newest event was.
    let ask = Ask { reason: "asked", patience_s: 0, clock: &clock::now };
    let events = catch_up::catch_up(house, lists, book, &ask).map_err(stopped)?;
    output::step("booking");
    engine::project::drain(house, clock::now())?;
    output::step("");
    Ok(Done { book: book.label(), kinds, events })
}

fn foresee(house: &House, lists: &Lists, book: &Book) -> Result<Foreseen, Stop> {
    let mut progress = |kind: &'static str, listed: usize| output::step(&format!("{listed} {kind}"));
    let seen = backfill::foreseen(house, lists, book, clock::now(), &mut progress).map_err(stopped)?;
    output::step("");
    Ok(seen)
}

fn totals(common: &Common, seen: Vec<Foreseen>) -> Outcome {
    if common.json {
        return output::print_json(&seen);
    }
    let rows = seen
        .iter()
        .flat_map(|Foreseen { book, sums }| sums.iter().map(move |sum| (book, sum)))
        .map(|(book, sum)| {
            vec![
                book.clone(),
                sum.sales.to_string(),
                output::money(sum.commission_all_minor, &sum.currency),
                output::money(sum.commission_from_now_minor, &sum.currency),
            ]
        })
        .collect();
    let header = ["book", "sales", "commission of all", "if the program starts now"];
    output::print_table(&header, &header[1..], rows)
}

fn no_start(book: &Book) -> Stop {
    let book = book.label();
    Stop::Found(format!(
        "book {book} is live and its program has no start, so everything ever sold would be paid for: say from when \
         on sales earn with `countinghouse program start DATE --book {book}` (1970-01-01: all of them), then run this again"
    ))
}

fn print(done: &[Done]) -> Outcome {
    for Done { book, kinds, events } in done {
        let rows = kinds
            .iter()
            .map(|kind| vec![book.clone(), kind.kind.to_owned(), kind.listed.to_string()])
            .collect();
        output::print_table(&["book", "object", "listed"], &["listed"], rows)?;
        output::print(&format!("{book}: {} events listed as well\n", events.rate.listed))?;
        for kind in kinds {
            super::reconcile::left_out(book, kind.kind, kind.problem.as_deref());
        }
    }
    Ok(())
}
