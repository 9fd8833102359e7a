//! Products and prices: `/v1/products` and `/v1/prices`, read only. They name what a coupon may be limited to.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::answer::{Answer, named, or_empty};
use crate::client::{Client, path_of};
use crate::error::StripeError;
use crate::form::Form;
use crate::page::{Pages, Step};

const PRODUCTS: &str = "/v1/products";
const PRICES: &str = "/v1/prices";

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Product {
    pub id: String,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub active: bool,
    #[serde(default, deserialize_with = "or_empty")]
    pub metadata: BTreeMap<String, String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Price {
    pub id: String,
    #[serde(default, deserialize_with = "named")]
    pub product: Option<String>,
    #[serde(default)]
    pub active: bool,
    #[serde(default)]
    pub currency: Option<String>,
    /// `None` for tiers and for fractions of a minor unit.
    #[serde(default, rename = "unit_amount")]
    pub unit_amount_minor: Option<i64>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProductFilter {
    pub active: Option<bool>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PriceFilter {
    pub active: Option<bool>,
    pub product: Option<String>,
}

impl Client {
    pub fn product(&self, id: &str) -> Result<Answer<Product>, StripeError> {
        self.get(path_of(PRODUCTS, id)?, Form::default())
    }

    /// Newest first.
    #[must_use]
    pub fn products(&self, filter: &ProductFilter) -> Pages<Product> {
        let mut form = Form::default();
        form.maybe("active", filter.active);
        Pages::new(self, PRODUCTS, form, Step::Older, None)
    }

    pub fn price(&self, id: &str) -> Result<Answer<Price>, StripeError> {
        self.get(path_of(PRICES, id)?, Form::default())
    }

    /// Newest first.
    #[must_use]
    pub fn prices(&self, filter: &PriceFilter) -> Pages<Price> {
        let mut form = Form::default();
        form.maybe("active", filter.active).maybe("product", filter.product.as_deref());
        Pages::new(self, PRICES, form, Step::Older, None)
    }
}
