//! Which event types there are, and what each means to us: read, or stored and why not read. One line for a type;
//! what an endpoint subscribes to, the page of events and the tests are made of these lines.
//!
//! It must not know how an object is read.

mod listing;
mod snapshot;
mod thin;

use std::sync::LazyLock;

use kernel::Kind;

use crate::json::{Fields, Node, Shape};

pub use listing::{LISTABLE, Listable, Listing, listing};

/// What becomes of an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Means {
    /// Its object becomes facts.
    Read(Kind),
    /// It is kept in the inbox and nothing else; why.
    Stored(&'static str),
}

/// One event type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row {
    pub event_type: &'static str,
    pub means: Means,
    /// One sentence: what it says. Empty of what is only stored.
    pub does: &'static str,
}

/// One event type that is read, and the kind of object that it carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handle {
    pub event_type: &'static str,
    pub kind: Kind,
}

/// Understood, and never subscribed to by default: while its delivery fails, Stripe holds back a renewal's money.
pub const NOT_SUBSCRIBED: &str = "invoice.created";

/// The name of a snapshot type's thin twin begins so.
const TWIN: &str = "v1.";

/// Every snapshot type that Stripe has, sorted.
#[must_use]
pub const fn snapshot_rows() -> &'static [Row] {
    snapshot::ROWS
}

/// Every thin type that has no snapshot twin, sorted.
#[must_use]
pub const fn thin_rows() -> &'static [Row] {
    thin::ROWS
}

/// Every snapshot type that is read, sorted.
pub fn handles() -> impl Iterator<Item = Handle> + Clone {
    snapshot::ROWS.iter().filter_map(|row| match row.means {
        Means::Read(kind) => Some(Handle { event_type: row.event_type, kind }),
        Means::Stored(_) => None,
    })
}

/// The same as a list.
pub static HANDLES: LazyLock<Vec<Handle>> = LazyLock::new(|| handles().collect());

/// What an endpoint is subscribed to: everything that is read, but for one. Sorted.
pub fn subscribed() -> impl Iterator<Item = &'static str> + Clone {
    handles().map(|handle| handle.event_type).filter(|name| *name != NOT_SUBSCRIBED)
}

/// The line of a snapshot type.
#[must_use]
pub fn snapshot_row(event_type: &str) -> Option<&'static Row> {
    find(snapshot::ROWS, event_type)
}

/// The line of a thin type: its own, or its twin's.
#[must_use]
pub fn thin_row(event_type: &str) -> Option<&'static Row> {
    find(thin::ROWS, event_type).or_else(|| snapshot_row(event_type.strip_prefix(TWIN)?))
}

