//! The merchant's side: payouts, the balance, connected accounts, the portal, test clocks.

use super::table::{at, id, made, money, table, word};

table!(PAYOUT: Payout(it) => "stripe_payout" {
    text "status" = &it.status,
    text "currency" = it.currency.as_str(),
    int "amount_minor" = it.amount_minor,
    int "automatic" = it.automatic,
    text "method" = word(it.method.as_ref()),
    text "destination_ref" = id(it.destination.as_ref()),
    text "balance_transaction_ref" = id(it.balance_transaction.as_ref()),
    text "failure_code" = word(it.failure_code.as_ref()),
    text "reconciliation_status" = word(it.reconciliation_status.as_ref()),
    int "arrival_at" = at(it.arrival_s),
    int "created_at" = made(it.created_s),
});

table!(BALANCE_TRANSACTION: BalanceTransaction(it) => "stripe_balance_transaction" {
    text "type" = &it.transaction_type,
    text "reporting_category" = word(it.reporting_category.as_ref()),
    text "status" = &it.status,
    text "currency" = it.currency.as_str(),
    int "amount_minor" = it.amount_minor,
    int "fee_minor" = it.fee_minor,
    int "net_minor" = it.net_minor,
    text "source_ref" = id(it.source.as_ref()),
    text "payout_ref" = id(it.payout.as_ref()),
    int "available_at" = at(it.available_on_s),
    int "created_at" = made(it.created_s),
});

table!(TRANSFER: Transfer(it) => "stripe_transfer" {
    text "currency" = it.currency.as_str(),
    int "amount_minor" = it.amount_minor,
    int "amount_reversed_minor" = it.amount_reversed_minor,
    text "destination_ref" = id(it.destination.as_ref()),
    text "destination_payment_ref" = id(it.destination_payment.as_ref()),
    text "source_transaction_ref" = id(it.source_transaction.as_ref()),
    text "balance_transaction_ref" = id(it.balance_transaction.as_ref()),
    text "transfer_group" = word(it.transfer_group.as_ref()),
    int "created_at" = made(it.created_s),
});

table!(APPLICATION_FEE: ApplicationFee(it) => "stripe_application_fee" {
    text "account_ref" = id(it.account.as_ref()),
    text "charge_ref" = id(it.charge.as_ref()),
    text "currency" = it.currency.as_str(),
    int "amount_minor" = it.amount_minor,
    int "amount_refunded_minor" = it.amount_refunded_minor,
    text "balance_transaction_ref" = id(it.balance_transaction.as_ref()),
    int "created_at" = made(it.created_s),
});

table!(FEE_REFUND: FeeRefund(it) => "stripe_application_fee_refund" {
    text "application_fee_ref" = id(it.fee.as_ref()),
    text "currency" = it.currency.as_str(),
    int "amount_minor" = it.amount_minor,
    text "balance_transaction_ref" = id(it.balance_transaction.as_ref()),
    int "created_at" = made(it.created_s),
});

table!(ACCOUNT: Account(it) => "stripe_account" {
    text "type" = word(it.account_type.as_ref()),
    text "country" = word(it.country.as_ref()),
    text "default_currency" = money(it.default_currency),
    int "charges_enabled" = it.charges_enabled,
    int "payouts_enabled" = it.payouts_enabled,
    int "details_submitted" = it.details_submitted,
    text "disabled_reason" = word(it.disabled_reason.as_ref()),
    int "currently_due" = it.currently_due,
    int "created_at" = made(it.created_s),
});

table!(CAPABILITY: Capability(it) => "stripe_capability" {
    text "account_ref" = id(it.account.as_ref()),
    text "capability" = &it.capability,
    text "status" = &it.status,
    int "requested" = it.requested,
});

table!(APPLICATION: Application(it) => "stripe_application" {
    int "deauthorized" = it.deauthorized,
});

table!(PORTAL_CONFIGURATION: PortalConfiguration(it) => "stripe_portal_configuration" {
    int "active" = it.active,
    int "is_default" = it.is_default,
    text "name" = word(it.name.as_ref()),
    int "cancel_enabled" = it.cancel_enabled,
    text "cancel_mode" = word(it.cancel_mode.as_ref()),
    int "update_enabled" = it.update_enabled,
    int "payment_method_update_enabled" = it.method_update_enabled,
    int "updated_at" = at(it.updated_s),
    int "created_at" = made(it.created_s),
});

table!(PORTAL_SESSION: PortalSession(it) => "stripe_portal_session" {
    text "customer_ref" = id(it.customer.as_ref()),
    text "configuration_ref" = id(it.configuration.as_ref()),
    text "flow" = word(it.flow.as_ref()),
    int "created_at" = made(it.created_s),
});

table!(TEST_CLOCK: TestClock(it) => "stripe_test_clock" {
    text "status" = &it.status,
    text "name" = word(it.name.as_ref()),
    int "frozen_at" = at(it.frozen_s),
    int "deletes_after_at" = at(it.deletes_after_s),
    int "created_at" = made(it.created_s),
});
