//! `reconcile`: what Stripe has against what we hold, and one flag to take over what differs.

use engine::audit::reconcile::{self, Ask, Difference, Report};
use kernel::Book;

use super::catch_up::{books, stopped};
use super::{book, house};
use crate::cli::{Common, ReconcileArgs};
use crate::config::Config;
use crate::outgoing::Lists;
use crate::{Outcome, Stop, clock, output};

/// Differences printed one by one; `--json` has all of them.
const SHOWN: usize = 200;

pub(crate) fn run(common: &Common, args: &ReconcileArgs) -> Outcome {
    let named = book(args.book.as_deref())?;
    let lists = Lists::open(&Config::read(common)?)?;
    let house = house(common)?;
    let books = books(&house, &lists, lists.outgoing(), named)?;
    if args.last {
        let kept: Result<Vec<Option<Report>>, engine::EngineError> =
            books.iter().map(|book| reconcile::last(&house, book)).collect();
        return shown(common, &kept?.into_iter().flatten().collect::<Vec<_>>(), args.fix);
    }
    if args.money {
        return super::money::run(common, &house, &lists, &books);
    }
    let mut reports = Vec::new();
    for book in &books {
        reports.push(one(&house, &lists, book, args.fix)?);
    }
    shown(common, &reports, args.fix)
}

fn one(house: &engine::House, lists: &Lists, book: &Book, fix: bool) -> Result<Report, Stop> {
    let progress = |kind: &'static str, listed: i64| output::step(&format!("{listed} {kind}"));
    let from = clock::now();
    let ask = Ask { fix, clock: &clock::now, progress: &progress };
    let report = reconcile::reconcile(house, lists, book, &ask).map_err(stopped)?;
    output::step("");
    if kernel::time::parse(&report.started_at).is_some_and(|begun| begun < from) {
        output::remark(&format!(
            "note: book {}: this went on with a run begun at {}; what that had compared is as it was then",
            report.book, report.started_at
        ));
    }
    Ok(report)
}

fn shown(common: &Common, reports: &[Report], fix: bool) -> Outcome {
    if common.json {
        output::print_json(&reports)?;
    } else {
        reports.iter().try_for_each(print)?;
    }
    let (found, fixed) =
        reports.iter().fold((0, 0), |(found, fixed), one| (found + one.differences.len(), fixed + one.fixed));
    if found == 0 {
        return Ok(());
    }
    let hint = if fixed == found {
        "all of them are mended".to_owned()
    } else if fix {
        format!("{} of them a person has to look at", found - fixed)
    } else {
        "take over what Stripe says with --fix".to_owned()
    };
    Err(Stop::Found(format!("{found} difference(s) between what we hold and what Stripe has; {hint}")))
}

fn print(report: &Report) -> Outcome {
    for kind in &report.compared {
        left_out(&report.book, kind.object, kind.problem.as_deref());
    }
    let listed: i64 = report.compared.iter().map(|kind| kind.listed).sum();
    if report.differences.is_empty() {
        return output::print(&format!("book {}: {listed} objects compared, no difference\n", report.book));
    }
    let rows = report.differences.iter().take(SHOWN).map(row).collect();
    output::print_table(
        &["object", "id", "what", "field", "ours", "Stripe's", "likely cause", ""],
        &[],
        rows,
    )?;
    output::print(&format!(
        "book {}: {listed} objects compared: {} missing, {} extra, {} field(s) different; {} mended\n",
        report.book, report.missing, report.extra, report.different, report.fixed
    ))?;
    if report.differences.len() > SHOWN {
        output::remark(&format!("note: the first {SHOWN} are shown; `reconcile --last --json` has all"));
    }
    Ok(())
}

/// A kind whose list could not be had.
pub(super) fn left_out(book: &str, kind: &str, problem: Option<&str>) {
    if let Some(why) = problem {
        output::remark(&format!("note: book {book}: {kind} left out, the books do not depend on it: {why}"));
    }
}

fn row(found: &Difference) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let event = found.event.as_deref().map(|event| format!(": {event}")).unwrap_or_default();
    vec![
        found.object.clone(),
        found.id.clone(),
        found.what.clone(),
        text(&found.path),
        text(&found.ours),
        text(&found.stripes),
        format!("{}{event}", found.why),
        if found.fixed { "mended".to_owned() } else { String::new() },
    ]
}
