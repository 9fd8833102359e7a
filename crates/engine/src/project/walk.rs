//! Reading what a set of objects is linked to: the closure of links, and the facts in it. The true-up does
//! it under its locks, readers (`explain`, previews) without any. It decides nothing and writes nothing.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Book, Kind, ObjectKey};
use rules::Registry;
use store::Tx;
use store::mark::Key;

use super::load::{self, Known};
use crate::depends::{Closure, Graph, in_component};
use crate::house::EngineError;

/// A key as its stored columns.
pub(crate) fn stored(key: &ObjectKey) -> Key {
    (i64::from(key.kind.code()), key.id.to_string())
}

/// Grows a closure to its end with the links visible now.
pub(super) fn walk(tx: &mut store::Read<'_>, book: i64, closure: &mut Closure) -> Result<(), EngineError> {
    let mut frontier: Vec<ObjectKey> =
        closure.keys.iter().filter(|key| in_component(key.kind)).cloned().collect();
    while !frontier.is_empty() {
        let mut found = store::link::from_keys(tx, book, &frontier)?;
        found.extend(store::link::to_keys(tx, book, &frontier)?);
        frontier = closure.grow(found);
    }
    Ok(())
}

/// After locking: the same walk again. If it now reaches a subject that is not locked, start over.
pub(super) fn walk_again(
    tx: &mut Tx<'_>,
    book: i64,
    closure: &mut Closure,
    locked: &[ObjectKey],
) -> Result<(), EngineError> {
    // Both lists are sorted.
    walk(tx, book, closure)?;
    let subjects = closure.subjects();
    if subjects.iter().any(|subject| locked.binary_search(subject).is_err()) {
        return Err(EngineError::Grew(subjects));
    }
    Ok(())
}

/// Facts of everything in the closure, the discounts it names, and their promotion codes.
pub(super) fn load_known(
    read: &mut store::Read<'_>,
    book_id: i64,
    book: Book,
    closure: &Closure,
    registry: &Registry,
) -> Result<Known, EngineError> {
    let mut keys = closure.keys.clone();
    let named = closure.links.iter().map(|link| &link.to);
    keys.extend(named.filter(|to| matches!(to.kind, Kind::Discount | Kind::PromotionCode)).cloned());
    let keys: Vec<ObjectKey> = keys.into_iter().collect();
    let mut state = load::fold(store::fact::newest_second(read, book_id, &keys)?);
    let mut graph = Graph::new(&closure.links);
    let codes = load::promotion_codes_named(&state);
    load_missing(read, book_id, &mut state, codes)?;
    // Who owns a sale by a coupon may depend on every code of it.
    let (bare, with_code) = load::coupons_named(&state);
    let mapped: BTreeSet<ObjectKey> =
        bare.iter().chain(&with_code).filter(|it| registry.names_coupon(&book, &it.id)).cloned().collect();
    let shared: Vec<ObjectKey> = bare.union(&mapped).cloned().collect();
    let mut siblings = BTreeSet::new();
    for link in store::link::to_keys(read, book_id, &shared)? {
        if link.from.kind == Kind::PromotionCode {
            siblings.insert(link.from.clone());
            graph.add(&link);
        }
    }
    load_missing(read, book_id, &mut state, siblings)?;
    let mapped = mapped.into_iter().map(|key| key.id).collect();
    let mut won_s = BTreeMap::new();
    for key in load::won_disputes(&state) {
        let since = load::won_since(&store::fact::versions(read, book_id, &key)?);
        won_s.extend(since.map(|since| (key, since)));
    }
    Ok(Known { book, state, graph, mapped, won_s })
}

fn load_missing(
    read: &mut store::Read<'_>,
    book_id: i64,
    state: &mut BTreeMap<ObjectKey, kernel::Observed>,
    keys: BTreeSet<ObjectKey>,
) -> Result<(), EngineError> {
    let missing: Vec<ObjectKey> = keys.into_iter().filter(|key| !state.contains_key(key)).collect();
    if !missing.is_empty() {
        state.extend(load::fold(store::fact::newest_second(read, book_id, &missing)?));
    }
    Ok(())
}

/// Everything these objects are linked to.
pub(crate) fn read_closure(
    read: &mut store::Read<'_>,
    book_id: i64,
    start: &[ObjectKey],
) -> Result<Closure, EngineError> {
    let mut closure = Closure::start(start.iter().cloned());
    walk(read, book_id, &mut closure)?;
    Ok(closure)
}

/// The same loading for readers (`explain`): no locks, no marks, nothing written.
pub(crate) fn read_known(
    read: &mut store::Read<'_>,
    book_id: i64,
    book: Book,
    start: &[ObjectKey],
    registry: &Registry,
) -> Result<(Closure, Known), EngineError> {
    let closure = read_closure(read, book_id, start)?;
    let known = load_known(read, book_id, book, &closure, registry)?;
    Ok((closure, known))
}

/// Facts of subscriptions, of the sessions that name them and of their own discounts.
pub(crate) fn read_subscriptions(
    read: &mut store::Read<'_>,
    book_id: i64,
    book: Book,
    keys: &BTreeSet<ObjectKey>,
    registry: &Registry,
) -> Result<Known, EngineError> {
    let mut closure = Closure::start(keys.iter().cloned());
    let around: Vec<ObjectKey> = keys.iter().cloned().collect();
    closure.links.extend(store::link::from_keys(read, book_id, &around)?);
    closure.links.extend(store::link::to_keys(read, book_id, &around)?);
    closure.links.retain(|link| link.from.kind == Kind::Session || keys.contains(&link.from));
    let named = closure.links.iter().filter(|link| keys.contains(&link.to));
    closure.keys.extend(named.map(|link| link.from.clone()));
    load_known(read, book_id, book, &closure, registry)
}
