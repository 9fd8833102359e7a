//! Invoice payments: `/v1/invoice_payments`, the only place that names both an invoice and its payment from
//! basil on.

use serde::Deserialize;

use crate::answer::named;
use crate::client::Client;
use crate::form::Form;
use crate::page::{Pages, Step};

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct InvoicePayment {
    pub id: String,
    #[serde(default, deserialize_with = "named")]
    pub invoice: Option<String>,
    #[serde(default)]
    pub status: String,
}

impl Client {
    /// The payments of an invoice. Versions before basil have none: ask [`crate::ApiVersion`] first.
    #[must_use]
    pub fn invoice_payments(&self, invoice: &str) -> Pages<InvoicePayment> {
        let mut form = Form::default();
        form.put("invoice", invoice);
        Pages::new(self, "/v1/invoice_payments", form, Step::Older, None)
    }

    /// The invoice payments that a payment intent made.
    #[must_use]
    pub fn invoice_payments_of_intent(&self, intent: &str) -> Pages<InvoicePayment> {
        let mut form = Form::default();
        form.put("payment[type]", "payment_intent").put("payment[payment_intent]", intent);
        Pages::new(self, "/v1/invoice_payments", form, Step::Older, None)
    }
}
