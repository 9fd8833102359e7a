//! The shapes of the API's bodies. Required names are the contract: add, never rename.

use serde_json::{Map, Value, json};

/// A property: its name and JSON type; a trailing `?` allows null.
type Field = (&'static str, &'static str);

const STATUS: &[Field] = &[
    ("pending", "integer"),
    ("parked", "integer"),
    ("quarantined", "integer"),
    ("marks", "integer"),
    ("marks_parked", "integer"),
    ("level", "boolean"),
    ("inbox_seq", "integer"),
    ("projected_seq", "integer"),
    ("lag_ms", "integer"),
    ("last_received_at", "string?"),
    ("events_last_minute", "integer"),
    ("discount_unresolved", "integer"),
    ("unlinked_payments", "integer"),
];
const BOOK: &[Field] =
    &[("book", "string"), ("account", "string?"), ("livemode", "boolean"), ("as_of", "string?")];
const TOTALS: &[Field] = &[
    ("book", "string"),
    ("currency", "string"),
    ("sales", "integer"),
    ("net_sold_minor", "integer"),
    ("net_minor", "integer"),
    ("pending_minor", "integer"),
    ("available_minor", "integer"),
    ("held_minor", "integer"),
];
const PARTNER: &[Field] = &[
    ("handle", "string"),
    ("id", "string"),
    ("name", "string"),
    ("email", "string"),
    ("active", "boolean"),
    ("added_at", "string"),
    ("rate_bps", "integer?"),
    ("fixed_minor", "integer?"),
    ("fixed_currency", "string?"),
    ("hold_days", "integer"),
    ("totals", "Totals[]"),
];
const TERMS: &[Field] = &[
    ("partner", "string"),
    ("version", "integer"),
    ("rate_bps", "integer?"),
    ("fixed_minor", "integer?"),
    ("fixed_currency", "string?"),
    ("hold_days", "integer"),
    ("binds", "string"),
    ("from", "string?"),
];
const CODE: &[Field] = &[
    ("partner", "string"),
    ("book", "string"),
    ("code", "string?"),
    ("promotion_code", "string?"),
    ("coupon", "string?"),
    ("from", "string?"),
    ("until", "string?"),
    ("holds", "boolean"),
    ("unbound", "boolean"),
];
const CHANGED: &[Field] = &[
    ("book", "string"),
    ("sale", "string"),
    ("partner_before", "string?"),
    ("partner_after", "string?"),
    ("currency", "string"),
    ("commission_before_minor", "integer"),
    ("commission_after_minor", "integer"),
];
const DONE: &[Field] = &[("seq", "integer"), ("changes", "Changed[]")];
const ADOPTED: &[Field] = &[
    ("seq", "integer"),
    ("book", "string"),
    ("code", "string?"),
    ("promotion_code", "string?"),
    ("coupon", "string?"),
    ("unbound", "boolean"),
    ("changes", "Changed[]"),
];
const INTENT: &[Field] = &[
    ("id", "string"),
    ("kind", "string"),
    ("book", "string"),
    ("partner", "string?"),
    ("code", "string"),
    ("state", "string"),
    ("reason", "string?"),
    ("promotion_code", "string?"),
    ("coupon", "string?"),
    ("steps", "IntentStep[]"),
    ("attempts", "integer"),
    ("next_try_at", "string?"),
    ("made_by", "string"),
    ("recorded_at", "string"),
    ("finished_at", "string?"),
];
const INTENT_STEP: &[Field] = &[("step", "string"), ("state", "string"), ("object", "string?")];
const DRIFT: &[Field] = &[("book", "string"), ("compared", "integer"), ("differences", "DriftDifference[]")];
const DRIFT_DIFFERENCE: &[Field] = &[
    ("kind", "string"),
    ("book", "string"),
    ("partner", "string"),
    ("code", "string"),
    ("promotion_code", "string?"),
    ("ours", "string"),
    ("stripes", "string"),
    ("fix", "string?"),
];
const SALE: &[Field] = &[
    ("sale", "string"),
    ("partner", "string?"),
    ("code", "string?"),
    ("reason", "string"),
    ("currency", "string"),
    ("total_minor", "integer"),
    ("net_sold_minor", "integer"),
    ("net_minor", "integer"),
    ("commission_minor", "integer"),
    ("status", "string"),
    ("sale_at", "string"),
];
const SALES_PAGE: &[Field] =
    &[("book", "string"), ("as_of", "string?"), ("sales", "Sale[]"), ("next", "string?")];
