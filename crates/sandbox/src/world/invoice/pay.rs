//! An invoice is paid: by a call, by money that came, or because nothing is due. It must not know cards.

use std::sync::Arc;

use super::{Tried, change, collect, finalize, must_be};
use crate::model::{Intent, Invoice, InvoicePayment, InvoiceStatus};
use crate::world::{Book, Kind, Refusal, payment_method, subscription};

/// How to pay.
pub(crate) struct Pay {
    pub(crate) payment_method: Option<String>,
    pub(crate) out_of_band: bool,
    pub(crate) off_session: bool,
}

/// Tries to pay an open (or uncollectible) invoice; a draft becomes final first. A decline is a card error.
pub(crate) fn pay(book: &mut Book, invoice: &Arc<Invoice>, how: &Pay) -> Result<Arc<Invoice>, Refusal> {
    if invoice.status == InvoiceStatus::Paid {
        return Err(Refusal::request("Invoice is already paid"));
    }
    must_be(invoice, &[InvoiceStatus::Draft, InvoiceStatus::Open, InvoiceStatus::Uncollectible], "pay")?;
    book.on(invoice.test_clock.as_deref(), |book| {
        finalize::can_be_final(book, invoice)?;
        let draft = invoice.status == InvoiceStatus::Draft;
        let invoice = if draft { super::open(book, invoice) } else { Arc::clone(invoice) };
        if invoice.status == InvoiceStatus::Paid {
            return Ok(invoice);
        }
        if how.out_of_band {
            return Ok(out_of_band(book, &invoice));
        }
        let tried = collect::try_to_collect(book, &invoice, how.payment_method.as_deref(), how.off_session);
        let invoice = super::get(book, &invoice.id, "invoice")?;
        match tried {
            Tried::Paid | Tried::Processing => Ok(invoice),
            tried => Err(refusal(book, &invoice, &tried)),
        }
    })
}

/// What a try in vain is answered with.
pub(in crate::world) fn refusal(book: &Book, invoice: &Invoice, tried: &Tried) -> Refusal {
    let intent = invoice.intent.as_ref().and_then(|id| book.intents.get(id));
    match tried {
        Tried::NoMethod => {
            let message = "There is no `default_payment_method` set on this Customer or Invoice. Please set either field prior to attempting to pay.";
            Refusal::request(message).code("resource_missing")
        }
        Tried::ActionNeeded => {
            let message =
                "This payment requires additional user action before it can be completed successfully.";
            Refusal::plain(402, Kind::Card, message).code("invoice_payment_intent_requires_action")
        }
        _ => {
            let plain = || Refusal::plain(402, Kind::Card, "Your card was declined.").code("card_declined");
            let failure = intent.and_then(|intent| intent.failure);
            let refusal = failure.map_or_else(plain, payment_method::refusal);
            intent.map_or(refusal.clone(), |intent| refusal.about(&intent.id, intent.charge.as_deref()))
        }
    }
}

fn out_of_band(book: &mut Book, old: &Arc<Invoice>) -> Arc<Invoice> {
    let amount = old.amount_remaining();
    record(book, old, None, amount);
    let invoice = Invoice { paid: old.paid + amount, out_of_band: true, ..Invoice::clone(old) };
    let invoice = book.invoices.put(&old.id, invoice);
    settled(book, &invoice)
}

/// Money came for an invoice through an intent; when nothing remains, it is paid.
pub(super) fn received(book: &mut Book, old: &Arc<Invoice>, intent: &Intent) -> Arc<Invoice> {
    let amount = intent.amount_received.min(old.amount_remaining());
    record(book, old, Some(&intent.id), amount);
    let invoice = Invoice {
        paid: old.paid + amount,
        intent: Some(intent.id.clone()),
        charge: intent.charge.clone(),
        ..Invoice::clone(old)
    };
    if invoice.amount_remaining() > 0 {
        return change(book, old, invoice);
    }
    let invoice = book.invoices.put(&old.id, invoice);
    settled(book, &invoice)
}

