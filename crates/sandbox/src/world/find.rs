//! Any object of a book by its id alone, as expansion needs it: the prefix says which table. It must not know
//! what is done with it.

use super::{Book, promotion_code};
use crate::model::Object;

impl Book {
    /// The object with that id, whatever it is, as it is now. Coupons have ids of their makers' choosing and are
    /// not found here.
    pub(crate) fn find(&self, id: &str) -> Option<Object> {
        let prefix = id.split_once('_').map_or("", |(prefix, _)| prefix);
        match prefix {
            "acct" => self.accounts.get(id).map(Object::from),
            "cbtxn" => self.balance_moves.get(id).map(Object::from),
            "ch" | "py" => self.charges.get(id).map(Object::from),
            "clock" => self.test_clocks.get(id).map(Object::from),
            "cn" => self.credit_notes.get(id).map(Object::from),
            "cs" => self.sessions.get(id).map(Object::from),
            "cus" => self.customers.get(id).map(Object::from),
            "di" => self.discounts.get(id).map(Object::from),
            "dp" | "du" => self.disputes.get(id).map(Object::from),
            "ii" => self.invoice_items.get(id).map(Object::from),
            "in" => self.invoices.get(id).map(Object::from),
            "inpay" => self.invoice_payments.get(id).map(Object::from),
            "pi" => self.intents.get(id).map(Object::from),
            "pm" => self.payment_methods.get(id).map(Object::from),
            "po" => self.payouts.rows.get(id).map(Object::from),
            "price" => self.prices.get(id).map(Object::from),
            "promo" => self.promotion_codes.get(id).map(|code| promotion_code::current(self, code).into()),
            "issfr" => self.early_fraud_warnings.get(id).map(Object::from),
            "fee" => self.application_fees.get(id).map(Object::from),
            "tr" => self.transfers.get(id).map(Object::from),
            "seti" => self.setup_intents.get(id).map(Object::from),
            "re" | "pyr" => self.refunds.get(id).map(Object::from),
            "shr" => self.shipping_rates.get(id).map(Object::from),
            "sub" => self.subscriptions.get(id).map(Object::from),
            "txn" => self.balance_transactions.get(id).map(Object::from),
            "txi" => self.tax_ids.get(id).map(Object::from),
            "txr" => self.tax_rates.get(id).map(Object::from),
            "we" => self.webhook_endpoints.get(id).map(Object::from),
            // Products may have ids of their makers' choosing, too.
            _ => None,
        }
        .or_else(|| self.products.get(id).map(Object::from))
    }
}
