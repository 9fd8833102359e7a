//! A test clock: the same shape in every version that has it.

use super::{Frame, finish};
use crate::json::Obj;
use crate::model::TestClock;

pub(super) fn render(clock: &TestClock, frame: Frame) -> String {
    let details = match clock.target_s {
        None => Obj::new(),
        Some(target_s) => Obj::new().obj("advancing", Obj::new().int("target_frozen_time", target_s)),
    };
    let object = Obj::resource("test_helpers.test_clock", &clock.id)
        .int("created", clock.created_s)
        .int("deletes_after", clock.deletes_after_s)
        .int("frozen_time", clock.frozen_s)
        .bool("livemode", frame.livemode)
        .opt_str("name", clock.name.as_deref())
        .str("status", if clock.target_s.is_some() { "advancing" } else { "ready" })
        .obj("status_details", details);
    finish(object, frame)
}
