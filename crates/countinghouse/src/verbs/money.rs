//! `reconcile --money`: movements of Stripe's balance and payouts, and what does not add up.

use engine::House;
use engine::audit::money::{Exception, Money, Sums, money};
use kernel::Book;

use super::catch_up::stopped;
use crate::cli::Common;
use crate::outgoing::Lists;
use crate::{Outcome, Stop, clock, output};

/// Exceptions printed one by one; `--json` has all of them.
const SHOWN: usize = 200;

pub(super) fn run(common: &Common, house: &House, lists: &Lists, books: &[Book]) -> Outcome {
    let mut seen = Vec::new();
    for book in books {
        seen.push(money(house, lists, book, clock::now()).map_err(stopped)?);
    }
    if common.json {
        output::print_json(&seen)?;
    } else {
        print(&seen)?;
    }
    let exceptions: usize = seen.iter().map(|one| one.exceptions.len()).sum();
    if exceptions == 0 { Ok(()) } else { Err(Stop::Found(format!("{exceptions} exception(s)"))) }
}

fn print(seen: &[Money]) -> Outcome {
    let sums = seen.iter().flat_map(|one| one.sums.iter().map(|sums| row(&one.book, sums))).collect();
    let header =
        ["book", "movements", "gross", "fees", "refunds", "disputes", "other", "net", "payouts", "paid out"];
    output::print_table(&header, &header[1..], sums)?;
    let all: Vec<(&str, &Exception)> =
        seen.iter().flat_map(|one| one.exceptions.iter().map(|odd| (one.book.as_str(), odd))).collect();
    if all.is_empty() {
        return output::print("everything adds up\n");
    }
    let rows = all.iter().take(SHOWN).map(|(book, odd)| {
        vec![
            (*book).to_owned(),
            odd.what.replace('_', " "),
            odd.id.clone(),
            output::money(odd.expected_minor, &odd.currency),
            output::money(odd.found_minor, &odd.currency),
        ]
    });
    output::print_table(
        &["book", "exception", "id", "expected", "found"],
        &["expected", "found"],
        rows.collect(),
    )
}

fn row(book: &str, sums: &Sums) -> Vec<String> {
    let money = |minor: i64| output::money(minor, &sums.currency);
    vec![
        book.to_owned(),
        sums.transactions.to_string(),
        money(sums.gross_minor),
        money(sums.fees_minor),
        money(sums.refunds_minor),
        money(sums.disputes_minor),
        money(sums.other_minor),
        money(sums.net_minor),
        sums.payouts.to_string(),
        money(sums.paid_out_minor),
    ]
}
