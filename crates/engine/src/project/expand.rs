//! A mark on many (everything that names a promotion code; everything in a book) becomes marks on each, a
//! page at a time and only when nothing else is to be done.

use kernel::{Kind, ObjectKey, Ref};
use store::mark::RangeMark;

use crate::house::{EngineError, House};

/// Subjects that read the operator log. Mirrors and charges do not.
const KINDS: [i64; 4] = [
    Kind::Invoice.code() as i64,
    Kind::Session.code() as i64,
    Kind::Intent.code() as i64,
    Kind::Subscription.code() as i64,
];

/// Expands the oldest range marks until a page of marks has come of them; returns how many marks or range
/// marks that were (at least 1 while there is something to expand). Many ranges stand for one or two
/// objects each, so one at a time would mean a true-up for each.
pub(crate) fn expand(house: &House, limit: i64) -> Result<usize, EngineError> {
    house.db().work(|tx| page(tx, limit))
}

/// The same within somebody's transaction.
pub(crate) fn page(tx: &mut store::Tx<'_>, limit: i64) -> Result<usize, EngineError> {
    let mut count = 0;
    while count < limit as usize {
        let Some(range) = store::mark::range_next(tx)? else { break };
        count += match Kind::from_code(range.kind) {
            Some(kind) => expand_links(tx, &range, kind, limit)?,
            None => expand_book(tx, &range, limit)?,
        };
    }
    Ok(count)
}

/// Everything that names one object. What a discount is named by is expanded in its turn.
fn expand_links(
    tx: &mut store::Tx<'_>,
    range: &RangeMark,
    kind: Kind,
    limit: i64,
) -> Result<usize, EngineError> {
    let Some(id) = Ref::parse(&range.ref_) else {
        store::mark::range_done(tx, range.id)?;
        return Ok(1);
    };
    let after = Kind::from_code(range.after_kind)
        .zip(Ref::parse(&range.after_ref))
        .map(|(kind, id)| ObjectKey { kind, id });
    let page = store::link::to_page(tx, range.book, &ObjectKey::new(kind, id), after.as_ref(), limit)?;
    let (discounts, others): (Vec<_>, Vec<_>) = page
        .iter()
        // A coupon's own codes are no dependents of it: what reads them is marked through its discounts.
        .filter(|key| key.kind != Kind::PromotionCode)
        .partition(|key| key.kind == Kind::Discount);
    let marks: Vec<_> = others
        .iter()
        .map(|key| (range.book, i64::from(key.kind.code()), key.id.to_string(), range.seq))
        .collect();
    store::mark::insert(tx, &marks)?;
    for discount in discounts {
        store::mark::range_insert(
            tx,
            range.book,
            i64::from(Kind::Discount.code()),
            discount.id.as_str(),
            range.seq,
        )?;
    }
    match page.last() {
        Some(last) if page.len() as i64 == limit => {
            store::mark::range_advance(tx, range.id, i64::from(last.kind.code()), last.id.as_str())?;
        }
        _ => store::mark::range_done(tx, range.id)?,
    }
    Ok(page.len() + 1)
}

/// Every subject of a book (or of all books) after an operator's change.
fn expand_book(tx: &mut store::Tx<'_>, range: &RangeMark, limit: i64) -> Result<usize, EngineError> {
    let after: i64 = range.after_ref.parse().unwrap_or(0);
    let page = store::subject::page(tx, range.book, &KINDS, after, limit)?;
    let marks: Vec<_> =
        page.iter().map(|subject| (range.book, subject.kind, subject.ref_.clone(), 0)).collect();
    store::mark::insert(tx, &marks)?;
    match page.last() {
        Some(last) if page.len() as i64 == limit => {
            store::mark::range_advance(tx, range.id, 0, &last.id.to_string())?
        }
        _ => store::mark::range_done(tx, range.id)?,
    }
    Ok(page.len() + 1)
}
