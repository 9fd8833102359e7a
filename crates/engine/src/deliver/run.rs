//! Carries an intent out under a lease, one move after another: a read, a write marked before it is made, or a
//! line of the operator log in one transaction with the progress. May be killed between any two of them. It must
//! not decide anything: that is the saga's.

use kernel::{Book, Kind, ObjectKey, UnixMs};
use store::intent::{IntentRow, Standing, State};

use super::plan::{Intent, Plan};
use super::saga::{Line, Next, Progress, StepName, Verdict, next, take};
use super::stripe::{Failure, Reply, Stripe};
use super::view::{IntentView, view};
use crate::house::{EngineError, House};
use crate::operate::{OperateError, Request, operate_in};
use crate::trace;

/// How long an executor has an intent without a word: longer than one call may take. Each move renews it.
pub const LEASE_MS: i64 = 30_000;
/// The longest wait between two tries.
const BACKOFF_MS_MAX: i64 = 3_600_000;
/// How long it is left alone where somebody has to do something first.
pub const STUCK_MS: i64 = 600_000;
/// After this an intent that still gets no answer is parked until somebody asks for it again.
const PATIENCE_MS: i64 = 3 * 86_400_000;

/// What has to happen before an intent that this executor put off goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wait {
    /// Nothing: Stripe did not answer, or not now. Trying again soon may help.
    Again,
    /// Somebody has to do something first.
    Person,
}

/// Whether an executor could go to work, and where the intent stands now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ran {
    pub intent: IntentView,
    pub state: State,
    pub next_try_at: UnixMs,
    /// Why this executor stopped, if it is not finished.
    pub wait: Option<Wait>,
    /// Another executor has it until then.
    pub busy_until: Option<UnixMs>,
}

/// An intent in the hands of this executor.
pub struct Held {
    row: IntentRow,
    pub intent: Intent,
    pub progress: Progress,
    wait: Option<Wait>,
}

/// Ends when the intent is finished, has to wait, or is in other hands.
pub fn run(
    house: &House,
    stripe: &dyn Stripe,
    id: &str,
    clock: &dyn Fn() -> UnixMs,
) -> Result<Ran, EngineError> {
    let mut wait = None;
    if let Some(mut held) = claim(house, id, clock())? {
        let _span = trace::deliver(id).entered();
        while one_move(house, stripe, &mut held, clock)? {}
        wait = held.wait;
    }
    let ran = standing(house, id, clock())?.ok_or_else(|| {
        EngineError::Usage(format!("there is no intent {id}; see: countinghouse code intents"))
    })?;
    Ok(Ran { wait, ..ran })
}

/// Where an intent stands.
pub fn standing(house: &House, id: &str, now: UnixMs) -> Result<Option<Ran>, EngineError> {
    house.db().read(|read| {
        let Some(row) = store::intent::one(read, id)? else { return Ok(None) };
        let book = store::book::get(read, row.book)?;
        let busy = row.state == State::Open && row.lease_until > now;
        Ok(Some(Ran {
            intent: view(&row, &book)?,
            state: row.state,
            next_try_at: row.next_try_at,
            wait: None,
            busy_until: busy.then_some(row.lease_until),
        }))
    })
}

/// Takes the intent, unless it is finished or somebody else is at it.
pub fn claim(house: &House, id: &str, now: UnixMs) -> Result<Option<Held>, EngineError> {
    house.db().work(|tx| {
        let Some(row) = store::intent::claim(tx, id, now, now + LEASE_MS)? else { return Ok(None) };
        let book: Book = store::book::get(tx, row.book)?;
        let plan: Plan = serde_json::from_str(&row.params).map_err(EngineError::unreadable("plan"))?;
        let progress = serde_json::from_str(&row.progress).map_err(EngineError::unreadable("progress"))?;
        let intent = Intent {
            id: row.id.clone(),
            book,
            plan,
            made_by: row.made_by.clone(),
            recorded_at: row.recorded_at,
        };
        Ok(Some(Held { row, intent, progress, wait: None }))
    })
}

