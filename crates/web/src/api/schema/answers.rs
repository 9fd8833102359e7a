//! What the API answers with. Required names are the contract: add, never rename.

use super::Field;

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
    ("waiting", "integer"),
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
const PARTNER_ADDED: &[Field] = &[("seq", "integer"), ("changes", "Changed[]"), ("partner", "Partner?")];
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
const DRIFT: &[Field] = &[
    ("book", "string"),
    ("compared", "integer"),
    ("stale", "integer"),
    ("differences", "DriftDifference[]"),
];
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
const REPORT: &[Field] = &[
    ("entries", "integer"),
    ("events", "integer"),
    ("archived_unseen", "integer"),
    ("findings", "object[]"),
];
pub(super) const EVENT: &[Field] = &[
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
    ("quarantine", "integer?"),
    ("repeated_at", "string?"),
];
const RETRIED: &[Field] = &[("retried", "integer")];

/// Answers: every field is always there.
pub(super) const ANSWERS: &[(&str, &[Field])] = &[
    ("Status", STATUS),
    ("Book", BOOK),
    ("Totals", TOTALS),
    ("Partner", PARTNER),
    ("Terms", TERMS),
    ("Code", CODE),
    ("Changed", CHANGED),
    ("Done", DONE),
    ("PartnerAdded", PARTNER_ADDED),
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
