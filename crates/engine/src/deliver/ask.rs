//! Reads what somebody asked a code to be, from flags, a file's columns or JSON, and says what is wrong with it
//! before anything is written or called. It must not know whether the text is free.

use std::collections::BTreeMap;

use kernel::{Book, Currency, Money, Ref, UnixMs, time};
use serde::Deserialize;

use super::plan::{CodePlan, CouponPlan};
use super::stripe::{CouponTerms, Lasts, Limits, Off};

/// Everything as text and numbers, nothing checked. Names are those of the API.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CodeAsk {
    pub code: Option<String>,
    pub percent_off_bps: Option<i64>,
    pub amount_off_minor: Option<i64>,
    pub currency: Option<String>,
    /// The amount in further currencies.
    pub currency_options: BTreeMap<String, i64>,
    /// `once`, `forever`, `repeating`.
    pub duration: Option<String>,
    pub months: Option<i64>,
    pub products: Vec<String>,
    pub max_redemptions: Option<i64>,
    pub expires_at: Option<String>,
    pub first_time_only: bool,
    pub minimum_amount_minor: Option<i64>,
    pub minimum_currency: Option<String>,
    /// A coupon that is there; with terms, one that is made with them if it is not.
    pub coupon: Option<String>,
    pub book: Option<String>,
    /// When the partner's mapping takes effect.
    pub from: Option<String>,
}

/// What was asked for, understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    pub code: CodePlan,
    pub book: Option<Book>,
    pub from: Option<UnixMs>,
}

const TEXT_CHARS_MAX: usize = 100;
/// What Stripe takes for the largest amount.
const MINOR_MAX: i64 = 99_999_999;

impl CodeAsk {
    /// `Err` is one sentence that says what to change.
    pub fn read(&self, now: UnixMs) -> Result<Asked, String> {
        let book = self.book.as_deref().map(read_book).transpose()?;
        let from = self.from.as_deref().map(|text| read_time(text, "from")).transpose()?;
        let text = read_text(self.code.as_deref())?;
        let coupon = self.coupon()?;
        Ok(Asked { code: CodePlan { text, coupon, limits: self.limits(now)? }, book, from })
    }

