//! Coupons: `/v1/coupons`. A coupon's id may be chosen by us, so one made from the intent's own name makes a
//! second coupon impossible for ever, and not only while Stripe remembers the idempotency key.
//!
//! What a coupon takes off, how long and for which products cannot be changed later; its name, metadata and
//! further currencies can.

use std::collections::BTreeMap;

use kernel::Currency;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::answer::{Answer, or_empty};
use crate::client::{Client, path_of};
use crate::error::StripeError;
use crate::form::Form;
use crate::idempotency::IdempotencyKey;
use crate::page::{Pages, Step};

const COUPONS: &str = "/v1/coupons";

/// The fields somebody branches on.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Coupon {
    pub id: String,
    #[serde(default)]
    pub name: Option<String>,
    /// Cut to whole basis points.
    #[serde(default, rename = "percent_off", deserialize_with = "basis_points")]
    pub percent_off_bps: Option<i64>,
    #[serde(default, rename = "amount_off")]
    pub amount_off_minor: Option<i64>,
    #[serde(default)]
    pub currency: Option<String>,
    /// `once`, `repeating`, `forever`, or what Stripe may think of later.
    #[serde(default)]
    pub duration: String,
    #[serde(default)]
    pub duration_in_months: Option<u32>,
    #[serde(default)]
    pub max_redemptions: Option<i64>,
    #[serde(default)]
    pub times_redeemed: i64,
    #[serde(default, rename = "redeem_by")]
    pub redeem_by_s: Option<i64>,
    #[serde(default)]
    pub valid: bool,
    #[serde(default)]
    pub livemode: bool,
    #[serde(default, rename = "created")]
    pub created_s: i64,
    #[serde(default, deserialize_with = "or_empty")]
    pub metadata: BTreeMap<String, String>,
}

