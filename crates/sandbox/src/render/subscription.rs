//! A subscription and its item: the period lives on the subscription until acacia, on the item from basil.

use super::{Frame, automatic_tax, catalog, discount, finish, tax_rate};
use crate::json::Obj;
use crate::model::{Item, Pause, PendingUpdate, Subscription};

pub(super) fn render(subscription: &Subscription, frame: Frame) -> String {
    let version = frame.version;
    let url = format!("/v1/subscription_items?subscription={}", subscription.id);
    let rates = subscription.default_tax_rates.iter().map(|rate| tax_rate::render(rate, frame));
    let discounts = subscription.discounts.iter().map(|discount| discount.id.as_str());
    let items: Vec<String> = subscription.items.iter().map(|row| item(row, subscription, frame)).collect();
    let object = Obj::resource("subscription", &subscription.id)
        .nulls("application application_fee_percent")
        .obj(
            "automatic_tax",
            automatic_tax(frame, false).when(version.basil(), |tax| tax.nulls("disabled_reason")),
        )
        .int("billing_cycle_anchor", subscription.anchor_s)
        .nulls("billing_cycle_anchor_config")
        .when(version.clover(), |object| object.obj("billing_mode", billing_mode(subscription)))
        .when(version.dahlia(), |object| object.empties("billing_schedules"))
        .when(!version.basil() || version.clover(), |object| object.nulls("billing_thresholds"))
        .opt_int("cancel_at", subscription.cancel_at_s)
        .bool("cancel_at_period_end", subscription.cancel_at_period_end)
        .opt_int("canceled_at", subscription.canceled_at_s)
        .obj("cancellation_details", cancellation(subscription, frame))
        .str("collection_method", subscription.collection.as_str())
        .int("created", subscription.created_s)
        .str("currency", subscription.currency.as_str())
        .when(!version.basil(), |object| periods(object, subscription.period_s))
        .opt_str("customer", subscription.customer.as_deref())
        .when(version.dahlia(), |object| object.nulls("customer_account"))
        .opt_int("days_until_due", subscription.collection.days_until_due())
        .opt_str("default_payment_method", subscription.default_payment_method.as_deref())
        .nulls("default_source")
        .array("default_tax_rates", rates)
        .opt_str("description", subscription.description.as_deref())
        .when(!version.basil(), |object| object.opt_raw("discount", last_discount(subscription, frame)))
        .strs("discounts", discounts)
        .opt_int("ended_at", subscription.ended_at_s)
        .obj("invoice_settings", settings(frame))
        .list("items", &url, &items)
        .opt_str("latest_invoice", subscription.latest_invoice.as_deref())
        .bool("livemode", frame.livemode)
        .when(version.dahlia(), |object| object.nulls("managed_payments"))
        .map("metadata", &subscription.metadata)
        .nulls("next_pending_invoice_item_invoice on_behalf_of")
        .opt_raw("pause_collection", subscription.pause.as_ref().map(pause))
        .obj("payment_settings", payment_settings(subscription))
        .nulls("pending_invoice_item_interval")
        .opt_str("pending_setup_intent", subscription.pending_setup_intent.as_deref())
        .opt_raw(
            "pending_update",
            subscription.pending_update.as_ref().map(|row| pending(row, subscription, frame)),
        )
        .nulls("schedule")
        .int("start_date", subscription.start_s)
        .str("status", subscription.status)
        .opt_str("test_clock", subscription.test_clock.as_deref())
        .nulls("transfer_data")
        .opt_int("trial_end", subscription.trial_s.map(|(_, end)| end))
        .obj("trial_settings", trial_settings(subscription, frame))
        .opt_int("trial_start", subscription.trial_s.map(|(start, _)| start));
    finish(object, frame)
}

fn periods(object: Obj, (start, end): (i64, i64)) -> Obj {
    object.int("current_period_end", end).int("current_period_start", start)
}

pub(super) fn item(item: &Item, subscription: &Subscription, frame: Frame) -> String {
    let version = frame.version;
    let object = Obj::resource("subscription_item", &item.id)
        .when(!version.basil() || version.clover(), |object| object.nulls("billing_thresholds"))
        .int("created", item.created_s)
        .when(version.basil(), |object| periods(object, subscription.period_s))
        .when(version.endive(), |object| object.nulls("current_trial"))
        .strs("discounts", item.discounts.iter().map(|discount| discount.id.as_str()))
        .map("metadata", &item.metadata)
        .raw("plan", &catalog::plan(&item.price, frame))
        .raw("price", &catalog::price(&item.price, frame))
        .int("quantity", item.quantity)
        .str("subscription", &subscription.id)
        .array("tax_rates", item.tax_rates.iter().map(|rate| tax_rate::render(rate, frame)));
    finish(object, frame)
}

/// Before basil the last discount is embedded whole.
fn last_discount(subscription: &Subscription, frame: Frame) -> Option<String> {
    subscription.discounts.last().map(|last| discount::render(last, frame))
}

fn billing_mode(subscription: &Subscription) -> Obj {
    let details = || Obj::new().str("proration_discounts", "included").close();
    Obj::new()
        .opt_raw("flexible", subscription.flexible.then(details))
        .str("type", if subscription.flexible { "flexible" } else { "classic" })
}

fn cancellation(subscription: &Subscription, frame: Frame) -> Obj {
    let details = &subscription.cancellation;
    Obj::new()
        .opt_str("comment", details.comment.as_deref())
        .opt_str("feedback", details.feedback)
        .when(frame.version.endive(), |object| object.nulls("feedback_option"))
        .opt_str("reason", details.reason)
}

fn settings(frame: Frame) -> Obj {
    Obj::new()
        .nulls("account_tax_ids")
        .when(frame.version.dahlia(), |object| object.nulls("custom_fields description footer"))
        .obj("issuer", Obj::new().str("type", "self"))
}

fn payment_settings(subscription: &Subscription) -> Obj {
    Obj::new()
        .nulls("payment_method_options payment_method_types")
        .str("save_default_payment_method", subscription.save_default_payment_method)
}

fn pause(pause: &Pause) -> String {
    Obj::new().str("behavior", pause.behavior).opt_int("resumes_at", pause.resumes_at_s).close()
}

fn pending(update: &PendingUpdate, subscription: &Subscription, frame: Frame) -> String {
    let items = update.items.iter().map(|row| item(row, subscription, frame));
    Obj::new()
        .opt_int("billing_cycle_anchor", update.anchor_s)
        .int("expires_at", update.expires_at_s)
        .array("subscription_items", items)
        .nulls("trial_end trial_from_plan")
        .when(frame.version.dahlia(), |object| object.nulls("discount metadata").empties("discounts"))
        .when(frame.version.endive(), |object| object.nulls("cancel_at_period_end"))
        .close()
}

fn trial_settings(subscription: &Subscription, frame: Frame) -> Obj {
    let end = Obj::new()
        .when(frame.version.endive(), |end| end.nulls("billing_cycle_anchor"))
        .str("missing_payment_method", subscription.trial_without_method);
    Obj::new().obj("end_behavior", end)
}
