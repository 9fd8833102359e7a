//! Two versions of one object, field by field: what differs, under which path. It must not know what a field means,
//! except which say nothing that Stripe tells in events.

use std::collections::{BTreeMap, BTreeSet};

use crate::house::EngineError;
use kernel::fact::{Body, InvoiceStatus};

/// A field that is not the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Differs {
    pub(super) path: String,
    pub(super) ours: String,
    pub(super) stripes: String,
}

/// What is said of a field that a version has not.
const ABSENT: &str = "absent";

/// The fields in which Stripe's version is another, sorted by path.
pub(super) fn differences(ours: &Body, stripes: &Body) -> Result<Vec<Differs>, EngineError> {
    if ours == stripes {
        return Ok(Vec::new());
    }
    let (left, right) = (fields(ours)?, fields(stripes)?);
    let paths: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
    let said = |side: &BTreeMap<String, String>, path: &str| {
        side.get(path).cloned().unwrap_or_else(|| ABSENT.to_owned())
    };
    let differs = paths.into_iter().filter(|path| !untold(stripes, path)).map(|path| Differs {
        path: path.clone(),
        ours: said(&left, path),
        stripes: said(&right, path),
    });
    Ok(differs.filter(|field| field.ours != field.stripes).collect())
}

/// Every scalar under its path, without the kind, which both have in common.
pub(super) fn fields(body: &Body) -> Result<BTreeMap<String, String>, EngineError> {
    let all = crate::audit::fields::fields(body)?;
    let below = |path: String| path.split_once('.').map_or_else(|| path.clone(), |(_, rest)| rest.to_owned());
    Ok(all.into_iter().map(|(path, value)| (below(path), value)).collect())
}

/// Stripe makes no event of a redemption or of an expiry, nor of a balance transaction that becomes available, and what
/// carries a discount does not say that it has ended: to differ in these is no fault.
fn untold(body: &Body, path: &str) -> bool {
    match body {
        Body::Coupon(_) => matches!(path, "times_redeemed" | "valid"),
        Body::PromotionCode(_) => path == "times_redeemed",
        Body::Discount(_) => path == "deleted",
        Body::BalanceTransaction(_) => matches!(path, "status" | "payout"),
        _ => false,
    }
}

/// What we know to be gone, or never was more than a draft, need not be in Stripe's list.
pub(super) fn may_be_gone(body: &Body) -> bool {
    match body {
        Body::Customer(customer) => customer.deleted,
        Body::Coupon(coupon) => coupon.deleted,
        Body::Discount(discount) => discount.deleted,
        Body::Product(product) => product.deleted,
        Body::Price(price) => price.deleted,
        Body::TaxId(tax_id) => tax_id.deleted,
        Body::TestClock(clock) => clock.deleted,
        Body::Account(account) => account.deleted,
        Body::Invoice(invoice) => invoice.status == InvoiceStatus::Draft,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use kernel::Ref;
    use kernel::fact::Customer;

    use super::*;

    fn customer(balance_minor: i64, deleted: bool) -> Body {
        Body::Customer(Customer { currency: None, balance_minor, deleted, created_s: 7 })
    }

    #[test]
    fn what_differs_is_named_by_its_path() {
        let found = differences(&customer(1, false), &customer(2, true)).expect("compared");
        let shown: Vec<(&str, &str, &str)> =
            found.iter().map(|one| (one.path.as_str(), one.ours.as_str(), one.stripes.as_str())).collect();
        assert_eq!(shown, [("balance_minor", "1", "2"), ("deleted", "false", "true")]);
        assert_eq!(differences(&customer(1, false), &customer(1, false)).expect("compared"), []);
    }

    #[test]
    fn rows_are_named_by_their_place_and_nothing_is_null() {
        let discounts = vec![(None, Ref::parse("CO")), (Ref::parse("promo_1"), None)];
        let session = kernel::fact::Session {
            mode: kernel::fact::SessionMode::Payment,
            status: None,
            payment_status: kernel::fact::PaymentStatus::Unknown("new".into()),
            currency: None,
            total_minor: -5,
            subtotal_minor: 0,
            discount_minor: 0,
            tax_minor: 0,
            shipping_charged_minor: 0,
            shipping_net_minor: 0,
            presented: None,
            discounts,
            customer: None,
            subscription: None,
            invoice: None,
            intent: None,
            client_reference_id: None,
            partner_hint: None,
            created_s: 0,
        };
        let fields = fields(&Body::Session(Box::new(session))).expect("fields");
        let said = |path: &str| fields.get(path).map(String::as_str);
        assert_eq!(said("discounts.1.0"), Some("promo_1"));
        assert_eq!(said("discounts.0.0"), Some("null"));
        assert_eq!(said("payment_status.unknown"), Some("new"));
        assert_eq!(said("total_minor"), Some("-5"));
    }
}
