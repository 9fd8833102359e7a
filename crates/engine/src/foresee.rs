//! What the books would say of a purchase if its objects arrived now: the same facts, the same true-up, the same
//! rules, in a transaction that is always rolled back.

use std::convert::Infallible;

use kernel::{Book, Kind, ObjectKey, UnixMs};
use rules::attribution::{candidates, decide};
use store::inbox::InboxRow;
use store::{StoreError, Tx};

use crate::explain::{Explanation, explain_in, subscription_output};
use crate::fetch::{Fetched, as_delivery};
use crate::house::{EngineError, House};
use crate::project::walk::read_known;
use crate::project::{apply, post, true_up};

/// Batches of marks worked off for the answer; a house that is not level may need some before it comes to ours.
const ROUNDS_MAX: usize = 64;

/// How often the closure may grow under it.
const GROWTH_MAX: usize = 16;

/// What is thrown to roll back: the answer, or why there is none.
enum Ended {
    Seen(Box<Explanation>),
    Failed(EngineError),
}

impl From<StoreError> for Ended {
    fn from(why: StoreError) -> Self {
        Self::Failed(why.into())
    }
}

impl From<EngineError> for Ended {
    fn from(why: EngineError) -> Self {
        Self::Failed(why)
    }
}

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
    let mut wider = Vec::new();
    for _ in 0..GROWTH_MAX {
        let outcome = house.db().work(|tx| -> Result<Infallible, Ended> {
            let seen = look(house, tx, book, start, &rows, &wider, now)?;
            Err(Ended::Seen(Box::new(seen)))
        });
        match outcome {
            Ok(never) => match never {},
            Err(Ended::Seen(seen)) => return Ok(*seen),
            Err(Ended::Failed(EngineError::Grew(keys))) => wider = keys,
            Err(Ended::Failed(why)) => return Err(why),
        }
    }
    Err(EngineError::Usage("the books change faster than they can be read; try again".to_owned()))
}

fn look(
    house: &House,
    tx: &mut Tx<'_>,
    book: &Book,
    start: &ObjectKey,
    rows: &[InboxRow],
    wider: &[ObjectKey],
    now: UnixMs,
) -> Result<Explanation, EngineError> {
    let book_id = store::book::id(tx, book)?;
    apply::put_rows(tx, book_id, rows)?;
    for _ in 0..ROUNDS_MAX {
        if true_up::batch(house, tx, now, wider)? == 0 {
            break;
        }
    }
    let registry = house.registry(tx)?;
    let found = explain_in(tx, &registry, book_id, book, start)?;
    let sale = found.into_iter().map(|(shown, _)| shown).find(|shown| shown.due.is_some());
    match sale {
        Some(sale) => Ok(sale),
        None => prospect(tx, &registry, book_id, book, start),
    }
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
