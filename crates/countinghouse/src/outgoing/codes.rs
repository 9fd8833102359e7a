//! The engine's calls about codes, made through the real client: their values into Stripe's parameters, its
//! answers into theirs, its errors into what to do next. It must not decide anything.

use std::sync::Arc;

use engine::deliver::stripe::{
    Call, CodeSeen, CouponSeen, CouponTerms, Failure, Lasts, Limits, NewCode, NewCoupon, Off, Reply, Stripe,
    no_key,
};
use engine::fetch::Fetched;
use kernel::{Book, Currency, Money, Ref};
use stripe::{
    Again, Answer, Client, CouponChange, Duration, IdempotencyKey, Minimum, NewPromotionCode,
    PromotionCodeChange, PromotionCodeFilter, Reduction, RefusedKind, StripeError,
};

use super::{Outgoing, Settings, Waits};
use crate::Stop;

/// Calls under a lease are tried once: the intent is what is tried again. Lists may take their time.
pub(crate) struct Codes {
    once: Outgoing,
    patient: Outgoing,
}

impl Codes {
    pub(crate) fn new(settings: &Settings, waits: &Arc<Waits>) -> Result<Self, Stop> {
        Ok(Self { once: Outgoing::once(settings, waits)?, patient: Outgoing::new(settings, waits)? })
    }
}

impl Stripe for Codes {
    fn ready(&self, book: &Book) -> Result<(), String> {
        self.once.client(book).map(drop).ok_or_else(|| no_key(book))
    }

    fn call(&self, book: &Book, call: &Call, key: Option<&str>) -> Result<Reply, Failure> {
        let outgoing = if matches!(call, Call::AllCodes) { &self.patient } else { &self.once };
        let client = outgoing.client(book).ok_or_else(|| Failure::Denied(no_key(book)))?;
        let key = || {
            key.and_then(IdempotencyKey::parse)
                .ok_or_else(|| Failure::Refused("a write without an idempotency key is not made".to_owned()))
        };
        match call {
            Call::CreateCoupon(new) => {
                let made = client.create_coupon(&new_coupon(new)?, &key()?);
                Ok(Reply::Coupon(coupon(&client, made.map_err(|why| creating(book, why))?)?))
            }
            Call::Coupon(id) => {
                let found = client.coupon(id.as_str()).map_err(|why| failure(book, why))?;
                Ok(Reply::Coupon(coupon(&client, found)?))
            }
            Call::DescribeCoupon { id, metadata } => {
                let change = CouponChange { metadata: metadata.clone(), ..CouponChange::default() };
                let changed = client.update_coupon(id.as_str(), &change, &key()?);
                Ok(Reply::Coupon(coupon(&client, changed.map_err(|why| failure(book, why))?)?))
            }
            Call::DeleteCoupon(id) => {
                client.delete_coupon(id.as_str()).map_err(|why| failure(book, why))?;
                Ok(Reply::Deleted)
            }
            Call::CreateCode(new) => {
                let made = client.create_promotion_code(&new_code(new), &key()?);
                Ok(Reply::Code(code(&client, made.map_err(|why| creating(book, why))?)?))
            }
            Call::Code(id) => {
                let found = client.promotion_code(id.as_str()).map_err(|why| failure(book, why))?;
                Ok(Reply::Code(code(&client, found)?))
            }
            Call::CodesOfText(text) => codes(book, &client, Some(text)),
            Call::AllCodes => codes(book, &client, None),
            Call::ChangeCode { id, active, metadata } => {
                let change = PromotionCodeChange { active: *active, metadata: metadata.clone() };
                let changed = client.update_promotion_code(id.as_str(), &change, &key()?);
                Ok(Reply::Code(code(&client, changed.map_err(|why| failure(book, why))?)?))
            }
        }
    }
}

fn codes(book: &Book, client: &Client, text: Option<&String>) -> Result<Reply, Failure> {
    let filter = PromotionCodeFilter { code: text.cloned(), ..PromotionCodeFilter::default() };
    let found = client.promotion_codes(&filter);
    let read = |answer: Result<Answer<stripe::PromotionCode>, StripeError>| {
        code(client, answer.map_err(|why| failure(book, why))?)
    };
    Ok(Reply::Codes(found.map(read).collect::<Result<_, _>>()?))
}

fn new_coupon(new: &NewCoupon) -> Result<stripe::NewCoupon, Failure> {
    let CouponTerms { off, lasts, products } = &new.terms;
    let number = |number: i64| {
        u32::try_from(number).map_err(|_| Failure::Refused(format!("{number} is out of range")))
    };
    let reduction = match off {
        Off::PercentBps(bps) => Reduction::Percent { bps: number(*bps)? },
        Off::Amount { minor, currency, others } => {
            Reduction::Amount { minor: *minor, currency: *currency, others: others.clone() }
        }
    };
    let duration = match lasts {
        Lasts::Once => Duration::Once,
        Lasts::Months(months) => Duration::Repeating { months: number(*months)? },
        Lasts::Forever => Duration::Forever,
    };
    Ok(stripe::NewCoupon {
        id: Some(new.id.to_string()),
        name: None,
        reduction,
        duration,
        max_redemptions: None,
        redeem_by_s: None,
        products: products.iter().map(ToString::to_string).collect(),
        metadata: new.metadata.clone(),
    })
}

