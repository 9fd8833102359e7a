//! Which fields were read, for the page that says so. Only in tests.

use std::cell::RefCell;
use std::collections::BTreeSet;

thread_local! {
    static READ: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

pub(crate) fn add(path: String) {
    READ.with_borrow_mut(|read| read.insert(path));
}

/// The paths read since the last time.
pub(crate) fn take() -> BTreeSet<String> {
    READ.with_borrow_mut(std::mem::take)
}
