//! Invoices over the API: what their lines say, what is too little to be charged, what discounts and credit notes
//! may not do to them.

#[allow(dead_code, reason = "shared by several tests, each using a part")]
mod common;

use common::script::Script;

const CARD: &str = "payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa";

fn shop() -> Script {
    let mut script = Script::new();
    script.run(&format!("POST /v1/customers {CARD} => 200 /id>cus"));
    script
}

#[test]
fn a_line_says_how_many_and_for_how_much_each() {
    shop().run(
        r#"
        POST /v1/invoices customer={cus}&currency=usd => 200 /id>draft
        POST /v1/invoiceitems customer={cus}&invoice={draft}&unit_amount=250&quantity=4&currency=usd => 200 /id>ii /quantity=4 /amount=1000 /pricing/unit_amount_decimal="250"
        POST /v1/invoiceitems customer={cus}&invoice={draft}&amount=700&currency=usd => 200 /quantity=1 /amount=700 /pricing/unit_amount_decimal="700"
        GET /v1/invoices/{draft} => 200 /total=1700 /lines/data/0/quantity=4 /lines/data/0/amount=1000 /lines/data/0/pricing/unit_amount_decimal="250"
        POST /v1/invoiceitems/{ii} quantity=3 => 200 /amount=750 /quantity=3
        POST /v1/invoiceitems/{ii} unit_amount=300 => 200 /amount=900 /quantity=3 /pricing/unit_amount_decimal="300"
        GET /v1/invoices/{draft} => 200 /total=1600 /lines/data/0/quantity=3 /lines/data/0/pricing/unit_amount_decimal="300"
        "#,
    );
    let mut old = shop();
    old.version = Some("2024-10-28.acacia");
    old.run(
        r#"
        POST /v1/invoices customer={cus}&currency=usd => 200 /id>draft
        POST /v1/invoiceitems customer={cus}&invoice={draft}&unit_amount=250&quantity=4&currency=usd => 200 /quantity=4 /amount=1000 /unit_amount=250
        GET /v1/invoices/{draft} => 200 /lines/data/0/quantity=4 /lines/data/0/price/unit_amount=250
        "#,
    );
}