const UNLINKED: &[Field] =
    &[("payment", "string"), ("currency", "string"), ("amount_minor", "integer"), ("created_at", "string")];
const UNLINKED_PAGE: &[Field] = &[("book", "string"), ("payments", "Unlinked[]"), ("next", "string?")];
const POSTING: &[Field] = &[
    ("debit", "string"),
    ("credit", "string"),
    ("partner", "string"),
    ("currency", "string"),
    ("amount_minor", "integer"),
];
const ENTRY: &[Field] = &[
    ("id", "integer"),
    ("sale", "string"),
    ("rev", "integer"),
    ("recorded_at", "string"),
    ("sale_at", "string"),
    ("reason", "string"),
    ("terms_version", "integer?"),
    ("postings", "Posting[]"),
];
const ENTRIES_PAGE: &[Field] = &[("book", "string"), ("entries", "Entry[]"), ("next", "integer?")];
const EXPLANATION: &[Field] = &[
    ("sale", "string?"),
    ("book", "string"),
    ("account", "string?"),
    ("livemode", "boolean"),
    ("partner", "string?"),
    ("reason", "string"),
    ("code", "string?"),
    ("candidates", "object[]"),
    ("terms", "object?"),
    ("due", "object?"),
    ("lines", "object[]"),
    ("entries", "object[]"),
    ("events", "object[]"),
    ("level", "boolean"),
    ("problem", "string?"),
];
const EXPORT_ROW: &[Field] = &[
    ("account", "string?"),
    ("livemode", "boolean"),
    ("sale", "string"),
    ("partner", "string?"),
    ("code", "string?"),
    ("reason", "string"),
    ("share_bps", "integer"),
    ("currency", "string"),
    ("gross_minor", "integer"),
    ("discount_minor", "integer"),
    ("tax_minor", "integer"),
    ("shipping_minor", "integer"),
    ("total_minor", "integer"),
    ("paid_minor", "integer"),
    ("refunded_minor", "integer"),
    ("disputed_minor", "integer"),
    ("net_sold_minor", "integer"),
    ("net_minor", "integer"),
    ("rate_bps", "integer?"),
    ("terms_version", "integer?"),
    ("commission_minor", "integer"),
    ("pending_minor", "integer"),
    ("available_minor", "integer"),
    ("held_minor", "integer"),
    ("settled_minor", "integer"),
    ("receivable_minor", "integer"),
    ("status", "string"),
    ("stripe_invoice_ref", "string?"),
    ("stripe_session_ref", "string?"),
    ("stripe_payment_intent_ref", "string?"),
    ("stripe_customer_ref", "string?"),
    ("stripe_subscription_ref", "string?"),
    ("sale_at", "string"),
    ("available_at", "string?"),
    ("settled_at", "string?"),
];
const REPORT: &[Field] = &[("entries", "integer"), ("events", "integer"), ("findings", "object[]")];
const EVENT: &[Field] = &[
    ("seq", "integer"),
    ("id", "string?"),
    ("type", "string?"),
    ("account", "string?"),
    ("livemode", "boolean?"),
    ("state", "string"),
    ("reason", "string?"),
    ("attempts", "integer"),
    ("received_at", "string"),
    ("created_at", "string?"),
    ("api_version", "string?"),
    ("source", "string"),
    ("deliveries", "integer"),
    ("conflict", "boolean"),
];
const RETRIED: &[Field] = &[("retried", "integer")];

