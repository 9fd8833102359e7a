//! One row of the canonical export. The order of the fields is the order of MONEY.md section 6.

use std::cmp::Ordering;

use kernel::{Book, Ref, UnixMs, time};
use rules::status::{Buckets, buckets};
use serde::Serialize;
use store::sale::SaleRow;

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ExportRow {
    pub account: Option<String>,
    pub livemode: bool,
    pub sale: String,
    pub partner: Option<String>,
    pub code: Option<String>,
    pub reason: String,
    pub share_bps: i64,
    pub currency: String,
    pub gross_minor: i64,
    pub discount_minor: i64,
    pub tax_minor: i64,
    pub shipping_minor: i64,
    pub total_minor: i64,
    pub paid_minor: i64,
    pub refunded_minor: i64,
    pub disputed_minor: i64,
    pub net_sold_minor: i64,
    pub net_minor: i64,
    pub rate_bps: Option<i64>,
    pub terms_version: Option<i64>,
    pub commission_minor: i64,
    pub pending_minor: i64,
    pub available_minor: i64,
    pub held_minor: i64,
    pub settled_minor: i64,
    pub receivable_minor: i64,
    pub status: String,
    pub stripe_invoice_ref: Option<String>,
    pub stripe_session_ref: Option<String>,
    pub stripe_payment_intent_ref: Option<String>,
    pub stripe_customer_ref: Option<String>,
    pub stripe_subscription_ref: Option<String>,
    pub sale_at: String,
    pub available_at: Option<String>,
    pub settled_at: Option<String>,
    #[serde(skip)]
    sale_at_ms: UnixMs,
}

impl ExportRow {
    pub(crate) fn new(book: &Book, sale: &SaleRow, as_of: UnixMs) -> Self {
        let Buckets { pending_minor, available_minor, held_minor, settled_minor, receivable_minor, status } =
            buckets(
                sale.commission_minor,
                sale.held,
                sale.partly_paid,
                sale.available_at,
                sale.earned_minor > 0,
                as_of,
            );
        Self {
            account: book.account.as_ref().map(Ref::to_string),
            livemode: book.livemode,
            sale: sale.sale.clone(),
            partner: (!sale.partner.is_empty()).then(|| sale.partner.clone()),
            code: sale.code.clone(),
            reason: sale.reason.clone(),
            share_bps: sale.share_bps,
            currency: sale.currency.clone(),
            gross_minor: sale.gross_minor,
            discount_minor: sale.discount_minor,
            tax_minor: sale.tax_minor,
            shipping_minor: sale.shipping_minor,
            total_minor: sale.total_minor,
            paid_minor: sale.paid_minor,
            refunded_minor: sale.refunded_minor,
            disputed_minor: sale.disputed_minor,
            net_sold_minor: sale.net_sold_minor,
            net_minor: sale.net_minor,
            rate_bps: sale.rate_bps,
            terms_version: sale.terms_version,
            commission_minor: sale.commission_minor,
            pending_minor,
            available_minor,
            held_minor,
            settled_minor,
            receivable_minor,
            status: status.as_str().to_owned(),
            stripe_invoice_ref: sale.stripe_invoice_ref.clone(),
            stripe_session_ref: sale.stripe_session_ref.clone(),
            stripe_payment_intent_ref: sale.stripe_payment_intent_ref.clone(),
            stripe_customer_ref: sale.stripe_customer_ref.clone(),
            stripe_subscription_ref: sale.stripe_subscription_ref.clone(),
            sale_at: time::rfc3339(sale.sale_at),
            available_at: sale.available_at.map(time::rfc3339),
            settled_at: None,
            sale_at_ms: sale.sale_at,
        }
    }

    /// A row of nothing, for its field names.
    pub(crate) fn blank() -> Self {
        Self::new(&Book::own(false), &SaleRow::default(), 0)
    }

    /// Account (own first), livemode, sale time, sale, partner (nobody first).
    #[must_use]
    pub fn canonical_order(&self, other: &Self) -> Ordering {
        (&self.account, self.livemode, self.sale_at_ms, &self.sale, &self.partner).cmp(&(
            &other.account,
            other.livemode,
            other.sale_at_ms,
            &other.sale,
            &other.partner,
        ))
    }

    pub(crate) const fn sold_at(&self) -> UnixMs {
        self.sale_at_ms
    }

    #[must_use]
    pub fn book(&self) -> Book {
        Book { account: self.account.as_deref().and_then(Ref::parse), livemode: self.livemode }
    }
}
