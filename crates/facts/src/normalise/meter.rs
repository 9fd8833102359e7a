//! Meters: what usage is counted by.

use kernel::fact::Meter;
use kernel::{Body, Kind};

use super::out::Out;
use crate::object::Obj;

/// Rank: 0, a meter can be switched on again.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::Meter, object) else { return };
    let aggregation = object.object("default_aggregation").and_then(|terms| terms.text("formula"));
    let body = Meter {
        status: object.text("status").unwrap_or_default(),
        event_name: object.text("event_name"),
        display_name: object.text("display_name"),
        aggregation,
        updated_s: object.second("updated"),
        created_s: object.created(),
    };
    out.fact(&key, object, 0, Body::Meter(body));
}
