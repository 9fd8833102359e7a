//! How all objects of a kind can be had of Stripe's API, in the order in which a run goes through them: what others are
//! listed by comes before them, what the books need before what people only look up. It must not know paths.

use kernel::Kind;

/// Where the objects of a kind are listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Listing {
    /// In one list.
    One,
    /// In one list, and those that belong to a test clock in a list of that clock alone.
    OneAndClocks,
    /// In one list, which only test mode has.
    OneInTestMode,
    /// In a list for each object of that kind.
    Of(Kind),
    /// There is one for each object of that kind, and it is asked for by that one's id.
    Each(Kind),
    /// Nowhere; why, and what is done instead.
    Nowhere(&'static str),
}

/// A kind, and where it is listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Listable {
    pub kind: Kind,
    pub listing: Listing,
}

const fn at(kind: Kind, listing: Listing) -> Listable {
    Listable { kind, listing }
}

/// Every kind there is.
pub const LISTABLE: [Listable; 36] = [
    at(Kind::TestClock, Listing::OneInTestMode),
    at(Kind::Coupon, Listing::One),
    at(Kind::PromotionCode, Listing::One),
    at(Kind::Customer, Listing::OneAndClocks),
    at(Kind::Subscription, Listing::OneAndClocks),
    at(Kind::Session, Listing::One),
    at(Kind::Invoice, Listing::One),
    at(Kind::InvoicePayment, Listing::One),
    at(Kind::Intent, Listing::One),
    at(Kind::Charge, Listing::One),
    at(Kind::Refund, Listing::One),
    at(Kind::Dispute, Listing::One),
    at(Kind::CreditNote, Listing::One),
    at(Kind::Product, Listing::One),
    at(Kind::Price, Listing::One),
    at(Kind::Payout, Listing::One),
    at(Kind::BalanceTransaction, Listing::One),
    at(Kind::Transfer, Listing::One),
    at(Kind::ApplicationFee, Listing::One),
    at(Kind::Account, Listing::One),
    at(Kind::Capability, Listing::Of(Kind::Account)),
    at(Kind::Schedule, Listing::One),
    at(Kind::SetupIntent, Listing::One),
    at(Kind::FraudWarning, Listing::One),
    at(Kind::Review, Listing::One),
    at(Kind::CreditGrant, Listing::One),
    at(Kind::Meter, Listing::One),
    at(Kind::PortalConfiguration, Listing::One),
    at(Kind::PaymentMethod, Listing::Of(Kind::Customer)),
    at(Kind::TaxId, Listing::Of(Kind::Customer)),
    at(Kind::Entitlements, Listing::Each(Kind::Customer)),
    at(Kind::Discount, Listing::Nowhere("no list; it comes along with what carries it")),
    at(
        Kind::FeeRefund,
        Listing::Nowhere("a list for each fee alone; the fee says how much of it was given back"),
    ),
    at(Kind::Alert, Listing::Nowhere("Stripe lists alerts, and not when they fired; known by events alone")),
    at(Kind::Application, Listing::Nowhere("no list; known by events alone")),
    at(Kind::PortalSession, Listing::Nowhere("shown once, when it is made; known by events alone")),
];

/// Where objects of that kind are listed.
#[must_use]
pub fn listing(kind: Kind) -> Listing {
    let found = LISTABLE.iter().find(|row| row.kind == kind);
    found.map_or(Listing::Nowhere("not known"), |row| row.listing)
}

impl Listing {
    /// In words, for the page of events.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::One => "one list".to_owned(),
            Self::OneAndClocks => "one list, and one for each test clock".to_owned(),
            Self::OneInTestMode => "one list, in test mode".to_owned(),
            Self::Of(parent) => format!("a list for each {}", parent.stripe_name()),
            Self::Each(parent) => format!("one for each {}", parent.stripe_name()),
            Self::Nowhere(why) => format!("not listed: {why}"),
        }
    }

    /// The kind whose objects are gone through for it.
    #[must_use]
    pub const fn parent(self) -> Option<Kind> {
        match self {
            Self::OneAndClocks => Some(Kind::TestClock),
            Self::Of(parent) | Self::Each(parent) => Some(parent),
            Self::One | Self::OneInTestMode | Self::Nowhere(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_one_line_behind_that_of_its_parent() {
        for kind in Kind::ALL {
            assert_eq!(LISTABLE.iter().filter(|row| row.kind == kind).count(), 1, "{kind:?}");
        }
        let place = |kind: Kind| LISTABLE.iter().position(|row| row.kind == kind);
        for row in LISTABLE {
            assert!(row.listing.parent().is_none_or(|parent| place(parent) < place(row.kind)), "{row:?}");
        }
    }
}
