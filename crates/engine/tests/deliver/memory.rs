//! The saga alone, played in memory against every sequence of faults up to a depth: what is on disk survives a
//! kill, what is in memory does not. Each rule of the saga has a control that takes it away and must fail.

use std::panic::{AssertUnwindSafe, catch_unwind};

use engine::deliver::plan::{CouponPlan, META_INTENT};
use engine::deliver::saga::{Line, Next, Progress, StepName, Verdict, next, take};
use engine::deliver::stripe::Meta;
use engine::deliver::{Call, Failure, Intent, Reply, Stripe};
use kernel::Book;
use kernel::operator::{Action, CodeMapping};

use crate::fake::{FAULTS, Fake, Fault, Killed, code};
use crate::outcome::{Played, faults};
use crate::plans::{anna, create, deactivate, id, mends, rotate, terms};

/// What a careless program would do instead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Flaw {
    None,
    /// A new idempotency key and coupon id for each try.
    KeyPerTry,
    /// The mapping is in the log before Stripe has answered.
    MapFirst,
    /// What was tried is written down after the call.
    MarkAfter,
    /// Nothing is ever recognised as ours.
    NoLook,
    /// What was made stays when a later step is refused.
    NoUndo,
    /// Line and progress in two transactions.
    LogApart,
}

/// A world as it is before the intent: somebody's coupon, and an old code of anna's.
fn world(script: &[Fault]) -> Fake {
    let fake = Fake::scripted(script);
    let mut state = fake.state();
    let other = Call::CreateCoupon(engine::deliver::stripe::NewCoupon {
        id: id("SUMMER"),
        terms: terms(),
        metadata: Meta::new(),
    });
    let kept = std::mem::take(&mut state.script);
    drop(state);
    fake.call(&Book::own(false), &other, None).expect("made");
    let mut state = fake.state();
    state.script = kept;
    state.coupons_made = 0;
    state.calls.clear();
    state.codes.push(code("promo_old", "OLD", "SUMMER", &Meta::new()));
    drop(state);
    fake
}

