//! Every object of a book, table by table, for control. It must not know what is done with them.

use std::sync::Arc;

use super::{Book, Table};
use crate::model::Object;

impl Book {
    /// Each kind of object with all of them, the oldest first. Events are not among them.
    pub(crate) fn everything(&self) -> Vec<(&'static str, Vec<Object>)> {
        vec![
            ("account", all(&self.accounts)),
            ("balance_transaction", all(&self.balance_transactions)),
            ("charge", all(&self.charges)),
            ("checkout.session", all(&self.sessions)),
            ("coupon", all(&self.coupons)),
            ("credit_note", all(&self.credit_notes)),
            ("customer", all(&self.customers)),
            ("customer_balance_transaction", all(&self.balance_moves)),
            ("discount", all(&self.discounts)),
            ("dispute", all(&self.disputes)),
            ("invoice", all(&self.invoices)),
            ("invoice_payment", all(&self.invoice_payments)),
            ("invoiceitem", all(&self.invoice_items)),
            ("payment_intent", all(&self.intents)),
            ("payment_method", all(&self.payment_methods)),
            ("payout", all(&self.payouts.rows)),
            ("price", all(&self.prices)),
            ("product", all(&self.products)),
            ("promotion_code", all(&self.promotion_codes)),
            ("radar.early_fraud_warning", all(&self.early_fraud_warnings)),
            ("refund", all(&self.refunds)),
            ("setup_intent", all(&self.setup_intents)),
            ("shipping_rate", all(&self.shipping_rates)),
            ("subscription", all(&self.subscriptions)),
            ("tax_id", all(&self.tax_ids)),
            ("tax_rate", all(&self.tax_rates)),
            ("test_helpers.test_clock", all(&self.test_clocks)),
            ("webhook_endpoint", all(&self.webhook_endpoints)),
        ]
    }
}

fn all<T>(table: &Table<T>) -> Vec<Object>
where
    Object: for<'a> From<&'a Arc<T>>,
{
    table.oldest().map(Object::from).collect()
}
