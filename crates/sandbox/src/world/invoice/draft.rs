//! Drawing up an invoice: who it is for, what waits for it, its lines. It must not know how it is paid.

use std::sync::Arc;

use kernel::Currency;

use super::amounts;
use crate::model::{
    Billed, Collection, Customer, Discount, Duration, Invoice, InvoiceItem, Line, Meta, Price, Shipping,
    ShippingRate, Subscription, TaxRate,
};
use crate::world::billing::Job;
use crate::world::discount::{self, Holder, Wanted};
use crate::world::{Book, Refusal, subscription};

/// How long an automatic invoice stays a draft.
const DRAFT_S: i64 = 3600;

/// One line of its own.
#[derive(Clone)]
pub(crate) struct NewLine {
    pub(crate) price: Arc<Price>,
    pub(crate) quantity: i64,
    pub(crate) tax_rates: Vec<Arc<TaxRate>>,
    pub(crate) discounts: Vec<Arc<Discount>>,
}

/// A draft of the caller's.
pub(crate) struct NewInvoice {
    pub(crate) customer: String,
    pub(crate) subscription: Option<String>,
    pub(crate) currency: Option<Currency>,
    pub(crate) auto_advance: bool,
    pub(crate) automatic_tax: bool,
    pub(crate) collection: Collection,
    pub(crate) due_s: Option<i64>,
    /// Whether the customer's waiting items are put on it.
    pub(crate) pending_items: bool,
    pub(crate) lines: Vec<NewLine>,
    pub(crate) wanted: Vec<Wanted>,
    pub(crate) shipping: Option<Arc<ShippingRate>>,
    pub(crate) default_tax_rates: Vec<Arc<TaxRate>>,
    pub(crate) default_payment_method: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) footer: Option<String>,
    pub(crate) metadata: Meta,
}

impl NewInvoice {
    /// Nothing on it yet, and nothing happens to it by itself.
    pub(crate) fn blank(customer: &str) -> Self {
        Self {
            customer: customer.to_owned(),
            subscription: None,
            currency: None,
            auto_advance: false,
            automatic_tax: false,
            collection: Collection::Automatic,
            due_s: None,
            pending_items: false,
            lines: Vec::new(),
            wanted: Vec::new(),
            shipping: None,
            default_tax_rates: Vec::new(),
            default_payment_method: None,
            description: None,
            footer: None,
            metadata: Meta::new(),
        }
    }
}

/// An invoice as drawn up, not entered yet: a preview ends here.
pub(crate) struct Drawn {
    pub(crate) invoice: Invoice,
    /// The waiting items on it.
    pub(crate) taken: Vec<Arc<InvoiceItem>>,
}

/// An empty draft for a customer.
pub(in crate::world) fn blank_for(book: &mut Book, customer: &Customer, currency: Currency) -> Invoice {
    let (id, now_s) = (book.id("in"), book.now_s());
    Invoice {
        customer: Some(customer.id.clone()),
        email: customer.email.clone().unwrap_or_default(),
        name: customer.name.clone().unwrap_or_default(),
        starting_balance: if customer.currency == Some(currency) { customer.balance } else { 0 },
        test_clock: book.clock_of(customer),
        ..Invoice::blank(&id, currency, now_s)
    }
}

impl Drawn {
    /// Puts waiting items and lines on it, then works out discounts and taxes.
    pub(in crate::world) fn new(
        book: &mut Book,
        mut invoice: Invoice,
        taken: Vec<Arc<InvoiceItem>>,
        mut lines: Vec<Line>,
    ) -> Self {
        let mut all: Vec<Line> = Vec::with_capacity(taken.len() + lines.len());
        for item in &taken {
            let id = book.id("il");
            all.push(item.line(&id));
        }
        all.append(&mut lines);
        invoice.discounts = amounts::all_discounts(std::mem::take(&mut invoice.discounts), &all);
        invoice.lines = all;
        amounts::calculate(&mut invoice);
        Self { invoice, taken }
    }

    /// Notes on the subscription's items what this invoice debits them for.
    pub(in crate::world) fn note_billed(&self, items: &mut [crate::model::Item]) {
        for item in items {
            for line in &self.invoice.lines {
                if line.subscription_item.as_deref() != Some(&item.id) {
                    continue;
                }
                let by = || Some((self.invoice.id.clone(), line.id.clone()));
                match &line.invoice_item {
                    Some(from) => {
                        let noted =
                            item.billed.iter_mut().filter(|row| row.invoice_item.as_ref() == Some(from));
                        noted.for_each(|row| row.line = by());
                    }
                    None if line.amount > 0 => item.billed.push(Billed {
                        line: by(),
                        invoice_item: None,
                        amount: line.net(),
                        span_s: line.period_s,
                    }),
                    None => {}
                }
            }
        }
    }
}

/// Enters a drawn invoice: its items wait no more, and it becomes final in an hour if it advances by itself.
pub(in crate::world) fn commit(book: &mut Book, drawn: Drawn) -> Arc<Invoice> {
    let Drawn { mut invoice, taken } = drawn;
    for item in taken {
        book.wait_no_more(&item);
        let on = InvoiceItem { invoice: Some(invoice.id.clone()), ..InvoiceItem::clone(&item) };
        book.invoice_items.put(&item.id, on);
    }
    if invoice.auto_advance {
        invoice.finalizes_s = Some(book.now_s() + DRAFT_S);
        book.schedule_billing(book.now_s() + DRAFT_S, Job::Finalize(invoice.id.clone()));
    }
    let id = invoice.id.clone();
    let invoice = book.invoices.put(&id, invoice);
    book.emit("invoice.created", &invoice);
    invoice
}

