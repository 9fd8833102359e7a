//! The shapes of the API's bodies. Required names are the contract: add, never rename.

mod answers;
mod bodies;
mod operate;

use serde_json::{Map, Value, json};

use answers::{ANSWERS, EVENT};
use bodies::BODIES;

/// A property: its name and JSON type; a trailing `?` allows null.
type Field = (&'static str, &'static str);

pub(super) fn schemas() -> Value {
    let mut schemas = Map::new();
    for (name, fields) in ANSWERS.iter().chain(operate::ANSWERS) {
        schemas.insert((*name).to_owned(), object(fields, fields.len()));
    }
    for (name, required, fields) in BODIES.iter().chain(operate::BODIES) {
        let mut body = object(fields, *required);
        body["additionalProperties"] = json!(false);
        schemas.insert((*name).to_owned(), body);
    }
    let mut detail = object(EVENT, EVENT.len());
    detail["properties"]["notes"] = json!({"type": "array", "items": {"type": "object"}});
    detail["properties"]["objects"] = json!({"type": "array", "items": {"type": "string"}});
    detail["properties"]["body"] =
        json!({"type": "string", "description": "as received; empty while it is away"});
    detail["properties"]["archived"] = json!({"type": ["string", "null"], "description": "the body is in an archive that cannot be read from here: which, and what to do"});
    detail["properties"]["delivered"] = property("Delivered[]");
    detail["properties"]["timeline"] = property("Step[]");
    detail["properties"]["entries"] = json!({"type": "array", "items": {"type": "object"}});
    detail["properties"]["marks"] = property("Mark[]");
    schemas.insert("EventDetail".to_owned(), detail);
    let last = json!({"type": ["object", "null"], "oneOf": [property("Reconciled"), {"type": "null"}]});
    let mut state = object(&[("open_since", "string?")], 1);
    state["properties"]["last"] = last;
    schemas.insert("ReconcileState".to_owned(), state);
    let error = object(&[("code", "string"), ("message", "string"), ("hint", "string")], 3);
    let error = json!({"type": "object", "required": ["error"], "properties": {"error": error}});
    schemas.insert("Error".to_owned(), error);
    Value::Object(schemas)
}

fn object(fields: &[Field], required: usize) -> Value {
    let properties: Map<String, Value> =
        fields.iter().map(|(name, kind)| ((*name).to_owned(), property(kind))).collect();
    let required: Vec<&str> = fields.iter().take(required).map(|(name, _)| *name).collect();
    json!({"type": "object", "required": required, "properties": properties})
}

fn property(kind: &str) -> Value {
    if let Some(item) = kind.strip_suffix("[]") {
        return json!({"type": "array", "items": property(item)});
    }
    if let Some(plain) = kind.strip_suffix('?') {
        return json!({"type": [plain, "null"]});
    }
    if kind.starts_with(|first: char| first.is_ascii_uppercase()) {
        return json!({"$ref": format!("#/components/schemas/{kind}")});
    }
    json!({"type": kind})
}
