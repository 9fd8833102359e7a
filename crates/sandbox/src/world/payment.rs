//! Taking money: an intent is confirmed with a payment method, and what comes of it. Used by calls about
//! intents, by invoices and by checkout pages alike. It must not know what is paid for.

use std::sync::Arc;

use super::{Book, Refusal};
use crate::model::{Charge, Intent, Meta};
use kernel::Currency;

/// Money to be taken.
pub(crate) struct Collect {
    pub(crate) amount: i64,
    pub(crate) currency: Currency,
    pub(crate) customer: Option<String>,
    /// `None`: nothing is tried; the intent waits for one.
    pub(crate) payment_method: Option<String>,
    pub(crate) invoice: Option<String>,
    /// The intent of an earlier try, to be tried again; it must be of the same amount.
    pub(crate) intent: Option<String>,
    /// `false`: nothing is tried yet, somebody will confirm the intent.
    pub(crate) confirm: bool,
    /// The buyer is not there to answer a bank's question.
    pub(crate) off_session: bool,
    /// Saves the method for `on_session` or `off_session` use.
    pub(crate) setup_future_usage: Option<&'static str>,
    /// Takes application fee and destination as a subscription says them.
    pub(crate) application_fee: Option<i64>,
    pub(crate) destination: Option<String>,
    pub(crate) on_behalf_of: Option<String>,
    pub(crate) description: Option<String>,
    /// `receipt_email`.
    pub(crate) email: Option<String>,
    pub(crate) metadata: Meta,
}

impl Collect {
    /// Tried at once, the buyer being there, of nobody known.
    pub(crate) fn blank(amount: i64, currency: Currency) -> Self {
        Self {
            amount,
            currency,
            customer: None,
            payment_method: None,
            invoice: None,
            intent: None,
            confirm: true,
            off_session: false,
            setup_future_usage: None,
            application_fee: None,
            destination: None,
            on_behalf_of: None,
            description: None,
            email: None,
            metadata: Meta::new(),
        }
    }
}

/// What came of a try. `Processing` and `RequiresAction` are decided later: `invoice::intent_changed` tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    Succeeded,
    /// The intent says why (`failure`); it is `requires_payment_method` now.
    Declined,
    RequiresAction,
    Processing,
    /// Nothing was tried: no method, or `confirm` was false.
    Unconfirmed,
}

pub(crate) struct Collected {
    pub(crate) intent: Arc<Intent>,
    pub(crate) charge: Option<Arc<Charge>>,
    pub(crate) outcome: Outcome,
}

/// Makes (or takes up) an intent and tries to pay it. A decline is an outcome; only what could never be tried
/// is refused.
pub(crate) fn collect(_book: &mut Book, _money: Collect) -> Result<Collected, Refusal> {
    Err(Refusal::request("Payments are not in this sandbox yet."))
}

/// Ends an intent that nobody will pay (its invoice was voided, its session expired).
pub(crate) fn cancel(
    _book: &mut Book,
    _intent_ref: &str,
    _reason: &'static str,
) -> Result<Arc<Intent>, Refusal> {
    Err(Refusal::request("Payments are not in this sandbox yet."))
}
