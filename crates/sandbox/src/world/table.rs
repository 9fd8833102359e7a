//! Rows by id in the order they were made, as lists page through them. Rows are shared: an event keeps the
//! row as it was, a change makes a new one. It must not know what a row means.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

pub(crate) struct Table<T> {
    rows: HashMap<String, (u64, Arc<T>)>,
    order: BTreeMap<u64, String>,
    next: u64,
}

impl<T> Table<T> {
    pub(crate) fn new() -> Self {
        Self { rows: HashMap::new(), order: BTreeMap::new(), next: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Arc<T>> {
        self.rows.get(id).map(|(_, row)| row)
    }

    /// Where a row stands: rows made later stand higher.
    pub(crate) fn place(&self, id: &str) -> Option<u64> {
        self.rows.get(id).map(|(place, _)| *place)
    }

    /// Where the next new row will stand.
    pub(crate) const fn next_place(&self) -> u64 {
        self.next
    }

    /// A new row, or a changed one in its old place.
    pub(crate) fn put(&mut self, id: &str, row: impl Into<Arc<T>>) -> Arc<T> {
        let row = row.into();
        if let Some((_, old)) = self.rows.get_mut(id) {
            *old = Arc::clone(&row);
        } else {
            self.order.insert(self.next, id.to_owned());
            self.rows.insert(id.to_owned(), (self.next, Arc::clone(&row)));
            self.next += 1;
        }
        row
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Arc<T>> {
        let (place, row) = self.rows.remove(id)?;
        self.order.remove(&place);
        Some(row)
    }

    /// All rows, the oldest first.
    pub(crate) fn oldest(&self) -> impl DoubleEndedIterator<Item = &Arc<T>> {
        self.order.values().filter_map(|id| self.get(id))
    }

    /// All rows, the newest first.
    pub(crate) fn newest(&self) -> impl Iterator<Item = &Arc<T>> {
        self.oldest().rev()
    }

    /// Rows older than that one, the newest first (`starting_after`).
    pub(crate) fn older_than(&self, id: &str) -> impl Iterator<Item = &Arc<T>> {
        let place = self.rows.get(id).map_or(0, |(place, _)| *place);
        self.order.range(..place).rev().filter_map(|(_, id)| self.get(id))
    }

    /// Rows newer than that one, the oldest first (`ending_before`, to be turned round).
    pub(crate) fn newer_than(&self, id: &str) -> impl Iterator<Item = &Arc<T>> {
        let place = self.rows.get(id).map_or(u64::MAX, |(place, _)| *place);
        self.order.range(place.saturating_add(1)..).filter_map(|(_, id)| self.get(id))
    }
}
