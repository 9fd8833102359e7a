//! Facts of the local mirror: coupons, promotion codes, and discounts (a coupon as applied).

use serde::{Deserialize, Serialize};

use crate::key::Ref;
use crate::money::Currency;

use super::sale::PartnerHint;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Discount {
    pub coupon: Option<Ref>,
    pub promotion_code: Option<Ref>,
    pub customer: Option<Ref>,
    pub subscription: Option<Ref>,
    pub invoice: Option<Ref>,
    pub session: Option<Ref>,
    pub start_s: Option<i64>,
    pub end_s: Option<i64>,
    /// `customer.discount.deleted` was seen.
    pub deleted: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PromotionCode {
    /// As typed in Stripe; compared without regard to case.
    pub code: String,
    pub coupon: Option<Ref>,
    pub active: bool,
    /// Only this customer may use it.
    pub customer: Option<Ref>,
    pub max_redemptions: Option<i64>,
    pub times_redeemed: i64,
    pub expires_at_s: Option<i64>,
    pub partner_hint: PartnerHint,
    pub created_s: i64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duration {
    Once,
    Repeating,
    Forever,
    Unknown(String),
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Coupon {
    pub name: Option<String>,
    /// Percent off in basis points (12.5 % = 1250).
    pub percent_off_bps: Option<i64>,
    pub amount_off_minor: Option<i64>,
    pub currency: Option<Currency>,
    pub duration: Duration,
    pub duration_in_months: Option<i64>,
    pub max_redemptions: Option<i64>,
    pub times_redeemed: i64,
    pub redeem_by_s: Option<i64>,
    pub valid: bool,
    pub deleted: bool,
    pub partner_hint: PartnerHint,
    pub created_s: i64,
}
