//! `config check --session cs_...|in_...`: whether that purchase would attribute, to whom, and if not why. Fetches
//! it through the client and asks the engine; writes nothing.

use std::sync::Arc;

use engine::explain::Explanation;
use engine::fetch::{FetchFailure, Fetcher, purchase, words};
use engine::foresee::foresee;
use kernel::{Book, Kind, ObjectKey};
use serde::Serialize;

use super::explain::candidate_line;
use crate::cli::Common;
use crate::config::Config;
use crate::outgoing::{Outgoing, Waits};
use crate::{Outcome, Stop, clock, output};

/// The answer. Field names are a contract: add, never rename.
#[derive(Serialize)]
struct Answer<'a> {
    session: &'a str,
    book: String,
    would_attribute: bool,
    partner: Option<&'a str>,
    reason: &'a str,
    code: Option<&'a str>,
    /// The sale it is, or would be part of; `None` while it is none yet.
    sale: Option<&'a str>,
    candidates: &'a [rules::Candidate],
    /// Objects that could not be had: the answer may be another with them.
    gaps: &'a [String],
    /// What to do, where something can be done.
    advice: Option<String>,
}

pub(crate) fn run(common: &Common, config: &Config, id: &str, book: Option<&str>) -> Outcome {
    let start = engine::explain::parse_id(id)
        .filter(|key| matches!(key.kind, Kind::Session | Kind::Invoice))
        .ok_or_else(|| {
            Stop::Usage(format!("'{id}' is neither a session (cs_...) nor an invoice (in_...)"))
        })?;
    let outgoing = Outgoing::new(&config.stripe, &Arc::new(Waits::default()))?;
    let book = book_of(&outgoing, id, book)?;
    let (objects, gaps) = purchase(&outgoing, &book, &start).map_err(|why| not_had(id, &book, &why))?;
    let house = super::house_that_exists(common)?;
    let seen = foresee(&house, &book, &start, &objects, clock::now())?;
    let answer = Answer {
        session: id,
        book: book.label(),
        would_attribute: seen.partner.is_some(),
        partner: seen.partner.as_deref(),
        reason: &seen.reason,
        code: seen.code.as_deref(),
        sale: seen.sale.as_deref(),
        candidates: &seen.candidates,
        gaps: &gaps,
        advice: advice(&seen, &start),
    };
    if common.json {
        output::print_json(&answer)?;
    } else {
        output::print(&text(&answer))?;
    }
    match answer.partner {
        Some(_) => Ok(()),
        None => Err(Stop::Found(String::new())),
    }
}

/// The id's own word first: a session says its mode. An invoice does not.
fn book_of(outgoing: &Outgoing, id: &str, named: Option<&str>) -> Result<Book, Stop> {
    let book = match super::book(named)? {
        Some(book) => book,
        None if id.starts_with("cs_live_") => Book::own(true),
        None if id.starts_with("cs_test_") => Book::own(false),
        None => {
            let mut books = outgoing.own().map(|(book, _)| book);
            match (books.next(), books.next()) {
                (Some(book), None) => book,
                (None, _) => Book::own(false),
                _ => {
                    return Err(Stop::Usage(format!(
                        "in which book is {id}? Say --book live or --book test"
                    )));
                }
            }
        }
    };
    if outgoing.reaches(&book) {
        return Ok(book);
    }
    let name = if book.livemode { "STRIPE_API_KEY" } else { "STRIPE_API_KEY_TEST" };
    Err(Stop::Usage(format!(
        "{id} must be fetched, and there is no key for book {}: set {name}",
        book.label()
    )))
}

fn not_had(id: &str, book: &Book, why: &FetchFailure) -> Stop {
    match why {
        FetchFailure::Missing => Stop::Found(format!(
            "Stripe has no {id} in book {}; is it of the other mode, or of a connected account (--book acct_...)?",
            book.label()
        )),
        other => Stop::Found(format!("{id} cannot be fetched: {}", words(other))),
    }
}

/// What would change the answer.
fn advice(seen: &Explanation, start: &ObjectKey) -> Option<String> {
    let code = || {
        let with_code =
            seen.candidates.iter().find(|one| one.promotion_code.is_some() || one.coupon.is_some())?;
        Some(match (&with_code.code, &with_code.promotion_code, &with_code.coupon) {
            (Some(text), ..) => format!("--code '{}'", text.replace('\'', "")),
            (None, Some(id), _) => format!("--promotion-code {id}"),
            (None, None, Some(id)) => format!("--coupon {id}"),
            (None, None, None) => return None,
        })
    };
    match seen.reason.as_str() {
        "code_unmapped" => Some(format!(
            "a code was used that belongs to nobody here: countinghouse code adopt HANDLE {}",
            code().unwrap_or_default()
        )),
        "nobody" => Some(format!(
            "nothing on {start} names a partner: no adopted code or coupon, no partner in its metadata, no \
             client_reference_id that is one"
        )),
        "coupon_ambiguous" => Some(format!(
            "several partners own its coupon: give it to one by name, countinghouse code adopt HANDLE {}",
            code().unwrap_or_default()
        )),
        "discount_unresolved" => Some(
            "its discount is known by its id only; may the key read Coupons and Promotion Codes?".to_owned(),
        ),
        "partner_inactive" => {
            Some("the partner is not active: it is attributed and earns nothing".to_owned())
        }
        "before_start" => {
            Some("it lies before the program's start: it is attributed and earns nothing".to_owned())
        }
        _ => None,
    }
}

fn text(answer: &Answer<'_>) -> String {
    let Answer { session, book, reason, .. } = answer;
    let mut text = match answer.partner {
        Some(partner) => format!("{session} (book {book}) goes to {partner}, because: {reason}\n"),
        None => format!("{session} (book {book}) goes to nobody, because: {reason}\n"),
    };
    if answer.sale.is_none() {
        text.push_str("It is no sale yet: nothing has been paid.\n");
    }
    for candidate in answer.candidates {
        text.push_str(&candidate_line(candidate));
    }
    for gap in answer.gaps {
        text.push_str(&format!("could not be had: {gap}\n"));
    }
    if let Some(advice) = &answer.advice {
        text.push_str(&format!("{advice}\n"));
    }
    text
}
