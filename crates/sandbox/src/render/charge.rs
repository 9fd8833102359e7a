//! A charge: names its invoice until acacia only; carries its refunds in the oldest versions only.

use super::{Frame, address, finish, refund};
use crate::json::Obj;
use crate::model::Charge;

pub(super) fn render(charge: &Charge, frame: Frame) -> String {
    let version = frame.version;
    let succeeded = charge.status == "succeeded";
    let receipt = format!("https://pay.stripe.com/receipts/invoices/{}", charge.id);
    let object = Obj::resource("charge", &charge.id)
        .int("amount", charge.amount)
        .int("amount_captured", charge.amount_captured)
        .int("amount_refunded", charge.amount_refunded)
        .nulls("application application_fee application_fee_amount")
        .opt_str("balance_transaction", succeeded.then(|| format!("txn_{}", charge.id)).as_deref())
        .obj("billing_details", billing(charge, frame))
        .str("calculated_statement_descriptor", "EXAMPLE SOFTWARE")
        .bool("captured", charge.amount_captured > 0)
        .int("created", charge.created_s)
        .str("currency", charge.currency.as_str())
        .opt_str("customer", charge.customer.as_deref())
        .nulls("description")
        .bool("disputed", charge.disputed)
        .nulls("failure_balance_transaction")
        .opt_str("failure_code", charge.decline_code)
        .opt_str("failure_message", charge.decline_code.map(|_| "Your card was declined."))
        .obj("fraud_details", Obj::new())
        .when(!version.basil(), |object| object.opt_str("invoice", charge.invoice.as_deref()))
        .bool("livemode", frame.livemode)
        .map("metadata", &charge.metadata)
        .nulls("on_behalf_of")
        .obj("outcome", outcome(charge, frame))
        .bool("paid", succeeded)
        .opt_str("payment_intent", charge.intent.as_deref())
        .str("payment_method", "pm_1SandboxVisa4242")
        .obj("payment_method_details", method())
        .opt_str("receipt_email", charge.email.as_deref())
        .nulls("receipt_number")
        .str("receipt_url", &receipt)
        .bool("refunded", charge.amount_refunded > 0 && charge.amount_refunded >= charge.amount_captured)
        .when(version.ancient(), |object| refunds(object, charge, frame))
        .nulls("review shipping source source_transfer statement_descriptor statement_descriptor_suffix")
        .str("status", charge.status)
        .nulls("transfer_data transfer_group");
    finish(object, frame)
}

fn billing(charge: &Charge, frame: Frame) -> Obj {
    Obj::new()
        .obj("address", address("US"))
        .opt_str("email", charge.email.as_deref())
        .nulls("name phone")
        .when(frame.version.clover(), |object| object.nulls("tax_id"))
}

fn outcome(charge: &Charge, frame: Frame) -> Obj {
    let declined = charge.decline_code.is_some();
    Obj::new()
        .when(frame.version.basil(), |object| {
            object.nulls("advice_code network_advice_code network_decline_code")
        })
        .str("network_status", if declined { "declined_by_network" } else { "approved_by_network" })
        .opt_str("reason", charge.decline_code)
        .str("risk_level", "normal")
        .str("seller_message", if declined { "The bank declined." } else { "Payment complete." })
        .str("type", if declined { "issuer_declined" } else { "authorized" })
}

fn method() -> Obj {
    let card = Obj::new()
        .str("brand", "visa")
        .str("country", "US")
        .int("exp_month", 4)
        .int("exp_year", 2031)
        .str("fingerprint", "Xt5EWLLDS7FJjR1c")
        .str("funding", "credit")
        .str("last4", "4242")
        .str("network", "visa")
        .nulls("three_d_secure wallet");
    Obj::new().obj("card", card).str("type", "card")
}

fn refunds(object: Obj, charge: &Charge, frame: Frame) -> Obj {
    let rows: Vec<String> = charge.refunds.iter().map(|row| refund::render(row, frame)).collect();
    object.list("refunds", &format!("/v1/charges/{}/refunds", charge.id), &rows)
}
