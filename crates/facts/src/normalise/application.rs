//! The platform that an account was connected to or is no longer.

use kernel::fact::Application;
use kernel::{Body, Kind};

use super::out::Out;
use crate::object::Obj;

/// Rank: 0, an account can be connected again.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::Application, object) else { return };
    let body = Application { deauthorized: out.event_type.ends_with(".deauthorized") };
    out.fact(&key, object, 0, Body::Application(body));
}
