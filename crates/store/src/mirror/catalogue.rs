//! What is sold and what is taken off: products, prices, coupons, codes, discounts.

use kernel::fact::Duration;

use super::table::{at, id, made, money, table, word};

table!(PRODUCT: Product(it) => "stripe_product" {
    text "name" = word(it.name.as_ref()),
    int "active" = it.active,
    text "default_price_ref" = id(it.default_price.as_ref()),
    text "unit_label" = word(it.unit_label.as_ref()),
    text "tax_code" = word(it.tax_code.as_ref()),
    int "updated_at" = at(it.updated_s),
    int "created_at" = made(it.created_s),
});

table!(PRICE: Price(it) => "stripe_price" {
    text "product_ref" = id(it.product.as_ref()),
    int "active" = it.active,
    text "type" = &it.price_type,
    text "currency" = money(it.currency),
    int "unit_amount_minor" = it.unit_amount_minor,
    text "unit_amount_decimal" = word(it.unit_amount_decimal.as_ref()),
    text "billing_scheme" = word(it.billing_scheme.as_ref()),
    text "recurring_interval" = word(it.interval.as_ref()),
    int "recurring_interval_count" = it.interval_count,
    text "usage_type" = word(it.usage_type.as_ref()),
    text "lookup_key" = word(it.lookup_key.as_ref()),
    text "nickname" = word(it.nickname.as_ref()),
    text "tax_behavior" = word(it.tax_behavior.as_ref()),
    int "created_at" = made(it.created_s),
});

table!(COUPON: Coupon(it) => "stripe_coupon" {
    text "name" = word(it.name.as_ref()),
    int "percent_off_bps" = it.percent_off_bps,
    int "amount_off_minor" = it.amount_off_minor,
    text "currency" = money(it.currency),
    text "duration" = duration(&it.duration),
    int "duration_in_months" = it.duration_in_months,
    int "max_redemptions" = it.max_redemptions,
    int "times_redeemed" = it.times_redeemed,
    int "redeem_by_at" = at(it.redeem_by_s),
    int "valid" = it.valid,
    int "created_at" = made(it.created_s),
});

table!(PROMOTION_CODE: PromotionCode(it) => "stripe_promotion_code" {
    text "code" = &it.code,
    text "coupon_ref" = id(it.coupon.as_ref()),
    int "active" = it.active,
    text "customer_ref" = id(it.customer.as_ref()),
    int "max_redemptions" = it.max_redemptions,
    int "times_redeemed" = it.times_redeemed,
    int "expires_at" = at(it.expires_at_s),
    int "created_at" = made(it.created_s),
});

table!(DISCOUNT: Discount(it) => "stripe_discount" {
    text "coupon_ref" = id(it.coupon.as_ref()),
    text "promotion_code_ref" = id(it.promotion_code.as_ref()),
    text "customer_ref" = id(it.customer.as_ref()),
    text "subscription_ref" = id(it.subscription.as_ref()),
    text "invoice_ref" = id(it.invoice.as_ref()),
    text "checkout_session_ref" = id(it.session.as_ref()),
    int "start_at" = at(it.start_s),
    int "end_at" = at(it.end_s),
});

fn duration(duration: &Duration) -> &str {
    match duration {
        Duration::Once => "once",
        Duration::Repeating => "repeating",
        Duration::Forever => "forever",
        Duration::Unknown(word) => word,
    }
}
