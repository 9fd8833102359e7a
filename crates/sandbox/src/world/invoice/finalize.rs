//! A draft becomes an invoice: it gets its number, uses the customer's balance, and is due. It must not know
//! how the money comes.

use std::sync::Arc;

use super::{change, draft, must_be, pay, try_to_collect};
use crate::model::{Collection, Customer, Invoice, InvoiceStatus};
use crate::world::billing::{Job, Why};
use crate::world::calendar::DAY_S;
use crate::world::{Book, Refusal, payment, subscription};

/// How long before the due date a sent invoice reminds.
const WILL_BE_DUE_S: i64 = 3 * DAY_S;

const NOT_LOCATED: (&str, &str) = (
    "customer_tax_location_invalid",
    "The customer's location isn't recognized. Set a valid customer address in order to automatically calculate tax.",
);

/// Finalizes a draft now. If it advances by itself, collection is tried at the clock's next step.
pub(crate) fn finalize(book: &mut Book, invoice: &Arc<Invoice>) -> Result<Arc<Invoice>, Refusal> {
    must_be(invoice, &[InvoiceStatus::Draft], "finalize")?;
    book.on(invoice.test_clock.as_deref(), |book| {
        can_be_final(book, invoice)?;
        let invoice = open(book, invoice);
        if invoice.status == InvoiceStatus::Open && invoice.auto_advance {
            advance(book, &invoice);
        }
        Ok(invoice)
    })
}

/// Stripe must know where the customer is before it can tell the taxes; a draft that it does not know of stays one.
pub(super) fn can_be_final(book: &mut Book, old: &Arc<Invoice>) -> Result<(), Refusal> {
    let customer = old.customer.as_ref().and_then(|id| book.customers.get(id));
    if old.status != InvoiceStatus::Draft || !old.automatic_tax || located(customer.map(Arc::as_ref)) {
        return Ok(());
    }
    let (code, message) = NOT_LOCATED;
    let failed = Invoice { finalization_error: Some(NOT_LOCATED), ..Invoice::clone(old) };
    super::became(book, "invoice.finalization_failed", failed);
    Err(Refusal::request(message).code(code))
}

/// Whether it is known where a customer is taxed.
fn located(customer: Option<&Customer>) -> bool {
    let addresses = customer.into_iter().flat_map(|customer| {
        customer.address.iter().chain(customer.shipping.iter().map(|shipping| &shipping.address))
    });
    addresses.into_iter().any(|address| address.country.is_some())
}

fn advance(book: &mut Book, invoice: &Arc<Invoice>) {
    match invoice.collection {
        Collection::Automatic => book.schedule_billing(book.now_s(), Job::Collect(invoice.id.clone())),
        Collection::Send { .. } => tell_sent(book, invoice),
    }
}

/// Makes a draft final; what is due nothing is paid with that.
pub(in crate::world) fn open(book: &mut Book, old: &Arc<Invoice>) -> Arc<Invoice> {
    let now_s = book.now_s();
    let customer = old.customer.as_ref().and_then(|id| book.customers.get(id)).cloned();
    let fits = customer.as_ref().filter(|customer| customer.currency.is_none_or(|own| own == old.currency));
    let number = book.invoice_number(old.customer.as_deref().unwrap_or(&old.id));
    let mut invoice = Invoice {
        number,
        status: InvoiceStatus::Open,
        starting_balance: fits.map_or(0, |customer| customer.balance),
        finalized_s: Some(now_s),
        finalizes_s: None,
        finalization_error: None,
        ..Invoice::clone(old)
    };
    let due = invoice.amount_due();
    invoice.carried = fits.is_some() && (1..payment::least(invoice.currency)).contains(&due);
    let invoice = book.invoices.put(&old.id, invoice);
    book.emit("invoice.finalized", &invoice);
    if let Some(customer) = &customer {
        book.take_currency(customer, invoice.currency);
        let left = if invoice.carried { due } else { 0 };
        let used = invoice.ending_balance() - left - invoice.starting_balance;
        book.add_to_balance(&customer.id, used, &Why::invoice("applied_to_invoice", &invoice));
        book.add_to_balance(&customer.id, left, &Why::invoice("invoice_too_small", &invoice));
    }
    draft::drop_discounts(book, &invoice);
    if let Some(due_s) = invoice.due_s {
        book.schedule_billing((due_s - WILL_BE_DUE_S).max(now_s), Job::WillBeDue(invoice.id.clone()));
        book.schedule_billing(due_s, Job::Overdue(invoice.id.clone()));
    }
    if invoice.amount_due() == 0 { pay::settled(book, &invoice) } else { invoice }
}

/// A draft's hour is over.
pub(in crate::world) fn finalize_due(book: &mut Book, id: &str) {
    let Some(invoice) = book.invoices.get(id).cloned() else { return };
    if invoice.status != InvoiceStatus::Draft || !invoice.auto_advance {
        return;
    }
    if can_be_final(book, &invoice).is_err() {
        return;
    }
    let invoice = open(book, &invoice);
    if invoice.status != InvoiceStatus::Open {
        return;
    }
    if let Some(pause) = subscription::pause_of(book, &invoice) {
        let _ = match pause {
            "void" => super::void(book, &invoice),
            _ => super::mark_uncollectible(book, &invoice),
        };
        return;
    }
    match invoice.collection {
        Collection::Automatic => {
            try_to_collect(book, &invoice, None, true);
        }
        Collection::Send { .. } => tell_sent(book, &invoice),
    }
}

fn tell_sent(book: &mut Book, invoice: &Arc<Invoice>) {
    book.emit("invoice.sent", invoice);
}

/// Sends it (a draft becomes final first).
pub(crate) fn send(book: &mut Book, invoice: &Arc<Invoice>) -> Result<Arc<Invoice>, Refusal> {
    must_be(invoice, &[InvoiceStatus::Draft, InvoiceStatus::Open, InvoiceStatus::Paid], "send")?;
    if invoice.collection == Collection::Automatic {
        let message = "You can only manually send an invoice if its collection method is 'send_invoice'.";
        return Err(Refusal::request(message));
    }
    book.on(invoice.test_clock.as_deref(), |book| {
        can_be_final(book, invoice)?;
        let invoice =
            if invoice.status == InvoiceStatus::Draft { open(book, invoice) } else { Arc::clone(invoice) };
        let new = Invoice { auto_advance: false, ..Invoice::clone(&invoice) };
        let invoice = change(book, &invoice, new);
        tell_sent(book, &invoice);
        Ok(invoice)
    })
}
