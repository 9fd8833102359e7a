//! Stripe's API over a `World`: a request in, an answer out, nothing else. One file per resource with its
//! routes and what each reads; conventions (keys, versions, idempotency, errors, expansion, paging) are
//! here and in the files beside it. It must not know sockets, nor change a book except through `world`.

mod account;
mod answer;
mod auth;
mod balance;
mod billing;
mod charge;
mod coupon;
mod credit_note;
pub(crate) mod customer;
pub(crate) mod discounts;
mod dispute;
mod error;
mod event;
mod expand;
mod form;
mod idempotency;
mod include;
mod invoice;
mod invoice_item;
mod invoice_line;
mod invoice_payment;
mod invoice_preview;
mod later;
mod list;
mod params;
mod payment_intent;
mod payment_method;
mod payout;
pub(crate) mod price;
mod product;
mod promotion_code;
mod refund;
mod route;
mod session;
mod setup_intent;
pub(crate) mod shelf;
mod shipping_rate;
mod subscription;
mod subscription_item;
mod subscription_params;
mod tax_rate;
mod test_clock;
#[cfg(test)]
mod tests;
mod transfer;
mod webhook_endpoint;

pub use answer::answer;
pub(crate) use error::plain as error;
pub(crate) use form::pairs;
pub(crate) use params::Params;
pub(crate) use route::{Call, Reply, Route};

use crate::world::Refusal;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    Get,
    Post,
    Delete,
}

impl Method {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// A call as it came in. Header values are as sent.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    /// Without the query: `/v1/coupons`.
    pub path: String,
    pub query: String,
    pub body: Vec<u8>,
    pub authorization: Option<String>,
    /// `Stripe-Version`.
    pub version: Option<String>,
    /// `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// `Stripe-Account`.
    pub account: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    /// The connection is cut instead: the caller hears nothing.
    pub cut: bool,
    /// The caller hears it only after so many seconds of the wall's time; then `World::call_ended`.
    pub slow_s: i64,
}

impl Answer {
    /// One to be heard.
    #[must_use]
    pub const fn new(status: u16, body: String) -> Self {
        Self { status, headers: Vec::new(), body, cut: false, slow_s: 0 }
    }
}

/// The parameters of a call: in the query of a `GET`, else in the body.
pub(crate) fn sent(request: &Request) -> Result<Params, Refusal> {
    let text = match request.method {
        Method::Get => request.query.as_str(),
        Method::Post | Method::Delete => {
            std::str::from_utf8(&request.body).map_err(|_| Refusal::request("Parameters must be UTF-8"))?
        }
    };
    form::parse(text).map(Params::new).map_err(|bad| Refusal::request(bad.0))
}
