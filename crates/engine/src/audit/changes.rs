//! Two sets of rows of the canonical export against each other: which rows are new, gone, or changed in which fields. It
//! must not know where the rows come from.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::fields::fields;
use crate::export::ExportRow;
use crate::house::EngineError;

/// A field of a row that is not the same.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Field {
    pub name: String,
    pub before: String,
    pub after: String,
}

/// A row that is not the same.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Change {
    pub book: String,
    pub sale: String,
    pub partner: Option<String>,
    /// `new`, `gone` or `changed`.
    pub what: &'static str,
    pub currency: String,
    pub commission_before_minor: i64,
    pub commission_after_minor: i64,
    /// In a changed row.
    pub fields: Vec<Field>,
}

type Key = (String, String, Option<String>);

fn keyed(rows: &[ExportRow]) -> BTreeMap<Key, &ExportRow> {
    rows.iter().map(|row| ((row.book().label(), row.sale.clone(), row.partner.clone()), row)).collect()
}

/// In the order of book, sale and partner.
pub(super) fn changes(before: &[ExportRow], after: &[ExportRow]) -> Result<Vec<Change>, EngineError> {
    let (before, after) = (keyed(before), keyed(after));
    let keys: BTreeSet<&Key> = before.keys().chain(after.keys()).collect();
    let mut found = Vec::new();
    for key in keys {
        let (old, new) = (before.get(key).copied(), after.get(key).copied());
        if old == new {
            continue;
        }
        let what = match (old, new) {
            (None, _) => "new",
            (_, None) => "gone",
            _ => "changed",
        };
        let shown = old.or(new);
        found.push(Change {
            book: key.0.clone(),
            sale: key.1.clone(),
            partner: key.2.clone(),
            what,
            currency: shown.map(|row| row.currency.clone()).unwrap_or_default(),
            commission_before_minor: old.map_or(0, |row| row.commission_minor),
            commission_after_minor: new.map_or(0, |row| row.commission_minor),
            fields: match (old, new) {
                (Some(old), Some(new)) => differing(old, new)?,
                _ => Vec::new(),
            },
        });
    }
    Ok(found)
}

fn differing(old: &ExportRow, new: &ExportRow) -> Result<Vec<Field>, EngineError> {
    let (before, mut after) = (fields(old)?, fields(new)?);
    let pairs = before.into_iter().map(|(name, before)| {
        let after = after.remove(&name).unwrap_or_default();
        Field { name, before, after }
    });
    Ok(pairs.filter(|field| field.before != field.after).collect())
}
