//! How a play ended, and what must hold then, whatever happened on the way.

use std::collections::{BTreeMap, BTreeSet};

use engine::deliver::plan::CouponPlan;
use engine::deliver::saga::{Line, Next, StepName};
use engine::deliver::stripe::Meta;
use engine::deliver::{Call, Intent, Plan};
use kernel::operator::Action;

use crate::fake::Fake;
use crate::plans::id;

/// How it ended, and everything an observer could have seen on the way.
pub(crate) struct Played {
    pub(crate) fake: Fake,
    pub(crate) log: Vec<Line>,
    pub(crate) end: Next,
    pub(crate) faults: Vec<String>,
    pub(crate) lives: usize,
}

/// What must hold at the end, whatever happened.
pub(crate) fn faults(intent: &Intent, played: &Played) -> Vec<String> {
    let mut faults = played.faults.clone();
    if intent.plan.code().is_none() {
        faults.extend(faults_of_change(intent, played));
        return faults;
    }
    let state = played.fake.state();
    let mut say = |fine: bool, what: &str| {
        if !fine {
            faults.push(what.to_owned());
        }
    };
    let ours: Vec<_> = state.codes.iter().filter(|code| intent.made(&code.metadata)).collect();
    let own: Vec<_> = state.coupons.values().filter(|coupon| intent.made(&coupon.metadata)).collect();
    let rival = state.codes.iter().any(|code| code.id.as_str().starts_with("promo_rival"));
    let maps: Vec<_> = played.log.iter().filter(|line| line.step == StepName::Map).collect();
    say(state.codes_made <= 1, "two codes were made");
    say(state.coupons_made <= 1, "two coupons were made");
    say(state.coupons.contains_key(&id("SUMMER")), "somebody else's coupon is gone");
    let old = state.codes.iter().find(|code| code.id == id("promo_old")).expect("codes are not deleted");
    match &played.end {
        Next::Done => {
            say(ours.len() == 1 && ours[0].active, "there is not one active code");
            say(maps.len() == 1, "the code is not mapped once");
            let mapped = |line: &&Line| match &line.action {
                Action::CodeMap(mapping) => {
                    mapping.promotion_code.as_ref() == ours.first().map(|code| &code.id)
                }
                _ => false,
            };
            say(maps.iter().all(mapped), "another code is mapped");
            if let Some(coupon) = ours.first().and_then(|code| code.coupon.as_ref()) {
                say(state.coupons.contains_key(coupon), "the code's coupon is gone");
            }
            if matches!(intent.plan, Plan::Rotate { .. }) {
                say(!old.active, "the old code is still active");
                let ends = played.log.iter().filter(|line| line.step == StepName::End).count();
                say(ends == 1, "the old mapping is not ended once");
            } else {
                say(old.active, "an old code was made inactive");
            }
        }
        Next::Refused(_) => {
            say(rival, "refused without a reason");
            say(ours.iter().all(|code| !code.active), "a refused code is active");
            let shared = matches!(intent.plan.code().map(|code| &code.coupon), Some(CouponPlan::Shared(..)));
            say(own.is_empty() || shared, "a refused coupon is left behind");
            say(played.log.is_empty(), "a refused code is mapped");
            say(old.active, "the old code is inactive without a new one");
        }
        other => say(false, &format!("it ended as {other:?}")),
    }
    faults.extend(key_faults(&state.calls));
    faults
}

/// What must hold at the end of a change of the old code: it always comes about, as nothing can refuse it.
fn faults_of_change(intent: &Intent, played: &Played) -> Vec<String> {
    let mut faults = Vec::new();
    let state = played.fake.state();
    let mut say = |fine: bool, what: &str| {
        if !fine {
            faults.push(what.to_owned());
        }
    };
    say(played.end == Next::Done, "it is not done");
    say(state.codes_made + state.coupons_made == 0, "something was made");
    let old = state.codes.iter().find(|code| code.id == id("promo_old")).expect("codes are not deleted");
    let coupon = &state.coupons[&id("SUMMER")];
    let ended: Vec<_> = played.log.iter().map(|line| line.action.clone()).collect();
    match &intent.plan {
        Plan::Deactivate { code, ends, .. } => {
            say(old.active == code.is_none(), "the code is not as it should be at Stripe");
            let line = ends.iter().cloned().map(Action::CodeEnd).collect::<Vec<_>>();
            say(ended == line, "the mapping is not ended once");
            say(old.metadata.is_empty() && coupon.metadata.is_empty(), "metadata were written");
        }
        Plan::Describe { metadata, .. } => {
            say(old.active && ended.is_empty(), "more was changed than metadata");
            let says = |has: &Meta| metadata.iter().all(|(name, value)| has.get(name) == Some(value));
            say(says(&old.metadata) && says(&coupon.metadata), "the metadata are not on both");
        }
        _ => say(false, "it makes a code"),
    }
    let rivals = state.codes.iter().filter(|code| code.id != id("promo_old"));
    say(
        rivals.clone().all(|code| code.active && code.metadata.is_empty()),
        "somebody else's code was changed",
    );
    faults.extend(key_faults(&state.calls));
    faults
}

/// One key, one body; one write, one key, unless Stripe will never answer the old one.
fn key_faults(calls: &[(Call, Option<String>)]) -> Vec<String> {
    let mut bodies: BTreeMap<&str, &Call> = BTreeMap::new();
    let mut faults = Vec::new();
    let mut keys: BTreeSet<&str> = BTreeSet::new();
    for (call, key) in calls {
        let Some(key) = key.as_deref() else { continue };
        if *bodies.entry(key).or_insert(call) != call {
            faults.push(format!("two bodies under {key}"));
        }
        keys.insert(key);
    }
    for key in keys {
        let generation = key.rsplit('/').next().and_then(|number| number.parse::<i64>().ok());
        if key.matches('/').count() != 2 || generation.is_none() {
            faults.push(format!("{key} is not the step's own key"));
        }
    }
    faults
}
