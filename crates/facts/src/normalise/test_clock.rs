//! Test clocks. Only events of test mode carry them.

use kernel::fact::TestClock;
use kernel::{Body, Kind};

use super::out::Out;
use crate::object::Obj;

/// Rank: 1 when deleted, else 0.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::TestClock, object) else { return };
    let deleted = out.is_deleted(object);
    let body = TestClock {
        status: object.text("status").unwrap_or_default(),
        name: object.text("name"),
        frozen_s: object.second("frozen_time"),
        deletes_after_s: object.second("deletes_after"),
        deleted,
        created_s: object.created(),
    };
    out.fact(&key, object, u8::from(deleted), Body::TestClock(body));
}
