//! Which sales still wait for Stripe to explain a discount, and why, for whoever calls the books level. Reading
//! only: what can be fetched is fetched by a round.

use std::collections::BTreeMap;

use kernel::{Book, ObjectKey};
use serde::Serialize;
use store::Read;

use super::Fetcher;
use super::round::ATTEMPTS_MAX;
use super::want::wanted;
use crate::house::{EngineError, House};

/// So many sales are asked about one by one; the rest are counted with why the last of them waits.
const LOOKED_AT_MAX: i64 = 200;

/// Sales of one book that wait for one reason. Field names are a contract with users: add, never rename.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Waits {
    pub book: String,
    pub sales: i64,
    pub why: String,
}

/// `fetcher` is `None` where there is no key at all.
pub fn waits(house: &House, fetcher: Option<&dyn Fetcher>) -> Result<Vec<Waits>, EngineError> {
    house.db().read(|read| {
        let registry = house.registry(read)?;
        let mut counts: BTreeMap<(String, String), i64> = BTreeMap::new();
        let sales = store::fetch::waiting(read, 0, LOOKED_AT_MAX)?;
        let mut last = None;
        for sale in &sales {
            let book = store::book::get(read, sale.book)?;
            let why = if fetcher.is_some_and(|fetcher| fetcher.reaches(&book)) {
                let objects = wanted(read, &registry, sale.book, &book, &sale.root, ATTEMPTS_MAX)?;
                asked(read, sale.book, objects)?
            } else {
                no_key(&book)
            };
            let key = (book.label(), why);
            *counts.entry(key.clone()).or_default() += 1;
            last = Some(key);
        }
        let all = store::sale::count_reason(read, "discount_unresolved")?;
        let looked_at = i64::try_from(sales.len()).unwrap_or(LOOKED_AT_MAX);
        if let Some(key) = last.filter(|_| looked_at == LOOKED_AT_MAX) {
            *counts.entry(key).or_default() += (all - looked_at).max(0);
        }
        Ok(counts.into_iter().map(|((book, why), sales)| Waits { book, sales, why }).collect())
    })
}

/// How many thin events wait for their object, in all books.
pub fn thin_waiting(house: &House) -> Result<i64, EngineError> {
    Ok(house.db().read(store::thin::count)?)
}

fn no_key(book: &Book) -> String {
    let name = if book.livemode { "STRIPE_API_KEY" } else { "STRIPE_API_KEY_TEST" };
    format!("there is no key that reads this book: set {name}")
}

/// What came of asking for these objects.
fn asked(
    read: &mut Read<'_>,
    book: i64,
    objects: impl IntoIterator<Item = ObjectKey>,
) -> Result<String, EngineError> {
    for object in objects {
        let Some(tried) = store::fetch::tried(read, book, &object)? else { continue };
        return Ok(match tried.problem {
            Some(problem) => format!("asked {} time(s), the last time in vain: {problem}", tried.attempts),
            None if tried.attempts >= ATTEMPTS_MAX => {
                format!("asked {} times, and the answers do not explain it", tried.attempts)
            }
            None => "it was asked for, and the answer did not explain it yet".to_owned(),
        });
    }
    Ok("it was not asked for yet".to_owned())
}
