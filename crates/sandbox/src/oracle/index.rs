//! Objects by what they are looked up by, and reading their JSON. It must not know what any of it is worth.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::model::Object;
use crate::render::{self, Version};

/// The objects of a book by kind, as one API version shows them.
pub(crate) type Objects = BTreeMap<&'static str, Vec<Value>>;

/// What owners and amounts are read from.
const KINDS: [&str; 12] = [
    "charge",
    "checkout.session",
    "coupon",
    "credit_note",
    "discount",
    "dispute",
    "invoice",
    "invoice_payment",
    "payment_intent",
    "promotion_code",
    "refund",
    "subscription",
];
/// Large, and nothing here is read from them.
const UNREAD: [&str; 6] =
    ["lines", "items", "payment_method_details", "payment_method_options", "billing_details", "evidence"];

/// A book's objects as the API shows them.
pub(crate) fn shown(everything: &[(&'static str, Vec<Object>)], livemode: bool) -> Objects {
    let mut objects = Objects::new();
    for (kind, rows) in everything.iter().filter(|(kind, _)| KINDS.contains(kind)) {
        let read = |row: &Object| {
            let mut json: Value =
                serde_json::from_str(&render::json(row, Version::DEFAULT, livemode)).ok()?;
            json.as_object_mut()?.retain(|name, _| !UNREAD.contains(&name.as_str()));
            Some(json)
        };
        objects.insert(kind, rows.iter().filter_map(read).collect());
    }
    objects
}

type Groups<'a> = BTreeMap<&'a str, Vec<&'a Value>>;

pub(super) struct Index<'a> {
    objects: &'a Objects,
    by_id: BTreeMap<&'a str, &'a Value>,
    pub(super) charges_of_intent: Groups<'a>,
    pub(super) payments_of_invoice: Groups<'a>,
    pub(super) payments_of_intent: Groups<'a>,
    pub(super) refunds_of_charge: Groups<'a>,
    pub(super) disputes_of_charge: Groups<'a>,
    pub(super) notes_of_invoice: Groups<'a>,
    pub(super) discounts_of_subscription: Groups<'a>,
    pub(super) session_of_subscription: BTreeMap<&'a str, &'a Value>,
    pub(super) session_of_intent: BTreeMap<&'a str, &'a Value>,
    pub(super) session_of_invoice: BTreeMap<&'a str, &'a Value>,
}

impl<'a> Index<'a> {
    pub(super) fn new(objects: &'a Objects) -> Self {
        let all = |kind: &'static str| objects.get(kind).into_iter().flatten();
        let one = |kind, pointer| {
            all(kind).filter_map(move |row: &'a Value| Some((text(row, pointer)?, row))).collect()
        };
        Self {
            objects,
            by_id: objects.values().flatten().filter_map(|row| Some((text(row, "/id")?, row))).collect(),
            charges_of_intent: grouped(all("charge"), "/payment_intent"),
            payments_of_invoice: grouped(all("invoice_payment"), "/invoice"),
            payments_of_intent: grouped(all("invoice_payment"), "/payment/payment_intent"),
            refunds_of_charge: grouped(all("refund"), "/charge"),
            disputes_of_charge: grouped(all("dispute"), "/charge"),
            notes_of_invoice: grouped(all("credit_note"), "/invoice"),
            discounts_of_subscription: grouped(all("discount"), "/subscription"),
            session_of_subscription: one("checkout.session", "/subscription"),
            session_of_intent: one("checkout.session", "/payment_intent"),
            session_of_invoice: one("checkout.session", "/invoice"),
        }
    }

    pub(super) fn all(&self, kind: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.objects.get(kind).into_iter().flatten()
    }

    pub(super) fn get(&self, id: &str) -> Option<&'a Value> {
        self.by_id.get(id).copied()
    }
}

/// Where an invoice names its subscription.
pub(super) const SUBSCRIPTION: &str = "/parent/subscription_details/subscription";

fn grouped<'a>(rows: impl Iterator<Item = &'a Value>, pointer: &str) -> Groups<'a> {
    let mut groups: Groups<'a> = BTreeMap::new();
    for row in rows {
        if let Some(key) = text(row, pointer) {
            groups.entry(key).or_default().push(row);
        }
    }
    groups
}

/// Rows of a group.
pub(super) fn of<'g, 'a>(groups: &'g Groups<'a>, key: &str) -> &'g [&'a Value] {
    groups.get(key).map_or(&[], Vec::as_slice)
}

pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

pub(super) fn int(value: &Value, pointer: &str) -> i64 {
    value.pointer(pointer).and_then(Value::as_i64).unwrap_or(0)
}

pub(super) fn rows<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
