//! The journal in the languages of plain-text accounting: one transaction per entry, one pair of lines per
//! posting. Both load in the real programs (`bean-check`, `hledger check`).

use std::collections::BTreeSet;
use std::fmt::Write as _;

use kernel::{Book, Currency, money, time};
use ledger::Account;
use store::entry::Written;

use crate::house::{EngineError, House};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JournalStyle {
    Beancount,
    Hledger,
}

/// Every entry of a book, by effective date.
pub fn to_journal(house: &House, book: &Book, style: JournalStyle) -> Result<String, EngineError> {
    let (mut entries, registry) = house.db().read(|read| -> Result<_, EngineError> {
        let registry = house.registry(read)?;
        let Some(book_id) = store::book::known(read, book)? else { return Ok((Vec::new(), registry)) };
        let mut entries = Vec::new();
        let mut after = 0;
        loop {
            let page = store::entry::page(read, Some(book_id), after, 1000)?;
            let Some(last) = page.last() else { break };
            after = last.id;
            entries.extend(page);
        }
        Ok((entries, registry))
    })?;
    entries.sort_by_key(|written| (written.entry.effective_at, written.id));
    let name = |handle: &str| partner_component(&registry, handle);
    Ok(write_journal(book, &entries, style, &name))
}

/// `P12-anna-smith`: a legal account component in both languages, unique by the partner's number.
fn partner_component(registry: &rules::Registry, handle: &str) -> String {
    let number = registry.partner_number(handle).unwrap_or(0);
    let safe: String = handle.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("P{number}-{safe}")
}

fn write_journal(
    book: &Book,
    entries: &[Written],
    style: JournalStyle,
    name: &dyn Fn(&str) -> String,
) -> String {
    let mut text = String::new();
    let comment = if style == JournalStyle::Beancount { ";;" } else { ";" };
    let _ = writeln!(text, "{comment} Countinghouse journal of the book {}\n", book.label());
    if style == JournalStyle::Beancount {
        text.push_str("option \"title\" \"Countinghouse\"\n\n");
    }
    text.push_str(&openings(entries, style, name));
    for Written { id, entry, postings } in entries {
        let date = time::date(entry.effective_at);
        match style {
            JournalStyle::Beancount => {
                let _ = writeln!(text, "{date} * \"{}\" \"{}\"", safe(&entry.sale), entry.reason);
                let _ = writeln!(text, "  entry: \"{}\"\n  rev: \"{}\"", id, entry.rev);
            }
            JournalStyle::Hledger => {
                let _ = writeln!(
                    text,
                    "{date} * {} | {}  ; entry:{}, rev:{}",
                    safe(&entry.sale),
                    entry.reason,
                    id,
                    entry.rev
                );
            }
        }
        for posting in postings {
            let partner = name(&posting.partner);
            let (amount, commodity) = amount(posting.amount_minor, &posting.currency);
            let _ = writeln!(text, "  {}  {amount} {commodity}", path(posting.debit, &partner));
            let _ = writeln!(text, "  {}  -{amount} {commodity}", path(posting.credit, &partner));
        }
        text.push('\n');
    }
    text
}

/// An id as it can stand in both languages: Stripe's always can, but an id is whatever a signed body says,
/// and a quote or a line break in it would be read as more journal.
fn safe(id: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-.:".contains(c);
    id.chars().map(|c| if plain(c) { c } else { '?' }).collect()
}

/// Declares every account (and for hledger every commodity) before its first use.
fn openings(entries: &[Written], style: JournalStyle, name: &dyn Fn(&str) -> String) -> String {
    let mut accounts = BTreeSet::new();
    let mut commodities = BTreeSet::new();
    for posting in entries.iter().flat_map(|written| &written.postings) {
        let partner = name(&posting.partner);
        accounts.insert(path(posting.debit, &partner));
        accounts.insert(path(posting.credit, &partner));
        commodities.insert(posting.currency.clone());
    }
    let mut text = String::new();
    let first = entries.iter().map(|written| written.entry.effective_at).min().unwrap_or(0);
    for currency in &commodities {
        if style == JournalStyle::Hledger {
            let (zero, commodity) = amount(0, currency);
            let point = if zero.contains('.') { "" } else { "." };
            let _ = writeln!(text, "commodity {zero}{point} {commodity}");
        }
    }
    for account in &accounts {
        let _ = match style {
            JournalStyle::Beancount => writeln!(text, "{} open {account}", time::date(first)),
            JournalStyle::Hledger => writeln!(text, "account {account}"),
        };
    }
    text.push('\n');
    text
}

fn path(code: i64, partner: &str) -> String {
    let path = Account::from_code(code).map_or("Equity:Unknown", Account::path);
    format!("{path}:{partner}")
}

fn amount(minor: i64, currency: &str) -> (String, String) {
    let commodity = currency.to_ascii_uppercase();
    match Currency::parse(currency) {
        Some(parsed) => (money::decimal(minor, parsed), commodity),
        None => (minor.to_string(), commodity),
    }
}
