//! What is bought: sessions, invoices with their lines, credit notes, and which payment paid which invoice.

use kernel::fact::{InvoiceStatus, PaymentStatus, SessionMode};

use super::table::{at, children, id, made, money, table, word};

table!(SESSION: Session(it) => "stripe_checkout_session" {
    text "mode" = mode(&it.mode),
    text "status" = word(it.status.as_ref()),
    text "payment_status" = payment_status(&it.payment_status),
    text "currency" = money(it.currency),
    int "total_minor" = it.total_minor,
    int "subtotal_minor" = it.subtotal_minor,
    int "discount_minor" = it.discount_minor,
    int "tax_minor" = it.tax_minor,
    int "shipping_minor" = it.shipping_charged_minor,
    text "customer_ref" = id(it.customer.as_ref()),
    text "subscription_ref" = id(it.subscription.as_ref()),
    text "invoice_ref" = id(it.invoice.as_ref()),
    text "payment_intent_ref" = id(it.intent.as_ref()),
    text "client_reference_id" = word(it.client_reference_id.as_ref()),
    int "created_at" = made(it.created_s),
});

table!(INVOICE: Invoice(it) => "stripe_invoice" {
    text "status" = invoice_status(&it.status),
    text "currency" = it.currency.as_str(),
    int "total_minor" = it.total_minor,
    int "subtotal_minor" = it.subtotal_minor,
    int "discount_minor" = it.discount_minor,
    int "tax_minor" = it.tax_inclusive_minor.saturating_add(it.tax_exclusive_minor),
    int "shipping_minor" = it.shipping_charged_minor,
    int "amount_due_minor" = it.amount_due_minor,
    int "amount_paid_minor" = it.amount_paid_minor,
    text "billing_reason" = word(it.billing_reason.as_ref()),
    text "customer_ref" = id(it.customer.as_ref()),
    text "subscription_ref" = id(it.subscription.as_ref()),
    int "paid_at" = at(it.paid_at_s),
    int "created_at" = made(it.created_s),
    int "lines_truncated" = it.lines_truncated,
} with INVOICE_LINE);

children!(INVOICE_LINE: Invoice(it) => "stripe_invoice_line" by "invoice_ref" of it.lines.iter(), line: line.id; {
    int "amount_minor" = line.amount_minor,
    int "discount_minor" = line.discount_minor,
    int "tax_inclusive_minor" = line.tax_inclusive_minor,
    text "product_ref" = id(line.product.as_ref()),
    text "price_ref" = id(line.price.as_ref()),
    int "period_start_at" = at(line.period_start_s),
    int "period_end_at" = at(line.period_end_s),
});

table!(INVOICE_PAYMENT: InvoicePayment(it) => "stripe_invoice_payment" {
    text "status" = &it.status,
    text "currency" = it.currency.as_str(),
    int "amount_paid_minor" = it.amount_paid_minor,
    text "invoice_ref" = id(it.invoice.as_ref()),
    text "payment_intent_ref" = id(it.intent.as_ref()),
    text "charge_ref" = id(it.charge.as_ref()),
    int "paid_at" = at(it.paid_at_s),
});

table!(CREDIT_NOTE: CreditNote(it) => "stripe_credit_note" {
    text "status" = &it.status,
    text "currency" = it.currency.as_str(),
    int "total_minor" = it.total_minor,
    int "out_of_band_minor" = it.out_of_band_minor,
    text "invoice_ref" = id(it.invoice.as_ref()),
    int "created_at" = made(it.created_s),
});

fn mode(mode: &SessionMode) -> &str {
    match mode {
        SessionMode::Payment => "payment",
        SessionMode::Subscription => "subscription",
        SessionMode::Setup => "setup",
        SessionMode::Unknown(word) => word,
    }
}

fn payment_status(status: &PaymentStatus) -> &str {
    match status {
        PaymentStatus::Paid => "paid",
        PaymentStatus::Unpaid => "unpaid",
        PaymentStatus::NoPaymentRequired => "no_payment_required",
        PaymentStatus::Unknown(word) => word,
    }
}

fn invoice_status(status: &InvoiceStatus) -> &str {
    match status {
        InvoiceStatus::Draft => "draft",
        InvoiceStatus::Open => "open",
        InvoiceStatus::Paid => "paid",
        InvoiceStatus::Uncollectible => "uncollectible",
        InvoiceStatus::Void => "void",
        InvoiceStatus::Unknown(word) => word,
    }
}
