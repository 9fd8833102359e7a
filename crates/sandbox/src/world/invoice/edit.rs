//! Changes to a draft by hand, and the little that may change later. It must not know what a change is for.

use std::sync::Arc;

use super::{amounts, change, must_be};
use crate::model::{Collection, Invoice, InvoiceItem, InvoiceStatus, Line, Meta, TaxRate};
use crate::world::billing::{Job, Why};
use crate::world::discount::{self, Holder, Wanted};
use crate::world::{Book, Refusal};

/// What becomes different; `None`: as it was.
#[derive(Default)]
pub(crate) struct Edit {
    pub(crate) auto_advance: Option<bool>,
    pub(crate) automatic_tax: Option<bool>,
    pub(crate) collection: Option<Collection>,
    pub(crate) due_s: Option<i64>,
    pub(crate) default_payment_method: Option<Option<String>>,
    pub(crate) default_tax_rates: Option<Vec<Arc<TaxRate>>>,
    pub(crate) description: Option<Option<String>>,
    pub(crate) wanted: Option<Vec<Wanted>>,
    pub(crate) footer: Option<Option<String>>,
    pub(crate) metadata: Option<Meta>,
}

impl Edit {
    fn touches_amounts(&self) -> bool {
        self.default_tax_rates.is_some()
            || self.wanted.is_some()
            || self.collection.is_some()
            || self.automatic_tax.is_some()
    }
}

pub(crate) fn update(book: &mut Book, old: &Arc<Invoice>, edit: Edit) -> Result<Arc<Invoice>, Refusal> {
    if edit.touches_amounts() {
        must_be(old, &[InvoiceStatus::Draft], "change the amounts of")?;
    }
    let mut new = Invoice::clone(old);
    new.automatic_tax = edit.automatic_tax.unwrap_or(new.automatic_tax);
    new.auto_advance = edit.auto_advance.unwrap_or(new.auto_advance);
    new.collection = edit.collection.unwrap_or(new.collection);
    new.due_s = edit.due_s.or(new.due_s);
    new.default_payment_method = edit.default_payment_method.unwrap_or(new.default_payment_method);
    new.description = edit.description.unwrap_or(new.description);
    new.footer = edit.footer.unwrap_or(new.footer);
    new.metadata = edit.metadata.unwrap_or(new.metadata);
    if let Some(rates) = edit.default_tax_rates {
        new.default_tax_rates = rates;
    }
    if let Some(wanted) = &edit.wanted {
        let holder = Holder {
            customer: old.customer.as_deref(),
            invoice: Some(&old.id),
            currency: Some(old.currency),
            ..Holder::default()
        };
        let mut discounts = Vec::with_capacity(wanted.len());
        for wanted in wanted {
            discounts.push(discount::make(book, wanted, &holder, None)?);
        }
        new.discounts = amounts::all_discounts(discounts, &new.lines);
    }
    if new.status == InvoiceStatus::Draft {
        amounts::calculate(&mut new);
    }
    book.on(old.test_clock.as_deref(), |book| {
        advance_again(book, old, &mut new);
        Ok(change(book, old, new))
    })
}

/// Switched on again, it advances in an hour (a draft) or at once.
fn advance_again(book: &mut Book, old: &Invoice, new: &mut Invoice) {
    if old.auto_advance || !new.auto_advance {
        if !new.auto_advance {
            new.finalizes_s = None;
        }
        return;
    }
    let now_s = book.now_s();
    match new.status {
        InvoiceStatus::Draft => {
            new.finalizes_s = Some(now_s + 3600);
            book.schedule_billing(now_s + 3600, Job::Finalize(new.id.clone()));
        }
        InvoiceStatus::Open if new.collection == Collection::Automatic => {
            book.schedule_billing(now_s, Job::Collect(new.id.clone()));
        }
        _ => {}
    }
}