/// Answers: every field is always there.
const ANSWERS: &[(&str, &[Field])] = &[
    ("Status", STATUS),
    ("Book", BOOK),
    ("Totals", TOTALS),
    ("Partner", PARTNER),
    ("Terms", TERMS),
    ("Code", CODE),
    ("Changed", CHANGED),
    ("Done", DONE),
    ("Adopted", ADOPTED),
    ("Intent", INTENT),
    ("IntentStep", INTENT_STEP),
    ("Drift", DRIFT),
    ("DriftDifference", DRIFT_DIFFERENCE),
    ("Sale", SALE),
    ("SalesPage", SALES_PAGE),
    ("Unlinked", UNLINKED),
    ("UnlinkedPage", UNLINKED_PAGE),
    ("Posting", POSTING),
    ("Entry", ENTRY),
    ("EntriesPage", ENTRIES_PAGE),
    ("Explanation", EXPLANATION),
    ("ExportRow", EXPORT_ROW),
    ("Report", REPORT),
    ("Event", EVENT),
    ("Retried", RETRIED),
];

/// Bodies: the fields, and how many of the first are required.
const BODIES: &[(&str, usize, &[Field])] = &[
    (
        "PartnerAdd",
        3,
        &[
            ("handle", "string"),
            ("name", "string"),
            ("email", "string"),
            ("rate_bps", "integer"),
            ("fixed_minor", "integer"),
            ("currency", "string"),
            ("hold_days", "integer"),
        ],
    ),
    (
        "TermsSet",
        1,
        &[
            ("binds", "string"),
            ("rate_bps", "integer"),
            ("fixed_minor", "integer"),
            ("currency", "string"),
            ("hold_days", "integer"),
            ("from", "string"),
            ("retroactive", "boolean"),
        ],
    ),
    (
        "CodeAdopt",
        0,
        &[
            ("code", "string"),
            ("promotion_code", "string"),
            ("coupon", "string"),
            ("book", "string"),
            ("from", "string"),
            ("retroactive", "boolean"),
        ],
    ),
    (
        "CodeCreate",
        1,
        &[
            ("code", "string"),
            ("percent_off_bps", "integer"),
            ("amount_off_minor", "integer"),
            ("currency", "string"),
            ("currency_options", "object"),
            ("duration", "string"),
            ("months", "integer"),
            ("products", "string[]"),
            ("max_redemptions", "integer"),
            ("expires_at", "string"),
            ("first_time_only", "boolean"),
            ("minimum_amount_minor", "integer"),
            ("minimum_currency", "string"),
            ("coupon", "string"),
            ("book", "string"),
            ("from", "string"),
        ],
    ),
    ("CodeRotate", 1, &[("code", "string"), ("book", "string")]),
    ("CodeDeactivate", 0, &[("book", "string")]),
    ("ProgramStart", 2, &[("book", "string"), ("at", "string"), ("retroactive", "boolean")]),
    ("Change", 0, &[("from", "string"), ("retroactive", "boolean")]),
];

pub(super) fn schemas() -> Value {
    let mut schemas = Map::new();
    for (name, fields) in ANSWERS {
        schemas.insert((*name).to_owned(), object(fields, fields.len()));
    }
    for (name, required, fields) in BODIES {
        let mut body = object(fields, *required);
        body["additionalProperties"] = json!(false);
        schemas.insert((*name).to_owned(), body);
    }
    let mut detail = object(EVENT, EVENT.len());
    detail["properties"]["notes"] = json!({"type": "array", "items": {"type": "object"}});
    detail["properties"]["objects"] = json!({"type": "array", "items": {"type": "string"}});
    detail["properties"]["body"] = json!({"type": "string", "description": "as received"});
    schemas.insert("EventDetail".to_owned(), detail);
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
