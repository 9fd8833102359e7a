//! What is part of an object only when `expand[]` asks for it: one line each. It must not know how the parts are
//! found, which is each resource's business.

use super::{charge, coupon, customer, invoice_payment, price, promotion_code, session, subscription};
use crate::render::Frame;
use crate::world::Book;

/// The part of the object with that id, as JSON; `None`: it has none (`null`).
pub(crate) type Include = fn(&Book, &str, Frame) -> Option<String>;

/// Object, part, and who finds it.
const PARTS: &[(&str, &str, Include)] = &[
    ("charge", "refunds", charge::refunds),
    ("checkout.session", "line_items", session::items_of),
    ("checkout.session", "total_details.breakdown", session::breakdown_of),
    ("coupon", "applies_to", coupon::applies_to),
    ("coupon", "currency_options", coupon::options),
    ("customer", "subscriptions", subscription::of_customer),
    ("invoice", "confirmation_secret", invoice_payment::secret),
    ("invoice", "payments", invoice_payment::of_invoice),
    ("customer", "tax_ids", customer::tax_ids),
    ("price", "currency_options", price::options),
    ("price", "tiers", price::tiers),
    ("promotion_code", "restrictions.currency_options", promotion_code::options),
];

pub(super) fn find(object: &str, part: &str) -> Option<Include> {
    PARTS.iter().find(|(owner, name, _)| *owner == object && *name == part).map(|(_, _, include)| *include)
}
