//! What is to be done next for an intent that has come so far.

use kernel::operator::{Action, CodeMapping};
use kernel::{Ref, UnixMs};

use super::super::plan::{CodePlan, CouponPlan, Intent, Plan};
use super::super::stripe::{Call, Meta, NewCode, NewCoupon};
use super::progress::{Progress, Step, StepName, StepState};

/// Stripe keeps a key for at least 24 hours; after this it is not relied upon any more.
const KEY_LIVES_MS: i64 = 23 * 3_600_000;

/// A line for the operator log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    pub step: StepName,
    pub action: Action,
    /// `None`: by the rule of the action.
    pub effective_at: Option<UnixMs>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Next {
    Read(Call),
    /// The key is the same for each try.
    Write(Call, String),
    /// Written in one transaction with the progress.
    Log(Box<Line>),
    Done,
    Refused(String),
    /// The stored progress does not fit the plan: written by another program.
    Unreadable,
}

#[must_use]
pub fn next(intent: &Intent, progress: &Progress, now: UnixMs) -> Next {
    if let Some(why) = &progress.undo {
        return undo(intent, progress, why);
    }
    let Some(step) = progress.current() else { return Next::Done };
    match step.step {
        StepName::FreeText => Next::Read(Call::CodesOfText(intent.plan.text().to_owned())),
        StepName::Coupon => coupon(intent, step),
        StepName::PromotionCode => promotion_code(intent, progress, step, now),
        StepName::Map => map(intent, progress),
        StepName::DescribeCode => describe_code(intent, step),
        StepName::DescribeCoupon => describe_coupon(intent, step),
        StepName::Deactivate => match old_code(&intent.plan) {
            Some(id) => {
                let call = Call::ChangeCode { id: id.clone(), active: Some(false), metadata: Meta::new() };
                Next::Write(call, key(intent, step))
            }
            None => Next::Unreadable,
        },
        StepName::End => match &intent.plan {
            Plan::Rotate { ends, .. } | Plan::Deactivate { ends: Some(ends), .. } => {
                let action = Action::CodeEnd(ends.clone());
                Next::Log(Box::new(Line { step: StepName::End, action, effective_at: Some(now) }))
            }
            _ => Next::Unreadable,
        },
    }
}

/// The name of one write at Stripe.
fn key(intent: &Intent, step: &Step) -> String {
    let name = match step.step {
        StepName::FreeText => "text",
        StepName::Coupon => "coupon",
        StepName::PromotionCode => "promotion_code",
        StepName::Map => "map",
        StepName::DescribeCode => "describe_code",
        StepName::DescribeCoupon => "describe_coupon",
        StepName::Deactivate => "deactivate",
        StepName::End => "end",
    };
    format!("{}/{name}/{}", intent.id, step.generation)
}

fn old_code(plan: &Plan) -> Option<&Ref> {
    match plan {
        Plan::Rotate { old, .. } => Some(old),
        Plan::Deactivate { code, .. } => code.as_ref(),
        _ => None,
    }
}

/// The coupon that the code is made on.
pub(super) fn coupon_id(intent: &Intent, code: &CodePlan) -> Option<Ref> {
    match &code.coupon {
        CouponPlan::Own(_) => intent.own_coupon(&code.text),
        CouponPlan::There(id) | CouponPlan::Shared(id, _) => Some(id.clone()),
    }
}

fn coupon(intent: &Intent, step: &Step) -> Next {
    let Some((code, id)) = intent.plan.code().and_then(|code| Some((code, coupon_id(intent, code)?))) else {
        return Next::Unreadable;
    };
    let (terms, metadata) = match &code.coupon {
        _ if step.look => return Next::Read(Call::Coupon(id)),
        CouponPlan::There(_) => return Next::Read(Call::Coupon(id)),
        CouponPlan::Own(terms) => (terms, intent.metadata()),
        CouponPlan::Shared(_, terms) => (terms, intent.shared_metadata()),
    };
    let new = NewCoupon { id, terms: terms.clone(), metadata };
    Next::Write(Call::CreateCoupon(new), key(intent, step))
}

