//! One of everything that payments and checkout pages make, in most of its states.

use std::sync::Arc;

use sandbox::{ApplicationFee, ModelEvent, Object, Transfer, TransferReversal, currency};

use super::script::Script;

pub(crate) fn everything() -> Vec<ModelEvent> {
    let mut script = Script::new();
    let pay = "amount=1000&currency=usd&confirm=true&automatic_payment_methods[enabled]=true&payment_method";
    script.run(&format!(
        r#"
        POST /v1/customers email=ada@x.test&name=Ada => 200 /id>cus
        POST /v1/payment_methods/pm_card_visa/attach customer={{cus}} => 200 /id>pm
        POST /v1/payment_methods/{{pm}} metadata[a]=b => 200
        POST /v1/payment_methods/{{pm}}/detach => 200
        POST /v1/payment_intents {pay}=pm_card_visa&customer={{cus}}&setup_future_usage=off_session&shipping[name]=Ada&shipping[address][line1]=Way+1&receipt_email=a@x.test => 200 /latest_charge>ch
        POST /v1/refunds charge={{ch}}&amount=100&reason=duplicate => 200
        POST /v1/payment_intents {pay}=pm_card_refundFail => 200 /latest_charge>ch
        POST /v1/refunds charge={{ch}} => 200
        POST /v1/payment_intents {pay}=pm_card_pendingRefund => 200 /latest_charge>ch
        POST /v1/refunds charge={{ch}} => 200
        POST /v1/payment_intents {pay}=pm_card_visa_chargeDeclinedInsufficientFunds => 402
        POST /v1/payment_intents {pay}=pm_card_authenticationRequired&return_url=https://x.test => 200 /id>pi
        POST /v1/payment_intents/{{pi}}/cancel => 200
        POST /v1/payment_intents {pay}=pm_card_visa&capture_method=manual => 200
        POST /v1/payment_intents {pay}=pm_usBankAccount_success => 200
        POST /v1/payment_intents {pay}=pm_usBankAccount_insufficientFunds => 200
        POST /v1/payment_intents {pay}=pm_card_createIssuerFraudRecord => 200
        POST /v1/payment_intents {pay}=pm_card_createDispute => 200 /latest_charge>ch
        GET /v1/disputes charge={{ch}} => 200 /data/0/id>dp
        POST /v1/disputes/{{dp}} evidence[uncategorized_text]=winning_evidence => 200
        POST /v1/payment_intents {pay}=pm_card_createDisputeInquiry => 200
        POST /v1/payment_intents amount=100000&currency=usd&confirm=true&payment_method=pm_card_bypassPending => 200
        POST /v1/payouts amount=10&currency=usd&method=instant&metadata[a]=b => 200 /id>po
        POST /v1/payouts/{{po}} metadata[a]=c => 200
        POST /v1/payouts/{{po}}/cancel => 200
        POST /v1/setup_intents confirm=true&payment_method=pm_card_visa&customer={{cus}} => 200
        POST /v1/setup_intents confirm=true&payment_method=pm_card_chargeDeclined => 402
        POST /v1/setup_intents confirm=true&payment_method=pm_card_authenticationRequired => 200
        POST /v1/products name=Chat => 200 /id>prod
        POST /v1/prices product={{prod}}&unit_amount=2000&currency=usd&recurring[interval]=month => 200 /id>plan
        POST /v1/prices product={{prod}}&unit_amount=5000&currency=usd => 200 /id>once
        +432000
        POST /v1/checkout/sessions mode=payment&line_items[0][price]={{once}}&success_url=https://x.test => 200 /id>late
        POST /v1/checkout/sessions/{{late}}/expire => 200
        "#
    ));
    let buyer = "action=pay&email=ada@x.test&name=Ada&country=US&expiry=12/31&cvc=123&number=4242424242424242&phone=1&ship_line1=Way+1&ship_city=Graz&ship_country=AT";
    for more in [
        "mode=payment&line_items[0][price]={once}&shipping_address_collection[allowed_countries][]=AT",
        "mode=payment&line_items[0][price]={once}&invoice_creation[enabled]=true&phone_number_collection[enabled]=true",
        "mode=subscription&line_items[0][price]={plan}&subscription_data[trial_period_days]=7",
        "mode=subscription&line_items[0][price]={plan}&line_items[1][price]={once}",
        "mode=setup",
    ] {
        script.run(&format!(
            "POST /v1/checkout/sessions {more}&success_url=https://x.test&cancel_url=https://x.test => 200 /id>cs"
        ));
        let page = format!("/checkout/{}", script.name("cs"));
        assert_eq!(script.browse("POST", &page, buyer).0, 303, "{more}");
    }
    let mut all = script.happened;
    assert!(all.iter().any(|event| event.kind == "payout.paid"), "an automatic payout has arrived");
    let moves: Vec<Object> = all
        .iter()
        .filter_map(|event| match &event.object {
            Object::Dispute(dispute) => Some(dispute.moves.iter().map(Object::from).collect::<Vec<_>>()),
            _ => None,
        })
        .flatten()
        .collect();
    let like = all[0].clone();
    let moves = moves.into_iter().chain(between_accounts());
    all.extend(moves.map(|object| ModelEvent { object, before: None, ..like.clone() }));
    all
}

/// What only connected accounts make.
fn between_accounts() -> [Object; 3] {
    let usd = currency("usd");
    let reversal = TransferReversal {
        id: "trr_1".into(),
        amount: 100,
        currency: usd,
        transfer: "tr_1".into(),
        balance_transaction: Some("txn_1".into()),
        source_refund: None,
        metadata: Vec::new(),
        created_s: 0,
    };
    let transfer = Transfer {
        id: "tr_1".into(),
        amount: 1000,
        amount_reversed: 100,
        currency: usd,
        description: None,
        destination: "acct_1".into(),
        destination_payment: Some("py_1".into()),
        source_transaction: None,
        transfer_group: None,
        balance_transaction: Some("txn_2".into()),
        reversals: vec![Arc::new(reversal.clone())],
        metadata: Vec::new(),
        created_s: 0,
    };
    let fee = ApplicationFee {
        id: "fee_1".into(),
        account: "acct_1".into(),
        amount: 100,
        amount_refunded: 0,
        currency: usd,
        charge: "ch_1".into(),
        originating_transaction: None,
        balance_transaction: None,
        created_s: 0,
    };
    [transfer.into(), reversal.into(), fee.into()]
}
