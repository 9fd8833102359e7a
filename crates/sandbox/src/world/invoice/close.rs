//! An invoice that will not be paid: void, or uncollectible (which may still be paid). It must not know why.

use std::sync::Arc;

use super::{became, must_be, pay};
use crate::model::{Invoice, InvoiceStatus};
use crate::world::billing::Why;
use crate::world::{Book, Refusal, payment, subscription};

/// Voids it: the balance it used comes back, its intent is canceled, it is as if never made.
pub(crate) fn void(book: &mut Book, old: &Arc<Invoice>) -> Result<Arc<Invoice>, Refusal> {
    must_be(old, &[InvoiceStatus::Open, InvoiceStatus::Uncollectible], "void")?;
    book.on(old.test_clock.as_deref(), |book| {
        let now_s = book.now_s();
        if let Some(customer) = &old.customer {
            let used = old.starting_balance - old.ending_balance();
            book.add_to_balance(customer, used, &Why::invoice("unapplied_from_invoice", old));
        }
        pay::expect_no_more(book, old);
        let new = Invoice {
            status: InvoiceStatus::Void,
            voided_s: Some(now_s),
            next_attempt_s: None,
            auto_advance: false,
            ..Invoice::clone(old)
        };
        let new = became(book, "invoice.voided", new);
        if let Some(intent) = &new.intent {
            // One that succeeded or is on its way stays what it is.
            let _ = payment::cancel(book, intent, Some("void_invoice"));
        }
        subscription::invoice_closed(book, &new);
        Ok(new)
    })
}

/// Nobody expects its money any more.
pub(crate) fn mark_uncollectible(book: &mut Book, old: &Arc<Invoice>) -> Result<Arc<Invoice>, Refusal> {
    must_be(old, &[InvoiceStatus::Open], "mark as uncollectible")?;
    book.on(old.test_clock.as_deref(), |book| {
        let now_s = book.now_s();
        let new = Invoice {
            status: InvoiceStatus::Uncollectible,
            uncollectible_s: Some(now_s),
            next_attempt_s: None,
            auto_advance: false,
            ..Invoice::clone(old)
        };
        let new = became(book, "invoice.marked_uncollectible", new);
        subscription::invoice_closed(book, &new);
        Ok(new)
    })
}
