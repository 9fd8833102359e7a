//! Invoice items: put on the customer's next invoice, or on a draft. It must not know when that comes.

use std::sync::Arc;

use kernel::Currency;

use super::discount::{self, Holder, Wanted};
use super::price::taken_in;
use super::{Book, Refusal, invoice};
use crate::model::{Invoice, InvoiceItem, InvoiceStatus, Line, Meta, Price, TaxRate};

pub(crate) struct NewInvoiceItem {
    pub(crate) customer: String,
    /// What it costs: so many of a price, or an amount.
    pub(crate) cost: Cost,
    pub(crate) description: Option<String>,
    pub(crate) discountable: Option<bool>,
    pub(crate) wanted: Vec<Wanted>,
    pub(crate) tax_rates: Vec<Arc<TaxRate>>,
    /// A draft to put it on.
    pub(crate) invoice: Option<String>,
    pub(crate) subscription: Option<String>,
    pub(crate) period_s: Option<(i64, i64)>,
    pub(crate) metadata: Meta,
}

pub(crate) enum Cost {
    Of(Arc<Price>, i64),
    /// So much for each of so many.
    Each(i64, i64, Currency),
    Amount(i64, Currency),
}

pub(crate) fn create(book: &mut Book, new: NewInvoiceItem) -> Result<Arc<InvoiceItem>, Refusal> {
    let customer = book.customers.get(&new.customer).cloned();
    let customer = customer.ok_or_else(|| Refusal::missing("customer", "customer", &new.customer))?;
    let draft = match &new.invoice {
        None => None,
        Some(id) => Some(invoice::get(book, id, "invoice")?),
    };
    if draft.as_ref().is_some_and(|draft| draft.status != InvoiceStatus::Draft) {
        let message = "This invoice is no longer editable.";
        return Err(Refusal::invalid("invoice", message).code("invoice_not_editable"));
    }
    let mut new = new;
    if let Some(draft) = &draft {
        new.cost = cost_in(new.cost, draft.currency)?;
    }
    let clock = book.clock_of(&customer);
    book.on(clock.as_deref(), |book| {
        let (id, now_s) = (book.id("ii"), book.now_s());
        let (price, quantity, amount) = match new.cost {
            Cost::Of(price, quantity) => {
                let amount = super::subscription::priced(&price, quantity);
                (price, quantity, amount)
            }
            Cost::Each(unit, quantity, currency) => {
                (adhoc_price(book, unit, currency), quantity, unit.saturating_mul(quantity))
            }
            Cost::Amount(amount, currency) => (adhoc_price(book, amount, currency), 1, amount),
        };
        let holder = Holder {
            customer: Some(&customer.id),
            invoice_item: Some(&id),
            currency: Some(price.currency),
            ..Holder::default()
        };
        let mut discounts = Vec::with_capacity(new.wanted.len());
        for wanted in &new.wanted {
            let discount = discount::make(book, wanted, &holder, None)?;
            discount::redeem(book, &discount);
            discounts.push(discount);
        }
        let item = InvoiceItem {
            quantity,
            amount,
            description: new.description.or_else(|| Some(price.name.clone())),
            discountable: new.discountable.unwrap_or(amount >= 0),
            discounts,
            tax_rates: new.tax_rates,
            invoice: new.invoice,
            subscription: new.subscription,
            period_s: new.period_s.unwrap_or((now_s, now_s)),
            test_clock: clock.clone(),
            metadata: new.metadata,
            ..InvoiceItem::blank(&id, &customer.id, price, now_s)
        };
        let item = book.invoice_items.put(&id, item);
        book.take_currency(&customer, item.currency);
        book.emit("invoiceitem.created", &item);
        match draft {
            None => book.wait(&item),
            Some(draft) => {
                let mut lines = draft.lines.clone();
                lines.push(item.line(&book.id("il")));
                invoice::with_lines(book, &draft, lines)?;
            }
        }
        Ok(item)
    })
}

