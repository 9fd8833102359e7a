//! What a sale is and what it is worth (MONEY.md sections 1 and 2). It must not know owners.

use serde_json::Value;

use super::index::SUBSCRIPTION;
use super::{Index, Sale, int, of, rows, text};

/// Every invoice that left its draft, every payment-mode session that was completed without an invoice, and
/// every intent that neither pays an invoice nor belongs to a session but carries a reference to a partner itself.
pub(super) fn sales<'a>(index: &Index<'a>) -> Vec<Sale<'a>> {
    let invoices = index.all("invoice").filter_map(|invoice| of_invoice(index, invoice));
    let sessions = index.all("checkout.session").filter_map(|session| of_session(index, session));
    let intents = index.all("payment_intent").filter_map(|intent| of_intent(index, intent));
    invoices.chain(sessions).chain(intents).collect()
}

fn of_invoice<'a>(index: &Index<'a>, invoice: &'a Value) -> Option<Sale<'a>> {
    let id = text(invoice, "/id")?;
    let status = text(invoice, "/status")?;
    let paid_s = invoice.pointer("/status_transitions/paid_at").and_then(Value::as_i64);
    if status == "draft" || (paid_s.is_none() && int(invoice, "/amount_paid") == 0) {
        return None;
    }
    let total = int(invoice, "/total");
    let tax: i64 = rows(invoice, "/total_taxes").iter().map(|row| int(row, "/amount")).sum();
    let shipping = int(invoice, "/shipping_cost/amount_total") - int(invoice, "/shipping_cost/amount_tax");
    let payments = of(&index.payments_of_invoice, id);
    let by_payments: i64 = payments
        .iter()
        .filter(|payment| text(payment, "/status") == Some("paid"))
        .map(|payment| int(payment, "/amount_paid"))
        .sum();
    let cash = int(invoice, "/amount_paid").max(by_payments).min(total).max(0);
    let notes = of(&index.notes_of_invoice, id);
    let outside: i64 = notes
        .iter()
        .filter(|note| text(note, "/status") == Some("issued"))
        .map(|note| int(note, "/out_of_band_amount"))
        .sum();
    let mut intents: Vec<&str> =
        payments.iter().filter_map(|payment| text(payment, "/payment/payment_intent")).collect();
    intents.sort_unstable();
    intents.dedup();
    let back: i64 = intents.into_iter().map(|intent| share(index, intent, id)).sum();
    Some(Sale {
        id,
        currency: text(invoice, "/currency")?,
        total,
        net: total - tax - shipping,
        cash,
        lost: (back + outside).min(cash),
        at_s: paid_s.unwrap_or_else(|| int(invoice, "/created")),
        subscription: text(invoice, SUBSCRIPTION),
        object: invoice,
    })
}

/// What came back of an intent, as far as it concerns this invoice: spread by what it paid to each of its
/// invoices, largest remainder, ties by invoice.
fn share(index: &Index<'_>, intent: &str, invoice: &str) -> i64 {
    let mut paid: Vec<(&str, i64)> = of(&index.payments_of_intent, intent)
        .iter()
        .filter(|payment| text(payment, "/status") == Some("paid"))
        .filter_map(|payment| Some((text(payment, "/invoice")?, int(payment, "/amount_paid"))))
        .collect();
    paid.sort_unstable();
    let back = came_back(index, intent);
    let whole: i64 = paid.iter().map(|(_, amount)| amount).sum();
    if whole <= 0 {
        return 0;
    }
    let exact = |amount: i64| i128::from(back) * i128::from(amount);
    let floors: Vec<i128> = paid.iter().map(|(_, amount)| exact(*amount) / i128::from(whole)).collect();
    let mut left = i128::from(back) - floors.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..paid.len()).collect();
    order.sort_by_key(|place| {
        let remainder = paid.get(*place).map_or(0, |(_, amount)| exact(*amount) % i128::from(whole));
        (std::cmp::Reverse(remainder), *place)
    });
    let mut shares = floors;
    for place in order {
        if let Some(share) = shares.get_mut(place).filter(|_| left > 0) {
            *share += 1;
            left -= 1;
        }
    }
    let ours: i128 =
        paid.iter().zip(shares).filter(|((id, _), _)| *id == invoice).map(|(_, share)| share).sum();
    i64::try_from(ours).unwrap_or(i64::MAX)
}

