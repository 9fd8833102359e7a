//! What is sold and what makes it cheaper: prices, coupons, promotion codes, and discounts (a coupon as
//! applied to something). It must not know who owns a code: that is the house's business.

use kernel::Currency;

use super::{Meta, percent};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Price {
    pub id: String,
    pub product: String,
    pub name: String,
    pub unit_minor: i64,
    pub currency: Currency,
    /// `month` or `year`; `None` for one-time prices.
    pub interval: Option<&'static str>,
    pub created_s: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Off {
    PercentBps(i64),
    Amount(i64, Currency),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Duration {
    Once,
    Months(i64),
    Forever,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Coupon {
    pub id: String,
    pub name: Option<String>,
    pub off: Off,
    /// Amounts off in further currencies; only of amounts.
    pub currency_options: Vec<(Currency, i64)>,
    pub duration: Duration,
    /// Only these products; empty: all.
    pub products: Vec<String>,
    pub max_redemptions: Option<i64>,
    pub redeem_by_s: Option<i64>,
    pub times_redeemed: i64,
    pub valid: bool,
    pub created_s: i64,
    pub metadata: Meta,
}

impl Coupon {
    /// A coupon for one use each, without limits: what others say differently.
    #[must_use]
    pub fn blank(id: &str, off: Off, created_s: i64) -> Self {
        Self {
            id: id.to_owned(),
            name: None,
            off,
            currency_options: Vec::new(),
            duration: Duration::Once,
            products: Vec::new(),
            max_redemptions: None,
            redeem_by_s: None,
            times_redeemed: 0,
            valid: true,
            created_s,
            metadata: Meta::new(),
        }
    }

    /// What it takes off an amount: never more than there is, nothing off a credit.
    #[must_use]
    pub fn takes(&self, amount: i64) -> i64 {
        let wanted = match self.off {
            Off::PercentBps(bps) => percent(amount, bps),
            Off::Amount(minor, _) => minor,
        };
        wanted.min(amount).max(0)
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PromotionCode {
    pub id: String,
    pub code: String,
    pub coupon: Coupon,
    pub active: bool,
    pub times_redeemed: i64,
    pub created_s: i64,
    pub metadata: Meta,
}

/// A coupon as applied: to a subscription, an invoice, or a payment-mode session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Discount {
    pub id: String,
    pub coupon: Coupon,
    pub promotion_code: Option<String>,
    pub customer: Option<String>,
    pub subscription: Option<String>,
    pub invoice: Option<String>,
    pub checkout_session: Option<String>,
    pub start_s: i64,
    /// Only of repeating coupons.
    pub end_s: Option<i64>,
}

impl Discount {
    /// Whether it still applies to an invoice made at `at_s`, when `used` invoices had it before.
    #[must_use]
    pub fn applies(&self, at_s: i64, used: u32) -> bool {
        match self.coupon.duration {
            Duration::Once => used == 0,
            Duration::Months(_) => self.end_s.is_none_or(|end| at_s < end),
            Duration::Forever => true,
        }
    }
}
