//! Sales of a book, newest first, all or one partner's, a page at a time.

use crate::db::{Read, Row, Stmt, StoreError};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SaleLine {
    pub sale: String,
    /// `None`: nobody's.
    pub partner: Option<String>,
    pub code: Option<String>,
    pub reason: String,
    pub currency: String,
    pub total_minor: i64,
    pub net_sold_minor: i64,
    pub net_minor: i64,
    pub commission_minor: i64,
    /// held | pending | available | reversed | none, at the instant asked for.
    pub status: String,
    pub sale_at: i64,
}

/// Where a page ended: the next one begins behind it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    pub sale_at: i64,
    pub sale: String,
    pub partner: String,
}

impl Place {
    /// Before the newest sale.
    #[must_use]
    pub const fn start() -> Self {
        Self { sale_at: i64::MAX, sale: String::new(), partner: String::new() }
    }
}

pub(super) const PAGE: Stmt = Stmt::new(
    "read.sales_page",
    "SELECT sale, partner, code, reason, currency, total_minor, net_sold_minor, net_minor, commission_minor,
       CASE WHEN held <> 0 AND commission_minor <> 0 THEN 'held'
            WHEN commission_minor = 0 AND earned_minor > 0 THEN 'reversed'
            WHEN commission_minor = 0 THEN 'none'
            WHEN partly_paid <> 0 OR available_at IS NULL OR available_at > $2 THEN 'pending'
            ELSE 'available' END,
       sale_at
     FROM sale WHERE book = $1 AND (sale_at, sale, partner) < ($3, $4, $5)
     ORDER BY sale_at DESC, sale DESC, partner DESC LIMIT $6",
);

pub(super) const PAGE_OF_PARTNER: Stmt = Stmt::new(
    "read.sales_page_of_partner",
    "SELECT sale, partner, code, reason, currency, total_minor, net_sold_minor, net_minor, commission_minor,
       CASE WHEN held <> 0 AND commission_minor <> 0 THEN 'held'
            WHEN commission_minor = 0 AND earned_minor > 0 THEN 'reversed'
            WHEN commission_minor = 0 THEN 'none'
            WHEN partly_paid <> 0 OR available_at IS NULL OR available_at > $2 THEN 'pending'
            ELSE 'available' END,
       sale_at
     FROM sale WHERE book = $1 AND (sale_at, sale, partner) < ($3, $4, $5) AND partner = $7
     ORDER BY sale_at DESC, sale DESC, partner DESC LIMIT $6",
);

/// Which sales: of one book, perhaps of one partner, standing at `as_of`, behind `place`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted<'a> {
    pub book: i64,
    pub as_of: i64,
    pub partner: Option<&'a str>,
    pub place: Place,
    pub limit: i64,
}

pub fn page(read: &mut Read<'_>, wanted: &Wanted<'_>) -> Result<Vec<SaleLine>, StoreError> {
    let Wanted { book, as_of, partner, place, limit } = wanted;
    let rows = match partner {
        None => {
            read.rows(&PAGE, &args![*book, *as_of, place.sale_at, &place.sale, &place.partner, *limit])?
        }
        Some(partner) => read.rows(
            &PAGE_OF_PARTNER,
            &args![*book, *as_of, place.sale_at, &place.sale, &place.partner, *limit, *partner],
        )?,
    };
    rows.iter().map(line).collect()
}

fn line(row: &Row) -> Result<SaleLine, StoreError> {
    Ok(SaleLine {
        sale: row.text(0)?,
        partner: Some(row.text(1)?).filter(|partner| !partner.is_empty()),
        code: row.opt_text(2)?,
        reason: row.text(3)?,
        currency: row.text(4)?,
        total_minor: row.int(5)?,
        net_sold_minor: row.int(6)?,
        net_minor: row.int(7)?,
        commission_minor: row.int(8)?,
        status: row.text(9)?,
        sale_at: row.int(10)?,
    })
}
