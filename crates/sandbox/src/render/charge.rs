//! A charge: names its invoice until acacia only; carries its refunds in the oldest versions only.

use super::intent::transfer_data;
use super::payment_method::{address, ship_to};
use super::{Frame, finish, refund};
use crate::json::Obj;
use crate::model::{Bank, Card, Charge, Instrument};

pub(super) fn render(charge: &Charge, frame: Frame) -> String {
    let version = frame.version;
    let receipt = format!("https://pay.stripe.com/receipts/invoices/{}", charge.id);
    let failure = charge.failure;
    let object = Obj::resource("charge", &charge.id)
        .int("amount", charge.amount)
        .int("amount_captured", charge.amount_captured)
        .int("amount_refunded", charge.amount_refunded)
        .opt_str("application", charge.application.as_deref())
        .opt_str("application_fee", charge.application_fee.as_deref())
        .opt_int("application_fee_amount", charge.application_fee_amount)
        .opt_str("balance_transaction", charge.balance_transaction.as_deref())
        .obj("billing_details", billing(charge, frame))
        .str("calculated_statement_descriptor", "EXAMPLE SOFTWARE")
        .bool("captured", charge.amount_captured > 0)
        .int("created", charge.created_s)
        .str("currency", charge.currency.as_str())
        .opt_str("customer", charge.customer.as_deref())
        .opt_str("description", charge.description.as_deref())
        .bool("disputed", charge.disputed)
        .opt_str("failure_balance_transaction", charge.failure_balance_transaction.as_deref())
        .opt_str("failure_code", failure.map(|failure| failure.decline_code.unwrap_or(failure.code)))
        .opt_str("failure_message", failure.map(|failure| failure.message))
        .obj("fraud_details", charge.fraud.map_or_else(Obj::new, |(who, what)| Obj::new().str(who, what)))
        .when(!version.basil(), |object| object.opt_str("invoice", charge.invoice.as_deref()))
        .bool("livemode", frame.livemode)
        .map("metadata", &charge.metadata)
        .opt_str("on_behalf_of", charge.on_behalf_of.as_deref())
        .obj("outcome", outcome(charge, frame))
        .bool("paid", charge.status == "succeeded")
        .opt_str("payment_intent", charge.intent.as_deref())
        .str("payment_method", &charge.method.id)
        .obj("payment_method_details", method(charge))
        .opt_str("receipt_email", charge.email.as_deref())
        .nulls("receipt_number")
        .str("receipt_url", &receipt)
        .bool("refunded", charge.refunded())
        .when(version.ancient(), |object| refunds(object, charge, frame))
        .nulls("review")
        .opt_raw("shipping", charge.shipping.as_ref().map(|to| ship_to(to).close()))
        .nulls("source")
        .opt_str("source_transfer", charge.source_transfer.as_deref())
        .opt_str("statement_descriptor", charge.statement_descriptor.as_deref())
        .opt_str("statement_descriptor_suffix", charge.statement_descriptor_suffix.as_deref())
        .str("status", charge.status)
        .when(charge.transfer.is_some(), |object| object.opt_str("transfer", charge.transfer.as_deref()))
        .opt_raw("transfer_data", charge.transfer_data.as_ref().map(transfer_data))
        .opt_str("transfer_group", charge.transfer_group.as_deref());
    finish(object, frame)
}

fn billing(charge: &Charge, frame: Frame) -> Obj {
    let billing = &charge.method.billing;
    Obj::new()
        .obj("address", address(&billing.address))
        .opt_str("email", billing.email.as_deref().or(charge.email.as_deref()))
        .opt_str("name", billing.name.as_deref())
        .opt_str("phone", billing.phone.as_deref())
        .when(frame.version.clover(), |object| object.nulls("tax_id"))
}

fn outcome(charge: &Charge, frame: Frame) -> Obj {
    let failure = charge.failure;
    let blocked = charge.risk == "highest";
    let network = match (failure, blocked) {
        (_, true) => "not_sent_to_network",
        (Some(_), false) => "declined_by_network",
        (None, false) => "approved_by_network",
    };
    let (kind, seller) = match (failure, blocked) {
        (_, true) => ("blocked", "Stripe blocked this payment as too risky."),
        (Some(_), false) => ("issuer_declined", "The bank declined."),
        (None, false) => ("authorized", "Payment complete."),
    };
    let reason = failure.map(|failure| failure.decline_code.unwrap_or(failure.code));
    Obj::new()
        .when(frame.version.basil(), |object| {
            object.nulls("advice_code network_advice_code network_decline_code")
        })
        .str("network_status", network)
        .opt_str("reason", if blocked { Some("highest_risk_level") } else { reason })
        .str("risk_level", charge.risk)
        .str("seller_message", seller)
        .str("type", kind)
}

fn method(charge: &Charge) -> Obj {
    let kind = charge.method.instrument.kind();
    let details = match &charge.method.instrument {
        Instrument::Card(card) => card_details(card, charge.authenticated),
        Instrument::UsBankAccount(bank) => bank_details(bank)
            .str("account_holder_type", "individual")
            .str("account_type", "checking")
            .str("bank_name", "STRIPE TEST BANK")
            .str("routing_number", "110000000"),
        Instrument::SepaDebit(bank) => {
            bank_details(bank).nulls("bank_code branch_code mandate").str("country", bank.country)
        }
    };
    Obj::new().obj(kind, details).str("type", kind)
}

fn card_details(card: &Card, authenticated: bool) -> Obj {
    let asked = Obj::new()
        .str("authentication_flow", "challenge")
        .nulls("electronic_commerce_indicator exemption_indicator")
        .str("result", "authenticated")
        .nulls("result_reason transaction_id")
        .str("version", "2.2.0");
    Obj::new()
        .str("brand", card.brand)
        .str("country", card.country)
        .int("exp_month", card.exp_month)
        .int("exp_year", card.exp_year)
        .str("fingerprint", &card.fingerprint)
        .str("funding", card.funding)
        .str("last4", &card.last4)
        .str("network", card.brand)
        .opt_raw("three_d_secure", authenticated.then(|| asked.close()))
        .nulls("wallet")
}

fn bank_details(bank: &Bank) -> Obj {
    Obj::new().str("fingerprint", &bank.fingerprint).str("last4", &bank.last4)
}

fn refunds(object: Obj, charge: &Charge, frame: Frame) -> Obj {
    let rows: Vec<String> = charge.refunds.iter().map(|row| refund::render(row, frame)).collect();
    object.list("refunds", &format!("/v1/charges/{}/refunds", charge.id), &rows)
}