/// Nothing remains to be paid.
pub(in crate::world) fn settled(book: &mut Book, old: &Arc<Invoice>) -> Arc<Invoice> {
    let now_s = book.now_s();
    let invoice = Invoice {
        status: InvoiceStatus::Paid,
        paid_s: Some(now_s),
        next_attempt_s: None,
        auto_advance: false,
        ..Invoice::clone(old)
    };
    let invoice = book.invoices.put(&old.id, invoice);
    book.emit("invoice.paid", &invoice);
    book.emit("invoice.payment_succeeded", &invoice);
    subscription::invoice_paid(book, &invoice);
    book.invoices.get(&invoice.id).cloned().unwrap_or(invoice)
}

/// An invoice's payment as an object of its own, paid (or recorded by hand).
pub(in crate::world) fn record(book: &mut Book, invoice: &Invoice, intent: Option<&str>, amount: i64) {
    let now_s = book.now_s();
    let known = book.billing.payments.get(&invoice.id).and_then(|ids| {
        let mut rows = ids.iter().filter_map(|id| book.invoice_payments.get(id));
        rows.find(|row| row.intent.as_deref() == intent && row.status == "open").cloned()
    });
    let mut payment = match known {
        Some(known) => InvoicePayment::clone(&known),
        None => new_payment(book, invoice, intent, amount),
    };
    payment.status = "paid";
    payment.amount_paid = amount;
    payment.paid_s = Some(now_s);
    let id = payment.id.clone();
    let payment = book.invoice_payments.put(&id, payment);
    book.emit("invoice_payment.paid", &payment);
}

/// An open payment: the invoice waits for that intent.
pub(super) fn expect(book: &mut Book, invoice: &Invoice, intent: &Intent) {
    let known = book.billing.payments.get(&invoice.id).is_some_and(|ids| {
        let mut rows = ids.iter().filter_map(|id| book.invoice_payments.get(id));
        rows.any(|row| row.intent.as_deref() == Some(&intent.id))
    });
    if !known {
        let payment = new_payment(book, invoice, Some(&intent.id), intent.amount);
        let id = payment.id.clone();
        book.invoice_payments.put(&id, payment);
    }
}

fn new_payment(book: &mut Book, invoice: &Invoice, intent: Option<&str>, amount: i64) -> InvoicePayment {
    let id = book.id("inpay");
    let of_invoice = book.billing.payments.entry(invoice.id.clone()).or_default();
    let is_default = of_invoice.is_empty();
    of_invoice.push(id.clone());
    InvoicePayment {
        id,
        invoice: invoice.id.clone(),
        intent: intent.map(str::to_owned),
        status: "open",
        amount_requested: amount,
        amount_paid: 0,
        currency: invoice.currency,
        is_default,
        created_s: book.now_s(),
        paid_s: None,
        canceled_s: None,
    }
}

/// No money will come for it any more: its open payments are canceled.
pub(super) fn expect_no_more(book: &mut Book, invoice: &Invoice) {
    let ids = book.billing.payments.get(&invoice.id).cloned().unwrap_or_default();
    let now_s = book.now_s();
    for id in ids {
        let open = book.invoice_payments.get(&id).cloned().filter(|row| row.status == "open");
        if let Some(row) = open {
            let row =
                InvoicePayment { status: "canceled", canceled_s: Some(now_s), ..InvoicePayment::clone(&row) };
            book.invoice_payments.put(&id, row);
        }
    }
}

/// A credit note makes an open invoice due less; what is due nothing then is paid.
pub(in crate::world) fn lower_due(book: &mut Book, old: &Arc<Invoice>, new: Invoice) -> Arc<Invoice> {
    let invoice = change(book, old, new);
    let open = matches!(invoice.status, InvoiceStatus::Open | InvoiceStatus::Uncollectible);
    if open && invoice.amount_remaining() == 0 { settled(book, &invoice) } else { invoice }
}
