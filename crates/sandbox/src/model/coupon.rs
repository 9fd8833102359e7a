//! What makes things cheaper: coupons, promotion codes, and discounts (a coupon as applied to something). It
//! must not know who owns a code: that is the house's business.

use std::sync::Arc;

use kernel::Currency;

use super::{Meta, percent};

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

    /// What it is worth in that currency; `None`: it has no amount in it.
    #[must_use]
    pub fn off_in(&self, currency: Currency) -> Option<Off> {
        match self.off {
            Off::Amount(_, own) if own != currency => {
                let option = self.currency_options.iter().find(|(option, _)| *option == currency);
                option.map(|(_, minor)| Off::Amount(*minor, currency))
            }
            off => Some(off),
        }
    }

    /// The currency of its amount, where that currency is not among its own and its options.
    #[must_use]
    pub fn only_in(&self, currency: Currency) -> Option<Currency> {
        match self.off {
            Off::Amount(_, own) if self.off_in(currency).is_none() => Some(own),
            _ => None,
        }
    }

    /// Whether it is for that product.
    #[must_use]
    pub fn covers(&self, product: &str) -> bool {
        self.products.is_empty() || self.products.iter().any(|covered| covered == product)
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
    /// As people type it, in any case.
    pub code: String,
    pub coupon: Arc<Coupon>,
    pub active: bool,
    /// Only this customer may use it.
    pub customer: Option<String>,
    pub expires_at_s: Option<i64>,
    pub max_redemptions: Option<i64>,
    pub times_redeemed: i64,
    /// Only on a customer's first purchase.
    pub first_time: bool,
    /// Only from this amount on.
    pub minimum: Option<(i64, Currency)>,
    /// The least amounts in further currencies.
    pub minimum_options: Vec<(Currency, i64)>,
    pub created_s: i64,
    pub metadata: Meta,
}

impl PromotionCode {
    /// An active code without limits.
    #[must_use]
    pub fn blank(id: &str, code: &str, coupon: Arc<Coupon>, created_s: i64) -> Self {
        Self {
            id: id.to_owned(),
            code: code.to_owned(),
            coupon,
            active: true,
            customer: None,
            expires_at_s: None,
            max_redemptions: None,
            times_redeemed: 0,
            first_time: false,
            minimum: None,
            minimum_options: Vec::new(),
            created_s,
            metadata: Meta::new(),
        }
    }

    /// The least amount in that currency: `Ok(None)` when there is none, `Err` when it is said in others only.
    pub(crate) fn minimum_in(&self, currency: Currency) -> Result<Option<i64>, ()> {
        match self.minimum {
            None => Ok(None),
            Some((minor, own)) if own == currency => Ok(Some(minor)),
            Some(_) => {
                let option = self.minimum_options.iter().find(|(option, _)| *option == currency);
                option.map(|(_, minor)| Some(*minor)).ok_or(())
            }
        }
    }
}

/// A coupon as applied: to a customer, a subscription or an item of it, an invoice or an item for one, or a
/// payment-mode session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Discount {
    pub id: String,
    pub coupon: Arc<Coupon>,
    pub promotion_code: Option<String>,
    pub customer: Option<String>,
    pub subscription: Option<String>,
    pub subscription_item: Option<String>,
    pub invoice: Option<String>,
    pub invoice_item: Option<String>,
    pub checkout_session: Option<String>,
    pub start_s: i64,
    /// Only of repeating coupons.
    pub end_s: Option<i64>,
}

impl Discount {
    /// Of a coupon, applied to nothing yet.
    #[must_use]
    pub fn blank(id: &str, coupon: Arc<Coupon>, start_s: i64) -> Self {
        Self {
            id: id.to_owned(),
            coupon,
            promotion_code: None,
            customer: None,
            subscription: None,
            subscription_item: None,
            invoice: None,
            invoice_item: None,
            checkout_session: None,
            start_s,
            end_s: None,
        }
    }

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
