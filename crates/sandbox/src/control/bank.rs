//! What banks and buyers do: cards that fail, disputes and how they end, refunds that come back; and how often a
//! subscription's invoice is tried. It must not know what any of it means to the merchant.

use std::sync::Arc;

use super::Call;
use crate::json::Obj;
use crate::model::{Charge, Failure};
use crate::render::{self, Version};
use crate::world::billing::{AfterRetries, Dunning};
use crate::world::{BookKey, Refusal, dispute, payment, refund};

/// `decline_code`s a bank may give.
const DECLINES: [&str; 8] = [
    "generic_decline",
    "insufficient_funds",
    "lost_card",
    "stolen_card",
    "do_not_honor",
    "fraudulent",
    "card_velocity_exceeded",
    "try_again_later",
];
const REASONS: [&str; 7] = [
    "fraudulent",
    "product_not_received",
    "product_unacceptable",
    "subscription_canceled",
    "duplicate",
    "credit_not_processed",
    "general",
];

/// The next tries with a card are declined, whatever the card.
pub(super) fn fail_card(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let key = call.key(&mut params)?;
    let decline = params.choice("decline_code", &DECLINES)?.unwrap_or("generic_decline");
    let times = params.at_least("times", 1)?.unwrap_or(1).min(1000);
    params.finish()?;
    let book = call.book(&key)?;
    for _ in 0..times {
        book.payments.fail_next.push_back(Failure::declined(decline));
    }
    let waiting = i64::try_from(book.payments.fail_next.len()).unwrap_or(i64::MAX);
    Ok(Obj::new().int("cards_to_fail", waiting).close())
}

/// The buyer of a charge goes to the bank.
pub(super) fn open_dispute(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let key = call.key(&mut params)?;
    let charge = params.text("charge")?;
    let intent = params.text("payment_intent")?;
    let amount = params.at_least("amount", 1)?;
    let reason = params.choice("reason", &REASONS)?.unwrap_or("fraudulent");
    let inquiry = params.bool("inquiry")?.unwrap_or(false);
    let absent = params.absent("charge");
    params.finish()?;
    let charge = match (charge, intent) {
        (Some(charge), _) => charge,
        (None, Some(intent)) => {
            let intent = payment::get(call.book(&key)?, &intent, "payment_intent")?;
            intent.charge.clone().ok_or_else(|| Refusal::request("That payment intent has no charge yet."))?
        }
        (None, None) => return Err(absent),
    };
    let book = call.book(&key)?;
    let found: Option<Arc<Charge>> = book.charges.get(&charge).cloned();
    let charge = found.ok_or_else(|| Refusal::missing("charge", "charge", &charge))?;
    let dispute = dispute::open(book, &charge, amount, reason, inquiry)?;
    Ok(shown(&dispute.into(), &key))
}

/// The bank decides, an inquiry becomes a dispute, or a dispute that was won is appealed.
pub(super) fn decide_dispute(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let key = call.key(&mut params)?;
    let status = params.choice("status", &["won", "lost", "warning_closed", "escalated", "appealed"])?;
    let status = status.ok_or_else(|| params.absent("status"))?;
    params.finish()?;
    let id = call.captured.to_owned();
    let book = call.book(&key)?;
    let old = dispute::get(book, &id)?;
    let inquiry = old.status.starts_with("warning_");
    let fits = match status {
        "appealed" => true,
        "warning_closed" | "escalated" => inquiry && !old.closed(),
        _ => !inquiry && !old.closed(),
    };
    if !fits {
        return Err(Refusal::invalid(
            "status",
            format!("A dispute that is {} cannot become {status}.", old.status),
        ));
    }
    let dispute = match status {
        "appealed" => dispute::appeal(book, &old)?,
        "escalated" => dispute::escalate(book, &old),
        status => dispute::close(book, &old, status),
    };
    Ok(shown(&dispute.into(), &key))
}

/// A refund does not arrive: the money comes back.
pub(super) fn fail_refund(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let key = call.key(&mut params)?;
    params.finish()?;
    let id = call.captured.to_owned();
    let book = call.book(&key)?;
    let old = refund::get(book, &id)?;
    if matches!(old.status, "failed" | "canceled") {
        return Err(Refusal::request(format!("Refund {id} is {} already.", old.status)));
    }
    let failed = refund::fail(book, &old);
    Ok(shown(&failed.into(), &key))
}

/// When an unpaid invoice of a subscription is tried again, and what becomes of the subscription in the end.
pub(super) fn dunning(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let key = call.key(&mut params)?;
    let days = params.texts("retry_after_days")?.unwrap_or_default();
    let after = match params.choice("after", &["cancel", "unpaid", "past_due"])? {
        Some("unpaid") => AfterRetries::Unpaid,
        Some("past_due") => AfterRetries::PastDue,
        _ => AfterRetries::Cancel,
    };
    params.finish()?;
    let read = |text: String| text.parse::<i64>().ok().filter(|days| (1..=365).contains(days));
    let days: Option<Vec<i64>> = days.into_iter().map(read).collect();
    let message = "Days are whole numbers from 1 to 365.";
    let retry_after_days = days.ok_or_else(|| Refusal::invalid("retry_after_days", message))?;
    let tries = i64::try_from(retry_after_days.len()).unwrap_or(i64::MAX);
    call.book(&key)?.billing.dunning = Dunning { retry_after_days, after };
    Ok(Obj::new().int("retries", tries).close())
}

fn shown(object: &crate::model::Object, key: &BookKey) -> String {
    render::json(object, Version::DEFAULT, key.livemode)
}
