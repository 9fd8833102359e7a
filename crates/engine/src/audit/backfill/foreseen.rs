//! What a backfill would come to: every object that books depend on is listed into scratch books, and nothing is kept. For a live book
//! whose program has no start, since a backfill pays for everything that ever was sold. It must not know rules.

use kernel::{Book, UnixMs};
use serde::Serialize;
use std::collections::BTreeMap;

use crate::audit::kinds;
use crate::audit::listed::items;
use crate::audit::lister::Lister;
use crate::audit::{ListFailure, failed, rebuild};
use crate::export::{ExportOptions, export};
use crate::house::{EngineError, House};
use crate::project::apply::put_rows;
use crate::project::true_up;

/// A currency's sales, and what is due for them.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Sum {
    pub currency: String,
    pub sales: i64,
    /// If every sale counts, from the beginning.
    pub commission_all_minor: i64,
    /// If the program starts now.
    pub commission_from_now_minor: i64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Foreseen {
    pub book: String,
    pub sums: Vec<Sum>,
}

/// A live book pays for what it finds: it must be said from when on (MONEY.md section 5).
pub fn needs_start(house: &House, book: &Book) -> Result<bool, EngineError> {
    Ok(book.livemode && house.current_registry()?.program_start(book).is_none())
}

/// Both totals. Lists everything that the books depend on.
pub fn foreseen(
    house: &House,
    lister: &dyn Lister,
    book: &Book,
    now: UnixMs,
    progress: &mut dyn FnMut(&'static str, usize),
) -> Result<Foreseen, ListFailure> {
    let scratch_db = house.db().scratch_like().map_err(EngineError::from)?;
    let scratch = house.with_db((*scratch_db).clone());
    rebuild(house, &scratch, now, &mut |_, _| {})?;
    for kind in kinds::listed(book).filter(|kind| crate::depends::needs_mark(*kind)) {
        let (mut after, mut listed) = (None, 0);
        loop {
            let page = lister.objects(book, kind, after.as_ref()).map_err(|why| failed(book, why))?;
            let items = items(lister, book, kind, &page, now)?;
            listed += items.len();
            progress(kind.stripe_name(), listed);
            let last = items.last().map(|item| item.object.id.clone());
            let rows: Vec<_> = items.into_iter().map(|item| crate::foresee::row(item.row)).collect();
            scratch.db().work(|tx| -> Result<(), EngineError> {
                let book = store::book::id(tx, book)?;
                put_rows(tx, book, &rows)
            })?;
            if !page.more || last.is_none() || last == after {
                break;
            }
            after = last;
        }
    }
    while true_up::true_up(&scratch, now, crate::project::BATCH, 0)? > 0 {}
    Ok(Foreseen { book: book.label(), sums: sums(&scratch, book, now)? })
}

fn sums(scratch: &House, book: &Book, now: UnixMs) -> Result<Vec<Sum>, EngineError> {
    let rows = export(scratch, &ExportOptions { as_of: None, book: Some(book.clone()) })?.rows;
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry(row.currency.clone()).or_default();
        sum.currency.clone_from(&row.currency);
        sum.sales += 1;
        sum.commission_all_minor += row.commission_minor;
        if row.sold_at() >= now {
            sum.commission_from_now_minor += row.commission_minor;
        }
    }
    Ok(sums.into_values().collect())
}
