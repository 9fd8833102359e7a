//! Shapes of what operates the house: what is parked, leakage, alerts.

use super::Field;

const DISCARDED: &[Field] = &[("discarded", "integer")];
const PARKED_GROUP: &[Field] = &[
    ("reason", "string"),
    ("code", "string"),
    ("events", "integer"),
    ("oldest", "string?"),
    ("oldest_at", "string?"),
    ("newest_at", "string?"),
];
const ALERT: &[Field] = &[
    ("id", "string"),
    ("rule", "string"),
    ("scope", "string?"),
    ("state", "string"),
    ("words", "string"),
    ("figure", "integer"),
    ("opened_at", "string"),
    ("seen_at", "string"),
    ("closed_at", "string?"),
];
const LEAKAGE: &[Field] = &[
    ("book", "string"),
    ("currency", "string"),
    ("discounted", "integer"),
    ("without_partner", "integer"),
    ("leakage_bps", "integer"),
    ("net_sold_minor", "integer"),
];
const LEAKAGE_PAGE: &[Field] =
    &[("leakage", "Leakage[]"), ("book", "string"), ("sales", "Sale[]"), ("next", "string?")];

const EVENT_TYPE: &[Field] = &[
    ("type", "string"),
    ("object", "string?"),
    ("does", "string"),
    ("subscribed", "boolean"),
    ("received", "integer"),
    ("last_received_at", "string?"),
    ("versions", "string[]"),
    ("parked", "integer"),
];
const COMPARED: &[Field] = &[("object", "string"), ("listed", "integer"), ("problem", "string?")];
const DIFFERENCE: &[Field] = &[
    ("object", "string"),
    ("id", "string"),
    ("what", "string"),
    ("path", "string?"),
    ("ours", "string?"),
    ("stripes", "string?"),
    ("cause", "string"),
    ("why", "string"),
    ("event", "string?"),
    ("fixed", "boolean"),
];
const RECONCILED: &[Field] = &[
    ("book", "string"),
    ("started_at", "string"),
    ("finished_at", "string?"),
    ("compared", "Compared[]"),
    ("missing", "integer"),
    ("extra", "integer"),
    ("different", "integer"),
    ("fixed", "integer"),
    ("differences", "Difference[]"),
];
const FOUND: &[Field] = &[("what", "string"), ("id", "string"), ("book", "string?")];
const STEP: &[Field] = &[("at", "string?"), ("what", "string"), ("words", "string")];
const DELIVERED: &[Field] = &[("delivery", "integer"), ("received_at", "string"), ("source", "string")];
const MARK: &[Field] = &[("object", "string"), ("attempts", "integer"), ("parked", "string?")];

/// Answers: every field is always there.
pub(super) const ANSWERS: &[(&str, &[Field])] = &[
    ("Alert", ALERT),
    ("EventType", EVENT_TYPE),
    ("Compared", COMPARED),
    ("Difference", DIFFERENCE),
    ("Reconciled", RECONCILED),
    ("Found", FOUND),
    ("Step", STEP),
    ("Delivered", DELIVERED),
    ("Mark", MARK),
    ("Discarded", DISCARDED),
    ("ParkedGroup", PARKED_GROUP),
    ("Leakage", LEAKAGE),
    ("LeakagePage", LEAKAGE_PAGE),
];

/// Bodies: the fields, and how many of the first are required.
pub(super) const BODIES: &[(&str, usize, &[Field])] = &[
    ("ParkedRetry", 0, &[("reason", "string"), ("all", "boolean")]),
    ("ParkedDiscard", 2, &[("reason", "string"), ("why", "string")]),
    ("EventDiscard", 1, &[("why", "string")]),
    ("Search", 1, &[("text", "string")]),
];
