//! Any list of objects that facts are about, page by page, each with what explains its discounts. What an object
//! says is read elsewhere; here it is bytes.

use kernel::{Kind, Ref};

use crate::client::Client;
use crate::error::StripeError;
use crate::form::Form;
use crate::page::OnePage;
use crate::retrieve::collection;

/// What rows are asked to bring along, so that an old invoice still says which coupon and code its discounts were.
/// Stripe follows a path for four steps, `data` included: one step less than when a single object is fetched.
const fn brought_along(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Invoice => {
            &["data.discounts", "data.lines.data.discounts", "data.total_discount_amounts.discount"]
        }
        Kind::Session => &["data.total_details.breakdown"],
        Kind::Subscription => &["data.discounts", "data.items.data.discounts"],
        _ => &[],
    }
}

impl Client {
    /// One page of all objects of a kind, newest first, behind the object `after`.
    pub fn objects_page(&self, kind: Kind, after: Option<&Ref>) -> Result<OnePage, StripeError> {
        let unsendable = || StripeError::Unsendable { what: format!("a list of {}", kind.stripe_name()) };
        let path = collection(kind).ok_or_else(unsendable)?;
        let mut form = Form::default();
        if kind == Kind::Subscription {
            // Without it Stripe leaves out those that have ended.
            form.put("status", "all");
        }
        form.list("expand", brought_along(kind));
        self.one_page(path, form, after.map(Ref::as_str))
    }

    /// One page of the balance transactions that a payout carried, behind the one called `after`.
    pub fn carried_page(&self, payout: &Ref, after: Option<&Ref>) -> Result<OnePage, StripeError> {
        let mut form = Form::default();
        form.put("payout", payout);
        self.one_page("/v1/balance_transactions", form, after.map(Ref::as_str))
    }
}