fn find(rows: &'static [Row], event_type: &str) -> Option<&'static Row> {
    let found = rows.binary_search_by(|row| row.event_type.cmp(event_type)).ok();
    found.map(|index| &rows[index])
}

/// Types newer than this program: a type that begins so and carries this kind is read as well.
const FAMILIES: [(&str, Kind); 37] = [
    ("account.", Kind::Account),
    ("account.application.", Kind::Application),
    ("application_fee.", Kind::ApplicationFee),
    ("application_fee.", Kind::FeeRefund),
    ("billing.alert.", Kind::Alert),
    ("billing.credit_grant.", Kind::CreditGrant),
    ("billing.meter.", Kind::Meter),
    ("billing_portal.configuration.", Kind::PortalConfiguration),
    ("billing_portal.session.", Kind::PortalSession),
    ("capability.", Kind::Capability),
    ("charge.", Kind::Charge),
    ("charge.dispute.", Kind::Dispute),
    ("charge.refund.", Kind::Refund),
    ("checkout.session.", Kind::Session),
    ("coupon.", Kind::Coupon),
    ("credit_note.", Kind::CreditNote),
    ("customer.", Kind::Customer),
    ("customer.discount.", Kind::Discount),
    ("customer.subscription.", Kind::Subscription),
    ("customer.tax_id.", Kind::TaxId),
    ("entitlements.", Kind::Entitlements),
    ("invoice.", Kind::Invoice),
    ("invoice_payment.", Kind::InvoicePayment),
    ("payment_intent.", Kind::Intent),
    ("payment_method.", Kind::PaymentMethod),
    ("payout.", Kind::Payout),
    ("price.", Kind::Price),
    ("product.", Kind::Product),
    ("promotion_code.", Kind::PromotionCode),
    ("radar.early_fraud_warning.", Kind::FraudWarning),
    ("refund.", Kind::Refund),
    ("review.", Kind::Review),
    ("setup_intent.", Kind::SetupIntent),
    ("subscription_schedule.", Kind::Schedule),
    ("tax_id.", Kind::TaxId),
    ("test_helpers.test_clock.", Kind::TestClock),
    ("transfer.", Kind::Transfer),
];

const fn on(event_type: &'static str, kind: Kind, does: &'static str) -> Row {
    Row { event_type, means: Means::Read(kind), does }
}

const fn stored(event_type: &'static str, why: &'static str) -> Row {
    Row { event_type, means: Means::Stored(why), does: "" }
}

/// What an event of this type means; `None` of a type that nobody knows and whose object is none of ours.
pub(crate) fn means(event_type: &str, object: Option<&Fields<'_>>) -> Option<Means> {
    if let Some(row) = snapshot_row(event_type) {
        return Some(row.means);
    }
    let says = object?.get("object").map(Node::shape);
    let family = FAMILIES
        .iter()
        .find(|(begin, kind)| event_type.starts_with(begin) && says == Some(Shape::Text(kind.stripe_name())));
    family.map(|(_, kind)| Means::Read(*kind))
}

#[cfg(test)]
mod page_tests;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_name_no_type_twice() {
        for rows in [snapshot::ROWS, thin::ROWS] {
            assert!(rows.windows(2).all(|pair| pair[0].event_type < pair[1].event_type));
        }
        assert!(thin::ROWS.iter().all(|row| {
            row.event_type.strip_prefix(TWIN).is_none_or(|twin| snapshot_row(twin).is_none())
        }));
    }

    #[test]
    fn every_type_says_what_it_does_or_why_it_is_only_stored() {
        for row in snapshot::ROWS.iter().chain(thin::ROWS) {
            match row.means {
                Means::Read(_) => assert!(row.does.ends_with('.'), "{}", row.event_type),
                Means::Stored(why) => assert!(!why.is_empty(), "{}", row.event_type),
            }
        }
    }

    /// Balance transactions travel in no event.
    #[test]
    fn every_kind_has_a_type_and_a_family() {
        for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::BalanceTransaction) {
            assert!(handles().any(|handle| handle.kind == kind), "{kind:?}");
            assert!(FAMILIES.iter().any(|(_, known)| *known == kind), "{kind:?}");
        }
    }

    #[test]
    fn a_thin_type_means_what_its_twin_means() {
        assert_eq!(thin_row("v1.invoice.paid").map(|row| row.means), Some(Means::Read(Kind::Invoice)));
        assert_eq!(
            thin_row("v1.customer.subscription.past_due").map(|row| row.means),
            Some(Means::Read(Kind::Subscription))
        );
        assert!(thin_row("v2.core.event_destination.ping").is_some());
        assert_eq!(thin_row("invoice.paid"), None);
    }

    #[test]
    fn a_newer_type_of_a_known_family_is_read_when_its_object_agrees() {
        for (event_type, object, kind) in [
            ("invoice.reopened", "invoice", Some(Kind::Invoice)),
            ("charge.dispute.appealed", "dispute", Some(Kind::Dispute)),
            ("charge.dispute.appealed", "charge", Some(Kind::Charge)),
            ("customer.tax_id.verified", "tax_id", Some(Kind::TaxId)),
            ("customer.wallet.created", "card", None),
            ("plan.retired", "plan", None),
        ] {
            let text = format!(r#"{{"object":"{object}"}}"#);
            let found = means(event_type, Fields::parse(&text).as_ref());
            assert_eq!(found, kind.map(Means::Read), "{event_type} {object}");
        }
    }
}
