//! What refunds, disputes and credit notes take away from a sale (MONEY.md section 2). Always computed
//! whole from everything known, never as one event's step: a reversal is new due minus old due.

use std::collections::BTreeSet;

use kernel::fact::{Charge, DisputeStatus, Refund};
use kernel::{ArithmeticOverflow, Currency, UnixMs, apportion, mul_div_floor};

use crate::sale::{Sold, ms, presented_total, sum};
use crate::view::{DisputeView, PaymentView, SaleView};

/// L and what else disputes do, in the sale's currency.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Losses {
    /// Everything refunded, out-of-band credit notes included. May exceed what was paid.
    pub refunded_minor: i64,
    /// What lost disputes took from the rest.
    pub disputed_minor: i64,
    /// A dispute is open.
    pub held: bool,
    /// When the last dispute was won.
    pub won_at: Option<UnixMs>,
}

pub(crate) fn losses(view: &SaleView, sold: &Sold, cash: i64) -> Result<Losses, ArithmeticOverflow> {
    let mut refunded = out_of_band(view, sold.currency)?;
    for payment in &view.payments {
        refunded = sum([refunded, refunded_of(view, payment, sold, cash)?])?;
    }
    let disputes =
        || view.payments.iter().flat_map(|payment| payment.disputes.iter().map(move |it| (payment, it)));
    let mut remaining = cash.saturating_sub(refunded).max(0);
    let mut disputed = 0;
    for (payment, found) in disputes().filter(|(_, it)| it.dispute.status == DisputeStatus::Lost) {
        let taken = match found.dispute.currency == sold.currency {
            true => share_of(view, payment, found.dispute.amount_minor)?.min(remaining),
            false => remaining,
        };
        disputed = sum([disputed, taken])?;
        remaining -= taken;
    }
    let won = disputes().filter(|(_, it)| it.dispute.status == DisputeStatus::Won);
    Ok(Losses {
        refunded_minor: refunded,
        disputed_minor: disputed,
        held: disputes().any(|(_, it)| matches!(it.dispute.status, DisputeStatus::Open(_))),
        won_at: won.map(|(_, it)| closed_at(it)).max(),
    })
}

/// When the money came back; else when Stripe said that the dispute was won. Money that came back before an
/// appeal was opened closed the dispute then, not now.
fn closed_at(found: &DisputeView) -> UnixMs {
    let reinstated = found.dispute.reinstated_at_s;
    let last = reinstated.filter(|back_s| found.open_s.is_none_or(|open_s| open_s < *back_s));
    ms(last.unwrap_or(found.at_s))
}

/// Money given back outside Stripe. The rest of a credit note is a refund of its own, or no money.
fn out_of_band(view: &SaleView, currency: Currency) -> Result<i64, ArithmeticOverflow> {
    let notes = view.credit_notes.iter().map(|(_, note)| note);
    let counted = notes.filter(|note| note.status != "void" && note.currency == currency);
    sum(counted.map(|note| note.out_of_band_minor.max(0)))
}

/// What this sale lost by refunds of one payment. A payment in another currency than the sale's takes
/// the same part of the sale as was refunded of the payment; a full refund removes everything.
fn refunded_of(
    view: &SaleView,
    payment: &PaymentView,
    sold: &Sold,
    cash: i64,
) -> Result<i64, ArithmeticOverflow> {
    let mut lost = 0;
    for currency in currencies(payment) {
        let refunded = refunded_in(payment, currency)?;
        let here = match currency == sold.currency {
            true => share_of(view, payment, refunded)?,
            false if refunded == 0 => 0,
            false => match presented_total(view, currency) {
                Some(presented) => converted(refunded, sold.total, presented, cash)?,
                None => converted(refunded, cash, paid_in(payment, currency)?, cash)?,
            },
        };
        lost = sum([lost, here])?;
    }
    Ok(lost)
}

/// `floor(refunded x whole / of)`, and everything once the whole of it is refunded.
fn converted(refunded: i64, whole: i64, of: i64, everything: i64) -> Result<i64, ArithmeticOverflow> {
    if refunded >= of { Ok(everything) } else { mul_div_floor(refunded, whole, of) }
}

