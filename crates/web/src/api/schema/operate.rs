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

/// Answers: every field is always there.
pub(super) const ANSWERS: &[(&str, &[Field])] = &[
    ("Alert", ALERT),
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
];
