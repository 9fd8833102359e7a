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

macro_rules! sales {
    ($tail:literal) => {
        concat!(
            "SELECT sale, partner, code, reason, currency, total_minor, net_sold_minor, net_minor, commission_minor,
               CASE WHEN held <> 0 AND commission_minor <> 0 THEN 'held'
                    WHEN commission_minor = 0 AND earned_minor > 0 THEN 'reversed'
                    WHEN commission_minor = 0 THEN 'none'
                    WHEN partly_paid <> 0 OR available_at IS NULL OR available_at > $2 THEN 'pending'
                    ELSE 'available' END,
               sale_at
             FROM sale WHERE book = $1 AND (sale_at, sale, partner) < ($3, $4, $5) ",
            $tail,
            " ORDER BY sale_at DESC, sale DESC, partner DESC LIMIT $6"
        )
    };
}

pub(super) const PAGE: Stmt = Stmt::new("read.sales_page", sales!("AND ($7 = '' OR reason = $7)"));

pub(super) const PAGE_OF_PARTNER: Stmt =
    Stmt::new("read.sales_page_of_partner", sales!("AND ($7 = '' OR reason = $7) AND partner = $8"));

/// Discounted, and nobody's.
pub(super) const PAGE_LEAKED: Stmt = Stmt::new(
    "read.sales_page_leaked",
    sales!("AND ($7 = '' OR reason = $7) AND discount_minor > 0 AND partner = ''"),
);

/// Which sales: of one book, perhaps of one partner or for one reason, standing at `as_of`, behind `place`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted<'a> {
    pub book: i64,
    pub as_of: i64,
    pub partner: Option<&'a str>,
    pub reason: Option<&'a str>,
    pub place: Place,
    pub limit: i64,
}

pub fn page(read: &mut Read<'_>, wanted: &Wanted<'_>) -> Result<Vec<SaleLine>, StoreError> {
    let Wanted { book, as_of, partner, reason, place, limit } = wanted;
    let reason = reason.unwrap_or_default();
    let mut args = args![*book, *as_of, place.sale_at, &place.sale, &place.partner, *limit, reason].to_vec();
    let stmt = match partner {
        None => &PAGE,
        Some(partner) => {
            args.extend(args![*partner]);
            &PAGE_OF_PARTNER
        }
    };
    let rows = read.rows(stmt, &args)?;
    rows.iter().map(line).collect()
}

/// The same of sales that carry a discount and have no partner, whoever is asked for.
pub fn page_leaked(read: &mut Read<'_>, wanted: &Wanted<'_>) -> Result<Vec<SaleLine>, StoreError> {
    let Wanted { book, as_of, partner: _, reason, place, limit } = wanted;
    let reason = reason.unwrap_or_default();
    let args = args![*book, *as_of, place.sale_at, &place.sale, &place.partner, *limit, reason];
    read.rows(&PAGE_LEAKED, &args)?.iter().map(line).collect()
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
