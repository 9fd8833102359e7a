//! What a customer may use. The summary has no id: it is keyed by its customer, and its list is the whole truth.

use kernel::fact::{Entitlement, Entitlements};
use kernel::{Body, Kind, NoteCode, ObjectKey};

use super::out::Out;
use crate::object::Obj;

/// Rank: 0; of two summaries of one second only what Stripe says when asked decides.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(customer) = object.reference("customer") else {
        return object.note(NoteCode::ObjectWithoutId, "customer", "a summary is keyed by its customer");
    };
    let key = ObjectKey::new(Kind::Entitlements, customer);
    let list = object.list("entitlements");
    let row = |row: &Obj<'_>| {
        let (feature, lookup_key) = (row.reference("feature"), row.text("lookup_key"));
        Some(Entitlement { id: row.reference("id")?, feature, lookup_key })
    };
    let mut active: Vec<Entitlement> = list.rows.iter().filter_map(row).collect();
    active.sort_by(|left, right| left.id.cmp(&right.id));
    out.link(&key, Kind::Customer, Some(&key.id));
    let body = Entitlements { active, truncated: list.truncated };
    out.fact(&key, object, 0, Body::Entitlements(body));
}
