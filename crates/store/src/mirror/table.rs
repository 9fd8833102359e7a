//! What a view of the mirror is, declared once: its name, its columns, and how each column is read from a folded
//! fact. It must not know which views there are.
//!
//! All objects are rows of one table, whose columns have numbers, and their parts rows of another; a view of each
//! kind names them. Forty tables would be as many files to make, write and drop wherever books are made.

use kernel::fact::Body;
use kernel::{Currency, Kind, Ref};

use crate::db::{Col, Stmt, Value};

/// One object's view. Its first columns are `book`, `ref`, `is_stub`, `deleted` and `known_at_s`.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) cols: &'static [Col],
    pub(crate) dump: Stmt,
    /// The declared columns; `None` of another kind's body.
    pub(crate) values: fn(&Body) -> Option<Vec<Value>>,
    pub(crate) children: Option<&'static Children>,
}

/// What an object consists of: rows that are only ever replaced together. The first columns of its view are `book`,
/// what names the object, and `ref`.
pub(crate) struct Children {
    pub(crate) name: &'static str,
    #[cfg_attr(not(test), expect(dead_code, reason = "only the migration is made of it"))]
    pub(crate) parent: &'static str,
    pub(crate) cols: &'static [Col],
    pub(crate) dump: Stmt,
    pub(crate) rows: fn(&Body) -> Vec<Child>,
}

/// (ref, the declared columns).
pub(crate) type Child = (String, Vec<Value>);

/// `NAME: Variant(it) => "view" { text "currency" = value, ... }`
macro_rules! table {
    ($const:ident: $variant:ident($it:ident) => $name:literal {
        $($kind:ident $col:literal = $value:expr),* $(,)?
    } $(with $children:ident)?) => {
        pub(super) static $const: $crate::mirror::table::Table = $crate::mirror::table::Table {
            name: $name,
            kind: kernel::Kind::$variant,
            cols: &[$($crate::db::$kind($col)),*],
            dump: $crate::db::Stmt::new(
                concat!("mirror.dump.", $name),
                concat!("SELECT book, ref, is_stub, deleted, known_at_s", $(", ", $col,)* " FROM ", $name,
                    " ORDER BY book, ref"),
            ),
            values: |body| match body {
                kernel::fact::Body::$variant($it) => Some(vec![$($crate::db::Value::from($value)),*]),
                _ => None,
            },
            children: table!(@children $($children)?),
        };
    };
    (@children) => { None };
    (@children $children:ident) => { Some(&$children) };
}

/// `NAME: Variant(it) => "view" by "invoice_ref" of it.rows.iter(), row: row.id; { text "price_ref" = value, ... }`
macro_rules! children {
    ($const:ident: $variant:ident($it:ident) => $name:literal by $parent:literal of $rows:expr, $row:ident: $id:expr; {
        $($kind:ident $col:literal = $value:expr),* $(,)?
    }) => {
        static $const: $crate::mirror::table::Children = $crate::mirror::table::Children {
            name: $name,
            parent: $parent,
            cols: &[$($crate::db::$kind($col)),*],
            dump: $crate::db::Stmt::new(
                concat!("mirror.dump.", $name),
                concat!("SELECT book, ", $parent, ", ref", $(", ", $col,)* " FROM ", $name,
                    " ORDER BY book, ", $parent, ", ref"),
            ),
            rows: |body| match body {
                kernel::fact::Body::$variant($it) => $rows
                    .map(|$row| ($id.to_string(), vec![$($crate::db::Value::from($value)),*]))
                    .collect(),
                _ => Vec::new(),
            },
        };
    };
}

pub(super) use {children, table};

/// Declared values at their numbers: texts first, then integers. A view's nth text is the nth text column.
pub(super) fn numbered(cols: &[Col], values: Vec<Value>, texts: usize, ints: usize) -> Vec<Value> {
    let (mut text, mut int) = (Vec::with_capacity(texts), Vec::with_capacity(ints));
    for (col, value) in cols.iter().zip(values) {
        if col.is_int() { int.push(value) } else { text.push(value) }
    }
    text.resize(texts, Value::Null);
    int.resize(ints, Value::Null);
    text.append(&mut int);
    text
}

pub(super) fn id(reference: Option<&Ref>) -> Value {
    Value::from(reference)
}

pub(super) fn word(text: Option<&String>) -> Value {
    Value::from(text)
}

pub(super) fn money(currency: Option<Currency>) -> Value {
    Value::from(currency.as_ref().map(Currency::as_str))
}

/// Stripe's seconds in milliseconds, as every `_at` is.
pub(super) fn at(seconds: Option<i64>) -> Value {
    Value::from(seconds.map(|seconds| seconds.saturating_mul(kernel::time::SECOND_MS)))
}

/// When an object was made; objects that do not say have 0.
pub(super) fn made(created_s: i64) -> Value {
    at((created_s > 0).then_some(created_s))
}

pub(super) fn many(count: usize) -> Value {
    Value::from(i64::try_from(count).unwrap_or(i64::MAX))
}
