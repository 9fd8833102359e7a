//! Subscriptions: status, whom their metadata names, and which discounts they carry. It must not know
//! whether a status gives access, or to whom a subscription is attributed.

use kernel::fact::Subscription;
use kernel::{Body, Currency, Kind};

use super::discount;
use super::out::Out;
use crate::object::Obj;

/// Rank: 3 canceled or incomplete_expired, 0 incomplete, else 1.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::Subscription, object) else { return };
    let status = object.text("status").unwrap_or_default();
    let rank = match status.as_str() {
        "canceled" | "incomplete_expired" => 3,
        "incomplete" | "" => 0,
        _ => 1,
    };
    let items = object.list("items").rows;
    let customer = object.reference("customer");
    out.link(&key, Kind::Customer, customer.as_ref());
    out.link(&key, Kind::Invoice, object.reference("latest_invoice").as_ref());
    let body = Subscription {
        status,
        customer,
        currency: object.currency("currency").or_else(|| item_currency(object, &items)),
        partner_hint: object.partner_hint(),
        trial_end_s: object.second("trial_end"),
        cancel_at_period_end: object.flag("cancel_at_period_end").unwrap_or(false),
        ended_at_s: object.second("ended_at"),
        created_s: object.created(),
    };
    out.fact(&key, object, rank, Body::Subscription(body));
    let own = object.names("discounts").into_iter().chain(object.named("discount"));
    for named in own.chain(items.iter().flat_map(|item| item.names("discounts"))) {
        discount::embedded(&named, &key, out);
    }
}

/// Before `currency` there was only the plan's or the price's.
fn item_currency(object: &Obj<'_>, items: &[Obj<'_>]) -> Option<Currency> {
    let plan = object.object("plan").and_then(|plan| plan.currency("currency"));
    let price = || items.iter().find_map(|item| item.object("price")?.currency("currency"));
    plan.or_else(price)
}