fn new_code(new: &NewCode) -> NewPromotionCode {
    let Limits { max_redemptions, expires_at_s, first_time_only, minimum, customer } = &new.limits;
    let minimum = minimum.map(|Money { minor, currency }| Minimum { minor, currency, others: Vec::new() });
    NewPromotionCode {
        coupon: new.coupon.to_string(),
        code: Some(new.text.clone()),
        active: None,
        customer: customer.as_ref().map(ToString::to_string),
        expires_at_s: *expires_at_s,
        max_redemptions: *max_redemptions,
        first_time_only: *first_time_only,
        minimum,
        metadata: new.metadata.clone(),
    }
}

fn id(text: &str) -> Result<Ref, Failure> {
    Ref::parse(text)
        .ok_or_else(|| Failure::Unknown("Stripe answered with an object without an id".to_owned()))
}

/// For the inbox. An answer from Stripe's memory shows the object as it was then, and says nothing of now.
fn fetched<T>(client: &Client, answer: &Answer<T>, livemode: bool) -> Option<Fetched> {
    (!answer.replayed).then(|| Fetched {
        body: answer.body.clone(),
        api_version: client.version().to_string(),
        answered_at_s: answer.answered_at_s,
        livemode: Some(livemode),
    })
}

fn coupon(client: &Client, answer: Answer<stripe::Coupon>) -> Result<CouponSeen, Failure> {
    let fetched = fetched(client, &answer, answer.object.livemode);
    let seen = answer.object;
    Ok(CouponSeen {
        id: id(&seen.id)?,
        percent_off_bps: seen.percent_off_bps,
        amount_off: seen.amount_off_minor.zip(seen.currency),
        duration: seen.duration,
        months: seen.duration_in_months.map(i64::from),
        valid: seen.valid,
        metadata: seen.metadata,
        answer: fetched,
    })
}

fn code(client: &Client, answer: Answer<stripe::PromotionCode>) -> Result<CodeSeen, Failure> {
    let fetched = fetched(client, &answer, answer.object.livemode);
    let seen = answer.object;
    let minimum = seen.restrictions.minimum_amount_minor.zip(seen.restrictions.minimum_amount_currency);
    let minimum =
        minimum.and_then(|(minor, currency)| Some(Money { minor, currency: Currency::parse(&currency)? }));
    Ok(CodeSeen {
        id: id(&seen.id)?,
        text: seen.code,
        coupon: seen.coupon.as_deref().and_then(Ref::parse),
        active: seen.active,
        limits: Limits {
            max_redemptions: seen.max_redemptions,
            expires_at_s: seen.expires_at_s,
            first_time_only: seen.restrictions.first_time_transaction,
            minimum,
            customer: seen.customer.as_deref().and_then(Ref::parse),
        },
        times_redeemed: seen.times_redeemed,
        metadata: seen.metadata,
        answer: fetched,
    })
}

/// Of a call that makes something: what is missing then is something it names.
fn creating(book: &Book, why: StripeError) -> Failure {
    if why.is_missing() { Failure::Refused(why.to_string()) } else { failure(book, why) }
}

fn failure(book: &Book, why: StripeError) -> Failure {
    let words = why.to_string();
    if why.is_missing() {
        return Failure::Missing;
    }
    if why.is_taken() {
        return Failure::Taken(words);
    }
    if why.is_key_refused() {
        let name = if book.livemode { "STRIPE_API_KEY" } else { "STRIPE_API_KEY_TEST" };
        return Failure::Denied(format!(
            "the Stripe key of the book {} is not valid: {words}. Set {name} to one that is, then repeat the command",
            book.label()
        ));
    }
    if why.is_forbidden() {
        return Failure::Denied(format!(
            "the Stripe key of the book {} may not do this: {words}. Give it Coupons: Write and Promotion Codes: \
             Write on its page at Stripe, then repeat the command",
            book.label()
        ));
    }
    let spent = why.refusal().is_some_and(|refusal| refusal.kind == RefusedKind::Idempotency);
    if spent || matches!(why, StripeError::Failed { replayed: true, .. }) {
        return Failure::Stale(words);
    }
    match why.again() {
        Again::Safe => Failure::NotDone(words),
        Again::SameKeyOnly => Failure::Unknown(words),
        Again::Useless => Failure::Refused(words),
    }
}
