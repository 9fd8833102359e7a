//! The local mirror of coupons and promotion codes, as an operator asks for it.

use kernel::fact::{Body, Coupon, Duration, PromotionCode, newest};
use kernel::{Book, Kind, Money, ObjectKey, Ref, UnixMs};
use serde::Serialize;

use crate::house::{EngineError, House};

/// One promotion code, or one coupon without any.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct MirroredCode {
    pub book: String,
    pub code: Option<String>,
    pub promotion_code: Option<String>,
    pub coupon: Option<String>,
    /// What it takes off: `20.00 %`, `5.00 usd`, or empty while the coupon is unknown.
    pub takes: String,
    pub duration: String,
    /// `3 of 100`, `3`.
    pub redeemed: String,
    pub active: bool,
    /// The partner it belongs to now.
    pub owner: Option<String>,
}

/// Codes whose text, promotion code id or coupon id is the one asked for, in every book.
pub fn codes(house: &House, asked: &str) -> Result<Vec<MirroredCode>, EngineError> {
    house.db().read(|read| {
        let registry = house.registry(read)?;
        let mut found = Vec::new();
        for (book_id, book) in store::book::all(read)? {
            let mut coupons = Vec::new();
            for (key, versions) in store::fact::all_of_kind(read, book_id, Kind::Coupon)? {
                if let Some(Body::Coupon(coupon)) = newest(&versions).map(|observed| &observed.body) {
                    coupons.push((key.id, coupon.clone()));
                }
            }
            let mut seen = Vec::new();
            for (key, versions) in store::fact::all_of_kind(read, book_id, Kind::PromotionCode)? {
                let Some(Body::PromotionCode(code)) = newest(&versions).map(|observed| &observed.body) else {
                    continue;
                };
                let coupon =
                    code.coupon.as_ref().and_then(|id| coupons.iter().find(|(known, _)| known == id));
                let matches =
                    [Some(key.id.as_str()), Some(code.code.as_str()), code.coupon.as_ref().map(Ref::as_str)];
                if matches.into_iter().flatten().any(|text| text.to_lowercase() == asked.to_lowercase()) {
                    seen.extend(code.coupon.clone());
                    found.push(promotion_code(
                        &registry,
                        &book,
                        &key,
                        code,
                        coupon.map(|(_, coupon)| coupon),
                    ));
                }
            }
            for (id, coupon) in &coupons {
                if id.as_str() == asked && !seen.contains(id) {
                    found.push(bare_coupon(&registry, &book, id, coupon));
                }
            }
        }
        Ok(found)
    })
}

/// What Stripe last said about every promotion code the mirror knows, by book.
pub fn promotion_codes(house: &House) -> Result<Vec<(Book, Ref, PromotionCode)>, EngineError> {
    house.db().read(|read| {
        let mut codes = Vec::new();
        for (book_id, book) in store::book::all(read)? {
            for (key, versions) in store::fact::all_of_kind(read, book_id, Kind::PromotionCode)? {
                if let Some(Body::PromotionCode(code)) = newest(&versions).map(|observed| &observed.body) {
                    codes.push((book.clone(), key.id, code.clone()));
                }
            }
        }
        Ok(codes)
    })
}

fn promotion_code(
    registry: &rules::Registry,
    book: &Book,
    key: &ObjectKey,
    code: &PromotionCode,
    coupon: Option<&Coupon>,
) -> MirroredCode {
    let owner = registry.owner_of_promotion_code(book, &key.id, Some(&code.code), UnixMs::MAX);
    MirroredCode {
        book: book.label(),
        code: Some(code.code.clone()),
        promotion_code: Some(key.id.to_string()),
        coupon: code.coupon.as_ref().map(ToString::to_string),
        takes: coupon.map(takes).unwrap_or_default(),
        duration: coupon.map(duration).unwrap_or_default(),
        redeemed: redeemed(code.times_redeemed, code.max_redemptions),
        active: code.active,
        owner: owner.map(ToString::to_string),
    }
}

fn bare_coupon(registry: &rules::Registry, book: &Book, id: &Ref, coupon: &Coupon) -> MirroredCode {
    let owners = registry.owners_of_coupon(book, id, &[], UnixMs::MAX).named;
    let owner = if owners.len() == 1 { owners.first().map(ToString::to_string) } else { None };
    MirroredCode {
        book: book.label(),
        code: None,
        promotion_code: None,
        coupon: Some(id.to_string()),
        takes: takes(coupon),
        duration: duration(coupon),
        redeemed: redeemed(coupon.times_redeemed, coupon.max_redemptions),
        active: coupon.valid && !coupon.deleted,
        owner,
    }
}

fn takes(coupon: &Coupon) -> String {
    match (coupon.percent_off_bps, coupon.amount_off_minor, coupon.currency) {
        (Some(bps), _, _) => format!("{}.{:02} %", bps / 100, bps % 100),
        (None, Some(minor), Some(currency)) => Money { minor, currency }.to_string(),
        _ => String::new(),
    }
}

fn duration(coupon: &Coupon) -> String {
    match (&coupon.duration, coupon.duration_in_months) {
        (Duration::Once, _) => "once".to_owned(),
        (Duration::Forever, _) => "forever".to_owned(),
        (Duration::Repeating, Some(months)) => format!("{months} months"),
        (Duration::Repeating, None) => "repeating".to_owned(),
        (Duration::Unknown(word), _) => word.clone(),
    }
}

fn redeemed(times: i64, most: Option<i64>) -> String {
    most.map_or_else(|| times.to_string(), |most| format!("{times} of {most}"))
}