fn play(intent: &Intent, script: &[Fault], flaw: Flaw) -> Played {
    let fake = world(script);
    let mut disk = Progress::new(&intent.plan);
    let mut log: Vec<Line> = Vec::new();
    let mut faults = Vec::new();
    let mut now = 1_000;
    for lives in 1..60 {
        let mut mind = disk.clone();
        let life = catch_unwind(AssertUnwindSafe(|| {
            loop {
                if std::mem::take(&mut fake.state().forgotten) {
                    now += 25 * 3_600_000;
                }
                let (call, key) = match next(intent, &mind, now) {
                    Next::Read(call) => (call, None),
                    Next::Write(call, key) => (call, Some(key)),
                    Next::Log(line) => {
                        write_line(&fake, &mut disk, &mut mind, &mut log, &line, flaw);
                        continue;
                    }
                    end => return Some(end),
                };
                if key.is_some() && flaw != Flaw::MarkAfter {
                    mind.tried(now);
                    disk = mind.clone();
                }
                if let Some(fault) = unmarked(&disk, &call) {
                    faults.push(fault);
                }
                let (call, key) = spoil(intent, &mind, &mut log, call, key, flaw);
                let answer = blinded(fake.call(&intent.book, &call, key.as_deref()), flaw);
                if key.is_some() && flaw == Flaw::MarkAfter {
                    mind.tried(now);
                }
                let verdict = take(intent, &mut mind, answer);
                if flaw == Flaw::NoUndo && mind.undo.is_some() {
                    return Some(Next::Refused(mind.undo.clone().unwrap_or_default()));
                }
                disk = mind.clone();
                if verdict != Verdict::Go {
                    now += 60_000;
                    return None;
                }
            }
        }));
        match life {
            Ok(Some(end)) => return Played { fake, log, end, faults, lives },
            Ok(None) => {}
            Err(panic) if panic.is::<Killed>() => now += 60_000,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
    panic!("no end after 60 lives: {script:?}, {disk:?}");
}

fn write_line(
    fake: &Fake,
    disk: &mut Progress,
    mind: &mut Progress,
    log: &mut Vec<Line>,
    line: &Line,
    flaw: Flaw,
) {
    let fault = fake.fault();
    if fault == Fault::KilledBefore {
        std::panic::panic_any(Killed);
    }
    if flaw != Flaw::MapFirst || log.is_empty() {
        log.push(line.clone());
    }
    if flaw == Flaw::LogApart && fault == Fault::KilledAfter {
        std::panic::panic_any(Killed);
    }
    mind.done(line.step, None, false);
    *disk = mind.clone();
    if fault == Fault::KilledAfter {
        std::panic::panic_any(Killed);
    }
}

/// A write whose try is not on disk (I34).
fn unmarked(disk: &Progress, call: &Call) -> Option<String> {
    let step = match call {
        Call::CreateCoupon(_) => StepName::Coupon,
        Call::CreateCode(_) => StepName::PromotionCode,
        _ => return None,
    };
    let tried = disk.step(step).is_some_and(|step| step.tries > 0 && step.tried_at.is_some());
    (!tried).then(|| format!("{step:?} is called before it is written down"))
}

fn spoil(
    intent: &Intent,
    mind: &Progress,
    log: &mut Vec<Line>,
    call: Call,
    key: Option<String>,
    flaw: Flaw,
) -> (Call, Option<String>) {
    let tries = mind.current().map_or(0, |step| step.tries);
    match (flaw, call) {
        (Flaw::KeyPerTry, Call::CreateCoupon(mut new)) if tries > 1 => {
            new.id = id(&format!("{}-{tries}", new.id));
            (Call::CreateCoupon(new), key.map(|key| format!("{key}/{tries}")))
        }
        (Flaw::MapFirst, Call::CreateCode(new)) => {
            if log.is_empty() {
                let mapping = CodeMapping {
                    partner: anna().partner,
                    book: intent.book.clone(),
                    code: Some(new.text.clone()),
                    // As if Stripe's id were known beforehand.
                    promotion_code: Some(id("promo_2")),
                    coupon: None,
                };
                let action = Action::CodeMap(mapping);
                log.push(Line { step: StepName::Map, action, effective_at: None });
            }
            (Call::CreateCode(new), key)
        }
        (_, call) => (call, key),
    }
}

fn blinded(answer: Result<Reply, Failure>, flaw: Flaw) -> Result<Reply, Failure> {
    match answer {
        Ok(Reply::Codes(mut codes)) if flaw == Flaw::NoLook => {
            codes.iter_mut().for_each(|code| drop(code.metadata.remove(META_INTENT)));
            Ok(Reply::Codes(codes))
        }
        other => other,
    }
}

/// Every script of this length, then no more faults.
fn scripts(depth: usize) -> impl Iterator<Item = Vec<Fault>> {
    let count = FAULTS.len().pow(u32::try_from(depth).expect("small"));
    (0..count).map(move |mut number| {
        (0..depth)
            .map(|_| {
                let fault = FAULTS[number % FAULTS.len()];
                number /= FAULTS.len();
                fault
            })
            .collect()
    })
}

#[derive(Default)]
struct Sum {
    plays: usize,
    calls: usize,
    lives: usize,
    refused: usize,
    faulty: usize,
    first: Option<String>,
}

fn explore(intent: &Intent, depth: usize, flaw: Flaw) -> Sum {
    let mut sum = Sum::default();
    for script in scripts(depth) {
        let played = play(intent, &script, flaw);
        let found = faults(intent, &played);
        sum.plays += 1;
        sum.calls += played.fake.state().calls.len();
        sum.lives += played.lives;
        sum.refused += usize::from(matches!(played.end, Next::Refused(_)));
        if !found.is_empty() {
            sum.faulty += 1;
            sum.first.get_or_insert_with(|| format!("{script:?}: {found:?}"));
        }
    }
    sum
}

fn quiet<T>(work: impl FnOnce() -> T) -> T {
    std::panic::set_hook(Box::new(|info| {
        if !info.payload().is::<Killed>() {
            eprintln!("{info}");
        }
    }));
    work()
}

#[test]
fn whatever_fails_in_whatever_order_there_is_one_code_or_none() {
    let mends = mends().map(|(name, intent)| (name, intent, 4));
    for (name, intent, depth) in [
        ("create, own coupon", create(CouponPlan::Own(terms())), 5),
        ("create, shared coupon", create(CouponPlan::Shared(id("MANY10"), terms())), 4),
        ("create, coupon that is there", create(CouponPlan::There(id("SUMMER"))), 4),
        ("rotate", rotate(), 5),
        ("deactivate", deactivate(), 5),
    ]
    .into_iter()
    .chain(mends)
    {
        let sum = quiet(|| explore(&intent, depth, Flaw::None));
        println!(
            "{name}: {} fault sequences of depth {depth}, {} calls, {} lives, {} refused, {} wrong, \
             0 duplicate objects, 0 lost",
            sum.plays, sum.calls, sum.lives, sum.refused, sum.faulty
        );
        assert_eq!(sum.faulty, 0, "{name}: {:?}", sum.first);
    }
}

#[test]
fn each_control_goes_wrong() {
    let own = create(CouponPlan::Own(terms()));
    for flaw in [Flaw::KeyPerTry, Flaw::MapFirst, Flaw::MarkAfter, Flaw::NoLook, Flaw::NoUndo, Flaw::LogApart]
    {
        let sum = quiet(|| explore(&own, 4, flaw));
        println!(
            "control {flaw:?}: {} of {} go wrong; {}",
            sum.faulty,
            sum.plays,
            sum.first.unwrap_or_default()
        );
        assert!(sum.faulty > 0, "{flaw:?} goes unnoticed: the test shows nothing");
    }
    let sum = quiet(|| explore(&deactivate(), 4, Flaw::LogApart));
    println!("control LogApart, deactivate: {} of {} go wrong; {:?}", sum.faulty, sum.plays, sum.first);
    assert!(sum.faulty > 0, "a mapping that is ended twice goes unnoticed");
}
