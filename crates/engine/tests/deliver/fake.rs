//! A Stripe that keeps coupons, codes and idempotency keys, and fails as it is told. It must not know intents.

use std::collections::{BTreeMap, VecDeque};
use std::panic::panic_any;
use std::sync::{Mutex, MutexGuard, PoisonError};

use engine::deliver::stripe::{CodeSeen, CouponSeen, Lasts, Limits, Meta, Off};
use engine::deliver::{Call, Failure, Reply, Stripe};
use kernel::{Book, Ref};

/// What happens at one call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    None,
    /// 429, or no connection.
    NotDone,
    /// The request is lost.
    SilentBefore,
    /// The answer is lost.
    SilentAfter,
    /// The answer is lost, and the next try comes when Stripe has forgotten the key.
    SilentForADay,
    /// 500 without effect, stored under the key.
    StoredFailure,
    /// The key may not do this.
    Denied,
    /// The executor dies before the call.
    KilledBefore,
    /// The executor dies after the call had its effect.
    KilledAfter,
    /// The list does not show the newest code yet.
    Blind,
    /// Somebody makes a code of the same text just before.
    Rival,
}

pub(crate) const FAULTS: [Fault; 11] = [
    Fault::None,
    Fault::NotDone,
    Fault::SilentBefore,
    Fault::SilentAfter,
    Fault::SilentForADay,
    Fault::StoredFailure,
    Fault::Denied,
    Fault::KilledBefore,
    Fault::KilledAfter,
    Fault::Blind,
    Fault::Rival,
];

/// What a killed executor leaves.
pub(crate) struct Killed;

#[derive(Default)]
pub(crate) struct State {
    pub(crate) coupons: BTreeMap<Ref, CouponSeen>,
    pub(crate) codes: Vec<CodeSeen>,
    keys: BTreeMap<String, (Call, Result<Reply, Failure>)>,
    pub(crate) script: VecDeque<Fault>,
    /// Every call that reached Stripe, with its key.
    pub(crate) calls: Vec<(Call, Option<String>)>,
    /// Objects ever made for somebody with a key, rivals not counted.
    pub(crate) coupons_made: usize,
    pub(crate) codes_made: usize,
    pub(crate) forgotten: bool,
}

#[derive(Default)]
pub(crate) struct Fake(Mutex<State>);

impl Fake {
    pub(crate) fn scripted(script: &[Fault]) -> Self {
        let fake = Self::default();
        fake.state().script = script.iter().copied().collect();
        fake
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next fault, also for what is not a call.
    pub(crate) fn fault(&self) -> Fault {
        self.state().script.pop_front().unwrap_or(Fault::None)
    }
}

impl Stripe for Fake {
    fn ready(&self, book: &Book) -> Result<(), String> {
        if book.livemode { Err("no live key here".into()) } else { Ok(()) }
    }

    fn call(&self, _: &Book, call: &Call, key: Option<&str>) -> Result<Reply, Failure> {
        let fault = self.fault();
        let mut state = self.state();
        match fault {
            Fault::None => state.answer(call, key),
            Fault::NotDone => Err(Failure::NotDone("429".into())),
            Fault::SilentBefore => Err(Failure::Unknown("silence".into())),
            Fault::SilentAfter => {
                let _ = state.answer(call, key);
                Err(Failure::Unknown("silence".into()))
            }
            Fault::SilentForADay => {
                let _ = state.answer(call, key);
                state.keys.clear();
                state.forgotten = true;
                Err(Failure::Unknown("silence".into()))
            }
            Fault::StoredFailure => match key {
                Some(key) if !state.keys.contains_key(key) => {
                    let stale = Err(Failure::Stale("500, replayed".into()));
                    state.keys.insert(key.to_owned(), (call.clone(), stale));
                    Err(Failure::Unknown("500".into()))
                }
                _ => state.answer(call, key),
            },
            Fault::Denied => Err(Failure::Denied("the key may not write promotion codes".into())),
            Fault::KilledBefore => {
                drop(state);
                panic_any(Killed)
            }
            Fault::KilledAfter => {
                let _ = state.answer(call, key);
                drop(state);
                panic_any(Killed)
            }
            Fault::Blind => match (call, state.answer(call, key)) {
                (Call::CodesOfText(_), Ok(Reply::Codes(mut codes))) => {
                    codes.pop();
                    Ok(Reply::Codes(codes))
                }
                (_, answer) => answer,
            },
            Fault::Rival => {
                if let Call::CodesOfText(text)
                | Call::CreateCode(engine::deliver::stripe::NewCode { text, .. }) = call
                {
                    let text = text.clone();
                    state.rival(&text);
                }
                state.answer(call, key)
            }
        }
    }
}

impl State {
    /// Somebody else's code, if the text is free.
    pub(crate) fn rival(&mut self, text: &str) {
        if !self.is_taken(text) {
            self.codes.push(code(&format!("promo_rival_{}", self.codes.len()), text, "SUMMER", &Meta::new()));
        }
    }