/// One move. `false`: nothing more to do now.
pub fn one_move(
    house: &House,
    stripe: &dyn Stripe,
    held: &mut Held,
    clock: &dyn Fn() -> UnixMs,
) -> Result<bool, EngineError> {
    let now = clock();
    let (call, key) = match next(&held.intent, &held.progress, now) {
        Next::Read(call) => (call, None),
        Next::Write(call, key) => (call, Some(key)),
        Next::Log(line) => return log(house, held, &line, now),
        Next::Done => return finish(house, held, State::Done, "", now),
        Next::Refused(why) => return finish(house, held, State::Refused, &why, now),
        Next::Unreadable => {
            let why = "its progress does not fit it; it was written by another version of this program";
            return finish(house, held, State::Parked, why, now);
        }
    };
    if key.is_some() {
        held.progress.tried(now);
    }
    // Before the call: that it is made, and that nobody else makes it meanwhile.
    if !save(house, held, State::Open, "", now, now + LEASE_MS)? {
        return Ok(false);
    }
    let span = trace::call(&call);
    let answer = span.in_scope(|| stripe.call(&held.intent.book, &call, key.as_deref()));
    if let Err(why) = &answer {
        span.record("error", words(why).as_str());
    }
    let now = clock();
    if let Ok(reply) = &answer {
        keep(house, &held.intent.book, reply, now)?;
    }
    match take(&held.intent, &mut held.progress, answer) {
        Verdict::Go => save(house, held, State::Open, "", now, now + LEASE_MS),
        Verdict::Later(why) => {
            held.wait = Some(Wait::Again);
            put_off(house, held, &why, now, backoff_ms(held.row.attempts))
        }
        Verdict::Stuck(why) => {
            held.wait = Some(Wait::Person);
            put_off(house, held, &why, now, STUCK_MS)
        }
    }
}

/// What Stripe showed enters the inbox like anything fetched, so the mirror knows it before an event tells.
pub(crate) fn keep(house: &House, book: &Book, reply: &Reply, now: UnixMs) -> Result<(), EngineError> {
    let (kind, id, answer) = match reply {
        Reply::Coupon(coupon) => (Kind::Coupon, &coupon.id, &coupon.answer),
        Reply::Code(code) => (Kind::PromotionCode, &code.id, &code.answer),
        Reply::Codes(_) | Reply::Deleted => return Ok(()),
    };
    let Some(answer) = answer else { return Ok(()) };
    let object = ObjectKey::new(kind, id.clone());
    house.inbox().append(&[crate::fetch::as_delivery(book, &object, answer.clone(), now)])?;
    Ok(())
}

/// Gives it back, to be tried again after a while.
fn put_off(house: &House, held: &Held, why: &str, now: UnixMs, after_ms: i64) -> Result<bool, EngineError> {
    let waited = now - held.row.recorded_at > PATIENCE_MS;
    let (state, at) = if waited { (State::Parked, now) } else { (State::Open, now + after_ms) };
    save(house, held, state, why, at, 0).map(|_| false)
}

/// 1, 2, 4 ... seconds, at most an hour.
fn backoff_ms(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.clamp(1, 20)).unwrap_or(20) - 1;
    (1000 << doublings).min(BACKOFF_MS_MAX)
}

/// Where it stands, if it is still ours to say.
fn save(
    house: &House,
    held: &Held,
    state: State,
    reason: &str,
    next_try_at: UnixMs,
    lease_until: UnixMs,
) -> Result<bool, EngineError> {
    let progress = serde_json::to_string(&held.progress).map_err(EngineError::unreadable("progress"))?;
    let standing =
        Standing { state, progress: &progress, reason, next_try_at, lease_until, finished_at: None };
    house.db().work(|tx| Ok(store::intent::save(tx, &held.row.id, held.row.epoch, &standing)?))
}