#[test]
fn what_is_too_little_to_charge_is_carried_to_the_next_invoice() {
    let draft = "customer={cus}&pending_invoice_items_behavior=include&currency";
    let bill = |amount: i64, currency: &str, expected: &str| {
        let mut script = shop();
        script.run(&format!(
            r#"
            POST /v1/invoiceitems customer={{cus}}&amount={amount}&currency={currency} => 200
            POST /v1/invoices {draft}={currency} => 200 /id>in
            POST /v1/invoices/{{in}}/finalize => 200 {expected}
            "#
        ));
        script
    };
    let carried = r#"/status="paid" /amount_due=0 /amount_paid=0 /amount_remaining=0 /attempted=true"#;
    for (amount, currency, small) in [
        (49, "usd", true),
        (50, "usd", false),
        (29, "gbp", true),
        (30, "gbp", false),
        (49, "jpy", true),
        (17_499, "huf", true),
        (1_000, "mxn", false),
        (999, "mxn", true),
    ] {
        let due = format!(r#"/status="open" /amount_due={amount}"#);
        bill(amount, currency, if small { carried } else { &due });
    }
    bill(30, "usd", carried).run(&format!(
        r#"
        GET /v1/invoices/{{in}} => 200 /total=30 /starting_balance=0 /ending_balance=30
        GET /v1/customers/{{cus}} => 200 /balance=30
        GET /v1/customers/{{cus}}/balance_transactions => 200 /data/0/type="invoice_too_small" /data/0/amount=30 /data/0/invoice="{{in}}" /has_more=false
        GET /v1/payment_intents => 200 /data=[]
        POST /v1/invoiceitems customer={{cus}}&amount=100&currency=usd => 200
        POST /v1/invoices {draft}=usd => 200 /id>next
        POST /v1/invoices/{{next}}/pay => 200 /status="paid" /total=100 /starting_balance=30 /amount_due=130 /amount_paid=130 /ending_balance=0
        GET /v1/customers/{{cus}} => 200 /balance=0
        POST /v1/customers/{{cus}}/balance_transactions amount=-80&currency=usd => 200
        POST /v1/invoiceitems customer={{cus}}&amount=100&currency=usd => 200
        POST /v1/invoices {draft}=usd => 200 /id>third
        POST /v1/invoices/{{third}}/finalize => 200 /status="paid" /amount_due=0 /starting_balance=-80 /ending_balance=20
        GET /v1/customers/{{cus}}/balance_transactions => 200 /data/0/type="invoice_too_small" /data/0/amount=20 /data/1/type="applied_to_invoice" /data/1/amount=80
        GET /v1/customers/{{cus}} => 200 /balance=20
        "#
    ));
}

#[test]
fn less_than_the_least_amount_is_not_taken() {
    let once = "mode=payment&success_url=https://x.test&line_items[0][price_data][product_data][name]=Tea&line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]";
    Script::new().run(&format!(
        r#"
        POST /v1/payment_intents amount=49&currency=usd => 400 /error/code="amount_too_small" /error/param="amount"
        POST /v1/payment_intents amount=29&currency=gbp => 400 /error/code="amount_too_small"
        POST /v1/payment_intents amount=49&currency=jpy => 400 /error/code="amount_too_small"
        POST /v1/payment_intents amount=50&currency=eur => 200 /id>pi
        POST /v1/payment_intents/{{pi}} amount=49 => 400 /error/code="amount_too_small"
        POST /v1/payment_intents/{{pi}} amount=51 => 200
        POST /v1/checkout/sessions {once}=49 => 400 /error/code="amount_too_small"
        POST /v1/checkout/sessions {once}=0 => 200 /amount_total=0
        POST /v1/checkout/sessions {once}=50 => 200 /amount_total=50
        POST /v1/coupons id=OFF&amount_off=60&currency=usd => 200
        POST /v1/coupons id=ALL&percent_off=100 => 200
        POST /v1/checkout/sessions {once}=100&discounts[0][coupon]=OFF => 400 /error/code="amount_too_small"
        POST /v1/checkout/sessions {once}=100&discounts[0][coupon]=ALL => 200 /amount_total=0
        "#
    ));
}

#[test]
fn an_amount_off_takes_no_more_than_the_invoice_comes_to() {
    for (credit, total, taken) in [(-100, 400, 500), (-700, 0, 300), (-3000, -2000, 0), (-1000, 0, 0)] {
        let mut script = shop();
        script.run(&format!(
            r#"
            POST /v1/coupons id=OFF&amount_off=500&currency=usd => 200
            POST /v1/invoiceitems customer={{cus}}&amount=1000&currency=usd => 200
            POST /v1/invoiceitems customer={{cus}}&amount={credit}&currency=usd => 200
            POST /v1/invoices customer={{cus}}&pending_invoice_items_behavior=include&discounts[0][coupon]=OFF => 200 /total={total} /total_discount_amounts/0/amount={taken}
            "#
        ));
    }
}

/// A paid invoice of 4 x 2.50 and 7.00, tax of 20 % on top: 20.40.
fn paid() -> Script {
    let mut script = shop();
    script.run(
        r#"
        POST /v1/tax_rates display_name=VAT&percentage=20&inclusive=false => 200 /id>vat
        POST /v1/invoices customer={cus}&currency=usd&default_tax_rates[0]={vat} => 200 /id>in
        POST /v1/invoiceitems customer={cus}&invoice={in}&unit_amount=250&quantity=4&currency=usd => 200
        POST /v1/invoiceitems customer={cus}&invoice={in}&amount=700&currency=usd => 200
        POST /v1/invoices/{in}/pay => 200 /total=2040 /lines/data/0/id>four /lines/data/1/id>seven
        "#,
    );
    script
}

#[test]
fn a_credit_note_of_a_paid_invoice_says_where_the_money_goes() {
    paid().run(
        r#"
        POST /v1/credit_notes invoice={in}&amount=500 => 400 /error/type="invalid_request_error"
        GET /v1/credit_notes/preview invoice={in}&amount=500 => 400
        POST /v1/credit_notes invoice={in}&amount=500&credit_amount=400 => 400
        POST /v1/credit_notes invoice={in}&amount=500&credit_amount=400&refund_amount=200 => 400
        GET /v1/customers/{cus} => 200 /balance=0
        POST /v1/credit_notes invoice={in}&amount=600&credit_amount=300&refund_amount=200&out_of_band_amount=100 => 200 /total=600
        GET /v1/customers/{cus} => 200 /balance=-300
        GET /v1/refunds => 200 /data/0/amount=200 /has_more=false
        "#,
    );
}

#[test]
fn a_credit_note_takes_a_refund_that_was_made_before() {
    paid().run(
        r#"
        GET /v1/charges => 200 /data/0/id>ch
        POST /v1/refunds charge={ch}&amount=500 => 200 /id>re
        POST /v1/credit_notes invoice={in}&amount=600&refunds[0][refund]={re}&refunds[0][amount_refunded]=600 => 400
        POST /v1/credit_notes invoice={in}&amount=500&refunds[0][refund]=re_none&refunds[0][amount_refunded]=500 => 400 /error/code="resource_missing"
        POST /v1/credit_notes invoice={in}&amount=500&refunds[0][refund]={re}&refunds[0][amount_refunded]=500 => 200 /refunds/0/refund="{re}"
        GET /v1/refunds => 200 /data/0/id="{re}" /has_more=false
        "#,
    );
}

#[test]
fn several_credit_notes_credit_a_line_no_further_than_it_goes() {
    let note =
        "POST /v1/credit_notes invoice={in}&lines[0][type]=invoice_line_item&lines[0][invoice_line_item]";
    paid().run(&format!(
        r#"
        {note}={{four}}&lines[0][quantity]=3&credit_amount=900 => 200 /subtotal=750
        {note}={{four}}&lines[0][quantity]=2&credit_amount=600 => 400 /error/param="lines[0][invoice_line_item]"
        {note}={{four}}&lines[0][amount]=251&credit_amount=301 => 400 /error/param="lines[0][invoice_line_item]"
        {note}={{four}}&credit_amount=1200 => 400 /error/param="lines[0][invoice_line_item]"
        {note}={{four}}&lines[0][quantity]=1&lines[1][type]=invoice_line_item&lines[1][invoice_line_item]={{four}}&lines[1][quantity]=1&credit_amount=600 => 400 /error/param="lines[1][invoice_line_item]"
        {note}={{four}}&lines[0][amount]=250&credit_amount=300 => 200
        {note}={{seven}}&credit_amount=840 => 200
        "#
    ));
    // One that was taken back counts no more.
    shop().run(&format!(
        r#"
        POST /v1/invoices customer={{cus}}&currency=usd => 200 /id>in
        POST /v1/invoiceitems customer={{cus}}&invoice={{in}}&amount=700&currency=usd => 200
        POST /v1/invoices/{{in}}/finalize => 200 /lines/data/0/id>seven
        {note}={{seven}}&lines[0][amount]=600 => 200 /id>cn
        {note}={{seven}}&lines[0][amount]=200 => 400 /error/param="lines[0][invoice_line_item]"
        POST /v1/credit_notes/{{cn}}/void => 200
        {note}={{seven}}&lines[0][amount]=200 => 200
        "#
    ));
}

#[test]
fn what_is_added_once_to_a_subscription_is_billed_with_the_change_or_with_the_next_period() {
    let begin = r#"
        POST /v1/products name=Chat => 200 /id>prod
        POST /v1/prices product={prod}&unit_amount=2000&currency=usd&recurring[interval]=month => 200 /id>plan
        POST /v1/prices product={prod}&unit_amount=500&currency=usd => 200 /id>once
        POST /v1/subscriptions customer={cus}&items[0][price]={plan} => 200 /id>sub /items/data/0/id>si
    "#;
    shop().run(begin).run(
        r#"
        POST /v1/subscriptions/{sub} add_invoice_items[0][price]={once}&add_invoice_items[0][quantity]=2 => 200
        GET /v1/invoiceitems customer={cus} => 200 /data/0/amount=1000 /data/0/proration=false
        POST /v1/invoices/create_preview subscription={sub} => 200 /total=3000
        POST /v1/invoices/create_preview subscription={sub}&subscription_details[add_invoice_items][0][price]={once} => 400 /error/code="parameter_unknown"
        +2764800
        GET /v1/invoices subscription={sub}&limit=1 => 200 /data/0/billing_reason="subscription_cycle" /data/0/total=3000
        +2764800
        GET /v1/invoices subscription={sub}&limit=1 => 200 /data/0/total=2000
        "#,
    );
    shop().run(begin).run(
        r#"
        POST /v1/subscriptions/{sub} items[0][id]={si}&items[0][quantity]=2&proration_behavior=always_invoice&add_invoice_items[0][price]={once} => 200 /latest_invoice>in
        GET /v1/invoices/{in} => 200 /billing_reason="subscription_update" /status="paid" /total=2500
        POST /v1/payment_methods/pm_card_chargeCustomerFail/attach customer={cus} => 200 /id>bad
        POST /v1/subscriptions/{sub} default_payment_method={bad}&items[0][id]={si}&items[0][quantity]=3&proration_behavior=always_invoice&payment_behavior=error_if_incomplete&add_invoice_items[0][price]={once} => 402
        GET /v1/invoiceitems customer={cus}&pending=true => 200 /data=[]
        GET /v1/subscriptions/{sub} => 200 /items/data/0/quantity=2
        POST /v1/subscriptions/{sub} add_invoice_items[0][price]={once}&add_invoice_items[0][colour]=red => 400 /error/code="parameter_unknown"
        "#,
    );
}