    fn coupon(&self) -> Result<CouponPlan, String> {
        let id = match self.coupon.as_deref() {
            Some(id) if !id.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) => {
                return Err(format!("'{id}' cannot be a coupon's id: letters, digits, '-', '_' and '.'"));
            }
            Some(id) => Some(Ref::parse(id).ok_or("the coupon's id is empty or too long")?),
            None => None,
        };
        match (id, self.terms()?) {
            (None, None) => {
                Err("say what the code takes off: a percentage or an amount, not neither; or name a \
                                 coupon that is there"
                    .into())
            }
            (None, Some(terms)) => Ok(CouponPlan::Own(terms)),
            (Some(id), None) => Ok(CouponPlan::There(id)),
            (Some(id), Some(terms)) => Ok(CouponPlan::Shared(id, terms)),
        }
    }

    fn terms(&self) -> Result<Option<CouponTerms>, String> {
        let off = match (self.percent_off_bps, self.amount_off_minor) {
            (Some(_), Some(_)) => {
                return Err(
                    "give either a percentage or an amount, not both: a coupon takes off one of them".into(),
                );
            }
            (Some(bps), None) => self.percent(bps)?,
            (None, Some(minor)) => self.amount(minor)?,
            (None, None) if self.has_terms() => {
                return Err("say what the coupon takes off: a percentage or an amount".into());
            }
            (None, None) => return Ok(None),
        };
        let lasts = match (self.duration.as_deref(), self.months) {
            (None | Some("once"), None) => Lasts::Once,
            (Some("forever"), None) => Lasts::Forever,
            (Some("repeating"), Some(months)) if (1..=120).contains(&months) => Lasts::Months(months),
            (Some("repeating"), Some(_)) => return Err("months is out of range: 1 to 120".into()),
            (Some("repeating"), None) => return Err("a repeating discount needs its months".into()),
            (Some("once" | "forever") | None, Some(_)) => {
                return Err("months belongs to the duration 'repeating'".into());
            }
            (Some(other), _) => {
                return Err(format!("the duration '{other}' is unknown: once, forever or repeating"));
            }
        };
        let products = self.products.iter().map(|id| match Ref::parse(id) {
            Some(id) if id.as_str().starts_with("prod_") => Ok(id),
            _ => Err(format!("'{id}' is not a product's id (prod_...)")),
        });
        Ok(Some(CouponTerms { off, lasts, products: products.collect::<Result<_, _>>()? }))
    }

    /// Something is said that only a new coupon can have.
    fn has_terms(&self) -> bool {
        self.duration.is_some()
            || self.months.is_some()
            || self.currency.is_some()
            || !self.products.is_empty()
            || !self.currency_options.is_empty()
    }

    fn percent(&self, bps: i64) -> Result<Off, String> {
        if self.currency.is_some() || !self.currency_options.is_empty() {
            return Err("a percentage has no currency; leave the currency out, or give an amount".into());
        }
        let range = "the percentage is out of range: above 0, at most 100, with at most two decimals";
        if (1..=10_000).contains(&bps) { Ok(Off::PercentBps(bps)) } else { Err(range.into()) }
    }

    fn amount(&self, minor: i64) -> Result<Off, String> {
        let currency = self.currency.as_deref().ok_or("an amount needs its currency, like usd")?;
        let currency = read_currency(currency)?;
        let mut others = Vec::new();
        for (code, minor) in &self.currency_options {
            let other = read_currency(code)?;
            if other == currency || others.iter().any(|(known, _)| *known == other) {
                return Err(format!("the currency {other} is given twice"));
            }
            others.push((other, read_minor(*minor)?));
        }
        others.sort_unstable();
        Ok(Off::Amount { minor: read_minor(minor)?, currency, others })
    }

    fn limits(&self, now: UnixMs) -> Result<Limits, String> {
        if self.max_redemptions.is_some_and(|most| most < 1) {
            return Err("max redemptions must be at least 1".into());
        }
        let expires_at = self.expires_at.as_deref().map(|text| read_time(text, "expires at")).transpose()?;
        if expires_at.is_some_and(|at| at <= now) {
            return Err("the code would already be expired; give a later time".into());
        }
        let minimum = match (self.minimum_amount_minor, self.minimum_currency.as_deref()) {
            (Some(minor), Some(currency)) => {
                Some(Money { minor: read_minor(minor)?, currency: read_currency(currency)? })
            }
            (None, None) => None,
            (Some(_), None) => return Err("the minimum amount needs its currency".into()),
            (None, Some(_)) => return Err("the minimum's currency is given without an amount".into()),
        };
        Ok(Limits {
            max_redemptions: self.max_redemptions,
            expires_at_s: expires_at.map(|at| at / time::SECOND_MS),
            first_time_only: self.first_time_only,
            minimum,
            customer: None,
        })
    }
}

/// `12.5` is 1250 basis points; `None` unless it is a decimal number with at most two places.
#[must_use]
pub fn percent_bps(text: &str) -> Option<i64> {
    let (whole, part) = text
        .trim()
        .trim_end_matches('%')
        .trim_end()
        .split_once('.')
        .unwrap_or((text.trim().trim_end_matches('%').trim_end(), ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 6 || part.len() > 2 || !digits(whole) || !digits(part) {
        return None;
    }
    format!("{whole}{part:0<2}").parse().ok()
}

pub(crate) fn read_text(text: Option<&str>) -> Result<String, String> {
    let text =
        text.map(str::trim).filter(|text| !text.is_empty()).ok_or("say the code's text, like ANNA10")?;
    let fits =
        text.len() <= TEXT_CHARS_MAX && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if fits {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "'{text}' cannot be a promotion code: up to {TEXT_CHARS_MAX} letters (a-z), digits and '-'"
        ))
    }
}

fn read_book(text: &str) -> Result<Book, String> {
    Book::parse(text).ok_or_else(|| format!("'{text}' is not a book: live, test, acct_... or acct_...:test"))
}

fn read_time(text: &str, what: &str) -> Result<UnixMs, String> {
    time::parse(text)
        .ok_or_else(|| format!("{what}: '{text}' is not a time: YYYY-MM-DD or 2026-11-20T21:57:00Z"))
}

fn read_currency(text: &str) -> Result<Currency, String> {
    Currency::parse(text).ok_or_else(|| format!("'{text}' is not a currency: three letters, like usd"))
}

fn read_minor(minor: i64) -> Result<i64, String> {
    if (1..=MINOR_MAX).contains(&minor) {
        Ok(minor)
    } else {
        Err(format!("the amount {minor} is out of range: 1 to {MINOR_MAX} minor units (500 is 5.00 usd)"))
    }
}
