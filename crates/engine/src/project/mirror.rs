//! Keeps the readable tables of Stripe's objects: takes errands, folds each object anew, writes its row and its
//! children. Only when nothing else is to do, for no money depends on it; every so often all the same.
//!
//! What the fold cannot decide and what Stripe sent only the beginning of is noticed here, and wanted.

use std::collections::{BTreeMap, BTreeSet};

use kernel::fact::{Body, is_decided, newest};
use kernel::{ObjectKey, Observed};
use store::Tx;
use store::mirror::Mirrored;
use store::mirror::errand::{self, Errand};
use store::want::Why;

use crate::house::{EngineError, House};

/// Errands of one transaction.
const ERRANDS: i64 = 4;

/// Looks at some objects; returns how many.
pub(crate) fn mirror(house: &House) -> Result<usize, EngineError> {
    if !house.db().read(errand::any)? {
        return Ok(0);
    }
    house.db().work(|tx| -> Result<usize, EngineError> {
        errand::lock(tx)?;
        let errands = errand::next(tx, ERRANDS)?;
        let mut done = 0;
        for (book, asked) in by_book(&errands) {
            done += asked.facts.len() + asked.named.len();
            look(tx, book, &asked)?;
        }
        errand::done(tx, &errands.iter().map(|errand| errand.id).collect::<Vec<_>>())?;
        Ok(done)
    })
}

fn by_book(errands: &[Errand]) -> BTreeMap<i64, Errand> {
    let mut books: BTreeMap<i64, Errand> = BTreeMap::new();
    for errand in errands {
        let asked = books.entry(errand.book).or_default();
        asked.facts.extend(errand.facts.iter().cloned());
        asked.named.extend(errand.named.iter().cloned());
    }
    books
}

fn look(tx: &mut Tx<'_>, book: i64, asked: &Errand) -> Result<(), EngineError> {
    let keys: Vec<ObjectKey> = asked.facts.iter().cloned().collect();
    let versions = store::fact::newest_second(tx, book, &keys)?;
    let gone = store::mirror::gone(tx, book, &keys)?;
    let object = |key| Mirrored {
        key,
        state: versions.get(key).and_then(|versions| newest(versions)),
        deleted: gone.contains(key),
    };
    let objects: Vec<Mirrored<'_>> = keys.iter().map(object).collect();
    store::mirror::put(tx, book, &objects)?;
    store::mirror::put_stubs(tx, book, &asked.named)?;
    wanted(tx, book, &versions, &gone)
}

/// Asks for what only Stripe can tell, and takes back what is answered.
fn wanted(
    tx: &mut Tx<'_>,
    book: i64,
    versions: &BTreeMap<ObjectKey, Vec<Observed>>,
    gone: &BTreeSet<ObjectKey>,
) -> Result<(), EngineError> {
    let (mut open, mut settled) = (Vec::new(), Vec::new());
    for (key, versions) in versions {
        match why(versions).filter(|_| !gone.contains(key)) {
            Some(why) => open.push((key.clone(), why)),
            None => settled.push(key.clone()),
        }
    }
    store::want::ask(tx, book, &open)?;
    store::want::settle(tx, book, &settled)?;
    Ok(())
}

fn why(versions: &[Observed]) -> Option<Why> {
    if !is_decided(versions) {
        return Some(Why::Order);
    }
    newest(versions).filter(|version| is_cut(&version.body)).map(|_| Why::List)
}

/// Whether only the first rows of a list came along.
const fn is_cut(body: &Body) -> bool {
    match body {
        Body::Invoice(invoice) => invoice.lines_truncated,
        Body::Subscription(subscription) => subscription.items_truncated,
        Body::Entitlements(entitlements) => entitlements.truncated,
        _ => false,
    }
}
