//! `explain`: one sale's whole argument, recomputed from the same facts by the same rules, with the entries
//! and events behind it. Reads only.

use kernel::{Book, Kind, ObjectKey, Ref};
use rules::{Candidate, Due, SubscriptionAttribution};
use serde::Serialize;
use store::entry::Written;

use crate::depends::{Role, role};
use crate::house::{EngineError, House};
use crate::project::true_up::guarded;
use crate::project::walk::{read_known, stored};

/// The answer of `explain ID --json` (DESIGN.md section 8). Field names are a contract: add, never rename.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Explanation {
    pub sale: Option<String>,
    pub book: String,
    pub account: Option<Ref>,
    pub livemode: bool,
    pub partner: Option<String>,
    pub reason: String,
    pub code: Option<String>,
    pub candidates: Vec<Candidate>,
    pub terms: Option<TermsShown>,
    /// What the books should say, `None` when the id is no sale.
    pub due: Option<Due>,
    pub lines: Vec<rules::due::Line>,
    pub entries: Vec<EntryShown>,
    pub events: Vec<EventShown>,
    /// Marks are waiting on this sale: the entries may still move.
    pub level: bool,
    /// Why nothing can be calculated from what Stripe said; the sale then has no row and owes nothing.
    pub problem: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TermsShown {
    pub version: i64,
    pub rate_bps: Option<i64>,
    pub fixed: Option<String>,
    pub hold_days: i64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct EntryShown {
    pub id: i64,
    pub rev: i64,
    pub recorded_at: String,
    pub effective_at: String,
    pub reason: String,
    pub terms_version: Option<i64>,
    pub lines: Vec<rules::due::Line>,
    pub postings: Vec<PostingShown>,
    /// Ids of the events that caused it.
    pub causes: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PostingShown {
    pub debit: String,
    pub credit: String,
    pub partner: String,
    pub currency: String,
    pub amount_minor: i64,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct EventShown {
    pub created_at: String,
    pub id: String,
    /// The object whose state this event gave.
    pub object: String,
}

/// Explains every sale the id belongs to, in every book that knows it (or in the one asked for). An id
/// that is known but belongs to no sale gives one explanation that says so; an unknown id gives none.
pub fn explain(house: &House, book: Option<&Book>, id: &str) -> Result<Vec<Explanation>, EngineError> {
    let Some(key) = parse_id(id) else { return Ok(Vec::new()) };
    let found = house.db().read(|read| -> Result<_, EngineError> {
        let registry = house.registry(read)?;
        let mut found = Vec::new();
        for (book_id, candidate) in store::book::all(read)? {
            if book.is_some_and(|wanted| *wanted != candidate) || !store::fact::known(read, book_id, &key)? {
                continue;
            }
            found.extend(explain_in(read, &registry, book_id, &candidate, &key)?);
        }
        Ok(found)
    })?;
    // The inbox is asked once the books are closed again: on PostgreSQL a question within a question takes a
    // second connection of the same pool.
    found
        .into_iter()
        .map(|(mut shown, entries)| {
            shown.entries =
                entries.iter().map(|entry| entry_shown(house, entry)).collect::<Result<_, _>>()?;
            Ok(shown)
        })
        .collect()
}

/// An explanation whose entries are still as stored.
pub(crate) type Found = (Explanation, Vec<Written>);

/// What kind of object an id is of, by Stripe's prefixes.
#[must_use]
pub fn parse_id(id: &str) -> Option<ObjectKey> {
    const PREFIXES: [(&str, Kind); 10] = [
        ("in_", Kind::Invoice),
        ("cs_", Kind::Session),
        ("pi_", Kind::Intent),
        ("ch_", Kind::Charge),
        ("py_", Kind::Charge),
        ("re_", Kind::Refund),
        ("pyr_", Kind::Refund),
        ("dp_", Kind::Dispute),
        ("du_", Kind::Dispute),
        ("inpay_", Kind::InvoicePayment),
    ];
    let (_, kind) = PREFIXES.iter().find(|(prefix, _)| id.starts_with(prefix))?;
    Some(ObjectKey::new(*kind, Ref::parse(id)?))
}

/// Whether any fact is about a sale or subscription, or names it.
pub fn is_heard_of(house: &House, book: &Book, id: &str) -> Result<bool, EngineError> {
    let subscription =
        || Ref::parse(id).filter(|_| id.starts_with("sub_")).map(|id| ObjectKey::new(Kind::Subscription, id));
    let Some(key) = parse_id(id).or_else(subscription) else { return Ok(false) };
    house.db().read(|read| match store::book::known(read, book)? {
        Some(book_id) => Ok(store::fact::known(read, book_id, &key)?),
        None => Ok(false),
    })
}

pub(crate) fn explain_in(
    read: &mut store::Read<'_>,
    registry: &rules::Registry,
    book_id: i64,
    book: &Book,
    key: &ObjectKey,
) -> Result<Vec<Found>, EngineError> {
    let (closure, known) = read_known(read, book_id, book.clone(), std::slice::from_ref(key), registry)?;
    let mut found = Vec::new();
    for root in closure.keys.iter().filter(|key| role(key.kind) == Role::Root && key.kind != Kind::Charge) {
        let view = known.sale_view(root);
        let attribution = match &view.subscription {
            Some(id) => subscription_output(read, book_id, id)?,
            None => None,
        };
        let due = guarded(|| rules::commission::due(&view, attribution.as_ref(), registry));
        let mut shown = blank(book, "uncalculable");
        shown.sale = Some(root.id.to_string());
        match due {
            Ok(None) => continue,
            Ok(Some(due)) => fill(registry, due, &mut shown),
            Err(why) => shown.problem = Some(why),
        }
        let entries = entries_of(read, book_id, root)?;
        shown.level = !store::mark::any_of(read, book_id, &closure.keys.iter().cloned().collect::<Vec<_>>())?;
        shown.events = events(&known);
        found.push((shown, entries));
    }
    if found.is_empty() {
        let roots: Vec<&ObjectKey> = closure.keys.iter().filter(|key| role(key.kind) == Role::Root).collect();
        let named = roots.iter().any(|root| root.kind == Kind::Invoice || root.kind == Kind::Session);
        let mut shown = blank(book, if named { "not_a_sale_yet" } else { "unlinked_payment" });
        shown.events = events(&known);
        found.push((shown, Vec::new()));
    }
    Ok(found)
}

pub(crate) fn blank(book: &Book, reason: &str) -> Explanation {
    Explanation {
        sale: None,
        book: book.label(),
        account: book.account.clone(),
        livemode: book.livemode,
        partner: None,
        reason: reason.to_owned(),
        code: None,
        candidates: Vec::new(),
        terms: None,
        due: None,
        lines: Vec::new(),
        entries: Vec::new(),
        events: Vec::new(),
        level: true,
        problem: None,
    }
}

fn fill(registry: &rules::Registry, due: Due, shown: &mut Explanation) {
    shown.partner = due.attribution.partner.as_ref().map(ToString::to_string);
    shown.reason = crate::project::post::wire(&due.attribution.reason);
    shown.code.clone_from(&due.attribution.code);
    shown.candidates.clone_from(&due.attribution.candidates);
    shown.lines.clone_from(&due.lines);
    if let Some(partner) = &due.attribution.partner {
        shown.terms =
            registry.terms_at(partner, due.sale_at, due.attribution.at).map(|(version, terms)| TermsShown {
                version,
                rate_bps: match &terms.pay {
                    kernel::operator::Pay::RateBps(bps) => Some(*bps),
                    kernel::operator::Pay::Fixed { .. } => None,
                },
                fixed: match &terms.pay {
                    kernel::operator::Pay::Fixed { minor, currency } => {
                        Some(kernel::Money { minor: *minor, currency: *currency }.to_string())
                    }
                    kernel::operator::Pay::RateBps(_) => None,
                },
                hold_days: terms.hold_days,
            });
    }
    shown.due = Some(due);
}

fn entries_of(
    read: &mut store::Read<'_>,
    book_id: i64,
    root: &ObjectKey,
) -> Result<Vec<Written>, EngineError> {
    let mut entries = Vec::new();
    for subject in store::subject::get(read, book_id, &[stored(root)])? {
        entries.extend(store::entry::of_subject(read, subject.id)?);
    }
    Ok(entries)
}

/// An entry as people read it; inbox numbers become event ids.
pub(crate) fn entry_shown(house: &House, written: &Written) -> Result<EntryShown, EngineError> {
    let Written { id, entry, postings } = written;
    let seqs: Vec<i64> = serde_json::from_str(&entry.causes).map_err(EngineError::unreadable("causes"))?;
    let mut lines = house.inbox().lines(&seqs)?;
    lines.reverse();
    let causes = lines.into_iter().map(|line| line.event_ref.to_string()).collect();
    let account = |code: i64| {
        ledger::Account::from_code(code).map_or_else(|| code.to_string(), |account| account.path().to_owned())
    };
    Ok(EntryShown {
        id: *id,
        rev: entry.rev,
        recorded_at: kernel::time::rfc3339(entry.recorded_at),
        effective_at: kernel::time::rfc3339(entry.effective_at),
        reason: entry.reason.clone(),
        terms_version: entry.terms_version,
        lines: serde_json::from_str(&entry.lines).map_err(EngineError::unreadable("lines"))?,
        postings: postings
            .iter()
            .map(|posting| PostingShown {
                debit: account(posting.debit),
                credit: account(posting.credit),
                partner: posting.partner.clone(),
                currency: posting.currency.clone(),
                amount_minor: posting.amount_minor,
            })
            .collect(),
        causes,
    })
}

/// The stored attribution of a subscription.
pub(crate) fn subscription_output(
    read: &mut store::Read<'_>,
    book_id: i64,
    id: &Ref,
) -> Result<Option<SubscriptionAttribution>, EngineError> {
    let key = ObjectKey::new(Kind::Subscription, id.clone());
    let found = store::subject::get(read, book_id, &[stored(&key)])?;
    let output = found.into_iter().next().and_then(|subject| subject.output);
    output
        .map(|text| serde_json::from_str(&text).map_err(EngineError::unreadable("subscription attribution")))
        .transpose()
}

fn events(known: &crate::project::load::Known) -> Vec<EventShown> {
    let mut events: Vec<EventShown> = known
        .state
        .values()
        .map(|observed| EventShown {
            created_at: kernel::time::rfc3339(observed.at_s.saturating_mul(kernel::time::SECOND_MS)),
            id: observed.event_ref.to_string(),
            object: observed.object.to_string(),
        })
        .collect();
    events.sort();
    events
}