/// What a coupon takes off: one of the two, by construction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reduction {
    /// 1 to 10 000.
    Percent { bps: u32 },
    /// `others`: the same in further currencies.
    Amount { minor: i64, currency: Currency, others: Vec<(Currency, i64)> },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Duration {
    Once,
    Repeating { months: u32 },
    Forever,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewCoupon {
    /// `None`: Stripe makes one up. See the module's remark.
    pub id: Option<String>,
    /// Shown to customers; at most 40 characters.
    pub name: Option<String>,
    pub reduction: Reduction,
    pub duration: Duration,
    pub max_redemptions: Option<i64>,
    pub redeem_by_s: Option<i64>,
    /// `prod_...`; empty for all.
    pub products: Vec<String>,
    pub metadata: BTreeMap<String, String>,
}

/// `None` leaves a field as it is. Metadata is merged by Stripe; an empty value removes its key.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CouponChange {
    pub name: Option<String>,
    pub metadata: BTreeMap<String, String>,
    /// Amounts in currencies that the coupon does not have yet.
    pub currency_options: Vec<(Currency, i64)>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CouponFilter {
    /// Made at this second or later.
    pub created_from_s: Option<i64>,
}

impl Client {
    pub fn create_coupon(
        &self,
        new: &NewCoupon,
        key: &IdempotencyKey,
    ) -> Result<Answer<Coupon>, StripeError> {
        self.post(COUPONS.to_owned(), new.form(), key)
    }

    pub fn coupon(&self, id: &str) -> Result<Answer<Coupon>, StripeError> {
        self.get(path_of(COUPONS, id)?, Form::default())
    }

    pub fn update_coupon(
        &self,
        id: &str,
        change: &CouponChange,
        key: &IdempotencyKey,
    ) -> Result<Answer<Coupon>, StripeError> {
        self.post(path_of(COUPONS, id)?, change.form(), key)
    }

    /// Discounts that were given stay; no new ones are.
    pub fn delete_coupon(&self, id: &str) -> Result<(), StripeError> {
        self.delete::<serde::de::IgnoredAny>(path_of(COUPONS, id)?).map(drop)
    }

    /// Newest first.
    #[must_use]
    pub fn coupons(&self, filter: &CouponFilter) -> Pages<Coupon> {
        let mut form = Form::default();
        form.maybe("created[gte]", filter.created_from_s);
        Pages::new(self, COUPONS, form, Step::Older, None)
    }
}

impl NewCoupon {
    fn form(&self) -> Form {
        let mut form = Form::default();
        form.maybe("id", self.id.as_deref()).maybe("name", self.name.as_deref());
        match &self.reduction {
            Reduction::Percent { bps } => {
                form.put("percent_off", percent(*bps));
            }
            Reduction::Amount { minor, currency, others } => {
                form.put("amount_off", minor).put("currency", currency);
                currency_options(&mut form, "currency_options", "amount_off", others);
            }
        }
        match self.duration {
            Duration::Once => form.put("duration", "once"),
            Duration::Repeating { months } => {
                form.put("duration", "repeating").put("duration_in_months", months)
            }
            Duration::Forever => form.put("duration", "forever"),
        };
        form.maybe("max_redemptions", self.max_redemptions).maybe("redeem_by", self.redeem_by_s);
        form.list("applies_to[products]", &self.products).map("metadata", &self.metadata);
        form
    }
}

impl CouponChange {
    fn form(&self) -> Form {
        let mut form = Form::default();
        form.maybe("name", self.name.as_deref()).map("metadata", &self.metadata);
        currency_options(&mut form, "currency_options", "amount_off", &self.currency_options);
        form
    }
}

/// `currency_options[eur][amount_off]=500`
pub(crate) fn currency_options(form: &mut Form, name: &str, field: &str, options: &[(Currency, i64)]) {
    for (currency, minor) in options {
        form.put(format!("{name}[{currency}][{field}]"), minor);
    }
}

/// 1250 is `12.5`.
fn percent(bps: u32) -> String {
    let text = format!("{}.{:02}", bps / 100, bps % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A JSON number of percent, read from its digits: no floating point.
fn basis_points<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    let Some(raw) = Option::<Box<RawValue>>::deserialize(from)? else { return Ok(None) };
    let text = raw.get().trim_matches('"');
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let cents: String = part.chars().chain("00".chars()).take(2).collect();
    Ok(format!("{whole}{cents}").parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(reduction: Reduction, duration: Duration) -> NewCoupon {
        NewCoupon {
            id: None,
            name: None,
            reduction,
            duration,
            max_redemptions: None,
            redeem_by_s: None,
            products: Vec::new(),
            metadata: BTreeMap::new(),
        }
    }

    #[test]
    fn a_coupon_is_written_with_what_it_takes_off_and_nothing_empty() {
        let eur = Currency::parse("eur").unwrap();
        let usd = Currency::parse("usd").unwrap();
        for (coupon, expected) in [
            (new(Reduction::Percent { bps: 2_000 }, Duration::Once), "percent_off=20&duration=once"),
            (new(Reduction::Percent { bps: 1_250 }, Duration::Forever), "percent_off=12.5&duration=forever"),
            (
                NewCoupon {
                    id: Some("ch_anna".into()),
                    name: Some("Anna".into()),
                    max_redemptions: Some(9),
                    redeem_by_s: Some(1_800_000_000),
                    products: vec!["prod_1".into(), "prod_2".into()],
                    metadata: [("partner".to_owned(), "anna".to_owned())].into(),
                    ..new(
                        Reduction::Amount { minor: 500, currency: eur, others: vec![(usd, 600)] },
                        Duration::Repeating { months: 3 },
                    )
                },
                "id=ch_anna&name=Anna&amount_off=500&currency=eur&currency_options[usd][amount_off]=600\
                 &duration=repeating&duration_in_months=3&max_redemptions=9&redeem_by=1800000000\
                 &applies_to[products][0]=prod_1&applies_to[products][1]=prod_2&metadata[partner]=anna",
            ),
        ] {
            assert_eq!(coupon.form().encode(), expected);
        }
    }

    #[test]
    fn percentages_are_read_without_floating_point() {
        for (text, expected) in [
            ("12.5", Some(1250)),
            ("20", Some(2000)),
            ("33.333", Some(3333)),
            ("0.5", Some(50)),
            ("null", None),
        ] {
            let coupon: Coupon =
                serde_json::from_str(&format!(r#"{{"id":"c","percent_off":{text},"metadata":null}}"#))
                    .unwrap();
            assert_eq!(coupon.percent_off_bps, expected, "{text}");
        }
    }
}
