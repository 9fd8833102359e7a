//! What a sale is, when it was, and its amounts (MONEY.md sections 1 to 3). It does not know who gets it.

use kernel::fact::{Charge, Intent, Invoice, InvoiceStatus, PaymentStatus, Session, SessionMode};
use kernel::time::SECOND_MS;
use kernel::{ArithmeticOverflow, Currency, Kind, Ref, UnixMs, mul_div_floor};

use crate::due::Amounts;
use crate::reversal::{Losses, losses};
use crate::view::SaleView;

/// Stripe's seconds as milliseconds. Hostile seconds end at the edge of time instead of wrapping.
pub(crate) const fn ms(seconds: i64) -> UnixMs {
    seconds.saturating_mul(SECOND_MS)
}

/// Sums in 128 bits, or says that the result is no amount.
pub(crate) fn sum(parts: impl IntoIterator<Item = i64>) -> Result<i64, ArithmeticOverflow> {
    let total: i128 = parts.into_iter().map(i128::from).sum();
    i64::try_from(total).map_err(|_| ArithmeticOverflow)
}

/// Whether the root is a sale that has a row: see MONEY.md sections 1 and 6.
pub fn is_listed(view: &SaleView) -> Result<bool, ArithmeticOverflow> {
    if !view.alias_of.is_empty() {
        return Ok(false);
    }
    let Some(sold) = sold(view)? else { return Ok(false) };
    let paid = cash(view, &sold)? > 0;
    Ok(match view.root.kind {
        Kind::Invoice => paid || view.invoice.as_ref().is_some_and(|it| it.status == InvoiceStatus::Paid),
        Kind::Session => {
            root_session(view).is_some_and(|it| paid || is_complete(it) || intent_succeeded(view))
        }
        Kind::Intent => {
            root_intent(view).is_some_and(|it| it.status == SUCCEEDED && it.partner_hint.is_some())
        }
        _ => false,
    })
}

/// A session whose buyer is done with it. With a payment method that takes days it is a sale from then on,
/// of which nothing is paid yet; one that is still open, or expired, is none.
fn is_complete(session: &Session) -> bool {
    let complete = session.status.as_deref().is_none_or(|status| status == "complete");
    complete || session.payment_status == PaymentStatus::Paid
}

pub(crate) const SUCCEEDED: &str = "succeeded";

/// Sale time: the invoice's `paid_at`, else the first succeeded charge, else the intent, else the session.
/// Never an event's time. 0 when nothing at all is known, which no listed sale is.
#[must_use]
pub fn sale_at(view: &SaleView) -> UnixMs {
    let charge = || succeeded_charges(view).map(|charge| charge.created_s).min();
    let intent = || {
        let succeeded =
            intents(view).filter(|intent| intent.status == SUCCEEDED).map(|it| it.created_s).min();
        succeeded.or_else(|| intents(view).map(|intent| intent.created_s).min())
    };
    let session = || view.sessions.iter().map(|(_, session)| session.created_s).min();
    // What is left for an invoice that somebody partly paid outside Stripe.
    let record = || view.invoice_payments.iter().filter_map(|(_, it)| it.paid_at_s).min();
    let paid_at = view.invoice.as_ref().and_then(|invoice| invoice.paid_at_s);
    let known = paid_at.or_else(charge).or_else(intent).or_else(session).or_else(record);
    ms(known.or_else(|| view.invoice.as_ref().map(|invoice| invoice.created_s)).unwrap_or_default())
}

/// The time of the last payment, from which the hold runs.
#[must_use]
pub fn last_payment_at(view: &SaleView) -> UnixMs {
    let paid_at = view.invoice.as_ref().and_then(|invoice| invoice.paid_at_s);
    let charges = succeeded_charges(view).map(|charge| charge.created_s);
    let records =
        view.invoice_payments.iter().filter(|(_, it)| it.status == "paid").filter_map(|(_, it)| it.paid_at_s);
    paid_at.or_else(|| charges.chain(records).max()).map_or_else(|| sale_at(view), ms)
}

