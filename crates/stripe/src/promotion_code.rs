//! Promotion codes: `/v1/promotion_codes`. Stripe keeps a code's text unique among active codes, in either case,
//! per customer; a promotion code cannot be deleted, only made inactive, and one that was created with
//! `active: false` keeps nobody from using the text meanwhile.

use std::collections::BTreeMap;

use kernel::Currency;
use serde::Deserialize;

use crate::answer::{Answer, named, or_empty};
use crate::client::{Client, path_of};
use crate::coupon::currency_options;
use crate::error::StripeError;
use crate::form::Form;
use crate::idempotency::IdempotencyKey;
use crate::page::{Pages, Step};
use crate::version::ApiVersion;

const PROMOTION_CODES: &str = "/v1/promotion_codes";

/// The fields somebody branches on, from either shape.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(from = "Sent")]
pub struct PromotionCode {
    pub id: String,
    pub code: String,
    /// `None` when Stripe names none, or promotes something that is no coupon.
    pub coupon: Option<String>,
    pub active: bool,
    pub customer: Option<String>,
    pub expires_at_s: Option<i64>,
    pub max_redemptions: Option<i64>,
    pub times_redeemed: i64,
    pub restrictions: Restrictions,
    pub livemode: bool,
    pub created_s: i64,
    pub metadata: BTreeMap<String, String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Restrictions {
    #[serde(deserialize_with = "or_empty")]
    pub first_time_transaction: bool,
    #[serde(rename = "minimum_amount")]
    pub minimum_amount_minor: Option<i64>,
    pub minimum_amount_currency: Option<String>,
}

/// Both shapes: `coupon` whole or by id (before clover), `promotion.coupon` (from clover).
#[derive(Deserialize)]
struct Sent {
    id: String,
    #[serde(default)]
    code: String,
    #[serde(default, deserialize_with = "named")]
    coupon: Option<String>,
    #[serde(default)]
    promotion: Option<Promotion>,
    #[serde(default)]
    active: bool,
    #[serde(default, deserialize_with = "named")]
    customer: Option<String>,
    #[serde(default)]
    expires_at: Option<i64>,
    #[serde(default)]
    max_redemptions: Option<i64>,
    #[serde(default)]
    times_redeemed: i64,
    #[serde(default, deserialize_with = "or_empty")]
    restrictions: Restrictions,
    #[serde(default)]
    livemode: bool,
    #[serde(default)]
    created: i64,
    #[serde(default, deserialize_with = "or_empty")]
    metadata: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Promotion {
    #[serde(default, deserialize_with = "named")]
    coupon: Option<String>,
}

impl From<Sent> for PromotionCode {
    fn from(sent: Sent) -> Self {
        Self {
            id: sent.id,
            code: sent.code,
            coupon: sent.promotion.and_then(|promotion| promotion.coupon).or(sent.coupon),
            active: sent.active,
            customer: sent.customer,
            expires_at_s: sent.expires_at,
            max_redemptions: sent.max_redemptions,
            times_redeemed: sent.times_redeemed,
            restrictions: sent.restrictions,
            livemode: sent.livemode,
            created_s: sent.created,
            metadata: sent.metadata,
        }
    }
}

/// The least that must be bought for the code to work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Minimum {
    pub minor: i64,
    pub currency: Currency,
    /// The same in further currencies.
    pub others: Vec<(Currency, i64)>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewPromotionCode {
    pub coupon: String,
    /// `None`: Stripe makes one up.
    pub code: Option<String>,
    /// `None`: active.
    pub active: Option<bool>,
    /// `cus_...`: for this customer only.
    pub customer: Option<String>,
    pub expires_at_s: Option<i64>,
    pub max_redemptions: Option<i64>,
    pub first_time_only: bool,
    pub minimum: Option<Minimum>,
    pub metadata: BTreeMap<String, String>,
}

/// `None` leaves a field as it is. Metadata is merged by Stripe; an empty value removes its key.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PromotionCodeChange {
    pub active: Option<bool>,
    pub metadata: BTreeMap<String, String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PromotionCodeFilter {
    /// Stripe compares without regard to case.
    pub code: Option<String>,
    pub coupon: Option<String>,
    pub active: Option<bool>,
    /// Made at this second or later.
    pub created_from_s: Option<i64>,
}

impl Client {
    pub fn create_promotion_code(
        &self,
        new: &NewPromotionCode,
        key: &IdempotencyKey,
    ) -> Result<Answer<PromotionCode>, StripeError> {
        self.post(PROMOTION_CODES.to_owned(), new.form(self.version()), key)
    }

