//! What an answer means for an intent that has come so far.

use super::super::plan::{CouponPlan, Intent, META_PARTNER};
use super::super::stripe::{CodeSeen, CouponSeen, Failure, Reply};
use super::next::coupon_id;
use super::progress::{Progress, Step, StepName, StepState};

/// What to do after an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    Go,
    /// Try again later; why.
    Later(String),
    /// Somebody has to do something first; what.
    Stuck(String),
}

/// So many keys were answered with an old failure: something else is wrong.
const GENERATIONS_MAX: i64 = 8;

/// Takes the answer to what [`super::next`] asked for.
pub fn take(intent: &Intent, progress: &mut Progress, answer: Result<Reply, Failure>) -> Verdict {
    if progress.undo.is_some() {
        return take_undo(progress, answer);
    }
    let Some(step) = progress.current().cloned() else { return Verdict::Go };
    match answer {
        Ok(reply) => found(intent, progress, &step, reply),
        Err(failure) => failed(intent, progress, &step, failure),
    }
}

fn failed(intent: &Intent, progress: &mut Progress, step: &Step, failure: Failure) -> Verdict {
    let looking = is_looking(step);
    match failure {
        Failure::NotDone(why) | Failure::Unknown(why) => Verdict::Later(why),
        Failure::Denied(why) => Verdict::Stuck(why),
        Failure::Stale(why) => {
            let Some(open) = progress.step_mut(step.step) else { return Verdict::Go };
            open.generation += 1;
            open.look = matches!(step.step, StepName::Coupon | StepName::PromotionCode);
            if open.generation % GENERATIONS_MAX == 0 { Verdict::Later(why) } else { Verdict::Go }
        }
        Failure::Missing if step.step == StepName::Coupon && looking => {
            coupon_missing(intent, progress, step)
        }
        // What is gone is as good as inactive.
        Failure::Missing if step.step == StepName::Deactivate => {
            progress.done(step.step, None, false);
            Verdict::Go
        }
        Failure::Missing => {
            progress.refuse("there is no such object at Stripe any more");
            Verdict::Go
        }
        Failure::Taken(_) if matches!(step.step, StepName::Coupon | StepName::PromotionCode) => {
            if let Some(open) = progress.step_mut(step.step) {
                open.look = true;
                open.taken = true;
            }
            Verdict::Go
        }
        Failure::Taken(why) | Failure::Refused(why) => {
            // An earlier try may have had its effect all the same: look before believing that there is nothing.
            let looks = matches!(step.step, StepName::Coupon | StepName::PromotionCode);
            let doubted = step.tries > 1 && looks && !looking;
            match progress.step_mut(step.step) {
                Some(open) if doubted => {
                    open.look = true;
                    open.doubt = Some(why);
                }
                _ => progress.refuse(why),
            }
            Verdict::Go
        }
    }
}

fn is_looking(step: &Step) -> bool {
    step.look || step.step == StepName::FreeText
}

fn found(intent: &Intent, progress: &mut Progress, step: &Step, reply: Reply) -> Verdict {
    match (step.step, reply) {
        (StepName::FreeText | StepName::PromotionCode, Reply::Codes(codes)) => {
            looked(intent, progress, step, &codes)
        }
        (StepName::Coupon, Reply::Coupon(coupon)) => coupon_there(intent, progress, step, &coupon),
        (StepName::PromotionCode, Reply::Code(code)) => {
            progress.done(StepName::PromotionCode, Some(code.id), true);
            Verdict::Go
        }
        (StepName::Deactivate | StepName::DescribeCode, Reply::Code(code)) => {
            progress.done(step.step, Some(code.id), false);
            Verdict::Go
        }
        (StepName::DescribeCoupon, Reply::Coupon(coupon)) => {
            progress.done(step.step, Some(coupon.id), false);
            Verdict::Go
        }
        _ => Verdict::Later("Stripe answered with another object than was asked for".to_owned()),
    }
}

