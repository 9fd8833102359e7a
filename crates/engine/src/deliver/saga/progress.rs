//! How far an intent has come: its steps in order, and what came of each. Stored after every answer.

use kernel::{Ref, UnixMs};
use serde::{Deserialize, Serialize};

use super::super::plan::{CouponPlan, Plan};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// Nobody else's active code has this text. Only a look.
    FreeText,
    Coupon,
    PromotionCode,
    /// The code is the partner's, in the operator log.
    Map,
    DescribeCode,
    DescribeCoupon,
    /// The (old) code is inactive at Stripe.
    Deactivate,
    /// Its mapping is ended, in the operator log.
    End,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    Open,
    Done,
    /// It was done and is not any more, since a later step was refused.
    Undone,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Step {
    pub step: StepName,
    pub state: StepState,
    /// What there is now because of it: an id at Stripe, or a line of the operator log.
    pub object: Option<Ref>,
    /// Made for this intent alone, so it may be undone with it.
    #[serde(default)]
    pub made: bool,
    /// How often its write was tried under any key. Raised before the call.
    #[serde(default)]
    pub tries: i64,
    /// When its write was first tried and not looked for since.
    #[serde(default)]
    pub tried_at: Option<UnixMs>,
    /// Which key: raised only when Stripe will never answer the old one.
    #[serde(default)]
    pub generation: i64,
    /// Look at what exists before writing (again).
    #[serde(default)]
    pub look: bool,
    /// Stripe says that the text or id is in use.
    #[serde(default)]
    pub taken: bool,
    /// A refusal that is believed once a look has shown that no earlier try had its effect.
    #[serde(default)]
    pub doubt: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Progress {
    pub steps: Vec<Step>,
    /// Why it is being undone.
    #[serde(default)]
    pub undo: Option<String>,
}

impl Progress {
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        use StepName::{Coupon, Deactivate, DescribeCode, DescribeCoupon, End, FreeText, Map, PromotionCode};
        let mut names = match plan {
            Plan::Create { .. } => vec![FreeText, Coupon, PromotionCode, Map],
            Plan::Rotate { .. } => vec![FreeText, Coupon, PromotionCode, Map, Deactivate, End],
            Plan::Deactivate { .. } => vec![Deactivate, End],
            Plan::Describe { .. } => vec![DescribeCode, DescribeCoupon],
        };
        names.retain(|name| match (plan, name) {
            (Plan::Deactivate { code, .. }, Deactivate) => code.is_some(),
            (Plan::Deactivate { ends, .. }, End) => ends.is_some(),
            (Plan::Describe { coupon, .. }, DescribeCoupon) => coupon.is_some(),
            _ => true,
        });
        let looks = |name| match plan.code().map(|code| &code.coupon) {
            Some(CouponPlan::There(_)) => name == Coupon,
            _ => false,
        };
        let step = |step| Step {
            step,
            state: StepState::Open,
            object: None,
            made: false,
            tries: 0,
            tried_at: None,
            generation: 0,
            look: looks(step),
            taken: false,
            doubt: None,
        };
        Self { steps: names.into_iter().map(step).collect(), undo: None }
    }

    #[must_use]
    pub fn step(&self, name: StepName) -> Option<&Step> {
        self.steps.iter().find(|step| step.step == name)
    }

    pub(super) fn step_mut(&mut self, name: StepName) -> Option<&mut Step> {
        self.steps.iter_mut().find(|step| step.step == name)
    }

    /// The first step that is not done.
    #[must_use]
    pub fn current(&self) -> Option<&Step> {
        self.steps.iter().find(|step| step.state == StepState::Open)
    }

    #[must_use]
    pub fn is_done(&self, name: StepName) -> bool {
        self.step(name).is_some_and(|step| step.state == StepState::Done)
    }

    #[must_use]
    pub fn object(&self, name: StepName) -> Option<&Ref> {
        self.step(name)?.object.as_ref()
    }

    /// A write is about to be made: remembered before it is.
    pub fn tried(&mut self, now: UnixMs) {
        if self.undo.is_none()
            && let Some(step) = self.steps.iter_mut().find(|step| step.state == StepState::Open)
        {
            step.tries += 1;
            step.tried_at.get_or_insert(now);
        }
    }

    pub fn done(&mut self, name: StepName, object: Option<Ref>, made: bool) {
        if let Some(step) = self.step_mut(name) {
            step.state = StepState::Done;
            step.object = object;
            step.made = made;
            step.look = false;
            step.taken = false;
            step.doubt = None;
        }
    }

    /// Ends it without what was wanted: what was made is undone next.
    pub fn refuse(&mut self, why: impl Into<String>) {
        self.undo.get_or_insert(why.into());
    }
}
