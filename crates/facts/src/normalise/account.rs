//! Accounts. The oldest versions say `transfers_enabled` for payouts. Who owns one is not read.

use kernel::fact::Account;
use kernel::{Body, Kind};

use super::out::Out;
use crate::object::Obj;

/// Rank: 1 when deleted, else 0.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::Account, object) else { return };
    let deleted = out.is_deleted(object);
    let needs = object.object("requirements");
    let due = needs.as_ref().map_or(0, |needs| needs.texts("currently_due").len());
    let body = Account {
        account_type: object.text("type"),
        country: object.text("country"),
        default_currency: object.currency("default_currency"),
        charges_enabled: object.flag("charges_enabled").unwrap_or(false),
        payouts_enabled: object
            .flag("payouts_enabled")
            .or_else(|| object.flag("transfers_enabled"))
            .unwrap_or(false),
        details_submitted: object.flag("details_submitted").unwrap_or(false),
        disabled_reason: needs.and_then(|needs| needs.text("disabled_reason")),
        currently_due: i64::try_from(due).unwrap_or(i64::MAX),
        deleted,
        created_s: object.created(),
    };
    out.fact(&key, object, u8::from(deleted), Body::Account(body));
}
