//! One row per sale and partner: what the canonical export prints, less what depends on the time.

use crate::db::{Conflict, Put, Read, Row, Stmt, StoreError, Tx, Value, int, text};

/// The columns of the table, in its order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SaleRow {
    pub subject: i64,
    /// Handle; empty is nobody.
    pub partner: String,
    pub book: i64,
    pub sale: String,
    pub kind: i64,
    pub code: Option<String>,
    pub reason: String,
    pub share_bps: i64,
    pub currency: String,
    pub gross_minor: i64,
    pub discount_minor: i64,
    pub tax_minor: i64,
    pub shipping_minor: i64,
    pub total_minor: i64,
    pub paid_minor: i64,
    pub refunded_minor: i64,
    pub disputed_minor: i64,
    pub net_sold_minor: i64,
    pub net_minor: i64,
    pub rate_bps: Option<i64>,
    pub terms_version: Option<i64>,
    pub commission_minor: i64,
    pub earned_minor: i64,
    pub held: bool,
    pub partly_paid: bool,
    pub stripe_invoice_ref: Option<String>,
    pub stripe_session_ref: Option<String>,
    pub stripe_payment_intent_ref: Option<String>,
    pub stripe_customer_ref: Option<String>,
    pub stripe_subscription_ref: Option<String>,
    pub sale_at: i64,
    pub available_at: Option<i64>,
}

pub(crate) const ALL: &[&Stmt] = &[
    &PRUNE,
    &EXPORT,
    &EXPORT_BOOK,
    &OF_SUBJECTS,
    &BY_REF,
    &COUNT,
    &ATTRIBUTED,
    &OF_PARTNERS,
    &OF_SALES,
    &COUNT_REASON,
];

const PUT: Put = Put {
    table: "sale",
    cols: &[
        int("subject"),
        text("partner"),
        int("book"),
        text("sale"),
        int("kind"),
        text("code"),
        text("reason"),
        int("share_bps"),
        text("currency"),
        int("gross_minor"),
        int("discount_minor"),
        int("tax_minor"),
        int("shipping_minor"),
        int("total_minor"),
        int("paid_minor"),
        int("refunded_minor"),
        int("disputed_minor"),
        int("net_sold_minor"),
        int("net_minor"),
        int("rate_bps"),
        int("terms_version"),
        int("commission_minor"),
        int("earned_minor"),
        int("held"),
        int("partly_paid"),
        text("stripe_invoice_ref"),
        text("stripe_session_ref"),
        text("stripe_payment_intent_ref"),
        text("stripe_customer_ref"),
        text("stripe_subscription_ref"),
        int("sale_at"),
        int("available_at"),
    ],
    conflict: Conflict::Update { keys: 2, set: SET },
};
const SET: &[&str] = &[
    "code",
    "reason",
    "share_bps",
    "currency",
    "gross_minor",
    "discount_minor",
    "tax_minor",
    "shipping_minor",
    "total_minor",
    "paid_minor",
    "refunded_minor",
    "disputed_minor",
    "net_sold_minor",
    "net_minor",
    "rate_bps",
    "terms_version",
    "commission_minor",
    "earned_minor",
    "held",
    "partly_paid",
    "stripe_invoice_ref",
    "stripe_session_ref",
    "stripe_payment_intent_ref",
    "stripe_customer_ref",
    "stripe_subscription_ref",
    "sale_at",
    "available_at",
];

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT subject, partner, book, sale, kind, code, reason, share_bps, currency, gross_minor, \
             discount_minor, tax_minor, shipping_minor, total_minor, paid_minor, refunded_minor, disputed_minor, \
             net_sold_minor, net_minor, rate_bps, terms_version, commission_minor, earned_minor, held, partly_paid, \
             stripe_invoice_ref, stripe_session_ref, stripe_payment_intent_ref, stripe_customer_ref, \
             stripe_subscription_ref, sale_at, available_at FROM sale ",
            $tail
        )
    };
}

const PRUNE: Stmt =
    Stmt::new("sale.prune", "DELETE FROM sale WHERE subject {in:1} AND NOT ((subject, partner) {in_keys:2})");
const EXPORT: Stmt = Stmt::new("sale.export", select!("ORDER BY book, sale_at, sale, partner"));
const EXPORT_BOOK: Stmt =
    Stmt::new("sale.export_book", select!("WHERE book = $1 ORDER BY sale_at, sale, partner"));
const OF_SUBJECTS: Stmt =
    Stmt::new("sale.of_subjects", select!("WHERE subject {in:1} ORDER BY subject, partner"));
/// Any of the ids a person may have in hand.
const BY_REF: Stmt = Stmt::new(
    "sale.by_ref",
    select!(
        "WHERE sale = $1 OR stripe_session_ref = $1 OR stripe_payment_intent_ref = $1 \
         ORDER BY book, sale_at, sale, partner"
    ),
);
const ATTRIBUTED: Stmt = Stmt::new(
    "sale.attributed",
    select!("WHERE book = $1 AND partner <> '' ORDER BY sale_at, sale, partner"),
);
const OF_PARTNERS: Stmt = Stmt::new(
    "sale.of_partners",
    select!("WHERE book = $1 AND partner {in:2} ORDER BY sale_at, sale, partner"),
);
const OF_SALES: Stmt = Stmt::new(
    "sale.of_sales",
    select!("WHERE book = $1 AND sale {in:2} AND partner <> '' ORDER BY sale_at, sale, partner"),
);
const COUNT_REASON: Stmt = Stmt::new("sale.count_reason", "SELECT count(*) FROM sale WHERE reason = $1");
const COUNT: Stmt = Stmt::new("sale.count", "SELECT count(*) FROM sale");

