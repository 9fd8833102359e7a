//! One sale explained, ready to be shown: whose it is and why, the arithmetic line by line, the entries with their
//! postings, and the events behind it. It decides nothing.

use engine::explain::{EntryShown, Explanation};

use super::frame::Frame;
use super::show::{Amount, Moment, Pill, amount, encode, moment, moment_of, pill, rate};

/// Everything about one sale, ready to be shown.
#[derive(Clone, Debug)]
pub struct Shown {
    pub sale: String,
    pub partner: String,
    pub partner_href: String,
    pub code: String,
    pub reason: String,
    /// Why nothing can be calculated; empty when it can.
    pub problem: String,
    pub level: Pill,
    pub terms: String,
    pub commission: Option<Amount>,
    pub sale_at: Option<Moment>,
    pub available_at: Option<Moment>,
    pub held: bool,
    pub amounts: Vec<(&'static str, Amount)>,
    pub candidates: Vec<CandidateLine>,
    pub lines: Vec<Step>,
    pub entries: Vec<Entry>,
    pub events: Vec<EventLine>,
}

#[derive(Clone, Debug)]
pub struct CandidateLine {
    pub rule: String,
    pub partner: String,
    pub source: String,
    pub code: String,
    pub discount: String,
    pub at: Moment,
    /// Why it lost; empty for the one that won.
    pub rejected: String,
}

#[derive(Clone, Debug)]
pub struct Step {
    pub label: String,
    pub arithmetic: String,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub id: i64,
    pub rev: i64,
    pub reason: String,
    pub recorded: Moment,
    pub effective: Moment,
    pub postings: Vec<Posting>,
    pub causes: Vec<Cause>,
}

#[derive(Clone, Debug)]
pub struct Posting {
    pub debit: String,
    pub credit: String,
    pub partner: String,
    pub amount: Amount,
}

#[derive(Clone, Debug)]
pub struct Cause {
    pub id: String,
    pub href: String,
}

#[derive(Clone, Debug)]
pub struct EventLine {
    pub cause: Cause,
    pub object: String,
    pub created: Moment,
}

pub(super) fn shown(explanation: &Explanation, frame: &Frame) -> Shown {
    let partner = explanation.partner.clone().unwrap_or_default();
    let mut shown = Shown {
        sale: explanation.sale.clone().unwrap_or_default(),
        partner_href: format!("/partners/{}{}", encode(&partner), frame.query()),
        partner,
        code: explanation.code.clone().unwrap_or_default(),
        reason: words(&explanation.reason),
        problem: explanation.problem.clone().unwrap_or_default(),
        level: pill(if explanation.level { "level" } else { "catching up" }),
        terms: terms(explanation),
        commission: None,
        sale_at: None,
        available_at: None,
        held: false,
        amounts: Vec::new(),
        candidates: candidates(explanation),
        lines: steps(explanation),
        entries: explanation.entries.iter().map(|entry| entry_shown(entry, frame)).collect(),
        events: Vec::new(),
    };
    for event in &explanation.events {
        let (object, created) = (event.object.clone(), moment_of(&event.created_at));
        shown.events.push(EventLine { cause: cause(&event.id, frame), object, created });
    }
    if let Some(due) = &explanation.due {
        let money = |minor| amount(minor, due.amounts.currency.as_str());
        shown.commission = Some(money(due.shares.iter().map(|share| share.commission_minor).sum()));
        shown.sale_at = Some(moment(due.sale_at));
        shown.available_at = due.available_at.map(moment);
        shown.held = due.held;
        let amounts = &due.amounts;
        shown.amounts = [
            ("Total", amounts.total_minor),
            ("Discount", amounts.discount_minor),
            ("Tax", amounts.tax_minor),
            ("Shipping", amounts.shipping_minor),
            ("Paid", amounts.paid_minor),
            ("Refunded", amounts.refunded_minor),
            ("Lost in disputes", amounts.disputed_minor),
            ("Commission base", amounts.base_minor),
        ]
        .map(|(label, minor)| (label, money(minor)))
        .to_vec();
    }
    shown
}

fn terms(explanation: &Explanation) -> String {
    let Some(terms) = &explanation.terms else { return String::new() };
    let pay = match (&terms.fixed, terms.rate_bps) {
        (Some(fixed), _) => format!("{fixed} for each sale"),
        (None, Some(bps)) => rate(bps),
        (None, None) => "several rates".to_owned(),
    };
    format!("version {}: {pay}, available after {} days", terms.version, terms.hold_days)
}

fn candidates(explanation: &Explanation) -> Vec<CandidateLine> {
    let line = |candidate: &_| {
        // The wire names of rules and reasons are the words for people too.
        let json = serde_json::to_value(candidate).unwrap_or_default();
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        let code = [text("code"), text("promotion_code"), text("coupon")];
        CandidateLine {
            rule: words(&text("rule")),
            partner: text("partner"),
            source: json["source"]["id"].as_str().unwrap_or_default().to_owned(),
            code: code.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "),
            discount: discount(explanation, json["discount_minor"].as_i64().unwrap_or(0)),
            at: moment(json["at"].as_i64().unwrap_or(0)),
            rejected: words(&text("rejected")),
        }
    };
    explanation.candidates.iter().map(line).collect()
}

fn discount(explanation: &Explanation, minor: i64) -> String {
    match &explanation.due {
        Some(due) if minor != 0 => amount(minor, due.amounts.currency.as_str()).text,
        _ => String::new(),
    }
}

fn steps(explanation: &Explanation) -> Vec<Step> {
    let step = |line: &_| {
        let json = serde_json::to_value(line).unwrap_or_default();
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        let (label, arithmetic) = (words(&text("label")), text("arithmetic"));
        // Most lines name themselves: `base = ...`.
        let label = if arithmetic.starts_with(&label) { String::new() } else { label };
        Step { label, arithmetic }
    };
    explanation.lines.iter().map(step).collect()
}

fn entry_shown(entry: &EntryShown, frame: &Frame) -> Entry {
    let posting = |posting: &engine::explain::PostingShown| Posting {
        debit: posting.debit.clone(),
        credit: posting.credit.clone(),
        partner: posting.partner.clone(),
        amount: amount(posting.amount_minor, &posting.currency),
    };
    Entry {
        id: entry.id,
        rev: entry.rev,
        reason: words(&entry.reason),
        recorded: moment_of(&entry.recorded_at),
        effective: moment_of(&entry.effective_at),
        postings: entry.postings.iter().map(posting).collect(),
        causes: entry.causes.iter().map(|id| cause(id, frame)).collect(),
    }
}

pub(super) fn cause(id: &str, frame: &Frame) -> Cause {
    Cause { id: id.to_owned(), href: format!("/events/{}{}", encode(id), frame.query()) }
}

fn words(code: &str) -> String {
    code.replace('_', " ")
}
