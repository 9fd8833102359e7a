//! `catch-up`: events that were not delivered, listed and kept; and how many had been delivered.

use engine::House;
use engine::audit::catch_up::{self, Ask, Report};
use engine::audit::{ListFailure, Lister};
use kernel::Book;

use super::{book, house};
use crate::cli::{CatchUpArgs, Common};
use crate::config::Config;
use crate::outgoing::{Lists, Outgoing};
use crate::{Outcome, Stop, clock, output};

/// Rounds shown by `--history`.
const SHOWN: i64 = 50;

pub(crate) fn run(common: &Common, args: &CatchUpArgs) -> Outcome {
    let named = book(args.book.as_deref())?;
    let config = Config::read(common)?;
    let lists = Lists::open(&config)?;
    let house = house(common)?;
    let books = books(&house, &lists, lists.outgoing(), named)?;
    if args.history {
        return history(common, &house, &books);
    }
    let mut reports = Vec::new();
    let ask = Ask { reason: "asked", patience_s: args.patience_s, clock: &clock::now };
    for book in &books {
        reports.push(catch_up::catch_up(&house, &lists, book, &ask).map_err(stopped)?);
    }
    engine::project::drain(&house, clock::now())?;
    if common.json {
        output::print_json(&reports)?
    } else {
        print(&reports)?
    }
    let gaps: Vec<&str> =
        reports.iter().filter(|one| one.gap.is_some()).map(|one| one.book.as_str()).collect();
    if gaps.is_empty() {
        return Ok(());
    }
    Err(Stop::Found(format!(
        "Stripe lists events for 30 days, and more than that went by in book {}: compare the objects with \
         `countinghouse reconcile`, and heal them with `--fix`",
        gaps.join(", ")
    )))
}

/// The books meant: the one named, or every own and known one that has a key.
pub(super) fn books(
    house: &House,
    lister: &dyn Lister,
    outgoing: &Outgoing,
    named: Option<Book>,
) -> Result<Vec<Book>, Stop> {
    let books = match named {
        Some(book) => vec![book],
        None => {
            let mut books: Vec<Book> = outgoing.own().map(|(book, _)| book).collect();
            let known = engine::status::books(house)?;
            books.extend(known.into_iter().filter(|book| book.account.is_some()));
            books
        }
    };
    match books.iter().find(|book| !lister.reaches(book)) {
        Some(book) if books.len() == 1 => Err(no_key(book)),
        _ if books.is_empty() => Err(Stop::Usage(
            "no Stripe key: set STRIPE_API_KEY (live) or STRIPE_API_KEY_TEST to a restricted key that may read; see: \
             countinghouse config check"
                .to_owned(),
        )),
        _ => Ok(books.into_iter().filter(|book| lister.reaches(book)).collect()),
    }
}

fn no_key(book: &Book) -> Stop {
    let name = if book.livemode { "STRIPE_API_KEY" } else { "STRIPE_API_KEY_TEST" };
    // The test mode of a connected account has a name of its own.
    let or_test = match (&book.account, book.livemode) {
        (Some(account), true) => format!(", or say --book {account}:test if its test mode is meant"),
        _ => String::new(),
    };
    Stop::Usage(format!(
        "there is no Stripe key for book {}: set {name} to a restricted key that may read{or_test}; see: countinghouse \
         config check",
        book.label()
    ))
}

/// A list that was not had, as an exit.
pub(super) fn stopped(why: ListFailure) -> Stop {
    Stop::Found(why.to_string())
}

fn print(reports: &[Report]) -> Outcome {
    output::print_table(&HEADER, &HEADER[2..7], reports.iter().map(row).collect())?;
    for report in reports {
        for healed in report.healed.iter().take(20) {
            output::print(&format!(
                "{}: {} {} of {} had not been delivered\n",
                report.book,
                crate::observe::escaped(&healed.event_type),
                healed.id,
                healed.created_at
            ))?;
        }
        if report.healed.len() > 20 {
            output::print(&format!("{}: and {} more\n", report.book, report.healed.len() - 20))?;
        }
        if let Some(gap) = &report.gap {
            output::print(&format!("{}: no longer listed: {} to {}\n", report.book, gap.from, gap.to))?;
        }
        // With a gap something was asked before, and Stripe had nothing to list yet.
        if report.first && report.gap.is_none() {
            output::remark(&format!(
                "note: the first round of book {}: Stripe lists 30 days; what is older comes with `backfill`",
                report.book
            ));
        }
    }
    Ok(())
}

fn history(common: &Common, house: &House, books: &[Book]) -> Outcome {
    let mut reports = Vec::new();
    for book in books {
        reports.extend(catch_up::history(house, book, SHOWN)?);
    }
    if common.json {
        return output::print_json(&reports);
    }
    output::print_table(&HEADER, &HEADER[2..7], reports.iter().map(row).collect())
}

const HEADER: [&str; 8] = ["book", "why", "listed", "delivered", "missing", "known", "rate", "finished"];

fn row(report: &Report) -> Vec<String> {
    let rate = &report.rate;
    vec![
        report.book.clone(),
        report.reason.clone(),
        rate.listed.to_string(),
        rate.received.to_string(),
        rate.missing.to_string(),
        rate.known.to_string(),
        rate.delivery_rate_bps.map_or_else(String::new, |bps| format!("{}.{:02} %", bps / 100, bps % 100)),
        report.finished_at.clone().unwrap_or_default(),
    ]
}
