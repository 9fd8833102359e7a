//! Partners and mappings as rows, for people and analysts. They say nothing that the operator log does not
//! say, are written with it, and no rule reads them.

use kernel::UnixMs;

use crate::db::{Conflict, Put, Read, Row, Stmt, StoreError, Tx, int, text};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartnerRow {
    pub handle: String,
    pub partner_ref: String,
    pub name: String,
    pub email: String,
    pub active: bool,
    pub rate_bps: Option<i64>,
    pub created_at: UnixMs,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MappingRow {
    /// The line of the operator log that made it.
    pub seq: i64,
    pub book: i64,
    pub partner_handle: String,
    pub public_code: Option<String>,
    pub stripe_promo_ref: Option<String>,
    pub stripe_coupon_ref: Option<String>,
    pub effective_at: Option<UnixMs>,
    pub ended_at: Option<UnixMs>,
}

pub(crate) const ALL: &[&Stmt] = &[&PARTNER, &PARTNERS, &MAPPINGS, &END_MAPPINGS];

const PUT_PARTNER: Put = Put {
    table: "partner_account",
    cols: &[
        text("handle"),
        text("partner_ref"),
        text("name"),
        text("email"),
        int("active"),
        int("rate_bps"),
        int("created_at"),
    ],
    conflict: Conflict::Update { keys: 1, set: &["name", "email", "active", "rate_bps"] },
};
const PUT_MAPPING: Put = Put {
    table: "discount_mapping",
    cols: &[
        int("seq"),
        int("book"),
        text("partner_handle"),
        text("public_code"),
        text("stripe_promo_ref"),
        text("stripe_coupon_ref"),
        int("effective_at"),
        int("ended_at"),
    ],
    conflict: Conflict::Update { keys: 1, set: &["effective_at", "ended_at"] },
};

const PARTNER: Stmt = Stmt::new(
    "people.partner",
    "SELECT handle, partner_ref, name, email, active, rate_bps, created_at FROM partner_account WHERE handle = $1",
);
const PARTNERS: Stmt = Stmt::new(
    "people.partners",
    "SELECT handle, partner_ref, name, email, active, rate_bps, created_at FROM partner_account ORDER BY handle",
);
const MAPPINGS: Stmt = Stmt::new(
    "people.mappings",
    "SELECT seq, book, partner_handle, public_code, stripe_promo_ref, stripe_coupon_ref, effective_at, ended_at \
     FROM discount_mapping ORDER BY seq",
);
const END_MAPPINGS: Stmt = Stmt::new(
    "people.end_mappings",
    "UPDATE discount_mapping SET ended_at = $2 WHERE seq {in:1} AND ended_at IS NULL",
);

/// Adds a partner or brings name, e-mail, status and rate up to date.
pub fn write_partner(tx: &mut Tx<'_>, partner: &PartnerRow) -> Result<(), StoreError> {
    let PartnerRow { handle, partner_ref, name, email, active, rate_bps, created_at } = partner;
    let row = args![handle, partner_ref, name, email, *active, *rate_bps, *created_at];
    tx.put(&PUT_PARTNER, vec![row.to_vec()]).map(drop)
}

/// Adds a mapping or brings its span up to date.
pub fn write_mapping(tx: &mut Tx<'_>, mapping: &MappingRow) -> Result<(), StoreError> {
    let row = args![
        mapping.seq,
        mapping.book,
        &mapping.partner_handle,
        mapping.public_code.clone(),
        mapping.stripe_promo_ref.clone(),
        mapping.stripe_coupon_ref.clone(),
        mapping.effective_at,
        mapping.ended_at,
    ];
    tx.put(&PUT_MAPPING, vec![row.to_vec()]).map(drop)
}

/// Ends those of these mappings that have no end yet.
pub fn end_mappings(tx: &mut Tx<'_>, seqs: &[i64], ended_at: UnixMs) -> Result<u64, StoreError> {
    tx.exec(&END_MAPPINGS, &args![seqs, ended_at])
}

pub fn partner(r: &mut Read<'_>, handle: &str) -> Result<Option<PartnerRow>, StoreError> {
    r.one(&PARTNER, &args![handle])?.as_ref().map(read_partner).transpose()
}

/// By handle.
pub fn partners(r: &mut Read<'_>) -> Result<Vec<PartnerRow>, StoreError> {
    r.rows(&PARTNERS, &[])?.iter().map(read_partner).collect()
}

/// In the order of the operator log.
pub fn mappings(r: &mut Read<'_>) -> Result<Vec<MappingRow>, StoreError> {
    r.rows(&MAPPINGS, &[])?.iter().map(read_mapping).collect()
}

fn read_partner(row: &Row) -> Result<PartnerRow, StoreError> {
    Ok(PartnerRow {
        handle: row.text(0)?,
        partner_ref: row.text(1)?,
        name: row.text(2)?,
        email: row.text(3)?,
        active: row.flag(4)?,
        rate_bps: row.opt_int(5)?,
        created_at: row.int(6)?,
    })
}

fn read_mapping(row: &Row) -> Result<MappingRow, StoreError> {
    Ok(MappingRow {
        seq: row.int(0)?,
        book: row.int(1)?,
        partner_handle: row.text(2)?,
        public_code: row.opt_text(3)?,
        stripe_promo_ref: row.opt_text(4)?,
        stripe_coupon_ref: row.opt_text(5)?,
        effective_at: row.opt_int(6)?,
        ended_at: row.opt_int(7)?,
    })
}
