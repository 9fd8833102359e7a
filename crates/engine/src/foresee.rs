//! What the books would say of a purchase if its objects arrived now: the same facts, the same true-up, the same
//! rules, in a transaction that is always rolled back.

use kernel::{Book, Kind, ObjectKey, UnixMs};
use rules::attribution::{candidates, decide};
use store::inbox::InboxRow;

use crate::explain::{Explanation, explain_in, subscription_output};
use crate::fetch::{Fetched, as_delivery};
use crate::house::{EngineError, House};
use crate::project::walk::read_known;
use crate::project::{apply, post};
use crate::rehearse::{rehearse, settle};

/// Explains `start` as if these objects had arrived. Nothing is written. `sale` is `None` in the answer while the
/// purchase is none yet; partner and reason then say who would get it.
pub fn foresee(
    house: &House,
    book: &Book,
    start: &ObjectKey,
    objects: &[(ObjectKey, Fetched)],
    now: UnixMs,
) -> Result<Explanation, EngineError> {
    let rows: Vec<InboxRow> =
        objects.iter().map(|(key, fetched)| row(as_delivery(book, key, fetched.clone(), now))).collect();
    rehearse(house, |tx, wider| {
        let book_id = store::book::id(tx, book)?;
        apply::put_rows(tx, book_id, &rows)?;
        settle(house, tx, now, wider)?;
        let registry = house.registry(tx)?;
        let found = explain_in(tx, &registry, book_id, book, start)?;
        match found.into_iter().map(|(shown, _)| shown).find(|shown| shown.due.is_some()) {
            Some(sale) => Ok(sale),
            None => prospect(tx, &registry, book_id, book, start),
        }
    })
}

/// Who would get what is no sale yet: a session that is open or waits for its money, an invoice not paid.
fn prospect(
    read: &mut store::Read<'_>,
    registry: &rules::Registry,
    book_id: i64,
    book: &Book,
    start: &ObjectKey,
) -> Result<Explanation, EngineError> {
    let (closure, known) = read_known(read, book_id, book.clone(), std::slice::from_ref(start), registry)?;
    let invoice = closure.keys.iter().find(|key| key.kind == Kind::Invoice);
    let root = invoice.unwrap_or(start);
    let view = known.sale_view(root);
    let attribution = match &view.subscription {
        Some(id) => subscription_output(read, book_id, id)?,
        None => None,
    };
    let own = candidates(&view, attribution.as_ref(), registry);
    let decided = decide(&view, own, attribution.as_ref(), registry);
    let mut shown = crate::explain::blank(book, &post::wire(&decided.reason));
    shown.partner = decided.partner.map(|partner| partner.to_string());
    shown.code = decided.code;
    shown.candidates = decided.candidates;
    Ok(shown)
}

/// A row that is in no inbox.
pub(crate) fn row(append: store::Append) -> InboxRow {
    InboxRow {
        seq: 0,
        book: append.book,
        event_ref: append.event_ref,
        event_type: append.event_type,
        api_version: append.api_version,
        created_s: append.created_s,
        received_at: append.received_at,
        source: append.source,
        headers: append.headers,
        body: append.body,
        body_hash: append.body_hash,
    }
}
