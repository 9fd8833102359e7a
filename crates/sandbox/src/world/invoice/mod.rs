//! Invoices: drafted, finalized, paid or not. Their sums are the model's; discounts and taxes of lines are
//! `amounts`'. It must not know why a subscription bills what it bills.

pub(crate) mod amounts;
mod close;
mod collect;
mod draft;
mod due;
mod edit;
mod finalize;
mod pay;

use std::sync::Arc;

pub(crate) use close::{mark_uncollectible, void};
#[allow(unused_imports, reason = "for payments that settle later")]
pub(crate) use collect::intent_changed;
pub(super) use collect::{collect_due, default_method, expect_payment, try_to_collect};
pub(super) use draft::{Drawn, blank_for, commit, own_line};
pub(crate) use draft::{NewInvoice, NewLine, create};
pub(super) use due::{overdue, will_be_due};
pub(super) use edit::undo;
pub(crate) use edit::{Edit, delete, remove_lines, update, update_line, with_lines};
pub(crate) use finalize::{finalize, send};
pub(super) use finalize::{finalize_due, open};
pub(crate) use pay::{Pay, pay};
pub(super) use pay::{lower_due, refusal};

use super::{Book, Refusal};
use crate::model::{Invoice, InvoiceStatus};

/// What a try to collect came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Tried {
    Paid,
    /// The money is on its way (a bank debit).
    Processing,
    ActionNeeded,
    Declined,
    /// The customer has nothing on file.
    NoMethod,
}

/// `param` is what the caller named it by.
pub(crate) fn get(book: &Book, id: &str, param: &str) -> Result<Arc<Invoice>, Refusal> {
    book.invoices.get(id).cloned().ok_or_else(|| Refusal::missing("invoice", param, id))
}

/// Puts a changed invoice and tells that it was updated.
fn change(book: &mut Book, old: &Arc<Invoice>, new: Invoice) -> Arc<Invoice> {
    let new = book.invoices.put(&old.id, new);
    book.emit_changed("invoice.updated", old, &new);
    new
}

/// Puts a changed invoice and tells it as `kind`.
fn became(book: &mut Book, kind: &'static str, new: Invoice) -> Arc<Invoice> {
    let id = new.id.clone();
    let new = book.invoices.put(&id, new);
    book.emit(kind, &new);
    new
}

fn must_be(invoice: &Invoice, allowed: &[InvoiceStatus], what: &str) -> Result<(), Refusal> {
    if allowed.contains(&invoice.status) {
        return Ok(());
    }
    let message = format!("You can't {what} an invoice that is {}.", invoice.status.as_str());
    Err(Refusal::request(message).code("invoice_not_editable"))
}
