//! Money moving between a customer and the merchant: intents, charges, refunds, disputes, and what warns of them.

use kernel::fact::{DisputeStatus, RefundStatus};

use super::table::{at, id, made, table, word};

table!(INTENT: Intent(it) => "stripe_payment_intent" {
    text "status" = &it.status,
    text "currency" = it.currency.as_str(),
    int "amount_minor" = it.amount_minor,
    int "amount_received_minor" = it.amount_received_minor,
    text "customer_ref" = id(it.customer.as_ref()),
    int "created_at" = made(it.created_s),
});

table!(CHARGE: Charge(it) => "stripe_charge" {
    text "status" = &it.status,
    text "currency" = it.currency.as_str(),
    int "amount_minor" = it.amount_minor,
    int "amount_captured_minor" = it.amount_captured_minor,
    int "amount_refunded_minor" = it.amount_refunded_minor,
    text "payment_intent_ref" = id(it.intent.as_ref()),
    text "customer_ref" = id(it.customer.as_ref()),
    int "created_at" = made(it.created_s),
});

table!(REFUND: Refund(it) => "stripe_refund" {
    text "status" = refund_status(&it.status),
    text "currency" = it.currency.as_str(),
    int "amount_minor" = it.amount_minor,
    text "charge_ref" = id(it.charge.as_ref()),
    text "payment_intent_ref" = id(it.intent.as_ref()),
    int "created_at" = made(it.created_s),
});

table!(DISPUTE: Dispute(it) => "stripe_dispute" {
    text "status" = dispute_status(&it.status),
    text "currency" = it.currency.as_str(),
    int "amount_minor" = it.amount_minor,
    text "reason" = word(it.reason.as_ref()),
    text "charge_ref" = id(it.charge.as_ref()),
    text "payment_intent_ref" = id(it.intent.as_ref()),
    int "due_by_at" = at(it.due_by_s),
    int "reinstated_at" = at(it.reinstated_at_s),
    int "created_at" = made(it.created_s),
});

table!(FRAUD_WARNING: FraudWarning(it) => "stripe_early_fraud_warning" {
    text "fraud_type" = &it.fraud_type,
    int "actionable" = it.actionable,
    text "charge_ref" = id(it.charge.as_ref()),
    text "payment_intent_ref" = id(it.intent.as_ref()),
    int "created_at" = made(it.created_s),
});

table!(REVIEW: Review(it) => "stripe_review" {
    int "open" = it.open,
    text "reason" = word(it.reason.as_ref()),
    text "opened_reason" = word(it.opened_reason.as_ref()),
    text "closed_reason" = word(it.closed_reason.as_ref()),
    text "charge_ref" = id(it.charge.as_ref()),
    text "payment_intent_ref" = id(it.intent.as_ref()),
    int "created_at" = made(it.created_s),
});

fn refund_status(status: &RefundStatus) -> &str {
    match status {
        RefundStatus::Pending => "pending",
        RefundStatus::RequiresAction => "requires_action",
        RefundStatus::Succeeded => "succeeded",
        RefundStatus::Failed => "failed",
        RefundStatus::Canceled => "canceled",
        RefundStatus::Unknown(word) => word,
    }
}

fn dispute_status(status: &DisputeStatus) -> &str {
    match status {
        DisputeStatus::Inquiry => "inquiry",
        DisputeStatus::Prevented => "prevented",
        DisputeStatus::Open(word) => word,
        DisputeStatus::Won => "won",
        DisputeStatus::Lost => "lost",
    }
}