/// An invoice that has brought some of its money and may bring the rest. What a voided or uncollectible
/// one has brought is final.
#[must_use]
pub fn is_partly_paid(view: &SaleView) -> bool {
    view.invoice.as_ref().is_some_and(|invoice| match invoice.status {
        InvoiceStatus::Paid | InvoiceStatus::Void | InvoiceStatus::Uncollectible => false,
        InvoiceStatus::Draft | InvoiceStatus::Open | InvoiceStatus::Unknown(_) => true,
    })
}

/// All amounts of MONEY.md section 2; `None` when the root's own facts are unknown.
pub fn amounts(view: &SaleView) -> Result<Option<Amounts>, ArithmeticOverflow> {
    Ok(assess(view)?.map(|(amounts, _)| amounts))
}

/// The amounts together with what was lost and why.
pub(crate) fn assess(view: &SaleView) -> Result<Option<(Amounts, Losses)>, ArithmeticOverflow> {
    let Some(sold) = sold(view)? else { return Ok(None) };
    let paid_minor = cash(view, &sold)?;
    let losses = losses(view, &sold, paid_minor)?;
    let net = sold.total.checked_sub(sold.tax).and_then(|rest| rest.checked_sub(sold.shipping));
    let net = net.ok_or(ArithmeticOverflow)?;
    let lost = sum([losses.refunded_minor, losses.disputed_minor])?;
    let remaining = paid_minor.saturating_sub(lost).max(0);
    let of_net = |cash: i64| match sold.total {
        total if total > 0 => mul_div_floor(cash, net, total).map(|minor| minor.max(0)),
        _ => Ok(0),
    };
    let amounts = Amounts {
        currency: sold.currency,
        total_minor: sold.total,
        gross_minor: sold.gross,
        discount_minor: sold.discount,
        tax_minor: sold.tax,
        shipping_minor: sold.shipping,
        paid_minor,
        refunded_minor: losses.refunded_minor,
        disputed_minor: losses.disputed_minor,
        net_total_minor: net,
        net_sold_minor: of_net(paid_minor)?,
        base_minor: of_net(remaining)?,
        remaining_minor: remaining,
    };
    Ok(Some((amounts, losses)))
}

/// What was sold, before any money moved.
pub(crate) struct Sold {
    pub(crate) currency: Currency,
    pub(crate) total: i64,
    pub(crate) gross: i64,
    pub(crate) discount: i64,
    pub(crate) tax: i64,
    pub(crate) shipping: i64,
}

/// `None`: the root's own facts are missing, or it is nothing that can be sold.
fn sold(view: &SaleView) -> Result<Option<Sold>, ArithmeticOverflow> {
    Ok(match view.root.kind {
        Kind::Invoice => match &view.invoice {
            Some(invoice) => Some(sold_by_invoice(invoice).ok_or(ArithmeticOverflow)?),
            None => None,
        },
        Kind::Session => root_session(view).and_then(|session| sold_by_session(view, session)),
        Kind::Intent => root_intent(view).map(|intent| Sold {
            currency: intent.currency,
            total: intent.amount_minor,
            gross: intent.amount_minor,
            discount: 0,
            tax: 0,
            shipping: 0,
        }),
        _ => None,
    })
}

/// `None` only for amounts that do not fit together in 64 bits.
fn sold_by_invoice(invoice: &Invoice) -> Option<Sold> {
    Some(Sold {
        currency: invoice.currency,
        total: invoice.total_minor,
        gross: invoice
            .total_minor
            .checked_sub(invoice.tax_exclusive_minor)?
            .checked_sub(invoice.shipping_charged_minor)?
            .checked_add(invoice.discount_minor)?,
        discount: invoice.discount_minor,
        tax: invoice.tax_inclusive_minor.checked_add(invoice.tax_exclusive_minor)?,
        shipping: invoice.shipping_net_minor,
    })
}

fn sold_by_session(view: &SaleView, session: &Session) -> Option<Sold> {
    Some(Sold {
        currency: session.currency.or_else(|| intents(view).map(|intent| intent.currency).min())?,
        total: session.total_minor,
        gross: session.subtotal_minor,
        discount: session.discount_minor,
        tax: session.tax_minor,
        shipping: session.shipping_net_minor,
    })
}

