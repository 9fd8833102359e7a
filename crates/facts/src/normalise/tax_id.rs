//! Customers' tax ids. The number itself is not read, nor the name it is registered under.

use kernel::fact::TaxId;
use kernel::{Body, Kind};

use super::out::Out;
use crate::object::Obj;

/// Rank: 2 deleted, 1 verified or found wrong, else 0.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::TaxId, object) else { return };
    let deleted = out.is_deleted(object);
    let verification = object.object("verification").and_then(|found| found.text("status"));
    let ended = matches!(verification.as_deref(), Some("verified" | "unverified"));
    let owner = object.object("owner").and_then(|owner| owner.reference("customer"));
    let body = TaxId {
        customer: object.reference("customer").or(owner),
        id_type: object.text("type").unwrap_or_default(),
        country: object.text("country"),
        verification,
        deleted,
        created_s: object.created(),
    };
    out.link(&key, Kind::Customer, body.customer.as_ref());
    out.fact(&key, object, if deleted { 2 } else { u8::from(ended) }, Body::TaxId(body));
}
