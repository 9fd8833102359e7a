//! Payments over the API: each documented card with its outcome, and what can be done with the money afterwards.

#[allow(dead_code, reason = "shared by several tests, each using a part")]
mod common;

use common::script::Script;

#[test]
fn each_documented_card_does_what_it_is_documented_to_do() {
    let rows = [
        ("pm_card_visa", r#"200 /status="succeeded" /amount_received=1000 /next_action=null"#),
        ("pm_card_mastercard", r#"200 /status="succeeded""#),
        (
            "pm_card_chargeCustomerFail",
            r#"402 /error/code="card_declined" /error/decline_code="generic_decline""#,
        ),
        (
            "pm_card_visa_chargeDeclined",
            r#"402 /error/code="card_declined" /error/decline_code="generic_decline""#,
        ),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", r#"402 /error/decline_code="insufficient_funds""#),
        ("pm_card_visa_chargeDeclinedLostCard", r#"402 /error/decline_code="lost_card""#),
        ("pm_card_visa_chargeDeclinedStolenCard", r#"402 /error/decline_code="stolen_card""#),
        ("pm_card_chargeDeclinedExpiredCard", r#"402 /error/code="expired_card""#),
        ("pm_card_chargeDeclinedIncorrectCvc", r#"402 /error/code="incorrect_cvc" /error/param="cvc""#),
        ("pm_card_chargeDeclinedProcessingError", r#"402 /error/code="processing_error""#),
        ("pm_card_chargeDeclinedFraudulent", r#"402 /error/decline_code="fraudulent""#),
        (
            "pm_card_authenticationRequired",
            r#"200 /status="requires_action" /next_action/type="use_stripe_sdk""#,
        ),
        ("pm_card_threeDSecure2Required", r#"200 /status="requires_action""#),
        ("pm_card_authenticationRequiredOnSetup", r#"200 /status="requires_action""#),
        ("pm_card_threeDSecureOptional", r#"200 /status="succeeded""#),
        ("pm_card_createDispute", r#"200 /status="succeeded""#),
        ("pm_card_nobody", r#"400 /error/code="resource_missing" /error/param="payment_method""#),
        ("pm_usBankAccount_success", r#"200 /status="processing""#),
    ];
    for (card, expected) in rows {
        let form = format!(
            "amount=1000&currency=usd&confirm=true&payment_method={card}&automatic_payment_methods[enabled]=true"
        );
        Script::new().run(&format!("POST /v1/payment_intents {form} => {expected}"));
    }
}

#[test]
fn a_declined_intent_says_why_and_takes_another_card() {
    Script::new().run(
        r#"
        POST /v1/payment_intents amount=1000&currency=usd => 200 /status="requires_payment_method" /id>pi
        POST /v1/payment_intents/{pi}/confirm return_url=https://x.test => 400 /error/code="payment_intent_unexpected_state"
        POST /v1/payment_intents/{pi}/confirm payment_method=pm_card_chargeDeclinedExpiredCard => 402 /error/payment_intent/status="requires_payment_method" /error/payment_intent/last_payment_error/code="expired_card" /error/payment_intent/last_payment_error/payment_method/card/last4="0069" /error/charge>ch
        GET /v1/charges/{ch} _=1 => 400 /error/code="parameter_unknown"
        GET /v1/charges/{ch} => 200 /status="failed" /paid=false /balance_transaction=null /outcome/type="issuer_declined"
        POST /v1/payment_intents/{pi}/confirm payment_method=pm_card_visa => 200 /status="succeeded" /last_payment_error=null
        POST /v1/payment_intents/{pi}/confirm payment_method=pm_card_visa => 400 /error/code="payment_intent_unexpected_state"
        POST /v1/payment_intents/{pi}/cancel => 400 /error/code="payment_intent_unexpected_state"
        events payment_intent.created charge.failed payment_intent.payment_failed charge.succeeded payment_intent.succeeded
        "#,
    );
}

#[test]
fn what_can_be_typed_wrong_is_refused_in_stripes_words() {
    let card = "type=card&card[exp_month]=12&card[exp_year]=2031&card[cvc]=123&card[number]";
    Script::new().run(&format!(
        r#"
        POST /v1/payment_methods {card}=4242424242424242 => 200 /card/brand="visa" /card/last4="4242" /card/checks/cvc_check="pass"
        POST /v1/payment_methods {card}=378282246310005 => 200 /card/brand="amex"
        POST /v1/payment_methods {card}=4242424242424241 => 402 /error/code="incorrect_number" /error/param="number"
        POST /v1/payment_methods {card}=4242 => 402 /error/code="invalid_number"
        POST /v1/payment_methods type=card&card[number]=4242424242424242&card[exp_month]=13&card[exp_year]=2031 => 402 /error/code="invalid_expiry_month"
        POST /v1/payment_methods type=card&card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2025 => 402 /error/code="invalid_expiry_year"
        POST /v1/payment_methods type=card&card[number]=4242424242424242&card[exp_month]=1&card[exp_year]=31&card[cvc]=12 => 402 /error/code="invalid_cvc"
        POST /v1/payment_methods type=card&card[token]=tok_visa => 200 /card/last4="4242"
        POST /v1/payment_methods type=sepa_debit&sepa_debit[iban]=DE89370400440532013000 => 200 /sepa_debit/last4="3000"
        POST /v1/payment_methods type=sepa_debit&sepa_debit[iban]=DE00 => 400 /error/code="invalid_bank_account_iban"
        POST /v1/payment_methods type=telepathy => 400 /error/param="type"
        POST /v1/payment_intents amount=0&currency=usd => 400 /error/param="amount"
        POST /v1/payment_intents amount=100 => 400 /error/param="currency"
        POST /v1/payment_intents amount=100&currency=usd&off_session=true => 400 /error/param="off_session"
        POST /v1/payment_intents amount=100&currency=usd&colour=red => 400 /error/param="colour"
        POST /v1/payment_intents amount=100&currency=usd&customer=cus_none => 400 /error/param="customer"
        "#
    ));
}

#[test]
fn a_manual_capture_takes_part_or_all_or_expires() {
    let hold = "amount=1000&currency=usd&confirm=true&payment_method=pm_card_visa&capture_method=manual";
    Script::new().run(&format!(
        r#"
        POST /v1/payment_intents {hold} => 200 /status="requires_capture" /amount_capturable=1000 /latest_charge>ch /id>pi
        events payment_intent.created charge.succeeded payment_intent.amount_capturable_updated
        POST /v1/payment_intents/{{pi}}/capture amount_to_capture=1001 => 400 /error/code="amount_too_large"
        POST /v1/payment_intents/{{pi}}/capture amount_to_capture=700 => 200 /status="succeeded" /amount_received=700
        GET /v1/charges/{{ch}} => 200 /amount_captured=700 /amount_refunded=300 /captured=true /refunded=false
        POST /v1/refunds charge={{ch}}&amount=701 => 400 /error/code="amount_too_large"
        POST /v1/refunds charge={{ch}} => 200 /amount=700
        GET /v1/charges/{{ch}} => 200 /amount_refunded=1000 /refunded=true
        POST /v1/payment_intents {hold} => 200 /id>two
        POST /v1/payment_intents/{{two}}/cancel cancellation_reason=abandoned => 200 /status="canceled" /cancellation_reason="abandoned"
        POST /v1/payment_intents {hold} => 200 /id>three
        +604799
        GET /v1/payment_intents/{{three}} => 200 /status="requires_capture"
        +1
        GET /v1/payment_intents/{{three}} => 200 /status="canceled" /cancellation_reason="automatic"
        "#
    ));
}

#[test]
fn a_bank_debit_is_on_its_way_before_it_succeeds_or_fails() {
    let debit =
        "amount=1000&currency=usd&confirm=true&automatic_payment_methods[enabled]=true&payment_method";
    Script::new().run(&format!(
        r#"
        POST /v1/payment_intents {debit}=pm_usBankAccount_success => 200 /status="processing" /id>pi /latest_charge>ch
        GET /v1/charges/{{ch}} => 200 /status="pending" /balance_transaction=null
        events payment_intent.created charge.pending payment_intent.processing
        +5
        GET /v1/payment_intents/{{pi}} => 200 /status="succeeded" /amount_received=1000
        events charge.succeeded payment_intent.succeeded
        POST /v1/payment_intents {debit}=pm_usBankAccount_insufficientFunds => 200 /id>pi
        +5
        GET /v1/payment_intents/{{pi}} => 200 /status="requires_payment_method" /last_payment_error/code="insufficient_funds"
        events payment_intent.created charge.pending payment_intent.processing charge.failed payment_intent.payment_failed
        "#
    ));
}

#[test]
fn refunds_count_on_the_charge_until_they_fail_or_are_canceled() {
    let pay = "amount=1000&currency=usd&confirm=true&payment_method";
    Script::new().run(&format!(
        r#"
        POST /v1/payment_intents {pay}=pm_card_visa => 200 /id>pi /latest_charge>ch
        POST /v1/refunds payment_intent={{pi}}&amount=400&reason=duplicate&metadata[why]=test => 200 /status="succeeded" /reason="duplicate" /id>re
        POST /v1/refunds charge={{ch}}&amount=601 => 400 /error/param="amount"
        GET /v1/charges/{{ch}} expand[]=refunds => 200 /amount_refunded=400 /refunded=false /refunds/data/0/amount=400
        POST /v1/refunds/{{re}}/cancel => 400
        POST /v1/refunds charge={{ch}} => 200 /amount=600
        POST /v1/refunds charge={{ch}} => 400 /error/code="charge_already_refunded"
        GET /v1/refunds charge={{ch}}&limit=1 => 200 /data/0/amount=600 /has_more=true
        events payment_intent.created charge.succeeded payment_intent.succeeded refund.created charge.refunded refund.created charge.refunded
        POST /v1/payment_intents {pay}=pm_card_pendingRefund => 200 /latest_charge>ch
        POST /v1/refunds charge={{ch}} => 200 /status="pending" /pending_reason="processing" /id>re
        +5
        GET /v1/refunds/{{re}} => 200 /status="succeeded"
        POST /v1/payment_intents {pay}=pm_card_pendingRefund => 200 /latest_charge>ch
        POST /v1/refunds charge={{ch}} => 200 /id>re
        POST /v1/refunds/{{re}}/cancel => 200 /status="canceled"
        GET /v1/charges/{{ch}} => 200 /amount_refunded=0
        POST /v1/payment_intents {pay}=pm_card_refundFail => 200 /latest_charge>ch
        POST /v1/refunds charge={{ch}} => 200 /status="succeeded" /id>re
        +5
        GET /v1/refunds/{{re}} => 200 /status="failed" /failure_reason="expired_or_canceled_card"
        GET /v1/charges/{{ch}} => 200 /amount_refunded=0 /refunded=false
        "#
    ));
}

#[test]
fn the_balance_counts_charges_fees_refunds_and_disputes() {
    let pay = "amount=10000&currency=usd&confirm=true&payment_method";
    Script::new().run(&format!(
        r#"
        POST /v1/payment_intents {pay}=pm_card_visa => 200 /latest_charge>ch
        GET /v1/charges/{{ch}} => 200 /balance_transaction>txn
        GET /v1/balance_transactions/{{txn}} => 200 /amount=10000 /fee=320 /net=9680 /status="pending" /type="charge" /available_on=1767398400
        GET /v1/balance => 200 /available/0/amount=0 /pending/0/amount=9680
        POST /v1/payment_intents {pay}=pm_card_bypassPending => 200 /latest_charge>two
        GET /v1/balance => 200 /available/0/amount=9680 /pending/0/amount=9680
        POST /v1/refunds charge={{ch}} => 200
        GET /v1/balance => 200 /available/0/amount=-320
        +172800
        GET /v1/balance => 200 /available/0/amount=0 /pending/0/amount=0
        GET /v1/payouts => 200 /data/0/amount=9360
        GET /v1/balance_transactions/{{txn}} => 200 /status="available"
        GET /v1/balance_transactions type=refund => 200 /data/0/amount=-10000 /has_more=false
        "#
    ));
}

#[test]
fn disputes_are_won_and_lost_by_their_evidence_or_by_silence() {
    let pay = "amount=1000&currency=usd&confirm=true&payment_method";
    Script::new().run(&format!(
        r#"
        POST /v1/payment_intents {pay}=pm_card_createDispute => 200 /latest_charge>ch
        +0
        GET /v1/disputes charge={{ch}} => 200 /data/0/status="needs_response" /data/0/reason="fraudulent" /data/0/id>dp /data/0/balance_transactions/0/net=-2500
        POST /v1/refunds charge={{ch}} => 400 /error/code="charge_disputed"
        POST /v1/disputes/{{dp}} evidence[product_description]=chat&submit=false => 200 /status="needs_response" /evidence_details/has_evidence=true /evidence_details/submission_count=0
        POST /v1/disputes/{{dp}} evidence[uncategorized_text]=winning_evidence => 200 /status="won" /balance_transactions/1/amount=1000
        POST /v1/disputes/{{dp}}/close => 400 /error/code="dispute_already_closed"
        events payment_intent.created charge.succeeded payment_intent.succeeded charge.dispute.created charge.dispute.funds_withdrawn charge.dispute.updated charge.dispute.updated charge.dispute.closed charge.dispute.funds_reinstated
        POST /v1/payment_intents {pay}=pm_card_createDispute => 200 /latest_charge>ch
        +0
        GET /v1/disputes charge={{ch}} => 200 /data/0/id>dp
        POST /v1/disputes/{{dp}} evidence[uncategorized_text]=losing_evidence => 200 /status="lost"
        POST /v1/payment_intents {pay}=pm_card_createDisputeProductNotReceived => 200 /latest_charge>ch
        +777599
        GET /v1/disputes charge={{ch}} => 200 /data/0/status="needs_response" /data/0/reason="product_not_received" /data/0/id>dp
        +1
        GET /v1/disputes/{{dp}} => 200 /status="lost" /evidence_details/past_due=true
        POST /v1/payment_intents {pay}=pm_card_createDisputeInquiry => 200 /latest_charge>ch
        +0
        GET /v1/disputes charge={{ch}} => 200 /data/0/status="warning_needs_response" /data/0/id>dp /data/0/balance_transactions=[] /data/0/is_charge_refundable=true
        POST /v1/disputes/{{dp}} evidence[uncategorized_text]=escalate_inquiry_evidence => 200 /status="needs_response" /balance_transactions/0/amount=-1000
        POST /v1/payment_intents {pay}=pm_card_createIssuerFraudRecord => 200 /latest_charge>ch
        +0
        GET /v1/radar/early_fraud_warnings charge={{ch}} => 200 /data/0/actionable=true
        "#
    ));
}

#[test]
fn setup_intents_save_cards_and_answer_the_bank() {
    let confirm = "confirm=true&payment_method";
    Script::new().run(&format!(
        r#"
        POST /v1/setup_intents usage=off_session => 200 /status="requires_payment_method" /id>seti
        POST /v1/setup_intents/{{seti}}/confirm payment_method=pm_card_chargeDeclined => 402 /error/code="card_declined"
        GET /v1/setup_intents/{{seti}} => 200 /last_setup_error/decline_code="generic_decline" /status="requires_payment_method"
        POST /v1/setup_intents/{{seti}}/confirm payment_method=pm_card_chargeCustomerFail => 200 /status="succeeded"
        POST /v1/setup_intents {confirm}=pm_card_authenticationRequiredOnSetup&return_url=https://x.test => 200 /status="requires_action" /next_action/type="redirect_to_url" /id>seti
        POST /v1/setup_intents/{{seti}}/cancel => 200 /status="canceled"
        POST /v1/setup_intents {confirm}=pm_card_visa => 200 /status="succeeded" /payment_method>pm
        GET /v1/payment_methods/{{pm}} => 200 /card/last4="4242"
        events setup_intent.created setup_intent.setup_failed setup_intent.succeeded setup_intent.created setup_intent.requires_action setup_intent.canceled setup_intent.created setup_intent.succeeded
        "#
    ));
}

#[test]
fn parameters_follow_the_version() {
    let mut script = Script::new();
    let form = "amount=100&currency=usd&payment_method_types[]=card";
    script.run(&format!("POST /v1/payment_intents {form} => 200"));
    script.version = Some("2026-10-28.endive");
    script.run(&format!(r#"POST /v1/payment_intents {form} => 400 /error/param="payment_method_types""#));
    script.run(
        r#"POST /v1/payment_intents amount=100&currency=usd => 200 /allowed_payment_method_types=["card"]"#,
    );
}

#[test]
fn money_goes_on_only_to_accounts_there_are() {
    Script::new().run(
        r#"
        POST /v1/transfers amount=100&currency=usd&destination=acct_none => 400 /error/param="destination"
        POST /v1/payment_intents amount=100&currency=usd&transfer_data[destination]=acct_none => 400 /error/param="transfer_data[destination]"
        GET /v1/transfers => 200 /data=[]
        GET /v1/application_fees => 200 /data=[]
        POST /v1/payment_intents amount=100&currency=usd&confirm=true&payment_method=pm_card_visa => 200 /id>pi
        POST /v1/refunds payment_intent={pi}&reverse_transfer=true => 400 /error/param="reverse_transfer"
        POST /v1/refunds payment_intent={pi}&refund_application_fee=true => 400 /error/param="refund_application_fee"
        "#,
    );
}

#[test]
fn a_payment_under_inquiry_can_be_given_back_and_that_ends_the_inquiry() {
    let pay = "amount=1000&currency=usd&confirm=true&payment_method";
    Script::new().run(&format!(
        r#"
        POST /v1/payment_intents {pay}=pm_card_createDisputeInquiry => 200 /latest_charge>ch
        +0
        GET /v1/disputes charge={{ch}} => 200 /data/0/status="warning_needs_response" /data/0/is_charge_refundable=true /data/0/id>dp
        POST /v1/refunds charge={{ch}}&amount=400 => 200
        GET /v1/disputes/{{dp}} => 200 /status="warning_needs_response"
        POST /v1/refunds charge={{ch}} => 200 /amount=600
        GET /v1/disputes/{{dp}} => 200 /status="warning_closed"
        POST /v1/payment_intents {pay}=pm_card_createDisputeInquiry => 200 /latest_charge>ch
        +0
        GET /v1/disputes charge={{ch}} => 200 /data/0/id>dp
        POST /v1/refunds charge={{ch}}&amount=400 => 200
        POST /v1/disputes/{{dp}} evidence[uncategorized_text]=escalate_inquiry_evidence => 200 /status="needs_response" /is_charge_refundable=false /balance_transactions/0/amount=-600
        POST /v1/refunds charge={{ch}} => 400 /error/code="charge_disputed"
        POST /v1/payment_intents {pay}=pm_card_createDispute => 200 /latest_charge>ch
        +0
        GET /v1/disputes charge={{ch}} => 200 /data/0/is_charge_refundable=false
        POST /v1/refunds charge={{ch}} => 400 /error/code="charge_disputed"
        "#
    ));
}