/// Counting refunds, and disputes that were lost, of all charges of an intent.
fn came_back(index: &Index<'_>, intent: &str) -> i64 {
    of(&index.charges_of_intent, intent).iter().map(|charge| back_of_charge(index, charge)).sum()
}

fn back_of_charge(index: &Index<'_>, charge: &Value) -> i64 {
    let Some(id) = text(charge, "/id") else { return 0 };
    let captured = int(charge, "/amount_captured");
    // What was never captured counts as refunded on the charge; it never came in.
    let uncaptured = int(charge, "/amount") - captured;
    let refunds = of(&index.refunds_of_charge, id);
    let counts = |refund: &&Value| {
        matches!(text(refund, "/status"), Some("pending" | "requires_action" | "succeeded"))
    };
    let counting: i64 = refunds.iter().copied().filter(counts).map(|refund| int(refund, "/amount")).sum();
    let known: i64 = refunds.iter().map(|refund| int(refund, "/amount")).sum();
    let refunded = counting + (int(charge, "/amount_refunded") - uncaptured - known).max(0);
    of(&index.disputes_of_charge, id).iter().fold(refunded.min(captured), |back, dispute| {
        let lost = text(dispute, "/status") == Some("lost");
        if lost { back + int(dispute, "/amount").min(captured - back).max(0) } else { back }
    })
}

fn of_session<'a>(index: &Index<'a>, session: &'a Value) -> Option<Sale<'a>> {
    let payment = text(session, "/mode") == Some("payment") && text(session, "/status") == Some("complete");
    if !payment || text(session, "/invoice").is_some() {
        return None;
    }
    let total = int(session, "/amount_total");
    let intent = text(session, "/payment_intent").and_then(|id| Some((id, index.get(id)?)));
    let succeeded = intent.is_some_and(|(_, intent)| text(intent, "/status") == Some("succeeded"));
    let paid = text(session, "/payment_status") == Some("paid") || succeeded;
    let cash = match intent {
        _ if !paid => 0,
        Some((_, intent)) => int(intent, "/amount_received"),
        None => total,
    };
    let tax = int(session, "/total_details/amount_tax");
    let shipping = int(session, "/total_details/amount_shipping");
    Some(Sale {
        id: text(session, "/id")?,
        currency: text(session, "/currency")?,
        total,
        net: total - tax - shipping,
        cash,
        lost: intent.map_or(0, |(id, _)| came_back(index, id)).min(cash),
        at_s: intent.map_or_else(|| int(session, "/created"), |(id, intent)| paid_s(index, id, intent)),
        subscription: None,
        object: session,
    })
}

/// When its charge that succeeded was made, else when it was.
fn paid_s(index: &Index<'_>, id: &str, intent: &Value) -> i64 {
    let mut charges = of(&index.charges_of_intent, id).iter();
    let succeeded = charges.find(|charge| text(charge, "/status") == Some("succeeded"));
    int(succeeded.copied().unwrap_or(intent), "/created")
}

fn of_intent<'a>(index: &Index<'a>, intent: &'a Value) -> Option<Sale<'a>> {
    let id = text(intent, "/id")?;
    let elsewhere = index.payments_of_intent.contains_key(id) || index.session_of_intent.contains_key(id);
    text(intent, "/metadata/partner_ref").or(text(intent, "/metadata/partner_handle"))?;
    let cash = int(intent, "/amount_received");
    if elsewhere || text(intent, "/status") != Some("succeeded") {
        return None;
    }
    Some(Sale {
        id,
        currency: text(intent, "/currency")?,
        total: cash,
        net: cash,
        cash,
        lost: came_back(index, id).min(cash),
        at_s: paid_s(index, id, intent),
        subscription: None,
        object: intent,
    })
}
