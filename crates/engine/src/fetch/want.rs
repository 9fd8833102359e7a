//! Which object would explain a sale whose discount is known by its id alone: what carries the discount, since
//! discounts cannot be fetched themselves, or the promotion code that a discount names.

use std::collections::BTreeSet;

use kernel::{Book, Kind, ObjectKey};
use rules::due::Reason;
use rules::{Candidate, Registry};
use store::Read;

use crate::explain::subscription_output;
use crate::house::EngineError;
use crate::project::true_up::guarded;
use crate::project::walk::read_known;

/// Carriers looked at for one discount.
const CARRIERS: i64 = 16;

/// The objects to fetch for one sale. The sales of one discount want the same object.
pub(super) fn wanted(
    read: &mut Read<'_>,
    registry: &Registry,
    book_id: i64,
    book: &Book,
    root: &ObjectKey,
    attempts_max: i64,
) -> Result<BTreeSet<ObjectKey>, EngineError> {
    let mut wanted = BTreeSet::new();
    for candidate in open(read, registry, book_id, book, root)? {
        let object = match candidate.promotion_code {
            Some(code) => ObjectKey::new(Kind::PromotionCode, code),
            None if candidate.source.kind == Kind::Discount => {
                carrier(read, book_id, &candidate.source, root, attempts_max)?
            }
            None => root.clone(),
        };
        wanted.insert(object);
    }
    Ok(wanted)
}

/// The sale's candidates that nothing has explained, by the same rules as the true-up.
fn open(
    read: &mut Read<'_>,
    registry: &Registry,
    book_id: i64,
    book: &Book,
    root: &ObjectKey,
) -> Result<Vec<Candidate>, EngineError> {
    let (_, known) = read_known(read, book_id, book.clone(), std::slice::from_ref(root), registry)?;
    let view = known.sale_view(root);
    let attribution = match &view.subscription {
        Some(id) => subscription_output(read, book_id, id)?,
        None => None,
    };
    // What cannot be calculated is another's to report.
    let due = guarded(|| rules::commission::due(&view, attribution.as_ref(), registry)).ok().flatten();
    let mut candidates = due.map(|due| due.attribution.candidates).unwrap_or_default();
    candidates.retain(|candidate| candidate.rejected == Some(Reason::DiscountUnresolved));
    Ok(candidates)
}

/// The first object that carries the discount, so that a year of renewals asks for one; the sale itself once
/// that was of no use.
fn carrier(
    read: &mut Read<'_>,
    book_id: i64,
    discount: &ObjectKey,
    root: &ObjectKey,
    attempts_max: i64,
) -> Result<ObjectKey, EngineError> {
    let carries = |key: &&ObjectKey| {
        matches!(key.kind, Kind::Invoice | Kind::Session | Kind::Subscription | Kind::Customer)
    };
    let namers = store::link::to_page(read, book_id, discount, None, CARRIERS)?;
    let Some(first) = namers.iter().find(carries) else { return Ok(root.clone()) };
    let of_use = store::fetch::attempts(read, book_id, first)? < attempts_max;
    Ok(if of_use { first.clone() } else { root.clone() })
}
