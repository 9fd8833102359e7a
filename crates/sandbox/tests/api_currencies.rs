//! One currency on one invoice, one subscription, one session: what comes in another is taken in its option of
//! that currency, waits, or is refused; it is never counted one to one.

#[allow(dead_code, reason = "shared by several tests, each using a part")]
mod common;

use common::script::Script;

const DAY_S: i64 = 86_400;

/// A plan in dollars, one in euro, one in dollars with an option in euro, and a customer whose card pays.
fn shop() -> Script {
    let mut script = Script::new();
    let month = "recurring[interval]=month";
    let card = "payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa";
    script.run(&format!(
        r#"
        POST /v1/products id=pro&name=Pro => 200
        POST /v1/prices product=pro&currency=usd&unit_amount=2000&{month} => 200 /id>usd
        POST /v1/prices product=pro&currency=eur&unit_amount=3000&{month} => 200 /id>eur
        POST /v1/prices product=pro&currency=eur&unit_amount=3000&{month}&currency_options[usd][unit_amount]=3300 => 200 /id>both
        POST /v1/prices product=pro&currency=eur&unit_amount=700 => 200 /id>once
        POST /v1/prices product=pro&currency=usd&unit_amount=900 => 200 /id>dollars
        POST /v1/customers {card} => 200 /id>cus
        POST /v1/coupons id=EURO&amount_off=500&currency=eur&duration=forever => 200
        POST /v1/coupons id=BOTH&amount_off=500&currency=eur&currency_options[usd][amount_off]=600&duration=forever => 200
        "#
    ));
    script
}

#[test]
fn an_item_in_another_currency_waits_for_an_invoice_of_its_own() {
    shop().run(
        r#"
        POST /v1/invoices customer={cus}&currency=usd&pending_invoice_items_behavior=exclude => 200 /id>draft /currency="usd"
        POST /v1/invoiceitems customer={cus}&invoice={draft}&amount=1000&currency=eur => 400 /error/param="currency"
        POST /v1/invoiceitems customer={cus}&invoice={draft}&price={once} => 400 /error/param="price"
        POST /v1/invoices/{draft}/add_lines lines[0][price_data][currency]=eur&lines[0][price_data][product]=pro&lines[0][price_data][unit_amount]=5 => 400 /error/param="price"
        POST /v1/invoiceitems customer={cus}&amount=1000&currency=eur => 200 /id>wait /invoice=null
        POST /v1/invoices/{draft}/add_lines lines[0][invoice_item]={wait} => 400 /error/param="invoice_item"
        POST /v1/invoiceitems customer={cus}&invoice={draft}&amount=200&currency=usd => 200 /id>on
        POST /v1/invoiceitems customer={cus}&amount=900&currency=usd => 200
        GET /v1/invoices/{draft} => 200 /total=200 /lines/data/0/id>line
        POST /v1/invoices/{draft}/lines/{line} price_data[currency]=eur&price_data[product]=pro&price_data[unit_amount]=5 => 400 /error/param="price"
        POST /v1/invoices customer={cus}&currency=eur&pending_invoice_items_behavior=include => 200 /total=1000 /currency="eur" /lines/total_count=1
        POST /v1/invoices customer={cus}&currency=usd&pending_invoice_items_behavior=include => 200 /total=900
        GET /v1/invoices/{draft} => 200 /total=200
        "#,
    );
    // A renewal leaves it waiting, too.
    shop().run(&format!(
        r#"
        POST /v1/subscriptions customer={{cus}}&items[0][price]={{usd}} => 200
        POST /v1/invoiceitems customer={{cus}}&amount=1000&currency=eur => 200 /id>wait
        +{}
        GET /v1/invoices customer={{cus}} => 200 /data/0/billing_reason="subscription_cycle" /data/0/total=2000
        GET /v1/invoiceitems/{{wait}} => 200 /invoice=null
        "#,
        32 * DAY_S
    ));
}

