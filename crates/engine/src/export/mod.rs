//! The canonical export (MONEY.md section 6): one row per sale and partner, the same bytes for the same facts
//! and operator log on either engine and in any order of arrival; and its csv, beancount and hledger kin.

mod csv;
mod journal;
mod row;

pub use csv::to_csv;
pub use journal::{JournalStyle, to_journal};
pub use row::ExportRow;

use std::collections::BTreeMap;

use kernel::time::SECOND_MS;
use kernel::{Book, UnixMs};

use crate::house::{EngineError, House};

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ExportOptions {
    /// Moves only the buckets. Default: the newest fact of each row's book.
    pub as_of: Option<UnixMs>,
    pub book: Option<Book>,
}

/// The rows in canonical order, and whether the books were level when they were read.
pub struct Export {
    pub rows: Vec<ExportRow>,
    pub level: bool,
}

pub fn export(house: &House, options: &ExportOptions) -> Result<Export, EngineError> {
    let (mut rows, level) = fold(house, options, &mut |rows: &mut Vec<ExportRow>, row| {
        rows.push(row);
        Ok(())
    })?;
    rows.sort_by(ExportRow::canonical_order);
    Ok(Export { rows, level })
}

/// Folds the rows, one after the other in no order, and says whether the books were level. Begins anew when the
/// database has to be asked again.
pub(crate) fn fold<S: Default>(
    house: &House,
    options: &ExportOptions,
    take: &mut dyn FnMut(&mut S, ExportRow) -> Result<(), EngineError>,
) -> Result<(S, bool), EngineError> {
    let head = house.inbox().head()?;
    house.db().read(|read| -> Result<_, EngineError> {
        let mut state = S::default();
        let books = store::book::all(read)?;
        for (book_id, book) in &books {
            if options.book.as_ref().is_some_and(|wanted| wanted != book) {
                continue;
            }
            let as_of = match options.as_of {
                Some(at) => at,
                None => store::book::clock(read, *book_id)?.saturating_mul(SECOND_MS),
            };
            let mut taken = Ok(());
            store::sale::export(read, Some(*book_id), &mut |sale| {
                if taken.is_ok() {
                    taken = take(&mut state, ExportRow::new(book, &sale, as_of));
                }
                Ok(())
            })?;
            taken?;
        }
        let work = store::work::counts(read)?;
        let level =
            head <= store::work::projected(read)? && work.pending == 0 && store::mark::is_level(read)?;
        Ok((state, level))
    })
}

/// Books that have at least one row.
#[must_use]
pub fn books_with_rows(rows: &[ExportRow]) -> Vec<Book> {
    let mut seen = BTreeMap::new();
    for row in rows {
        seen.entry(row.book()).or_insert(());
    }
    seen.into_keys().collect()
}

/// A JSON array, one row per line.
pub fn to_json(rows: &[ExportRow]) -> Result<String, EngineError> {
    let mut text = String::from("[");
    for (index, row) in rows.iter().enumerate() {
        text.push_str(if index == 0 { "\n" } else { ",\n" });
        text.push_str(&serde_json::to_string(row).map_err(EngineError::unreadable("row"))?);
    }
    text.push_str("\n]\n");
    Ok(text)
}
