//! Subscription schedules. Until clover a phase may have `iterations`; what is read is its end, which is always there.

use kernel::fact::{Schedule, SchedulePhase};
use kernel::{Body, Kind};

use super::out::Out;
use crate::object::Obj;

/// Rank: 3 completed, released or canceled, 1 active, else 0.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::Schedule, object) else { return };
    let status = object.text("status").unwrap_or_default();
    let rank = match status.as_str() {
        "completed" | "released" | "canceled" => 3,
        "active" => 1,
        _ => 0,
    };
    let current = object.object("current_phase");
    let second = |name: &str| current.as_ref().and_then(|phase| phase.second(name));
    let subscription = object.reference("subscription");
    let body = Schedule {
        status,
        customer: object.reference("customer"),
        subscription: subscription.or_else(|| object.reference("released_subscription")),
        end_behavior: object.text("end_behavior"),
        phase_start_s: second("start_date"),
        phase_end_s: second("end_date"),
        phases: object.objects("phases").iter().map(phase).collect(),
        canceled_at_s: object.second("canceled_at"),
        completed_at_s: object.second("completed_at"),
        released_at_s: object.second("released_at"),
        created_s: object.created(),
    };
    out.link(&key, Kind::Customer, body.customer.as_ref());
    out.link(&key, Kind::Subscription, body.subscription.as_ref());
    out.fact(&key, object, rank, Body::Schedule(body));
}

/// The oldest phases say `plans`, and each of them a `plan`.
fn phase(phase: &Obj<'_>) -> SchedulePhase {
    let rows = if phase.has("items") { phase.objects("items") } else { phase.objects("plans") };
    let item =
        |row: &Obj<'_>| (row.reference("price").or_else(|| row.reference("plan")), row.int("quantity"));
    SchedulePhase {
        start_s: phase.second("start_date"),
        end_s: phase.second("end_date"),
        items: rows.iter().map(item).collect(),
    }
}
