//! Any list of objects that facts are about, page by page, each with what explains its discounts. What an object
//! says is read elsewhere; here it is bytes.

use kernel::{Kind, ObjectKey, Ref};

use crate::client::{Client, path_of};
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

fn form_of(kind: Kind) -> Form {
    let mut form = Form::default();
    if kind == Kind::Subscription {
        // Without it Stripe leaves out those that have ended.
        form.put("status", "all");
    }
    form.list("expand", brought_along(kind));
    form
}

impl Client {
    /// One page of all objects of a kind, newest first, behind the object `after`. Customers and subscriptions of test
    /// clocks are in none of its pages.
    pub fn objects_page(&self, kind: Kind, after: Option<&Ref>) -> Result<OnePage, StripeError> {
        let unsendable = || StripeError::Unsendable { what: format!("a list of {}", kind.stripe_name()) };
        let path = collection(kind).ok_or_else(unsendable)?;
        self.one_page(path, form_of(kind), after.map(Ref::as_str))
    }

    /// One page of those that belong to one other object: a test clock's customers and subscriptions, a customer's
    /// payment methods and tax ids, a connected account's capabilities.
    pub fn objects_of_page(
        &self,
        kind: Kind,
        of: &ObjectKey,
        after: Option<&Ref>,
    ) -> Result<OnePage, StripeError> {
        let unsendable =
            || StripeError::Unsendable { what: format!("a list of {} of {of}", kind.stripe_name()) };
        let mut form = form_of(kind);
        let below = |name: &str| {
            let path = path_of(collection(of.kind).ok_or_else(unsendable)?, of.id.as_str())?;
            Ok(format!("{path}/{name}"))
        };
        let path = match (kind, of.kind) {
            (Kind::Customer | Kind::Subscription, Kind::TestClock) => {
                form.put("test_clock", &of.id);
                collection(kind).ok_or_else(unsendable)?.to_owned()
            }
            (Kind::PaymentMethod, Kind::Customer) => below("payment_methods")?,
            (Kind::TaxId, Kind::Customer) => below("tax_ids")?,
            (Kind::Capability, Kind::Account) => return self.only_page(&below("capabilities")?, form),
            _ => return Err(unsendable()),
        };
        self.one_page(&path, form, after.map(Ref::as_str))
    }

    /// One page of the balance transactions that a payout carried, behind the one called `after`.
    pub fn carried_page(&self, payout: &Ref, after: Option<&Ref>) -> Result<OnePage, StripeError> {
        let mut form = Form::default();
        form.put("payout", payout);
        self.one_page("/v1/balance_transactions", form, after.map(Ref::as_str))
    }
}
