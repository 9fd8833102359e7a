//! The mirror: what Stripe's objects are now, one readable view for each kind, for people and analysts. It is
//! computed from facts and may be dropped and rebuilt; nothing in the books reads it.
//!
//! Whoever adds facts also adds an [`errand`]: the names of what has changed. One worker at a time (the cursor
//! `mirrored` is its lock) takes errands, folds each object anew and writes its row. So a row is written after
//! every change of its object, by somebody who saw all facts committed until then.

mod business;
mod catalogue;
mod customer;
pub mod errand;
mod payment;
mod sale;
mod table;

use std::collections::BTreeSet;

use kernel::{Kind, ObjectKey, Observed};

use crate::db::{Conflict, Put, Read, Row, Stmt, StoreError, Tx, Value, int, text};
use table::Table;

static TABLES: [&Table; Kind::ALL.len()] = [
    &sale::INVOICE,
    &sale::SESSION,
    &payment::INTENT,
    &payment::CHARGE,
    &payment::REFUND,
    &payment::DISPUTE,
    &sale::INVOICE_PAYMENT,
    &sale::CREDIT_NOTE,
    &catalogue::DISCOUNT,
    &catalogue::PROMOTION_CODE,
    &catalogue::COUPON,
    &customer::CUSTOMER,
    &customer::SUBSCRIPTION,
    &catalogue::PRODUCT,
    &catalogue::PRICE,
    &customer::PAYMENT_METHOD,
    &customer::SETUP_INTENT,
    &customer::SCHEDULE,
    &business::PAYOUT,
    &business::TRANSFER,
    &business::BALANCE_TRANSACTION,
    &business::APPLICATION_FEE,
    &business::FEE_REFUND,
    &business::ACCOUNT,
    &business::CAPABILITY,
    &business::APPLICATION,
    &payment::FRAUD_WARNING,
    &payment::REVIEW,
    &customer::ENTITLEMENTS,
    &customer::CREDIT_GRANT,
    &customer::METER,
    &customer::ALERT,
    &business::PORTAL_CONFIGURATION,
    &business::PORTAL_SESSION,
    &customer::TAX_ID,
    &business::TEST_CLOCK,
];

pub(crate) const ALL: &[&Stmt] = &[&GONE, &CLEAR];

const GONE: Stmt = Stmt::new("mirror.gone", "SELECT f.kind, f.ref FROM {of_keys:gone kind ref}");

/// Columns of each type; declared are fewer, which a test checks.
const TEXTS: usize = 12;
const INTS: usize = 12;
const PART_TEXTS: usize = 4;
const PART_INTS: usize = 6;

const PUT: Put = Put {
    table: "mirror",
    cols: &[
        int("book"),
        int("kind"),
        text("ref"),
        int("is_stub"),
        int("deleted"),
        int("known_at_s"),
        text("t1"),
        text("t2"),
        text("t3"),
        text("t4"),
        text("t5"),
        text("t6"),
        text("t7"),
        text("t8"),
        text("t9"),
        text("t10"),
        text("t11"),
        text("t12"),
        int("i1"),
        int("i2"),
        int("i3"),
        int("i4"),
        int("i5"),
        int("i6"),
        int("i7"),
        int("i8"),
        int("i9"),
        int("i10"),
        int("i11"),
        int("i12"),
    ],
    conflict: Conflict::Update {
        keys: 3,
        set: &[
            "is_stub",
            "deleted",
            "known_at_s",
            "t1",
            "t2",
            "t3",
            "t4",
            "t5",
            "t6",
            "t7",
            "t8",
            "t9",
            "t10",
            "t11",
            "t12",
            "i1",
            "i2",
            "i3",
            "i4",
            "i5",
            "i6",
            "i7",
            "i8",
            "i9",
            "i10",
            "i11",
            "i12",
        ],
    },
};
const PUT_STUB: Put = Put {
    table: "mirror",
    cols: &[int("book"), int("kind"), text("ref"), int("is_stub"), int("deleted")],
    conflict: Conflict::Ignore,
};
const PUT_PART: Put = Put {
    table: "mirror_part",
    cols: &[
        int("book"),
        int("kind"),
        text("parent_ref"),
        text("ref"),
        text("t1"),
        text("t2"),
        text("t3"),
        text("t4"),
        int("i1"),
        int("i2"),
        int("i3"),
        int("i4"),
        int("i5"),
        int("i6"),
    ],
    conflict: Conflict::Update {
        keys: 4,
        set: &["t1", "t2", "t3", "t4", "i1", "i2", "i3", "i4", "i5", "i6"],
    },
};
const CLEAR: Stmt =
    Stmt::new("mirror.clear", "DELETE FROM mirror_part WHERE book = $1 AND (kind, parent_ref) {in_keys:2}");

const PUT_GONE: Put =
    Put { table: "gone", cols: &[int("book"), int("kind"), text("ref")], conflict: Conflict::Ignore };

/// Every statement of the tables.
pub(crate) fn statements() -> Vec<&'static Stmt> {
    let mut all: Vec<&'static Stmt> = TABLES.iter().map(|table| &table.dump).collect();
    let children = || TABLES.iter().filter_map(|table| table.children);
    all.extend(children().map(|children| &children.dump));
    all.extend(errand::ALL);
    all
}

