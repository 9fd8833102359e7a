//! Due dates of invoices that were sent: a reminder before, and the news when one has passed.

use crate::model::InvoiceStatus;
use crate::world::Book;

pub(in crate::world) fn will_be_due(book: &mut Book, id: &str) {
    tell(book, id, "invoice.will_be_due");
}

pub(in crate::world) fn overdue(book: &mut Book, id: &str) {
    tell(book, id, "invoice.overdue");
    let open = book.invoices.get(id).filter(|invoice| invoice.status == InvoiceStatus::Open).cloned();
    if let Some(invoice) = open {
        super::super::subscription::invoice_failed(book, &invoice);
    }
}

fn tell(book: &mut Book, id: &str, kind: &'static str) {
    let open = book.invoices.get(id).filter(|invoice| invoice.status == InvoiceStatus::Open).cloned();
    if let Some(invoice) = open {
        book.emit(kind, &invoice);
    }
}
