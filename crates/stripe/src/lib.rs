//! The outgoing side of Stripe: a thin typed client for exactly the calls the house makes. It knows keys, the
//! pinned API version, timeouts, retries, idempotency keys, rate limits and paging.
//!
//! It must not know our tables, our rules, or what an answer means for the books: an answer's few typed fields
//! are those somebody branches on, and its bytes are kept whole for the inbox.
//!
//! Every write takes an [`IdempotencyKey`], so that each try of one intent is one intent at Stripe, also after a
//! crash. Every failure says through [`StripeError::again`] whether trying again may help and is harmless.
//!
//! Blocking, on purpose: its callers are the engine's threads and the command line.

mod account;
mod answer;
mod base;
mod client;
mod coupon;
mod error;
mod event;
mod form;
mod idempotency;
mod invoice_payment;
mod key;
mod list;
mod outside;
mod pace;
mod page;
mod permission;
mod promotion_code;
mod retrieve;
mod retry;
mod shop;
mod transport;
mod version;
mod webhook_endpoint;
mod whole;

pub use account::Account;
pub use answer::{Answer, SecretText};
pub use base::{Base, BaseError};
pub use client::{Client, Options};
pub use coupon::{Coupon, CouponChange, CouponFilter, Duration, NewCoupon, Reduction};
pub use error::{Again, Refusal, RefusedKind, StripeError};
pub use event::{Event, EventFilter, TYPES_MAX};
pub use idempotency::{IdempotencyKey, KEY_CHARS_MAX};
pub use invoice_payment::InvoicePayment;
pub use key::{Key, KeyError, KeyKind};
pub use outside::Outside;
pub use page::{OnePage, Pages};
pub use permission::{Permission, Permitted};
pub use promotion_code::{
    Minimum, NewPromotionCode, PromotionCode, PromotionCodeChange, PromotionCodeFilter, Restrictions,
};
pub use retrieve::{Stub, can_be_fetched};
pub use shop::{Price, PriceFilter, Product, ProductFilter};
pub use version::{ApiVersion, PINNED};
pub use webhook_endpoint::{NewWebhookEndpoint, WebhookEndpoint, WebhookEndpointChange};