#[test]
fn an_item_of_a_subscription_keeps_the_subscriptions_currency() {
    shop().run(
        r#"
        POST /v1/subscriptions customer={cus}&items[0][price]={usd} => 200 /id>sub /items/data/0/id>si
        POST /v1/subscriptions/{sub} items[0][id]={si}&items[0][price]={eur} => 400 /error/param="items[0][price]"
        POST /v1/subscriptions/{sub} items[0][price]={eur} => 400 /error/param="items[0][price]"
        POST /v1/subscription_items/{si} price={eur} => 400
        POST /v1/subscriptions/{sub} add_invoice_items[0][price]={once}&items[0][id]={si}&items[0][quantity]=1 => 400 /error/param="add_invoice_items[0][price]"
        POST /v1/invoices/create_preview subscription={sub}&subscription_details[items][0][id]={si}&subscription_details[items][0][price]={eur} => 400
        GET /v1/subscriptions/{sub} => 200 /currency="usd" /items/data/0/price/id="{usd}"
        POST /v1/subscriptions/{sub} items[0][id]={si}&items[0][price]={both}&proration_behavior=none => 200 /currency="usd"
        POST /v1/invoices/create_preview subscription={sub} => 200 /total=3300 /currency="usd"
        POST /v1/subscriptions customer={cus}&items[0][price]={usd}&add_invoice_items[0][price]={once} => 400 /error/param="add_invoice_items[0][price]"
        POST /v1/subscriptions customer={cus}&items[0][price]={usd}&add_invoice_items[0][price]={dollars} => 200
        "#,
    );
}

#[test]
fn an_amount_off_is_in_the_currency_of_what_it_is_taken_off_or_refused() {
    shop().run(
        r#"
        POST /v1/subscriptions customer={cus}&items[0][price]={usd} => 200 /id>sub /items/data/0/id>si
        POST /v1/invoices customer={cus}&currency=usd => 200 /id>draft
        POST /v1/subscriptions/{sub} discounts[0][coupon]=EURO => 400 /error/param="coupon"
        POST /v1/subscriptions/{sub} items[0][id]={si}&items[0][discounts][0][coupon]=EURO => 400 /error/param="coupon"
        POST /v1/subscriptions customer={cus}&items[0][price]={usd}&items[0][discounts][0][coupon]=EURO => 400 /error/param="coupon"
        POST /v1/subscriptions customer={cus}&items[0][price]={usd}&discounts[0][coupon]=EURO => 400 /error/param="coupon"
        POST /v1/invoices customer={cus}&currency=usd&discounts[0][coupon]=EURO => 400 /error/param="coupon"
        POST /v1/invoices/{draft} discounts[0][coupon]=EURO => 400 /error/param="coupon"
        POST /v1/invoiceitems customer={cus}&amount=2000&currency=usd&discounts[0][coupon]=EURO => 400 /error/param="coupon"
        POST /v1/checkout/sessions mode=payment&line_items[0][price]={dollars}&success_url=https://x.test&discounts[0][coupon]=EURO => 400 /error/param="coupon"
        GET /v1/coupons/EURO => 200 /times_redeemed=0
        POST /v1/subscriptions/{sub} discounts[0][coupon]=BOTH => 200
        POST /v1/invoices/create_preview subscription={sub} => 200 /total=1400
        POST /v1/invoiceitems customer={cus}&amount=2000&currency=usd&invoice={draft}&discounts[0][coupon]=BOTH => 200
        GET /v1/invoices/{draft} => 200 /total=1400
        "#,
    );
    // A customer has a currency once anything was sold.
    shop().run(
        r#"
        POST /v1/subscriptions customer={cus}&items[0][price]={usd} => 200
        POST /v1/customers/{cus} coupon=EURO => 400
        POST /v1/customers email=a@b.test => 200 /id>new
        "#,
    );
}