fn finish(house: &House, held: &Held, state: State, reason: &str, now: UnixMs) -> Result<bool, EngineError> {
    let progress = serde_json::to_string(&held.progress).map_err(EngineError::unreadable("progress"))?;
    let finished_at = (state != State::Parked).then_some(now);
    let standing =
        Standing { state, progress: &progress, reason, next_try_at: now, lease_until: 0, finished_at };
    house.db().work(|tx| -> Result<_, EngineError> {
        Ok(store::intent::save(tx, &held.row.id, held.row.epoch, &standing)?)
    })?;
    Ok(false)
}

/// How far Stripe's clock may be ahead of ours.
const SKEW_MS_MAX: i64 = 3_600_000;

/// Whether a mapping that ends then is over, or as good as.
pub(crate) fn is_over(until: Option<UnixMs>, now: UnixMs) -> bool {
    until.is_some_and(|until| until <= now.saturating_add(SKEW_MS_MAX))
}

/// Why a line was not written.
enum NotLogged {
    /// The intent is in other hands: neither the line nor the progress may stay.
    Lost,
    Operate(OperateError),
}

impl<E: Into<OperateError>> From<E> for NotLogged {
    fn from(why: E) -> Self {
        Self::Operate(why.into())
    }
}

/// The line, the progress and, after the last step, the end: together or not at all.
fn log(house: &House, held: &mut Held, line: &Line, now: UnixMs) -> Result<bool, EngineError> {
    let wrote = house.db().work(|tx| -> Result<(Progress, bool), NotLogged> {
        let newest_s = store::book::clock(tx, held.row.book)?;
        let effective_at = line.effective_at.map(|at| after_sales(line.step, at, newest_s));
        let request = Request {
            actor: held.intent.made_by.clone(),
            effective_at,
            action: line.action.clone(),
            // A code that was made for this partner has brought nobody else anything.
            retroactive: true,
        };
        let outcome = operate_in(tx, house, &request, now)?;
        let mut progress = held.progress.clone();
        progress.done(line.step, kernel::Ref::parse(&outcome.seq.to_string()), false);
        let done = next(&held.intent, &progress, now) == Next::Done;
        let text = serde_json::to_string(&progress).map_err(EngineError::unreadable("progress"))?;
        let standing = Standing {
            state: if done { State::Done } else { State::Open },
            progress: &text,
            reason: "",
            next_try_at: now,
            lease_until: if done { 0 } else { now + LEASE_MS },
            finished_at: done.then_some(now),
        };
        if !store::intent::save(tx, &held.row.id, held.row.epoch, &standing)? {
            return Err(NotLogged::Lost);
        }
        Ok((progress, done))
    });
    match wrote {
        Ok((progress, done)) => {
            held.progress = progress;
            Ok(!done)
        }
        Err(NotLogged::Lost) => Ok(false),
        Err(NotLogged::Operate(OperateError::Engine(why))) => Err(why),
        // Ended by somebody else meanwhile: that is what was wanted.
        Err(_) if line.step == StepName::End => {
            held.progress.done(line.step, None, false);
            save(house, held, State::Open, "", now, now + LEASE_MS)
        }
        Err(NotLogged::Operate(why)) => {
            held.progress.refuse(why.to_string());
            save(house, held, State::Open, "", now, now + LEASE_MS)
        }
    }
}

/// A mapping does not end before the sales that Stripe has already told of, should our clock be slow. No more
/// than an hour: one event with a wrong date must not move it.
fn after_sales(step: StepName, at: UnixMs, newest_s: i64) -> UnixMs {
    let newest = newest_s.saturating_mul(1000).saturating_add(1000);
    if step == StepName::End { at.max(newest.min(at + SKEW_MS_MAX)) } else { at }
}

/// A failure in words.
pub(crate) fn words(failure: &Failure) -> String {
    match failure {
        Failure::Missing => "Stripe has no such object".to_owned(),
        Failure::Taken(why)
        | Failure::Refused(why)
        | Failure::Denied(why)
        | Failure::NotDone(why)
        | Failure::Unknown(why)
        | Failure::Stale(why) => why.clone(),
    }
}
