//! The saga alone, played in memory against every sequence of faults up to a depth: what is on disk survives a
//! kill, what is in memory does not. Each rule of the saga has a control that takes it away and must fail.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use engine::deliver::plan::{CodePlan, CouponPlan, For, META_INTENT};
use engine::deliver::saga::{Line, Next, Progress, StepName, Verdict, next, take};
use engine::deliver::stripe::{CouponTerms, Lasts, Limits, Meta, Off};
use engine::deliver::{Call, Failure, Intent, Plan, Reply, Stripe};
use kernel::operator::{Action, CodeMapping, Handle};
use kernel::{Book, Ref};

use crate::fake::{FAULTS, Fake, Fault, Killed, code};

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

fn id(text: &str) -> Ref {
    Ref::parse(text).expect("an id")
}

fn terms() -> CouponTerms {
    CouponTerms { off: Off::PercentBps(1_000), lasts: Lasts::Once, products: Vec::new() }
}

fn intent(plan: Plan) -> Intent {
    let book = Book::own(false);
    Intent { id: "intent_0123456789abcdef01234567".into(), book, plan, made_by: "jo".into(), recorded_at: 0 }
}

fn anna() -> For {
    For { partner: Handle::parse("anna").expect("a handle"), partner_ref: "prt_1".into() }
}

fn create(coupon: CouponPlan) -> Intent {
    let code = CodePlan { text: "ANNA10".into(), coupon, limits: Limits::default() };
    intent(Plan::Create { whose: anna(), code, from: None })
}

fn rotate() -> Intent {
    let coupon = CouponPlan::There(id("SUMMER"));
    let code = CodePlan { text: "ANNA10".into(), coupon, limits: Limits::default() };
    let ends = CodeMapping {
        partner: anna().partner,
        book: Book::own(false),
        code: Some("OLD".into()),
        promotion_code: Some(id("promo_old")),
        coupon: None,
    };
    intent(Plan::Rotate { whose: anna(), code, old: id("promo_old"), ends })
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

/// How it ended, and everything an observer could have seen on the way.
struct Played {
    fake: Fake,
    log: Vec<Line>,
    end: Next,
    faults: Vec<String>,
    lives: usize,
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

/// What must hold at the end, whatever happened.
fn faults(intent: &Intent, played: &Played) -> Vec<String> {
    let mut faults = played.faults.clone();
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
    for (name, intent, depth) in [
        ("create, own coupon", create(CouponPlan::Own(terms())), 5),
        ("create, shared coupon", create(CouponPlan::Shared(id("MANY10"), terms())), 4),
        ("create, coupon that is there", create(CouponPlan::There(id("SUMMER"))), 4),
        ("rotate", rotate(), 5),
    ] {
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
}