    fn is_taken(&self, text: &str) -> bool {
        self.codes.iter().any(|code| code.active && code.text.to_lowercase() == text.to_lowercase())
    }

    fn answer(&mut self, call: &Call, key: Option<&str>) -> Result<Reply, Failure> {
        self.calls.push((call.clone(), key.map(str::to_owned)));
        if let Some((before, answer)) = key.and_then(|key| self.keys.get(key)) {
            return if before == call {
                answer.clone()
            } else {
                Err(Failure::Stale("other parameters".into()))
            };
        }
        let answer = self.act(call);
        if let (Some(key), Ok(_)) = (key, &answer) {
            self.keys.insert(key.to_owned(), (call.clone(), answer.clone()));
        }
        answer
    }

    fn act(&mut self, call: &Call) -> Result<Reply, Failure> {
        match call {
            Call::CreateCoupon(new) if self.coupons.contains_key(&new.id) => {
                Err(Failure::Taken("Coupon already exists.".into()))
            }
            Call::CreateCoupon(new) => {
                let (percent_off_bps, amount_off) = match &new.terms.off {
                    Off::PercentBps(bps) => (Some(*bps), None),
                    Off::Amount { minor, currency, .. } => (None, Some((*minor, currency.to_string()))),
                };
                let (duration, months) = match new.terms.lasts {
                    Lasts::Once => ("once", None),
                    Lasts::Months(months) => ("repeating", Some(months)),
                    Lasts::Forever => ("forever", None),
                };
                let seen = CouponSeen {
                    id: new.id.clone(),
                    percent_off_bps,
                    amount_off,
                    duration: duration.into(),
                    months,
                    valid: true,
                    metadata: new.metadata.clone(),
                    answer: None,
                };
                self.coupons_made += 1;
                self.coupons.insert(new.id.clone(), seen.clone());
                Ok(Reply::Coupon(seen))
            }
            Call::Coupon(id) => self.coupons.get(id).cloned().map(Reply::Coupon).ok_or(Failure::Missing),
            Call::DescribeCoupon { id, metadata } => {
                let coupon = self.coupons.get_mut(id).ok_or(Failure::Missing)?;
                coupon.metadata.extend(metadata.clone());
                Ok(Reply::Coupon(coupon.clone()))
            }
            Call::DeleteCoupon(id) => self.coupons.remove(id).map(|_| Reply::Deleted).ok_or(Failure::Missing),
            Call::CreateCode(new) if !self.coupons.contains_key(&new.coupon) => {
                Err(Failure::Refused(format!("No such coupon: '{}'", new.coupon)))
            }
            Call::CreateCode(new) if self.is_taken(&new.text) => {
                Err(Failure::Taken("An active promotion code with this text already exists.".into()))
            }
            Call::CreateCode(new) => {
                self.codes_made += 1;
                let id = format!("promo_{}", self.codes.len() + 1);
                let mut seen = code(&id, &new.text, new.coupon.as_str(), &new.metadata);
                seen.limits = new.limits.clone();
                self.codes.push(seen.clone());
                Ok(Reply::Code(seen))
            }
            Call::Code(id) => self
                .codes
                .iter()
                .find(|code| code.id == *id)
                .cloned()
                .map(Reply::Code)
                .ok_or(Failure::Missing),
            Call::CodesOfText(text) => {
                let of = |code: &&CodeSeen| code.text.to_lowercase() == text.to_lowercase();
                Ok(Reply::Codes(self.codes.iter().filter(of).cloned().collect()))
            }
            Call::AllCodes => Ok(Reply::Codes(self.codes.clone())),
            Call::ChangeCode { id, active, metadata } => {
                let code = self.codes.iter_mut().find(|code| code.id == *id).ok_or(Failure::Missing)?;
                code.active = active.unwrap_or(code.active);
                code.metadata.extend(metadata.clone());
                Ok(Reply::Code(code.clone()))
            }
        }
    }
}

pub(crate) fn code(id: &str, text: &str, coupon: &str, metadata: &Meta) -> CodeSeen {
    CodeSeen {
        id: Ref::parse(id).expect("an id"),
        text: text.into(),
        coupon: Ref::parse(coupon),
        active: true,
        limits: Limits::default(),
        times_redeemed: 0,
        metadata: metadata.clone(),
        answer: None,
    }
}
