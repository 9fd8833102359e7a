//! A Stripe in a box, first part: what happens between a merchant and customers (`model`), how each API
//! version writes it down (`render`), terse histories (`history`), the money cases with what is due
//! (`cases`), and a year of traffic (`traffic`). Written from MONEY.md and STRIPE.md alone: it must not
//! know our normaliser, our rules or our tables, so that agreeing with them means something.

#[cfg(test)]
extern crate self as sandbox;

#[cfg(test)]
#[allow(dead_code, reason = "shared with the tests outside, which use other parts")]
#[path = "../tests/common/mod.rs"]
mod common;

mod api;
pub mod cases;
mod checkout;
mod control;
pub mod deliver;
mod history;
mod json;
mod model;
mod oracle;
mod post;
mod render;
mod rng;
pub mod serve;
mod sign;
pub mod traffic;
mod world;

pub use api::{Answer, Method, Request, answer};
pub use cases::{Case, Expected, Setup, Step};
pub use checkout::answer as browse;
pub use control::example;
pub use history::{Bill, Checkout, History, OneOff, Payment, Sub, TaxRule, currency, seconds};
pub use model::{
    Account, Address, ApplicationFee, Applied, Asks, BalanceTransaction, Bank, Behavior, Billed,
    BillingDetails, Cancellation, Capability, Card, Cause, Charge, Collection, Controller, Conversion,
    Coupon, CreditLine, CreditNote, CurrencyOption, Customer, CustomerBalanceTransaction, Discount, Dispute,
    Duration, EarlyFraudWarning, Failure, Fee, Instrument, Intent, Invoice, InvoiceItem, InvoicePayment,
    InvoiceStatus, Item, Line, Meta, Mode, ModelEvent, NextAction, Object, Off, Outcome, Pause,
    PaymentMethod, PaymentStatus, Payout, PendingUpdate, Plain, Previous, Price, Product, PromotionCode,
    Refund, Returns, Secret, Session, SessionItem, SetupIntent, ShipTo, Shipping, ShippingRate, Subscription,
    Tax, TaxId, TaxRate, TestClock, Tier, TiersMode, Transfer, TransferData, TransferReversal,
    WebhookEndpoint,
};
pub use post::Poster;
pub use render::{Delivery, Version, deliver, deliver_pending, object, render, thin};
pub use rng::Rng;
pub use sign::{stripe_signature, stripe_signature_rolling};
pub use traffic::Traffic;
pub use world::{BookKey, World};
