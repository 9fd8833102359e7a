//! What Stripe has and this sandbox does not yet: named here, so that a caller is told so instead of guessing. A
//! resource that gets its own file leaves this list.

/// Beginnings of paths.
const NOT_YET: &[(&str, &str)] = &[
    ("/v1/billing/", "Meters, alerts and credit grants"),
    ("/v1/billing_portal/", "The customer portal"),
    ("/v1/entitlements/", "Entitlements"),
    ("/v1/payment_links", "Payment links"),
    ("/v1/quotes", "Quotes"),
    ("/v1/subscription_schedules", "Subscription schedules"),
    ("/v2/", "The second API"),
];

/// What there is to say about a path that nobody serves, where that is known.
pub(super) fn known(path: &str) -> Option<String> {
    let (_, what) = NOT_YET.iter().find(|(begins, _)| path.starts_with(begins))?;
    let verb = if what.ends_with('s') { "are" } else { "is" };
    Some(format!("{what} {verb} not in this sandbox yet."))
}