/// The codes of the text, before the first write or where it is unknown what a write did.
fn looked(intent: &Intent, progress: &mut Progress, step: &Step, codes: &[CodeSeen]) -> Verdict {
    if let Some(ours) = codes.iter().find(|code| intent.made(&code.metadata)) {
        let own = intent.plan.code().is_some_and(|code| matches!(code.coupon, CouponPlan::Own(_)));
        if !progress.is_done(StepName::Coupon) {
            progress.done(StepName::Coupon, ours.coupon.clone(), own);
        }
        progress.done(StepName::FreeText, None, false);
        progress.done(StepName::PromotionCode, Some(ours.id.clone()), true);
        return Verdict::Go;
    }
    if let Some(other) = codes.iter().find(|code| code.active && code.limits.customer.is_none()) {
        progress.refuse(foreign(intent, other));
        return Verdict::Go;
    }
    if step.step == StepName::FreeText {
        progress.done(StepName::FreeText, None, false);
        return Verdict::Go;
    }
    if let Some(why) = &step.doubt {
        progress.refuse(why.clone());
        return Verdict::Go;
    }
    if let Some(open) = progress.step_mut(step.step) {
        open.look = false;
        open.taken = false;
        open.tried_at = None;
    }
    if step.taken {
        return Verdict::Later("Stripe says that the code exists, and does not show it yet".to_owned());
    }
    Verdict::Go
}

fn foreign(intent: &Intent, other: &CodeSeen) -> String {
    let text = &other.text;
    let whose =
        other.metadata.get(META_PARTNER).map(|whose| format!(", made for {whose}")).unwrap_or_default();
    let to = intent.plan.partner().map(ToString::to_string).unwrap_or_default();
    format!(
        "Stripe already has an active code {text} ({}{whose}) that was not made here; to give that one to {to}: \
         countinghouse code adopt {to} --code {text} --promotion-code {} --book {}",
        other.id,
        other.id,
        intent.book.label()
    )
}

fn coupon_there(intent: &Intent, progress: &mut Progress, step: &Step, coupon: &CouponSeen) -> Verdict {
    let Some(code) = intent.plan.code() else { return Verdict::Go };
    let fits = coupon_id(intent, code).is_some_and(|id| id == coupon.id);
    let (fine, made) = match &code.coupon {
        CouponPlan::Own(_) => (fits && intent.made(&coupon.metadata), true),
        CouponPlan::There(_) => (fits && coupon.valid, false),
        CouponPlan::Shared(_, terms) => (fits && coupon.valid && coupon.has(terms), false),
    };
    if fine {
        progress.done(step.step, Some(coupon.id.clone()), made);
    } else if !coupon.valid {
        progress
            .refuse(format!("the coupon {} is expired or used up, so no code can be made on it", coupon.id));
    } else {
        progress.refuse(format!(
            "Stripe has a coupon {} that is not the one asked for: it takes off {}. To use it as it is, name it \
             with --coupon and leave the terms out",
            coupon.id,
            coupon.words()
        ));
    }
    Verdict::Go
}

fn coupon_missing(intent: &Intent, progress: &mut Progress, step: &Step) -> Verdict {
    let Some(code) = intent.plan.code() else { return Verdict::Go };
    if let CouponPlan::There(id) = &code.coupon {
        progress.refuse(format!(
            "there is no coupon {id} in the book {}; look it up in Stripe, or say what a new one takes off",
            intent.book.label()
        ));
        return Verdict::Go;
    }
    if let Some(why) = &step.doubt {
        progress.refuse(why.clone());
        return Verdict::Go;
    }
    if let Some(open) = progress.step_mut(step.step) {
        open.look = false;
        open.taken = false;
    }
    if step.taken {
        return Verdict::Later("Stripe says that the coupon exists, and does not show it yet".to_owned());
    }
    Verdict::Go
}

fn take_undo(progress: &mut Progress, answer: Result<Reply, Failure>) -> Verdict {
    let made = |step: &&mut Step| step.made && step.state == StepState::Done;
    let Some(step) = progress.steps.iter_mut().rev().find(made) else { return Verdict::Go };
    match answer {
        Ok(_) | Err(Failure::Missing) => step.state = StepState::Undone,
        Err(Failure::Refused(why) | Failure::Taken(why)) => {
            // What cannot be undone is left, and said.
            step.made = false;
            let left = step.object.as_ref().map(ToString::to_string).unwrap_or_default();
            if let Some(undo) = &mut progress.undo {
                undo.push_str(&format!("; {left} is left at Stripe: {why}"));
            }
        }
        Err(Failure::Stale(why)) => {
            step.generation += 1;
            return Verdict::Later(why);
        }
        Err(Failure::NotDone(why) | Failure::Unknown(why)) => return Verdict::Later(why),
        Err(Failure::Denied(why)) => return Verdict::Stuck(why),
    }
    Verdict::Go
}