/// Deletes a draft; its items wait again.
pub(crate) fn delete(book: &mut Book, invoice: &Arc<Invoice>) -> Result<(), Refusal> {
    must_be(invoice, &[InvoiceStatus::Draft], "delete")?;
    if invoice.subscription.is_some() {
        let message = "You can only delete draft invoices that are not of a subscription.";
        return Err(Refusal::request(message).code("invoice_not_editable"));
    }
    book.on(invoice.test_clock.as_deref(), |book| {
        let lines: Vec<String> = invoice.lines.iter().filter_map(|line| line.invoice_item.clone()).collect();
        for id in lines {
            wait_again(book, &id);
        }
        book.invoices.remove(&invoice.id);
        book.emit("invoice.deleted", invoice);
    });
    Ok(())
}

/// An invoice that should never have been: what it used of the balance comes back, items made for it are
/// gone, others wait again. Nothing is told.
pub(in crate::world) fn undo(book: &mut Book, id: &str, made: &[String]) {
    let Some(invoice) = book.invoices.remove(id) else { return };
    if let Some(customer) = &invoice.customer {
        let used = invoice.starting_balance - invoice.ending_balance();
        book.add_to_balance(customer, used, &Why::invoice("unapplied_from_invoice", &invoice));
    }
    for item in invoice.lines.iter().filter_map(|line| line.invoice_item.as_ref()) {
        if made.contains(item) {
            book.invoice_items.remove(item);
        } else {
            wait_again(book, item);
        }
    }
}

fn wait_again(book: &mut Book, item_ref: &str) {
    let Some(item) = book.invoice_items.get(item_ref).cloned() else { return };
    let item = book.invoice_items.put(item_ref, InvoiceItem { invoice: None, ..InvoiceItem::clone(&item) });
    book.wait(&item);
}

/// A draft's lines become these.
pub(crate) fn with_lines(
    book: &mut Book,
    old: &Arc<Invoice>,
    lines: Vec<Line>,
) -> Result<Arc<Invoice>, Refusal> {
    must_be(old, &[InvoiceStatus::Draft], "change the lines of")?;
    let mut new = Invoice { lines, ..Invoice::clone(old) };
    let whole = amounts::invoice_level(old);
    new.discounts = amounts::all_discounts(whole, &new.lines);
    amounts::calculate(&mut new);
    Ok(book.on(old.test_clock.as_deref(), |book| change(book, old, new)))
}

/// One line of a draft becomes another.
pub(crate) fn update_line(
    book: &mut Book,
    old: &Arc<Invoice>,
    line_ref: &str,
    edit: impl FnOnce(&mut Line),
) -> Result<Arc<Invoice>, Refusal> {
    let mut lines = old.lines.clone();
    let line = lines.iter_mut().find(|line| line.id == line_ref);
    let line = line.ok_or_else(|| Refusal::missing("invoice line item", "line_item_id", line_ref))?;
    edit(line);
    with_lines(book, old, lines)
}

/// Takes lines off a draft; their items wait again (`unassign`) or are deleted.
pub(crate) fn remove_lines(
    book: &mut Book,
    old: &Arc<Invoice>,
    gone: &[(String, bool)],
) -> Result<Arc<Invoice>, Refusal> {
    must_be(old, &[InvoiceStatus::Draft], "remove lines of")?;
    for (id, _) in gone {
        if !old.lines.iter().any(|line| line.id == *id) {
            return Err(Refusal::missing("invoice line item", "lines", id));
        }
    }
    let (off, kept): (Vec<Line>, Vec<Line>) =
        old.lines.iter().cloned().partition(|line| gone.iter().any(|(id, _)| *id == line.id));
    for line in off {
        let unassign = gone.iter().any(|(id, unassign)| *id == line.id && *unassign);
        match line.invoice_item {
            Some(item) if unassign => wait_again(book, &item),
            Some(item) => {
                book.invoice_items.remove(&item);
            }
            None => {}
        }
    }
    with_lines(book, old, kept)
}
