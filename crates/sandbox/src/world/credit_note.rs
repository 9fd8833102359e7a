//! Credit notes: part of an invoice taken back. What an open invoice is due becomes less; what was paid goes
//! back as a refund, to the customer's balance, or outside. It must not know cards.

use std::sync::Arc;

use super::billing::Why;
use super::{Book, Refusal, invoice};
use crate::model::{CreditLine, CreditNote, Invoice, InvoiceStatus, Line, Meta, Tax, TaxRate, ratio};

/// What is to be taken back.
pub(crate) enum Wanted {
    /// So much of an invoice's line: units, or an amount before discounts.
    Line {
        line: String,
        quantity: Option<i64>,
        amount: Option<i64>,
    },
    Own {
        description: String,
        quantity: i64,
        unit_minor: i64,
        tax_rates: Vec<Arc<TaxRate>>,
    },
}

pub(crate) struct NewCreditNote {
    pub(crate) invoice: Arc<Invoice>,
    /// The total, without lines.
    pub(crate) amount: Option<i64>,
    pub(crate) lines: Vec<Wanted>,
    pub(crate) reason: Option<&'static str>,
    pub(crate) memo: Option<String>,
    /// How what was paid goes back.
    pub(crate) refund_minor: Option<i64>,
    /// A refund made before, instead of a new one.
    pub(crate) refund_ref: Option<String>,
    pub(crate) balance_minor: Option<i64>,
    pub(crate) out_of_band_minor: Option<i64>,
    pub(crate) metadata: Meta,
}

/// The credit note as it would be: nothing is entered, no money moves.
pub(crate) fn preview(book: &mut Book, new: &NewCreditNote) -> Result<CreditNote, Refusal> {
    let invoice = &new.invoice;
    if matches!(invoice.status, InvoiceStatus::Draft | InvoiceStatus::Void) {
        let message =
            format!("You can't create a credit note for an invoice that is {}.", invoice.status.as_str());
        return Err(Refusal::invalid("invoice", message));
    }
    let lines = drawn(book, new)?;
    let total: i64 = lines.iter().map(CreditLine::total).sum();
    if total <= 0 {
        return Err(Refusal::invalid("amount", "The credit note amount must be greater than zero."));
    }
    if new.amount.is_some_and(|amount| amount != total) {
        return Err(Refusal::invalid("amount", "The sum of the lines must equal the amount."));
    }
    let open = matches!(invoice.status, InvoiceStatus::Open | InvoiceStatus::Uncollectible);
    let before_payment = if open { total.min(invoice.amount_remaining()) } else { 0 };
    let after = total - before_payment;
    let left = invoice.total() - invoice.credited_before - invoice.credited - before_payment;
    let left = if open { left.min(invoice.paid - invoice.credited) } else { left };
    if after > left {
        let message = format!(
            "The total credit amount ({total}) exceeds what can still be credited ({}).",
            left + before_payment
        );
        return Err(Refusal::invalid("amount", message));
    }
    let (id, now_s) = (book.id("cn"), book.now_s());
    let tax = lines.iter().flat_map(|line| &line.taxes).map(|tax| tax.amount).sum();
    let mut note = CreditNote {
        number: String::new(),
        customer: invoice.customer.clone().unwrap_or_default(),
        reason: new.reason,
        memo: new.memo.clone(),
        lines,
        total,
        tax,
        before_payment,
        out_of_band: new.out_of_band_minor.unwrap_or(0),
        metadata: new.metadata.clone(),
        ..CreditNote::blank(&id, &invoice.id, invoice.currency, now_s)
    };
    let balance = new.balance_minor.unwrap_or(0);
    let refund = new.refund_minor.unwrap_or(0);
    let said = balance + refund + note.out_of_band;
    if said != after {
        let message = format!(
            "The sum of credit amount, refund amount and outside of Stripe amount ({said}) must equal the credit note amount ({after})."
        );
        return Err(Refusal::request(message));
    }
    note.balance = (balance > 0).then(|| (String::new(), balance));
    note.refund = (refund > 0).then(|| (new.refund_ref.clone().unwrap_or_default(), refund));
    refuse_refund(book, new, refund)?;
    Ok(note)
}

fn drawn(book: &mut Book, new: &NewCreditNote) -> Result<Vec<CreditLine>, Refusal> {
    let mut lines = Vec::new();
    for (index, wanted) in new.lines.iter().enumerate() {
        let id = book.id("cnli");
        lines.push(match wanted {
            Wanted::Line { line, quantity, amount } => {
                let name = format!("lines[{index}][invoice_line_item]");
                let of = new.invoice.lines.iter().find(|row| row.id == *line);
                let of = of.ok_or_else(|| Refusal::missing("invoice line item", &name, line))?;
                let part = part_of(id, of, *quantity, *amount);
                let before = credited_of(book, &new.invoice.id, &lines, &of.id);
                let fits = |part: &CreditLine| (part.amount + before).abs() <= of.amount.abs();
                part.filter(fits).ok_or_else(|| {
                    let message =
                        format!("You can't credit more than the line: {before} of it was credited before.");
                    Refusal::invalid(&name, message)
                })?
            }
            Wanted::Own { description, quantity, unit_minor, tax_rates } => {
                let amount = unit_minor.saturating_mul(*quantity);
                own_line(id, description, Some(*quantity), amount, tax_rates)
            }
        });
    }
    if let (true, Some(amount)) = (lines.is_empty(), new.amount) {
        lines.push(own_line(book.id("cnli"), "Credit", Some(1), amount, &[]));
    }
    if lines.is_empty() {
        return Err(Refusal::request("You must pass `amount` or `lines`."));
    }
    Ok(lines)
}