/// A draft with the lines given and, if wanted, what waits.
pub(crate) fn create(book: &mut Book, new: NewInvoice) -> Result<Arc<Invoice>, Refusal> {
    let customer = book
        .customers
        .get(&new.customer)
        .cloned()
        .ok_or_else(|| Refusal::missing("customer", "customer", &new.customer))?;
    let clock = book.clock_of(&customer);
    book.on(clock.as_deref(), |book| create_now(book, new, &customer))
}

fn create_now(book: &mut Book, new: NewInvoice, customer: &Customer) -> Result<Arc<Invoice>, Refusal> {
    let of = match &new.subscription {
        Some(id) => Some(subscription::get(book, id, "subscription")?),
        None => None,
    };
    let taken =
        if new.pending_items { book.waiting(&new.customer, new.subscription.as_deref()) } else { Vec::new() };
    let priced = new.lines.first().map(|line| line.price.currency);
    let currency = new.currency.or(priced).or_else(|| taken.first().map(|item| item.currency));
    let currency = currency.or(of.as_ref().map(|of| of.currency)).or(customer.currency);
    let Some(currency) = currency.or_else(|| Currency::parse("usd")) else {
        return Err(Refusal::invalid("currency", "Missing required param: currency."));
    };
    let taken: Vec<_> = taken.into_iter().filter(|item| item.currency == currency).collect();
    if of.is_some() && taken.is_empty() && new.lines.is_empty() {
        let message = "Nothing to invoice for subscription";
        return Err(Refusal::invalid("subscription", message).code("invoice_no_subscription_line_items"));
    }
    let shipping = new.shipping.map(|rate| shipped(&rate, currency)).transpose()?;
    let mut lines = Vec::new();
    for line in new.lines {
        lines.push(own_line(book, line));
    }
    let now_s = book.now_s();
    let days = new.collection.days_until_due();
    let blank = blank_for(book, customer, currency);
    let holder = Holder {
        customer: Some(&customer.id),
        invoice: Some(&blank.id),
        currency: Some(currency),
        ..Holder::default()
    };
    let mut discounts = Vec::with_capacity(new.wanted.len());
    for wanted in &new.wanted {
        let discount = discount::make(book, wanted, &holder, None)?;
        discount::redeem(book, &discount);
        discounts.push(discount);
    }
    let invoice = Invoice {
        subscription: new.subscription,
        subscription_metadata: of.as_ref().map_or_else(Meta::new, |of| of.metadata.clone()),
        billing_reason: if of.is_some() { "subscription_update" } else { "manual" },
        auto_advance: new.auto_advance,
        automatic_tax: new.automatic_tax,
        collection: new.collection,
        due_s: new.due_s.or(days.map(|days| now_s + days * 86_400)),
        discounts,
        shipping,
        default_tax_rates: new.default_tax_rates,
        default_payment_method: new.default_payment_method,
        description: new.description,
        footer: new.footer,
        metadata: new.metadata,
        ..blank
    };
    let drawn = Drawn::new(book, invoice, taken, lines);
    noted_on_subscription(book, of.as_ref(), &drawn);
    Ok(commit(book, drawn))
}

/// What a rate costs in that currency. Taxes on shipping are worked out by Stripe alone, so there are none here.
fn shipped(rate: &ShippingRate, currency: Currency) -> Result<Shipping, Refusal> {
    let amount = rate.amount_in(currency).ok_or_else(|| {
        let message = format!("The shipping rate {} has no amount in {currency}.", rate.id);
        Refusal::invalid("shipping_cost[shipping_rate]", message)
    })?;
    Ok(Shipping { rate: rate.id.clone(), amount, tax: None })
}

fn noted_on_subscription(book: &mut Book, of: Option<&Arc<Subscription>>, drawn: &Drawn) {
    if let Some(old) = of {
        let mut items = old.items.clone();
        drawn.note_billed(&mut items);
        let latest_invoice = Some(drawn.invoice.id.clone());
        let new = Subscription { items, latest_invoice, ..Subscription::clone(old) };
        let new = book.subscriptions.put(&old.id, new);
        book.emit_changed("customer.subscription.updated", old, &new);
    }
}

pub(in crate::world) fn own_line(book: &mut Book, new: NewLine) -> Line {
    let (id, now_s) = (book.id("il"), book.now_s());
    Line {
        description: new.price.name.clone(),
        quantity: new.quantity,
        amount: subscription::priced(&new.price, new.quantity),
        invoice_item: Some(book.id("ii")),
        own_discounts: new.discounts,
        tax_rates: new.tax_rates,
        ..Line::blank(&id, new.price, now_s)
    }
}

/// After an invoice used them: discounts for one use leave the subscription.
pub(in crate::world) fn drop_discounts(book: &mut Book, invoice: &Invoice) {
    let Some(old) = invoice.subscription.as_ref().and_then(|id| book.subscriptions.get(id)).cloned() else {
        return;
    };
    let spent = |discount: &Discount| {
        matches!(discount.coupon.duration, Duration::Once) && invoice.taken_by(&discount.id) > 0
    };
    let (gone, kept): (Vec<_>, Vec<_>) = old.discounts.iter().cloned().partition(|row| spent(row));
    if gone.is_empty() {
        return;
    }
    let new = book.subscriptions.put(&old.id, Subscription { discounts: kept, ..Subscription::clone(&old) });
    for discount in &gone {
        book.emit("customer.discount.deleted", discount);
    }
    book.emit_changed("customer.subscription.updated", &old, &new);
}