/// What is put on an invoice is in its currency.
fn cost_in(cost: Cost, currency: Currency) -> Result<Cost, Refusal> {
    match cost {
        Cost::Of(price, quantity) => Ok(Cost::Of(taken_in(&price, currency, "price")?, quantity)),
        Cost::Each(_, _, own) | Cost::Amount(_, own) if own != currency => {
            Err(other_currency("currency", own, currency))
        }
        cost => Ok(cost),
    }
}

fn other_currency(param: &str, own: Currency, currency: Currency) -> Refusal {
    let message = format!(
        "An invoice has one currency: this invoice is in {currency}, the invoice item in {own}. Without an \
         invoice it waits for one in {own}."
    );
    Refusal::invalid(param, message)
}

/// An amount without a price gets one of its own, as Stripe's lines show it.
pub(crate) fn adhoc_price(book: &mut Book, amount: i64, currency: Currency) -> Arc<Price> {
    let (id, product) = (book.id("price"), book.id("prod"));
    let blank = Price::blank(&id, &product, amount, currency, book.now_s());
    Arc::new(Price { name: "Custom amount".into(), active: false, ..blank })
}

pub(crate) fn get(book: &Book, id: &str) -> Result<Arc<InvoiceItem>, Refusal> {
    book.invoice_items.get(id).cloned().ok_or_else(|| Refusal::missing("invoiceitem", "id", id))
}

fn draft_of(book: &Book, item: &InvoiceItem) -> Result<Option<Arc<Invoice>>, Refusal> {
    let Some(id) = &item.invoice else { return Ok(None) };
    let invoice = invoice::get(book, id, "invoice")?;
    if invoice.status != InvoiceStatus::Draft {
        let message = "This invoice item is on an invoice that is no longer editable.";
        return Err(Refusal::request(message).code("invoice_not_editable"));
    }
    Ok(Some(invoice))
}

/// Puts a waiting item on a draft.
pub(crate) fn assign(book: &mut Book, item: &Arc<InvoiceItem>, invoice_ref: &str) -> Result<(), Refusal> {
    let draft = invoice::get(book, invoice_ref, "invoice")?;
    if item.invoice.is_some() {
        let message = "This invoice item is already attached to an invoice.";
        return Err(Refusal::invalid("invoice_item", message));
    }
    if item.currency != draft.currency {
        return Err(other_currency("invoice_item", item.currency, draft.currency));
    }
    let mut lines = draft.lines.clone();
    lines.push(item.line(&book.id("il")));
    invoice::with_lines(book, &draft, lines)?;
    book.wait_no_more(item);
    let on = InvoiceItem { invoice: Some(invoice_ref.to_owned()), ..InvoiceItem::clone(item) };
    book.invoice_items.put(&item.id, on);
    Ok(())
}

/// Puts a changed item, and its line when it is on a draft.
pub(crate) fn update(
    book: &mut Book,
    old: &Arc<InvoiceItem>,
    new: InvoiceItem,
) -> Result<Arc<InvoiceItem>, Refusal> {
    let draft = draft_of(book, old)?;
    let new = book.invoice_items.put(&old.id, new);
    if let Some(draft) = draft {
        let same = |line: &Line| line.invoice_item.as_ref() == Some(&new.id);
        let lines = draft.lines.iter().map(|line| if same(line) { new.line(&line.id) } else { line.clone() });
        let lines = lines.collect();
        invoice::with_lines(book, &draft, lines)?;
    }
    Ok(new)
}

pub(crate) fn delete(book: &mut Book, item: &Arc<InvoiceItem>) -> Result<(), Refusal> {
    if let Some(draft) = draft_of(book, item)? {
        let kept = draft.lines.iter().filter(|line| line.invoice_item.as_ref() != Some(&item.id));
        let kept = kept.cloned().collect();
        invoice::with_lines(book, &draft, kept)?;
    }
    book.wait_no_more(item);
    book.invoice_items.remove(&item.id);
    book.on(item.test_clock.as_deref(), |book| book.emit("invoiceitem.deleted", item));
    Ok(())
}