fn table_of(kind: Kind) -> &'static Table {
    // The order of the numbers, which begin with 1.
    let table = TABLES[usize::try_from(kind.code() - 1).unwrap_or(0)];
    debug_assert_eq!(table.kind, kind, "in the order of their numbers");
    table
}

/// Remembers that these objects are deleted, for ever.
pub fn put_gone(tx: &mut Tx<'_>, book: i64, gone: &[ObjectKey]) -> Result<(), StoreError> {
    let row = |key: &ObjectKey| args![book, key.kind.code(), &key.id].to_vec();
    tx.put(&PUT_GONE, gone.iter().map(row).collect()).map(drop)
}

/// Which of these objects are deleted.
pub fn gone(r: &mut Read<'_>, book: i64, keys: &[ObjectKey]) -> Result<BTreeSet<ObjectKey>, StoreError> {
    r.rows(&GONE, &args![book, keys])?.iter().map(|row| row.object(0)).collect()
}

/// What is to be written of one object.
pub struct Mirrored<'a> {
    pub key: &'a ObjectKey,
    /// `None`: it is known by reference alone.
    pub state: Option<&'a Observed>,
    pub deleted: bool,
}

/// Writes the rows of these objects, their parts included. The caller holds the mirror's lock.
pub fn put(tx: &mut Tx<'_>, book: i64, objects: &[Mirrored<'_>]) -> Result<(), StoreError> {
    let rows = objects.iter().map(|object| row(book, object)).collect();
    tx.put(&PUT, rows)?;
    let with_parts = objects.iter().filter(|object| table_of(object.key.kind).children.is_some());
    let keys: Vec<ObjectKey> = with_parts.clone().map(|object| object.key.clone()).collect();
    if keys.is_empty() {
        return Ok(());
    }
    tx.exec(&CLEAR, &args![book, keys.as_slice()])?;
    tx.put(&PUT_PART, with_parts.flat_map(|object| parts(book, object)).collect()).map(drop)
}

/// Makes rows for objects that are known by reference alone; of others nothing changes.
pub fn put_stubs(tx: &mut Tx<'_>, book: i64, keys: &BTreeSet<ObjectKey>) -> Result<(), StoreError> {
    let row = |key: &ObjectKey| args![book, key.kind.code(), &key.id, true, false].to_vec();
    tx.put(&PUT_STUB, keys.iter().map(row).collect()).map(drop)
}

fn row(book: i64, object: &Mirrored<'_>) -> Vec<Value> {
    let table = table_of(object.key.kind);
    let values = object.state.and_then(|state| (table.values)(&state.body));
    let known_at_s = values.as_ref().and(object.state).map(|state| state.at_s);
    let (kind, is_stub) = (object.key.kind.code(), values.is_none());
    let mut row = args![book, kind, &object.key.id, is_stub, object.deleted, known_at_s].to_vec();
    row.extend(table::numbered(table.cols, values.unwrap_or_default(), TEXTS, INTS));
    row
}

fn parts(book: i64, object: &Mirrored<'_>) -> Vec<Vec<Value>> {
    let children = table_of(object.key.kind).children;
    let found = object.state.zip(children).map(|(state, children)| ((children.rows)(&state.body), children));
    let Some((rows, children)) = found else { return Vec::new() };
    let row = |(id, values): table::Child| {
        let mut row = args![book, object.key.kind.code(), &object.key.id, id].to_vec();
        row.extend(table::numbered(children.cols, values, PART_TEXTS, PART_INTS));
        row
    };
    rows.into_iter().map(row).collect()
}

/// Every row of every view, as (view, its rows in the order of their keys): to compare two mirrors.
pub fn dump(r: &mut Read<'_>) -> Result<Vec<(&'static str, Vec<Row>)>, StoreError> {
    let mut all = Vec::new();
    for table in TABLES {
        all.push((table.name, r.rows(&table.dump, &[])?));
        if let Some(children) = table.children {
            all.push((children.name, r.rows(&children.dump, &[])?));
        }
    }
    Ok(all)
}

/// How many views there are: those of objects first, then those of what objects consist of.
pub const VIEWS: usize = 2 * TABLES.len();

/// Hands over every row of one view, in the order of their keys: the view's name, the row's book, and the row in words.
/// Nothing where there is no such view.
pub fn view(
    r: &mut Read<'_>,
    index: usize,
    each: &mut dyn FnMut(&'static str, i64, String),
) -> Result<(), StoreError> {
    let Some(table) = TABLES.get(index % TABLES.len()) else { return Ok(()) };
    let (name, dump) = match (index / TABLES.len(), table.children) {
        (0, _) => (table.name, &table.dump),
        (_, Some(children)) => (children.name, &children.dump),
        (_, None) => return Ok(()),
    };
    r.each(dump, &[], &mut |row: Row| {
        each(name, row.int(0)?, row.words(1));
        Ok(())
    })
}

#[cfg(test)]
mod tests;