    pub fn promotion_code(&self, id: &str) -> Result<Answer<PromotionCode>, StripeError> {
        self.get(path_of(PROMOTION_CODES, id)?, Form::default())
    }

    pub fn update_promotion_code(
        &self,
        id: &str,
        change: &PromotionCodeChange,
        key: &IdempotencyKey,
    ) -> Result<Answer<PromotionCode>, StripeError> {
        let mut form = Form::default();
        form.maybe("active", change.active).map("metadata", &change.metadata);
        self.post(path_of(PROMOTION_CODES, id)?, form, key)
    }

    /// Newest first.
    #[must_use]
    pub fn promotion_codes(&self, filter: &PromotionCodeFilter) -> Pages<PromotionCode> {
        let mut form = Form::default();
        form.maybe("code", filter.code.as_deref())
            .maybe("coupon", filter.coupon.as_deref())
            .maybe("active", filter.active)
            .maybe("created[gte]", filter.created_from_s);
        Pages::new(self, PROMOTION_CODES, form, Step::Older, None)
    }
}

impl NewPromotionCode {
    fn form(&self, version: &ApiVersion) -> Form {
        let mut form = Form::default();
        if version.has_promotion() {
            form.put("promotion[type]", "coupon").put("promotion[coupon]", &self.coupon);
        } else {
            form.put("coupon", &self.coupon);
        }
        form.maybe("code", self.code.as_deref())
            .maybe("active", self.active)
            .maybe("customer", self.customer.as_deref())
            .maybe("expires_at", self.expires_at_s)
            .maybe("max_redemptions", self.max_redemptions);
        if self.first_time_only {
            form.put("restrictions[first_time_transaction]", true);
        }
        if let Some(minimum) = &self.minimum {
            form.put("restrictions[minimum_amount]", minimum.minor)
                .put("restrictions[minimum_amount_currency]", minimum.currency);
            currency_options(&mut form, "restrictions[currency_options]", "minimum_amount", &minimum.others);
        }
        form.map("metadata", &self.metadata);
        form
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_written_in_the_form_of_the_pinned_version() {
        let plain =
            NewPromotionCode { coupon: "c1".into(), code: Some("ANNA20".into()), ..Default::default() };
        let eur = Currency::parse("eur").unwrap();
        let usd = Currency::parse("usd").unwrap();
        let rich = NewPromotionCode {
            coupon: "c1".into(),
            active: Some(false),
            customer: Some("cus_1".into()),
            expires_at_s: Some(1_800_000_000),
            max_redemptions: Some(3),
            first_time_only: true,
            minimum: Some(Minimum { minor: 5_000, currency: eur, others: vec![(usd, 5_500)] }),
            metadata: [("partner".to_owned(), "anna".to_owned())].into(),
            ..Default::default()
        };
        for (version, new, expected) in [
            ("2025-08-27.basil", &plain, "coupon=c1&code=ANNA20"),
            ("2025-09-30.clover", &plain, "promotion[type]=coupon&promotion[coupon]=c1&code=ANNA20"),
            ("2026-10-28.endive", &plain, "promotion[type]=coupon&promotion[coupon]=c1&code=ANNA20"),
            (
                "2024-10-28.acacia",
                &rich,
                "coupon=c1&active=false&customer=cus_1&expires_at=1800000000&max_redemptions=3\
                 &restrictions[first_time_transaction]=true&restrictions[minimum_amount]=5000\
                 &restrictions[minimum_amount_currency]=eur\
                 &restrictions[currency_options][usd][minimum_amount]=5500&metadata[partner]=anna",
            ),
        ] {
            assert_eq!(new.form(&ApiVersion::parse(version).unwrap()).encode(), expected, "{version}");
        }
    }

    #[test]
    fn every_shape_of_a_promotion_code_names_its_coupon() {
        for (shape, coupon) in [
            (r#""coupon":{"id":"c1","object":"coupon"}"#, Some("c1")),
            (r#""coupon":"c1""#, Some("c1")),
            (r#""promotion":{"type":"coupon","coupon":"c1"}"#, Some("c1")),
            (r#""promotion":{"type":"coupon","coupon":{"id":"c1"}}"#, Some("c1")),
            (r#""promotion":{"type":"gift"},"restrictions":null,"metadata":null"#, None),
        ] {
            let read: PromotionCode =
                serde_json::from_str(&format!(r#"{{"id":"promo_1","code":"A","active":true,{shape}}}"#))
                    .unwrap();
            assert_eq!(read.coupon.as_deref(), coupon, "{shape}");
        }
    }
}
