//! The calls that lead to an event, one per line: `POST /v1/path form`. `{name}` is what `makers` makes under
//! that name, `{now+60}` a time; `@VERSION` before it says in which version. A card error, or what cannot become final, may be what an event is about.
//! It must not know how a call is answered.

pub(super) fn of(kind: &str) -> Option<&'static str> {
    RECIPES.iter().find(|(known, _)| *known == kind).map(|(_, steps)| *steps)
}

pub(super) fn kinds() -> impl Iterator<Item = &'static str> {
    RECIPES.iter().map(|(kind, _)| *kind)
}

const RECIPES: &[(&str, &str)] = &[
    ("account.updated", "POST /v1/accounts/{account} metadata[order]=6735"),
    ("charge.captured", "POST /v1/payment_intents/{held}/capture"),
    ("charge.dispute.closed", "POST /v1/disputes/{dispute}/close"),
    ("charge.dispute.created", "GET /v1/disputes/{dispute}"),
    (
        "charge.dispute.funds_reinstated",
        "POST /v1/disputes/{dispute} evidence[uncategorized_text]=winning_evidence&submit=true",
    ),
    ("charge.dispute.funds_withdrawn", "GET /v1/disputes/{dispute}"),
    ("charge.dispute.updated", "POST /v1/disputes/{dispute} metadata[order]=6735"),
    (
        "charge.failed",
        "POST /v1/payment_intents amount=2000&currency=usd&payment_method=pm_card_visa_chargeDeclined&payment_method_types[]=card&confirm=true",
    ),
    ("charge.refunded", "GET /v1/refunds/{refund}"),
    ("charge.succeeded", "GET /v1/payment_intents/{intent}"),
    ("charge.updated", "POST /v1/charges/{charge} metadata[order]=6735"),
    (
        "checkout.session.async_payment_failed",
        "POST /checkout/{debit} action=pay&email=jenny@example.com&name=Jenny Rosen&country=DE&iban=AT861904300235473202\nPOST /_sandbox/tick seconds=60",
    ),
    (
        "checkout.session.async_payment_succeeded",
        "POST /checkout/{debit} action=pay&email=jenny@example.com&name=Jenny Rosen&country=DE&iban=DE89370400440532013000\nPOST /_sandbox/tick seconds=60",
    ),
    (
        "checkout.session.completed",
        "POST /checkout/{session} action=pay&email=jenny@example.com&name=Jenny Rosen&country=US&expiry=12 / 40&cvc=123&number=4242424242424242",
    ),
    ("checkout.session.expired", "POST /v1/checkout/sessions/{session}/expire"),
    ("coupon.created", "GET /v1/coupons/{coupon}"),
    ("coupon.deleted", "DELETE /v1/coupons/{coupon}"),
    ("coupon.updated", "POST /v1/coupons/{coupon} metadata[order]=6735"),
    ("credit_note.created", "GET /v1/credit_notes/{credit_note}"),
    ("credit_note.updated", "POST /v1/credit_notes/{credit_note} metadata[order]=6735"),
    ("credit_note.voided", "POST /v1/credit_notes/{unpaid_note}/void"),
    ("customer.created", "GET /v1/customers/{nobody}"),
    ("customer.deleted", "DELETE /v1/customers/{nobody}"),
    ("customer.discount.created", "POST /v1/subscriptions/{subscription} discounts[0][coupon]={coupon}"),
    (
        "customer.discount.deleted",
        "POST /v1/subscriptions/{subscription} discounts[0][coupon]={coupon}\nDELETE /v1/subscriptions/{subscription}/discount",
    ),
    (
        "customer.discount.updated",
        "@2024-10-28.acacia POST /v1/customers/{nobody} coupon={coupon}\n@2024-10-28.acacia POST /v1/customers/{nobody} coupon={other_coupon}",
    ),
    ("customer.subscription.created", "GET /v1/subscriptions/{subscription}"),
    ("customer.subscription.deleted", "DELETE /v1/subscriptions/{subscription}"),
    (
        "customer.subscription.paused",
        "GET /v1/subscriptions/{clocked_trial}\nPOST /v1/test_helpers/test_clocks/{clock}/advance frozen_time={now+259200}",
    ),
    (
        "customer.subscription.pending_update_applied",
        "GET /v1/subscriptions/{subscription}\nPOST /_sandbox/cards/fail times=1\nPOST /v1/subscriptions/{subscription} items[0][id]={item}&items[0][quantity]=3&payment_behavior=pending_if_incomplete&proration_behavior=always_invoice\nPOST /v1/invoices/{latest}/pay",
    ),
    (
        "customer.subscription.pending_update_expired",
        "GET /v1/subscriptions/{clocked_subscription}\nPOST /_sandbox/cards/fail times=1\nPOST /v1/subscriptions/{clocked_subscription} items[0][id]={clocked_item}&items[0][quantity]=3&payment_behavior=pending_if_incomplete&proration_behavior=always_invoice\nPOST /v1/test_helpers/test_clocks/{clock}/advance frozen_time={now+172800}",
    ),
    (
        "customer.subscription.resumed",
        "GET /v1/subscriptions/{clocked_trial}\nPOST /v1/test_helpers/test_clocks/{clock}/advance frozen_time={now+259200}\nPOST /v1/customers/{clocked_nobody} invoice_settings[default_payment_method]={clocked_card}\nPOST /v1/subscriptions/{clocked_trial}/resume billing_cycle_anchor=now",
    ),
    ("customer.subscription.trial_will_end", "GET /v1/subscriptions/{trial}"),
    ("customer.subscription.updated", "POST /v1/subscriptions/{subscription} metadata[order]=6735"),
    ("customer.tax_id.created", "GET /v1/customers/{nobody}/tax_ids/{tax_id}"),
    ("customer.tax_id.deleted", "DELETE /v1/customers/{nobody}/tax_ids/{tax_id}"),
    (
        "customer.tax_id.updated",
        "GET /v1/customers/{nobody}/tax_ids/{tax_id}\nPOST /_sandbox/tick seconds=60",
    ),
    ("customer.updated", "POST /v1/customers/{nobody} metadata[order]=6735"),
    ("invoice.created", "GET /v1/invoices/{draft}"),
    (
        "invoice.finalization_failed",
        "POST /v1/invoices/{draft} automatic_tax[enabled]=true\nPOST /v1/invoices/{draft}/finalize",
    ),
    ("invoice.finalized", "GET /v1/invoices/{finalized}"),
    ("invoice.marked_uncollectible", "POST /v1/invoices/{finalized}/mark_uncollectible"),
    (
        "invoice.overdue",
        "GET /v1/invoices/{due}\nPOST /v1/test_helpers/test_clocks/{clock}/advance frozen_time={now+1036800}",
    ),
    ("invoice.paid", "GET /v1/invoices/{paid}"),
    ("invoice.payment_action_required", "POST /v1/subscriptions customer={asked}&items[0][price]={price}"),
    ("invoice.payment_failed", "POST /v1/subscriptions customer={broke}&items[0][price]={price}"),
    ("invoice.payment_succeeded", "GET /v1/invoices/{paid}"),
    ("invoice.sent", "POST /v1/invoices/{due}/send"),
    (
        "invoice.upcoming",
        "GET /v1/subscriptions/{clocked_subscription}\nPOST /v1/test_helpers/test_clocks/{clock}/advance frozen_time={now+2505600}",
    ),
    ("invoice.updated", "POST /v1/invoices/{draft} metadata[order]=6735"),
    ("invoice.voided", "POST /v1/invoices/{finalized}/void"),
    (
        "invoice.will_be_due",
        "GET /v1/invoices/{due}\nPOST /v1/test_helpers/test_clocks/{clock}/advance frozen_time={now+777600}",
    ),
    ("invoice_payment.paid", "GET /v1/invoices/{paid}"),
    ("payment_intent.canceled", "POST /v1/payment_intents/{open_intent}/cancel"),
    (
        "payment_intent.payment_failed",
        "POST /v1/payment_intents amount=2000&currency=usd&payment_method=pm_card_visa_chargeDeclined&payment_method_types[]=card&confirm=true",
    ),
    (
        "payment_intent.processing",
        "POST /v1/payment_intents amount=2000&currency=usd&payment_method=pm_usBankAccount_processing&payment_method_types[]=us_bank_account&confirm=true",
    ),
    (
        "payment_intent.requires_action",
        "POST /v1/payment_intents amount=2000&currency=usd&payment_method=pm_card_threeDSecure2Required&payment_method_types[]=card&confirm=true&return_url=https://shop.example.com/back",
    ),
    ("payment_intent.succeeded", "GET /v1/payment_intents/{intent}"),
    ("payment_method.attached", "POST /v1/payment_methods/pm_card_visa/attach customer={nobody}"),
    ("payment_method.automatically_updated", "POST /_sandbox/cards/{attached}/renew"),
    ("payment_method.detached", "POST /v1/payment_methods/{attached}/detach"),
    ("payment_method.updated", "POST /v1/payment_methods/{attached} metadata[order]=6735"),
    ("payout.canceled", "GET /v1/payment_intents/{there}\nPOST /v1/payouts/{payout}/cancel"),
    ("payout.created", "GET /v1/payment_intents/{there}\nGET /v1/payouts/{payout}"),
    ("payout.failed", "GET /v1/payment_intents/{there}\nPOST /_sandbox/payouts/{payout}/fail"),
    (
        "payout.paid",
        "GET /v1/payment_intents/{there}\nGET /v1/payouts/{payout}\nPOST /_sandbox/tick seconds=120",
    ),
    (
        "payout.reconciliation_completed",
        "GET /v1/payment_intents/{there}\nPOST /_sandbox/payouts/run\nPOST /_sandbox/tick seconds=60",
    ),
    ("payout.updated", "GET /v1/payment_intents/{there}\nPOST /v1/payouts/{payout} metadata[order]=6735"),
    ("price.created", "GET /v1/prices/{price}"),
    ("price.deleted", "POST /_sandbox/prices/{price}/delete"),
    ("price.updated", "POST /v1/prices/{price} metadata[order]=6735"),
    ("product.created", "GET /v1/products/{product}"),
    ("product.deleted", "DELETE /v1/products/{product}"),
    ("product.updated", "POST /v1/products/{product} metadata[order]=6735"),
    ("promotion_code.created", "GET /v1/promotion_codes/{code}"),
    ("promotion_code.updated", "POST /v1/promotion_codes/{code} active=false"),
    (
        "radar.early_fraud_warning.created",
        "POST /v1/payment_intents amount=2000&currency=usd&payment_method=pm_card_createIssuerFraudRecord&payment_method_types[]=card&confirm=true\nPOST /_sandbox/tick seconds=60",
    ),
    ("refund.created", "GET /v1/refunds/{refund}"),
    ("refund.failed", "POST /_sandbox/refunds/{refund}/fail"),
    ("refund.updated", "POST /v1/refunds/{refund} metadata[order]=6735"),
    (
        "setup_intent.setup_failed",
        "POST /v1/setup_intents customer={customer}&payment_method=pm_card_chargeDeclined&payment_method_types[]=card&confirm=true",
    ),
    ("setup_intent.succeeded", "GET /v1/setup_intents/{setup}"),
    (
        "test_helpers.test_clock.ready",
        "POST /v1/test_helpers/test_clocks/{clock}/advance frozen_time={now+86400}",
    ),
    ("transfer.created", "GET /v1/transfers/{transfer}"),
    ("transfer.reversed", "POST /v1/transfers/{transfer}/reversals amount=500"),
    ("transfer.updated", "POST /v1/transfers/{transfer} metadata[order]=6735"),
];
