//! Events about what has no life in the sandbox: which object each carries. It must not know what the object
//! looks like.

use crate::model::Plain;
use crate::world::Book;

/// Event types by their beginning, the object, and its id's.
const LOOKS: &[(&str, &str, &str)] = &[
    ("account.application.", "application", "ca"),
    ("application_fee.refund.", "fee_refund", "fr"),
    ("application_fee.", "application_fee", "fee"),
    ("billing.alert.", "billing.alert_triggered", "alrt"),
    ("billing.credit_grant.", "billing.credit_grant", "credgr"),
    ("billing.meter.", "billing.meter", "mtr"),
    ("billing_portal.configuration.", "billing_portal.configuration", "bpc"),
    ("billing_portal.session.", "billing_portal.session", "bps"),
    ("capability.", "capability", "acct"),
    ("entitlements.active_entitlement_summary.", "entitlements.active_entitlement_summary", "ent"),
    ("radar.early_fraud_warning.", "radar.early_fraud_warning", "issfr"),
    ("review.", "review", "prv"),
    ("setup_intent.", "setup_intent", "seti"),
    ("subscription_schedule.", "subscription_schedule", "sub_sched"),
];

/// Fields that an event's name is about.
const FIELDS: &[(&str, &str, &str)] = &[
    ("subscription_schedule.canceled", "status", "\"canceled\""),
    ("subscription_schedule.completed", "status", "\"completed\""),
    ("subscription_schedule.released", "status", "\"released\""),
    ("subscription_schedule.aborted", "status", "\"canceled\""),
    ("billing.meter.deactivated", "status", "\"inactive\""),
    ("review.closed", "open", "false"),
    ("review.closed", "closed_reason", "\"approved\""),
    ("setup_intent.created", "status", "\"requires_payment_method\""),
    ("setup_intent.canceled", "status", "\"canceled\""),
    ("setup_intent.canceled", "cancellation_reason", "\"abandoned\""),
    ("setup_intent.requires_action", "status", "\"requires_action\""),
    ("application_fee.refunded", "refunded", "true"),
    ("application_fee.refunded", "amount_refunded", "100"),
];

/// What an update changes: the field, before and after.
const CHANGES: &[(&str, &str, &str, &str)] = &[
    ("billing.credit_grant.updated", "metadata", "{}", "{\"order\":\"6735\"}"),
    ("billing.meter.updated", "display_name", "\"Calls\"", "\"API calls\""),
    ("billing_portal.configuration.updated", "metadata", "{}", "{\"order\":\"6735\"}"),
    ("capability.updated", "status", "\"pending\"", "\"active\""),
    ("radar.early_fraud_warning.updated", "actionable", "true", "false"),
    ("subscription_schedule.updated", "metadata", "{}", "{\"order\":\"6735\"}"),
];

fn look(kind: &str) -> Option<(&'static str, &'static str)> {
    let found = LOOKS.iter().find(|(beginning, ..)| kind.starts_with(beginning))?;
    Some((found.1, found.2))
}

pub(super) fn has(kind: &str) -> bool {
    look(kind).is_some()
}

pub(super) fn kinds() -> impl Iterator<Item = &'static str> {
    crate::model::event_types().filter(|kind| has(kind))
}

pub(super) fn emit(book: &mut Book, kind: &'static str) {
    let Some((object, prefix)) = look(kind) else { return };
    let id = book.id(prefix);
    let about = FIELDS.iter().filter(|(event, ..)| *event == kind);
    let fields = about.map(|(_, name, json)| (*name, (*json).to_owned())).collect();
    let plain = Plain { id, object, created_s: book.now_s(), fields };
    let Some((_, field, before, after)) = CHANGES.iter().find(|(event, ..)| *event == kind) else {
        let plain = book.shelf.put(&plain.id.clone(), plain);
        return book.emit(kind, &plain);
    };
    let with = |json: &str| Plain { fields: vec![(*field, json.to_owned())], ..plain.clone() };
    let after = book.shelf.put(&plain.id, with(after));
    book.emit_changed(kind, with(before), &after);
}
