//! Invoices: drafted, finalized, paid or not. Their arithmetic is the model's.

use std::sync::Arc;

use super::{Book, Refusal};
use crate::model::{Collection, Intent, Invoice, Meta};

/// A draft with the customer's pending items, or without lines yet.
pub(crate) struct NewInvoice {
    pub(crate) customer: String,
    pub(crate) subscription: Option<String>,
    pub(crate) auto_advance: bool,
    pub(crate) collection: Collection,
    pub(crate) description: Option<String>,
    pub(crate) metadata: Meta,
}

/// How to pay.
pub(crate) struct Pay {
    pub(crate) payment_method: Option<String>,
    pub(crate) out_of_band: bool,
    pub(crate) off_session: bool,
}

fn later<T>() -> Result<T, Refusal> {
    Err(Refusal::request("Invoices are not in this sandbox yet."))
}

pub(crate) fn create(_book: &mut Book, _new: NewInvoice) -> Result<Arc<Invoice>, Refusal> {
    later()
}

pub(crate) fn finalize(_book: &mut Book, _invoice: &Arc<Invoice>) -> Result<Arc<Invoice>, Refusal> {
    later()
}

/// Tries to pay an open invoice; a decline is a card error.
pub(crate) fn pay(_book: &mut Book, _invoice: &Arc<Invoice>, _how: &Pay) -> Result<Arc<Invoice>, Refusal> {
    later()
}

pub(crate) fn void(_book: &mut Book, _invoice: &Arc<Invoice>) -> Result<Arc<Invoice>, Refusal> {
    later()
}

pub(crate) fn mark_uncollectible(_book: &mut Book, _invoice: &Arc<Invoice>) -> Result<Arc<Invoice>, Refusal> {
    later()
}

/// An intent of an invoice became something else after `payment::collect` answered: it succeeded, failed,
/// asks for something, or was canceled.
pub(crate) fn intent_changed(_book: &mut Book, _invoice_ref: &str, _intent: &Arc<Intent>) {}
