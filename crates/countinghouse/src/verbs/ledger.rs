//! `ledger show | verify | export`, and `verify`.

use std::collections::BTreeMap;

use engine::House;
use engine::export::{self, ExportOptions, JournalStyle};
use kernel::{Book, UnixMs};
use serde::Serialize;

use super::{book, house, time};
use crate::cli::{Common, Format, LedgerVerb};
use crate::{Outcome, Stop, output};

pub(crate) fn run(common: &Common, verb: LedgerVerb) -> Outcome {
    match verb {
        LedgerVerb::Show { book: label, as_of } => {
            let house = house(common)?;
            super::remark_unless_level(&house)?;
            let totals = totals(&house, book(label.as_deref())?, time(as_of.as_deref())?)?;
            if common.json { output::print_json(&totals) } else { print_totals(totals) }
        }
        LedgerVerb::Verify { deep } => verify(common, deep),
        LedgerVerb::Export { format, book: label, as_of } => {
            export_ledger(common, format, book(label.as_deref())?, time(as_of.as_deref())?)
        }
    }
}

fn export_ledger(common: &Common, format: Format, book: Option<Book>, as_of: Option<UnixMs>) -> Outcome {
    let house = house(common)?;
    let export = export::export(&house, &ExportOptions { as_of, book: book.clone() })?;
    if !export.level {
        super::remark_not_level();
    }
    if format == Format::Json {
        return output::print(&export::to_json(&export.rows)?);
    }
    let books = export::books_with_rows(&export.rows);
    if book.is_none() && books.len() > 1 {
        let labels: Vec<String> = books.iter().map(Book::label).collect();
        return Err(Stop::Usage(format!(
            "this format holds one book, and there are {}: say which with --book",
            labels.join(", ")
        )));
    }
    let text = match format {
        Format::Csv => export::to_csv(&export.rows)?,
        Format::Beancount | Format::Hledger => {
            let Some(book) = book.or_else(|| books.into_iter().next()) else { return Ok(()) };
            let style =
                if format == Format::Beancount { JournalStyle::Beancount } else { JournalStyle::Hledger };
            export::to_journal(&house, &book, style)?
        }
        Format::Json => String::new(),
    };
    output::print(&text)
}

pub(crate) fn verify(common: &Common, deep: bool) -> Outcome {
    let report = engine::audit::verify(&super::house_that_exists(common)?, deep)?;
    if common.json {
        output::print_json(&report)?;
    } else {
        for finding in &report.findings {
            output::print(&format!("{}: {}\n", finding.invariant, finding.what))?;
        }
        output::print(&format!(
            "{} entries, {} events: {}\n",
            report.entries,
            report.events,
            if report.sound() { "all in order" } else { "NOT in order" }
        ))?;
    }
    if report.archived_unseen > 0 {
        output::remark(&format!(
            "note: {} bodies are in archives and were not looked at; --archive DIR looks at them too",
            report.archived_unseen
        ));
    }
    if report.sound() { Ok(()) } else { Err(Stop::Found(format!("{} finding(s)", report.findings.len()))) }
}

/// One partner's totals in one currency and book.
#[derive(Serialize, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Total {
    pub(crate) book: String,
    pub(crate) partner: Option<String>,
    pub(crate) currency: String,
    pub(crate) sales: i64,
    pub(crate) net_minor: i128,
    pub(crate) commission_minor: i128,
    pub(crate) pending_minor: i128,
    pub(crate) available_minor: i128,
    pub(crate) held_minor: i128,
}

pub(crate) fn totals(house: &House, book: Option<Book>, as_of: Option<UnixMs>) -> Result<Vec<Total>, Stop> {
    let export = export::export(house, &ExportOptions { as_of, book })?;
    let mut totals: BTreeMap<(String, Option<String>, String), Total> = BTreeMap::new();
    for row in &export.rows {
        let key = (row.book().label(), row.partner.clone(), row.currency.clone());
        let total = totals.entry(key).or_insert_with(|| Total {
            book: row.book().label(),
            partner: row.partner.clone(),
            currency: row.currency.clone(),
            sales: 0,
            net_minor: 0,
            commission_minor: 0,
            pending_minor: 0,
            available_minor: 0,
            held_minor: 0,
        });
        total.sales += 1;
        total.net_minor += i128::from(row.net_minor);
        total.commission_minor += i128::from(row.commission_minor);
        total.pending_minor += i128::from(row.pending_minor);
        total.available_minor += i128::from(row.available_minor);
        total.held_minor += i128::from(row.held_minor);
    }
    Ok(totals.into_values().collect())
}

pub(crate) fn print_totals(totals: Vec<Total>) -> Outcome {
    let rows = totals
        .into_iter()
        .map(|total| {
            let money = |minor| output::money(minor, &total.currency);
            vec![
                total.book.clone(),
                total.partner.clone().unwrap_or_else(|| "nobody".into()),
                total.sales.to_string(),
                money(total.net_minor),
                money(total.commission_minor),
                money(total.pending_minor),
                money(total.available_minor),
                money(total.held_minor),
            ]
        })
        .collect();
    let header = ["book", "partner", "sales", "net", "commission", "pending", "available", "held"];
    output::print_table(&header, &header[2..], rows)
}