/// C: what came in as cash, at most the total and at least nothing.
fn cash(view: &SaleView, sold: &Sold) -> Result<i64, ArithmeticOverflow> {
    let received = match view.root.kind {
        Kind::Invoice => invoice_cash(view, sold.currency)?,
        Kind::Session => session_cash(view, sold)?,
        _ => root_intent(view).filter(|it| it.status == SUCCEEDED).map_or(0, |it| it.amount_received_minor),
    };
    Ok(received.min(sold.total).max(0))
}

fn invoice_cash(view: &SaleView, currency: Currency) -> Result<i64, ArithmeticOverflow> {
    let own = view.invoice.as_ref().map_or(0, |invoice| invoice.amount_paid_minor);
    let paid = view.invoice_payments.iter().map(|(_, it)| it);
    let counted = paid.filter(|it| it.status == "paid" && it.currency == currency);
    Ok(own.max(sum(counted.map(|it| it.amount_paid_minor))?))
}

fn session_cash(view: &SaleView, sold: &Sold) -> Result<i64, ArithmeticOverflow> {
    let said = root_session(view).is_some_and(|session| session.payment_status == PaymentStatus::Paid);
    if !said && !intent_succeeded(view) {
        return Ok(0);
    }
    // A paid session knows more than an intent still on its way, so only what has ended there counts as
    // known; what is merely authorised has brought nothing.
    let known =
        || intents(view).filter(|it| [SUCCEEDED, "requires_capture", "canceled"].contains(&&*it.status));
    if known().next().is_none() {
        return Ok(sold.total);
    }
    let mut received = 0;
    for intent in known() {
        received =
            sum([received, in_sale_currency(view, sold, intent.currency, intent.amount_received_minor)?])?;
    }
    Ok(received)
}

/// An amount of the currency the buyer saw, in the sale's: the old conversions keep their proportion, and
/// a currency that nothing explains stands for the whole.
fn in_sale_currency(
    view: &SaleView,
    sold: &Sold,
    currency: Currency,
    minor: i64,
) -> Result<i64, ArithmeticOverflow> {
    if currency == sold.currency {
        return Ok(minor);
    }
    match presented_total(view, currency) {
        Some(presented) if minor < presented => mul_div_floor(minor, sold.total, presented),
        _ => Ok(sold.total),
    }
}

/// What the buyer saw as the total in `currency`, when an old session converted.
pub(crate) fn presented_total(view: &SaleView, currency: Currency) -> Option<i64> {
    let presented = view.sessions.iter().filter_map(|(_, session)| session.presented);
    presented.filter(|(shown, total)| *shown == currency && *total > 0).map(|(_, total)| total).min()
}

/// The session the sale is named after, when it can be one: a payment without an invoice.
fn root_session(view: &SaleView) -> Option<&Session> {
    let (_, session) = view.sessions.iter().find(|(id, _)| *id == view.root.id)?;
    (session.mode == SessionMode::Payment && session.invoice.is_none()).then_some(session)
}

/// The intent the sale is named after.
fn root_intent(view: &SaleView) -> Option<&Intent> {
    view.payments.iter().find(|payment| payment.key == view.root)?.intent.as_ref()
}

fn intent_succeeded(view: &SaleView) -> bool {
    intents(view).any(|intent| intent.status == SUCCEEDED)
}

pub(crate) fn intents(view: &SaleView) -> impl Iterator<Item = &Intent> {
    view.payments.iter().filter_map(|payment| payment.intent.as_ref())
}

fn succeeded_charges(view: &SaleView) -> impl Iterator<Item = &Charge> {
    let charges = view.payments.iter().flat_map(|payment| &payment.charges);
    charges.map(|(_, charge)| charge).filter(|charge| charge.status == SUCCEEDED)
}

/// The smallest id of a set of references.
pub(crate) fn smallest<'a>(refs: impl Iterator<Item = &'a Ref>) -> Option<Ref> {
    refs.min().cloned()
}
