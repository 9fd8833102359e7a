//! Subscriptions: status, whom their metadata names, and which discounts they carry. It must not know
//! whether a status gives access, or to whom a subscription is attributed.

use kernel::fact::{Subscription, SubscriptionItem};
use kernel::{Body, Currency, Kind};

use super::discount;
use super::out::Out;
use crate::object::{Named, Obj};

/// Rank: 3 canceled or incomplete_expired, 0 incomplete, else 1.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::Subscription, object) else { return };
    let status = object.text("status").unwrap_or_default();
    let rank = match status.as_str() {
        "canceled" | "incomplete_expired" => 3,
        "incomplete" | "" => 0,
        _ => 1,
    };
    let list = object.list("items");
    let items = list.rows;
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
        items: subscribed(object, &items),
        items_truncated: list.truncated,
        start_s: object.second("start_date").or_else(|| object.second("start")),
        trial_start_s: object.second("trial_start"),
        cancel_at_s: object.second("cancel_at"),
        canceled_at_s: object.second("canceled_at"),
        pause: object.object("pause_collection").and_then(|pause| pause.text("behavior")),
        collection_method: object.text("collection_method").or_else(|| object.text("billing")),
        default_payment_method: object.reference("default_payment_method"),
        latest_invoice: object.reference("latest_invoice"),
        schedule: object.reference("schedule"),
    };
    for item in &body.items {
        out.link(&key, Kind::Price, item.price.as_ref());
    }
    out.fact(&key, object, rank, Body::Subscription(Box::new(body)));
    let own = object.names("discounts").into_iter().chain(object.named("discount"));
    for named in own.chain(items.iter().flat_map(|item| item.names("discounts"))) {
        discount::embedded(&named, &key, out);
    }
}

/// Before basil the period is the subscription's, and the oldest items have a plan instead of a price.
fn subscribed(object: &Obj<'_>, rows: &[Obj<'_>]) -> Vec<SubscriptionItem> {
    let time = |row: &Obj<'_>, name: &str| row.second(name).or_else(|| object.second(name));
    let item = |row: &Obj<'_>| {
        let terms = row.named("price").or_else(|| row.named("plan"));
        let price = terms.as_ref().and_then(Named::id);
        Some(SubscriptionItem {
            id: row.reference("id")?,
            price,
            product: terms.and_then(Named::whole).and_then(|terms| terms.reference("product")),
            quantity: row.int("quantity"),
            period_start_s: time(row, "current_period_start"),
            period_end_s: time(row, "current_period_end"),
        })
    };
    let mut items: Vec<SubscriptionItem> = rows.iter().filter_map(item).collect();
    items.sort_by(|left, right| left.id.cmp(&right.id));
    items
}

/// Before `currency` there was only the plan's or the price's.
fn item_currency(object: &Obj<'_>, items: &[Obj<'_>]) -> Option<Currency> {
    let plan = object.object("plan").and_then(|plan| plan.currency("currency"));
    let price = || items.iter().find_map(|item| item.object("price")?.currency("currency"));
    plan.or_else(price)
}