/// The currencies in which this payment was made or given back.
fn currencies(payment: &PaymentView) -> BTreeSet<Currency> {
    let charges = payment.charges.iter().map(|(_, charge)| charge.currency);
    charges.chain(payment.refunds.iter().map(|(_, refund)| refund.currency)).collect()
}

/// Counting refunds, and what a charge says was refunded beyond all refunds that are known of it. A refund
/// that does not name its charge may be the one the charge means, so it is not counted twice.
///
/// Of a charge captured in part, Stripe books what was never captured as refunded: in the charge's own sum,
/// at times with a refund object of just that size. It never came in, so it is no loss (our reading: C is
/// already the captured amount, and one return is not counted twice).
fn refunded_in(payment: &PaymentView, currency: Currency) -> Result<i64, ArithmeticOverflow> {
    let refunds = || payment.refunds.iter().map(|(_, refund)| refund).filter(|it| it.currency == currency);
    let known = sum(refunds().filter(|it| it.status.counts()).map(|it| it.amount_minor.max(0)))?;
    let (mut unexplained, mut released) = (0, 0);
    for (id, charge) in payment.charges.iter().filter(|(_, charge)| charge.currency == currency) {
        let of_charge = refunds().filter(|refund| refund.charge.as_ref() == Some(id));
        let explained = sum(of_charge.map(|refund| refund.amount_minor.max(0)))?;
        let never_captured = never_captured(charge);
        let is_release = |it: &&Refund| it.status.counts() && it.amount_minor == never_captured;
        let of_charge = refunds().filter(|it| it.charge.as_ref().is_none_or(|charge| charge == id));
        let as_refund = never_captured > 0 && of_charge.filter(is_release).count() > 0;
        let in_sum = if as_refund { 0 } else { never_captured };
        released = sum([released, never_captured - in_sum])?;
        let beyond = charge.amount_refunded_minor.saturating_sub(explained).saturating_sub(in_sum);
        unexplained = sum([unexplained, beyond.max(0)])?;
    }
    let loose =
        sum(refunds().filter(|refund| refund.charge.is_none()).map(|refund| refund.amount_minor.max(0)))?;
    let lost = sum([known, unexplained.saturating_sub(loose).max(0)])?;
    Ok(lost.saturating_sub(released).max(0))
}

/// What a capture of less than was authorised let go.
fn never_captured(charge: &Charge) -> i64 {
    let captured = charge.amount_captured_minor;
    if captured > 0 { charge.amount_minor.saturating_sub(captured).max(0) } else { 0 }
}

/// What the payment took in this currency; 0 when that is not known.
fn paid_in(payment: &PaymentView, currency: Currency) -> Result<i64, ArithmeticOverflow> {
    let charges = payment.charges.iter().map(|(_, charge)| charge);
    let captured = sum(charges
        .filter(|it| it.currency == currency && it.status == "succeeded")
        .map(|it| it.amount_captured_minor))?;
    let intent = payment.intent.as_ref().filter(|intent| intent.currency == currency);
    Ok(captured.max(intent.map_or(0, |intent| intent.amount_received_minor)).max(0))
}

/// This sale's part of an amount that left a payment: by what the payment paid to each of its sales,
/// largest remainder, ties by sale id.
fn share_of(view: &SaleView, payment: &PaymentView, minor: i64) -> Result<i64, ArithmeticOverflow> {
    let minor = minor.max(0);
    if payment.paid_to.len() < 2 {
        return Ok(minor);
    }
    let mut sales = payment.paid_to.clone();
    sales.sort_by(|left, right| left.0.id.cmp(&right.0.id));
    let weights: Vec<i64> = sales.iter().map(|(_, paid)| (*paid).max(0)).collect();
    let paid = sum(weights.iter().copied())?;
    let parts = match weights.contains(&0) && minor > paid {
        // More than the known parts can have lost: the rest is of those whose part nobody said.
        true => {
            let unsaid: Vec<i64> = weights.iter().map(|weight| i64::from(*weight == 0)).collect();
            let rest = apportion(minor - paid, &unsaid)?;
            weights.iter().zip(rest).map(|(weight, rest)| weight + rest).collect()
        }
        false => apportion(minor, &weights)?,
    };
    let here = sales.iter().zip(parts).filter(|((sale, _), _)| *sale == view.root);
    sum(here.map(|(_, part)| part))
}
