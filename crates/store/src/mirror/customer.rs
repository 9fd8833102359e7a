//! Who buys and how: customers, what they subscribe to, may use and pay with. No names, no addresses.

use super::table::{at, children, id, made, many, money, table, word};

table!(CUSTOMER: Customer(it) => "stripe_customer" {
    text "currency" = money(it.currency),
    int "balance_minor" = it.balance_minor,
    int "created_at" = made(it.created_s),
});

table!(SUBSCRIPTION: Subscription(it) => "stripe_subscription" {
    text "status" = &it.status,
    text "customer_ref" = id(it.customer.as_ref()),
    text "currency" = money(it.currency),
    int "cancel_at_period_end" = it.cancel_at_period_end,
    text "collection_method" = word(it.collection_method.as_ref()),
    text "pause_behavior" = word(it.pause.as_ref()),
    text "default_payment_method_ref" = id(it.default_payment_method.as_ref()),
    text "latest_invoice_ref" = id(it.latest_invoice.as_ref()),
    text "schedule_ref" = id(it.schedule.as_ref()),
    int "start_at" = at(it.start_s),
    int "period_start_at" = at(it.items.iter().filter_map(|item| item.period_start_s).min()),
    int "period_end_at" = at(it.items.iter().filter_map(|item| item.period_end_s).max()),
    int "trial_start_at" = at(it.trial_start_s),
    int "trial_end_at" = at(it.trial_end_s),
    int "cancel_at" = at(it.cancel_at_s),
    int "canceled_at" = at(it.canceled_at_s),
    int "ended_at" = at(it.ended_at_s),
    int "created_at" = made(it.created_s),
    int "items_truncated" = it.items_truncated,
} with SUBSCRIPTION_ITEM);

children!(SUBSCRIPTION_ITEM: Subscription(it) => "stripe_subscription_item" by "subscription_ref" of it.items.iter(), item: item.id; {
    text "price_ref" = id(item.price.as_ref()),
    text "product_ref" = id(item.product.as_ref()),
    int "quantity" = item.quantity,
    int "period_start_at" = at(item.period_start_s),
    int "period_end_at" = at(item.period_end_s),
});

table!(SCHEDULE: Schedule(it) => "stripe_subscription_schedule" {
    text "status" = &it.status,
    text "customer_ref" = id(it.customer.as_ref()),
    text "subscription_ref" = id(it.subscription.as_ref()),
    text "end_behavior" = word(it.end_behavior.as_ref()),
    int "phases" = many(it.phases.len()),
    int "phase_start_at" = at(it.phase_start_s),
    int "phase_end_at" = at(it.phase_end_s),
    int "canceled_at" = at(it.canceled_at_s),
    int "completed_at" = at(it.completed_at_s),
    int "released_at" = at(it.released_at_s),
    int "created_at" = made(it.created_s),
});

table!(ENTITLEMENTS: Entitlements(it) => "stripe_entitlement_summary" {
    int "active" = many(it.active.len()),
    int "truncated" = it.truncated,
} with ENTITLEMENT);

children!(ENTITLEMENT: Entitlements(it) => "stripe_entitlement" by "customer_ref" of it.active.iter(), row: row.id; {
    text "feature_ref" = id(row.feature.as_ref()),
    text "lookup_key" = word(row.lookup_key.as_ref()),
});

table!(PAYMENT_METHOD: PaymentMethod(it) => "stripe_payment_method" {
    text "type" = &it.method_type,
    text "customer_ref" = id(it.customer.as_ref()),
    text "brand" = word(it.brand.as_ref()),
    text "last4" = word(it.last4.as_ref()),
    int "exp_month" = it.exp_month,
    int "exp_year" = it.exp_year,
    text "country" = word(it.country.as_ref()),
    text "funding" = word(it.funding.as_ref()),
    int "created_at" = made(it.created_s),
});

table!(SETUP_INTENT: SetupIntent(it) => "stripe_setup_intent" {
    text "status" = &it.status,
    text "customer_ref" = id(it.customer.as_ref()),
    text "payment_method_ref" = id(it.payment_method.as_ref()),
    text "usage" = word(it.usage.as_ref()),
    text "failure_code" = word(it.failure_code.as_ref()),
    int "created_at" = made(it.created_s),
});

table!(TAX_ID: TaxId(it) => "stripe_tax_id" {
    text "customer_ref" = id(it.customer.as_ref()),
    text "type" = &it.id_type,
    text "country" = word(it.country.as_ref()),
    text "verification" = word(it.verification.as_ref()),
    int "created_at" = made(it.created_s),
});

table!(CREDIT_GRANT: CreditGrant(it) => "stripe_credit_grant" {
    text "customer_ref" = id(it.customer.as_ref()),
    text "name" = word(it.name.as_ref()),
    text "category" = word(it.category.as_ref()),
    text "currency" = money(it.currency),
    int "amount_minor" = it.amount_minor,
    int "effective_at" = at(it.effective_at_s),
    int "expires_at" = at(it.expires_at_s),
    int "voided_at" = at(it.voided_at_s),
    int "updated_at" = at(it.updated_s),
    int "created_at" = made(it.created_s),
});

table!(ALERT: Alert(it) => "stripe_alert_triggered" {
    text "alert_ref" = id(it.alert.as_ref()),
    text "customer_ref" = id(it.customer.as_ref()),
    text "title" = word(it.title.as_ref()),
    text "meter_ref" = id(it.meter.as_ref()),
    int "value" = it.value,
    int "threshold" = it.threshold,
    int "created_at" = made(it.created_s),
});

table!(METER: Meter(it) => "stripe_meter" {
    text "status" = &it.status,
    text "event_name" = word(it.event_name.as_ref()),
    text "display_name" = word(it.display_name.as_ref()),
    text "aggregation" = word(it.aggregation.as_ref()),
    int "updated_at" = at(it.updated_s),
    int "created_at" = made(it.created_s),
});
