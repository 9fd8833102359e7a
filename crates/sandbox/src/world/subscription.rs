//! Subscriptions: begun, renewed, changed, ended. What they are billed is `invoice`'s business.

use std::sync::Arc;

use super::{Book, Refusal};
use crate::model::{Collection, Meta, Price, Subscription};

/// One thing to subscribe to.
pub(crate) struct NewItem {
    pub(crate) price: Arc<Price>,
    pub(crate) quantity: i64,
    pub(crate) metadata: Meta,
}

/// What the first invoice may do to the subscription.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(clippy::enum_variant_names, reason = "the words of the API")]
pub(crate) enum PaymentBehavior {
    /// Unpaid, it is `incomplete` and waits 23 hours.
    AllowIncomplete,
    /// Nothing is tried: it is `incomplete` until somebody confirms the intent.
    DefaultIncomplete,
    /// Unpaid, nothing was made.
    ErrorIfIncomplete,
    /// Of updates: unpaid, the change waits.
    PendingIfIncomplete,
}

pub(crate) struct NewSubscription {
    pub(crate) customer: String,
    pub(crate) items: Vec<NewItem>,
    pub(crate) trial_end_s: Option<i64>,
    /// `create_invoice`, `cancel`, `pause`.
    pub(crate) trial_without_method: &'static str,
    pub(crate) anchor_s: Option<i64>,
    pub(crate) cancel_at_s: Option<i64>,
    pub(crate) cancel_at_period_end: bool,
    pub(crate) collection: Collection,
    pub(crate) payment_behavior: PaymentBehavior,
    /// Whether the customer is not there to answer a bank's question.
    pub(crate) off_session: bool,
    pub(crate) default_payment_method: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) metadata: Meta,
}

impl NewSubscription {
    /// Begins now and charges what the customer has on file.
    pub(crate) fn blank(customer: &str) -> Self {
        Self {
            customer: customer.to_owned(),
            items: Vec::new(),
            trial_end_s: None,
            trial_without_method: "create_invoice",
            anchor_s: None,
            cancel_at_s: None,
            cancel_at_period_end: false,
            collection: Collection::Automatic,
            payment_behavior: PaymentBehavior::AllowIncomplete,
            off_session: false,
            default_payment_method: None,
            description: None,
            metadata: Meta::new(),
        }
    }
}

/// Begins a subscription and bills its first period (or its trial, with nothing due).
pub(crate) fn create(_book: &mut Book, _new: NewSubscription) -> Result<Arc<Subscription>, Refusal> {
    Err(Refusal::request("Subscriptions are not in this sandbox yet."))
}
