//! What callers may send. Required names are the contract: add, never rename.

use super::Field;

/// Bodies: the fields, and how many of the first are required.
pub(super) const BODIES: &[(&str, usize, &[Field])] = &[
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