/// What of a line was taken back by earlier credit notes and earlier lines of this one.
fn credited_of(book: &Book, invoice: &str, earlier: &[CreditLine], line: &str) -> i64 {
    let notes = book.billing.notes.get(invoice).into_iter().flatten();
    let notes = notes.filter_map(|id| book.credit_notes.get(id)).filter(|note| note.status != "void");
    let rows = notes.flat_map(|note| &note.lines).chain(earlier);
    rows.filter(|row| row.invoice_line.as_deref() == Some(line)).map(|row| row.amount).sum()
}

/// A refund that is named was made of this invoice's payment, is as large, and no other note's.
fn refuse_refund(book: &Book, new: &NewCreditNote, amount: i64) -> Result<(), Refusal> {
    let Some(id) = &new.refund_ref else { return Ok(()) };
    let refund = book.refunds.get(id).ok_or_else(|| Refusal::missing("refund", "refunds", id))?;
    let of_invoice = refund.charge.is_some() && refund.charge == new.invoice.charge;
    let taken: i64 = book
        .credit_notes
        .oldest()
        .filter(|note| note.status != "void")
        .filter_map(|note| note.refund.as_ref())
        .filter(|(taken, _)| taken == id)
        .map(|(_, amount)| *amount)
        .sum();
    if !of_invoice || taken + amount > refund.amount {
        let message = format!("The refund {id} is not of this invoice's payment, or not that large.");
        return Err(Refusal::invalid("refunds", message));
    }
    Ok(())
}

fn own_line(
    id: String,
    description: &str,
    quantity: Option<i64>,
    amount: i64,
    rates: &[Arc<TaxRate>],
) -> CreditLine {
    CreditLine {
        id,
        invoice_line: None,
        description: description.to_owned(),
        quantity,
        amount,
        discounts: Vec::new(),
        taxes: invoice::amounts::taxes(amount, rates),
    }
}

/// The part of a line, with the same part of its discounts and taxes.
fn part_of(id: String, line: &Line, quantity: Option<i64>, amount: Option<i64>) -> Option<CreditLine> {
    let (part, whole) = match (amount, quantity) {
        (Some(amount), _) => (amount, line.amount),
        (None, Some(quantity)) => (quantity, line.quantity),
        (None, None) => (1, 1),
    };
    if part < 0 || part > whole {
        return None;
    }
    let share = |amount: i64| ratio(amount, part, whole.max(1));
    let tax = |tax: &Tax| Tax { amount: share(tax.amount), taxable: share(tax.taxable), ..tax.clone() };
    Some(CreditLine {
        id,
        invoice_line: Some(line.id.clone()),
        description: line.description.clone(),
        quantity: quantity.or(Some(line.quantity)).filter(|_| amount.is_none()),
        amount: share(line.amount),
        discounts: line.discounts.iter().map(|row| (row.discount.clone(), share(row.amount))).collect(),
        taxes: line.taxes.iter().map(tax).collect(),
    })
}

pub(crate) fn create(book: &mut Book, new: &NewCreditNote) -> Result<Arc<CreditNote>, Refusal> {
    book.on(new.invoice.test_clock.as_deref(), |book| {
        let mut note = preview(book, new)?;
        let old = &new.invoice;
        if let Some((id, amount)) = note.refund.take() {
            let id = if id.is_empty() { book.refund_of(old, amount)? } else { id };
            note.refund = Some((id, amount));
        }
        if let Some((_, amount)) = note.balance {
            let why = Why {
                kind: "credit_note",
                currency: note.currency,
                invoice: Some(&note.invoice),
                credit_note: Some(&note.id),
            };
            let moved = book.add_to_balance(&note.customer, -amount, &why);
            note.balance = moved.map(|id| (id, amount));
        }
        let notes = book.billing.notes.entry(old.id.clone()).or_default();
        notes.push(note.id.clone());
        note.number = format!("{}-CN-{:02}", old.number, notes.len());
        let id = note.id.clone();
        let note = book.credit_notes.put(&id, note);
        book.emit("credit_note.created", &note);
        let changed = Invoice {
            credited: old.credited + note.total - note.before_payment,
            credited_before: old.credited_before + note.before_payment,
            ..Invoice::clone(old)
        };
        invoice::lower_due(book, old, changed);
        Ok(note)
    })
}

pub(crate) fn get(book: &Book, id: &str) -> Result<Arc<CreditNote>, Refusal> {
    book.credit_notes.get(id).cloned().ok_or_else(|| Refusal::missing("credit note", "id", id))
}

pub(crate) fn update(
    book: &mut Book,
    old: &Arc<CreditNote>,
    memo: Option<String>,
    metadata: Meta,
) -> Arc<CreditNote> {
    let new = book.credit_notes.put(&old.id, CreditNote { memo, metadata, ..CreditNote::clone(old) });
    book.emit_changed("credit_note.updated", old, &new);
    new
}

/// Takes a credit note back, while its invoice is open and nothing went back.
pub(crate) fn void(book: &mut Book, old: &Arc<CreditNote>) -> Result<Arc<CreditNote>, Refusal> {
    let invoice = invoice::get(book, &old.invoice, "invoice")?;
    if old.status == "void" || old.before_payment != old.total || invoice.status != InvoiceStatus::Open {
        return Err(Refusal::request("You can only void a credit note of an open invoice."));
    }
    book.on(invoice.test_clock.as_deref(), |book| {
        let voided_s = Some(book.now_s());
        let new =
            book.credit_notes.put(&old.id, CreditNote { status: "void", voided_s, ..CreditNote::clone(old) });
        book.emit("credit_note.voided", &new);
        let changed =
            Invoice { credited_before: invoice.credited_before - old.total, ..Invoice::clone(&invoice) };
        invoice::lower_due(book, &invoice, changed);
        Ok(new)
    })
}