/// The rows of one subject are these and no others.
pub fn replace(tx: &mut Tx<'_>, subject: i64, rows: &[SaleRow]) -> Result<(), StoreError> {
    replace_all(tx, &[subject], rows)
}

/// The same for many subjects in two statements.
pub fn replace_all(tx: &mut Tx<'_>, subjects: &[i64], rows: &[SaleRow]) -> Result<(), StoreError> {
    let keep: Vec<(i64, String)> = rows.iter().map(|row| (row.subject, row.partner.clone())).collect();
    tx.exec(&PRUNE, &args![subjects, keep])?;
    tx.put(&PUT, rows.iter().map(values).collect()).map(drop)
}

/// Hands over every row of a book (`None`: of all), sorted by book, time, sale and partner, one at a time.
pub fn export(
    r: &mut Read<'_>,
    book: Option<i64>,
    each: &mut dyn FnMut(SaleRow) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut take = |row: Row| each(read(&row)?);
    match book {
        Some(book) => r.each(&EXPORT_BOOK, &args![book], &mut take),
        None => r.each(&EXPORT, &[], &mut take),
    }
}

pub fn of_subjects(r: &mut Read<'_>, subjects: &[i64]) -> Result<Vec<SaleRow>, StoreError> {
    r.rows(&OF_SUBJECTS, &args![subjects])?.iter().map(read).collect()
}

/// The sale that is, or was paid through, this invoice, session or intent; in any book.
pub fn by_ref(r: &mut Read<'_>, reference: &str) -> Result<Vec<SaleRow>, StoreError> {
    r.rows(&BY_REF, &args![reference])?.iter().map(read).collect()
}

pub fn count(r: &mut Read<'_>) -> Result<i64, StoreError> {
    r.one_int(&COUNT, &[])
}

fn values(row: &SaleRow) -> Vec<Value> {
    let row = row.clone();
    args![
        row.subject,
        row.partner,
        row.book,
        row.sale,
        row.kind,
        row.code,
        row.reason,
        row.share_bps,
        row.currency,
        row.gross_minor,
        row.discount_minor,
        row.tax_minor,
        row.shipping_minor,
        row.total_minor,
        row.paid_minor,
        row.refunded_minor,
        row.disputed_minor,
        row.net_sold_minor,
        row.net_minor,
        row.rate_bps,
        row.terms_version,
        row.commission_minor,
        row.earned_minor,
        row.held,
        row.partly_paid,
        row.stripe_invoice_ref,
        row.stripe_session_ref,
        row.stripe_payment_intent_ref,
        row.stripe_customer_ref,
        row.stripe_subscription_ref,
        row.sale_at,
        row.available_at,
    ]
    .to_vec()
}

/// Reads a row selected in the table's order; pages that join may do so too.
pub(crate) fn read(row: &Row) -> Result<SaleRow, StoreError> {
    Ok(SaleRow {
        subject: row.int(0)?,
        partner: row.text(1)?,
        book: row.int(2)?,
        sale: row.text(3)?,
        kind: row.int(4)?,
        code: row.opt_text(5)?,
        reason: row.text(6)?,
        share_bps: row.int(7)?,
        currency: row.text(8)?,
        gross_minor: row.int(9)?,
        discount_minor: row.int(10)?,
        tax_minor: row.int(11)?,
        shipping_minor: row.int(12)?,
        total_minor: row.int(13)?,
        paid_minor: row.int(14)?,
        refunded_minor: row.int(15)?,
        disputed_minor: row.int(16)?,
        net_sold_minor: row.int(17)?,
        net_minor: row.int(18)?,
        rate_bps: row.opt_int(19)?,
        terms_version: row.opt_int(20)?,
        commission_minor: row.int(21)?,
        earned_minor: row.int(22)?,
        held: row.flag(23)?,
        partly_paid: row.flag(24)?,
        stripe_invoice_ref: row.opt_text(25)?,
        stripe_session_ref: row.opt_text(26)?,
        stripe_payment_intent_ref: row.opt_text(27)?,
        stripe_customer_ref: row.opt_text(28)?,
        stripe_subscription_ref: row.opt_text(29)?,
        sale_at: row.int(30)?,
        available_at: row.opt_int(31)?,
    })
}

/// Every sale of a book that has a partner.
pub fn attributed(r: &mut Read<'_>, book: i64) -> Result<Vec<SaleRow>, StoreError> {
    r.rows(&ATTRIBUTED, &args![book])?.iter().map(read).collect()
}

/// Every sale of a book that has one of these partners.
pub fn of_partners(r: &mut Read<'_>, book: i64, partners: &[String]) -> Result<Vec<SaleRow>, StoreError> {
    r.rows(&OF_PARTNERS, &args![book, partners.to_vec()])?.iter().map(read).collect()
}

/// How many sales of all books have this reason.
pub fn count_reason(r: &mut Read<'_>, reason: &str) -> Result<i64, StoreError> {
    r.one_int(&COUNT_REASON, &args![reason])
}

/// Those of these sales that have a partner.
pub fn of_sales(r: &mut Read<'_>, book: i64, sales: &[String]) -> Result<Vec<SaleRow>, StoreError> {
    r.rows(&OF_SALES, &args![book, sales.to_vec()])?.iter().map(read).collect()
}