fn promotion_code(intent: &Intent, progress: &Progress, step: &Step, now: UnixMs) -> Next {
    let spent = step.tried_at.is_some_and(|at| now - at > KEY_LIVES_MS);
    if step.look || spent {
        return Next::Read(Call::CodesOfText(intent.plan.text().to_owned()));
    }
    match (intent.plan.code(), progress.object(StepName::Coupon)) {
        (Some(code), Some(coupon)) => {
            let new = NewCode {
                text: code.text.clone(),
                coupon: coupon.clone(),
                limits: code.limits.clone(),
                metadata: intent.metadata(),
            };
            Next::Write(Call::CreateCode(new), key(intent, step))
        }
        _ => Next::Unreadable,
    }
}

fn map(intent: &Intent, progress: &Progress) -> Next {
    let (whose, code, from) = match &intent.plan {
        Plan::Create { whose, code, from } => (whose, code, *from),
        Plan::Rotate { whose, code, .. } => (whose, code, None),
        _ => return Next::Unreadable,
    };
    let Some(made) = progress.object(StepName::PromotionCode) else { return Next::Unreadable };
    // Never the coupon: that would also claim sales made with the merchant's own codes of it.
    let mapping = CodeMapping {
        partner: whose.partner.clone(),
        book: intent.book.clone(),
        code: Some(code.text.clone()),
        promotion_code: Some(made.clone()),
        coupon: None,
    };
    let action = Action::CodeMap(mapping);
    Next::Log(Box::new(Line { step: StepName::Map, action, effective_at: from }))
}

fn describe_code(intent: &Intent, step: &Step) -> Next {
    let Plan::Describe { code, metadata, .. } = &intent.plan else { return Next::Unreadable };
    let call = Call::ChangeCode { id: code.clone(), active: None, metadata: metadata.clone() };
    Next::Write(call, key(intent, step))
}

fn describe_coupon(intent: &Intent, step: &Step) -> Next {
    let Plan::Describe { coupon: Some(id), metadata, .. } = &intent.plan else { return Next::Unreadable };
    let call = Call::DescribeCoupon { id: id.clone(), metadata: metadata.clone() };
    Next::Write(call, key(intent, step))
}

/// Backwards through what was made for this intent alone. What the log already says is not undone.
fn undo(intent: &Intent, progress: &Progress, why: &str) -> Next {
    let made = |step: &&Step| step.made && step.state == StepState::Done;
    let step = progress.steps.iter().rev().find(made).filter(|_| !progress.is_done(StepName::Map));
    match step.and_then(|step| Some((step, step.object.clone()?))) {
        Some((step, id)) if step.step == StepName::PromotionCode => {
            let call = Call::ChangeCode { id, active: Some(false), metadata: Meta::new() };
            Next::Write(call, format!("{}/undo_promotion_code/{}", intent.id, step.generation))
        }
        Some((step, id)) => {
            Next::Write(Call::DeleteCoupon(id), format!("{}/undo_coupon/{}", intent.id, step.generation))
        }
        None => Next::Refused(why.to_owned()),
    }
}

/// The writes of an intent if nothing goes wrong, for somebody who wants to see them first.
#[must_use]
pub fn rehearsal(intent: &Intent) -> Vec<(Call, String)> {
    let mut progress = Progress::new(&intent.plan);
    let mut writes = Vec::new();
    while let Some(step) = progress.current().map(|step| step.step) {
        let coupon = || intent.plan.code().and_then(|code| coupon_id(intent, code));
        match next(intent, &progress, 0) {
            Next::Write(call, key) => writes.push((call, key)),
            Next::Read(_) => {}
            _ => break,
        }
        progress.done(step, if step == StepName::Coupon { coupon() } else { None }, false);
    }
    writes
}
