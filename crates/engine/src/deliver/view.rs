//! Intents as people and programs see them.

use kernel::{Book, time};
use serde::Serialize;
use store::intent::IntentRow;

use super::plan::Plan;
use super::saga::{Progress, StepName, StepState};
use crate::house::{EngineError, House};

/// Field names are a contract with users: add, never rename.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct IntentView {
    pub id: String,
    pub kind: String,
    pub book: String,
    pub partner: Option<String>,
    pub code: String,
    /// `open`, `parked`, `done`, `refused`.
    pub state: String,
    /// Why it waits, was parked or refused.
    pub reason: Option<String>,
    pub promotion_code: Option<String>,
    pub coupon: Option<String>,
    pub steps: Vec<StepView>,
    pub attempts: i64,
    pub next_try_at: Option<String>,
    pub made_by: String,
    pub recorded_at: String,
    pub finished_at: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct StepView {
    pub step: StepName,
    pub state: StepState,
    pub object: Option<String>,
}

pub fn view(row: &IntentRow, book: &Book) -> Result<IntentView, EngineError> {
    let plan: Plan = serde_json::from_str(&row.params).map_err(EngineError::unreadable("plan"))?;
    let progress: Progress =
        serde_json::from_str(&row.progress).map_err(EngineError::unreadable("progress"))?;
    let about = match &plan {
        Plan::Deactivate { code, .. } => code.as_ref(),
        Plan::Describe { code, .. } => Some(code),
        _ => progress.object(StepName::PromotionCode),
    };
    let waits = matches!(row.state, store::intent::State::Open);
    let steps = progress.steps.iter().map(|step| StepView {
        step: step.step,
        state: step.state,
        object: step.object.as_ref().map(ToString::to_string),
    });
    Ok(IntentView {
        id: row.id.clone(),
        kind: row.kind.clone(),
        book: book.label(),
        partner: row.partner.clone(),
        code: plan.text().to_owned(),
        state: row.state.as_str().to_owned(),
        reason: (!row.reason.is_empty()).then(|| row.reason.clone()),
        promotion_code: about.map(ToString::to_string),
        coupon: progress.object(StepName::Coupon).map(ToString::to_string),
        steps: steps.collect(),
        attempts: row.attempts,
        next_try_at: waits.then(|| time::rfc3339(row.next_try_at)),
        made_by: row.made_by.clone(),
        recorded_at: time::rfc3339(row.recorded_at),
        finished_at: row.finished_at.map(time::rfc3339),
    })
}

/// The newest first; those before an intent, for the next page.
pub fn list(house: &House, before: Option<&str>, limit: i64) -> Result<Vec<IntentView>, EngineError> {
    house.db().read(|read| {
        let from = match before {
            Some(id) => {
                store::intent::one(read, id)?
                    .ok_or_else(|| EngineError::Usage(format!("there is no intent {id} to go on from")))?
                    .recorded_at
            }
            None => i64::MAX,
        };
        let rows = store::intent::page(read, (from, before.unwrap_or_default()), limit)?;
        let mut views = Vec::with_capacity(rows.len());
        for row in &rows {
            let book = store::book::get(read, row.book)?;
            views.push(view(row, &book)?);
        }
        Ok(views)
    })
}
