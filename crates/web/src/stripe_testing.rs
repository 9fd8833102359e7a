//! For tests: a Stripe that keeps coupons and codes, has a key for the book `test` only, and can be told to be
//! away.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use engine::deliver::stripe::{CodeSeen, CouponSeen, no_key};
use engine::deliver::{Call, Failure, Reply, Stripe};
use kernel::{Book, Ref};

#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) away: AtomicBool,
    coupons: Mutex<Vec<CouponSeen>>,
    pub(crate) codes: Mutex<Vec<CodeSeen>>,
}

impl Stripe for Memory {
    fn ready(&self, book: &Book) -> Result<(), String> {
        if book.livemode { Err(no_key(book)) } else { Ok(()) }
    }

    fn call(&self, _: &Book, call: &Call, _: Option<&str>) -> Result<Reply, Failure> {
        if self.away.load(Ordering::SeqCst) {
            return Err(Failure::NotDone("Stripe cannot be reached".into()));
        }
        let (mut coupons, mut codes) =
            (self.coupons.lock().expect("sound"), self.codes.lock().expect("sound"));
        match call {
            Call::CreateCoupon(new) => {
                let coupon = CouponSeen {
                    id: new.id.clone(),
                    percent_off_bps: Some(1000),
                    amount_off: None,
                    duration: "once".into(),
                    months: None,
                    valid: true,
                    metadata: new.metadata.clone(),
                    answer: None,
                };
                coupons.push(coupon.clone());
                Ok(Reply::Coupon(coupon))
            }
            Call::Coupon(id) => coupons
                .iter()
                .find(|coupon| coupon.id == *id)
                .cloned()
                .map(Reply::Coupon)
                .ok_or(Failure::Missing),
            Call::DeleteCoupon(_) | Call::DescribeCoupon { .. } => Err(Failure::Missing),
            Call::CreateCode(new) => {
                let code = CodeSeen {
                    id: Ref::parse(&format!("promo_{}", codes.len() + 1)).expect("an id"),
                    text: new.text.clone(),
                    coupon: Some(new.coupon.clone()),
                    active: true,
                    limits: new.limits.clone(),
                    times_redeemed: 0,
                    metadata: new.metadata.clone(),
                    answer: None,
                };
                codes.push(code.clone());
                Ok(Reply::Code(code))
            }
            Call::Code(id) => {
                codes.iter().find(|code| code.id == *id).cloned().map(Reply::Code).ok_or(Failure::Missing)
            }
            Call::CodesOfText(text) => {
                Ok(Reply::Codes(codes.iter().filter(|code| code.text == *text).cloned().collect()))
            }
            Call::AllCodes => Ok(Reply::Codes(codes.clone())),
            Call::ChangeCode { id, active, metadata } => {
                let code = codes.iter_mut().find(|code| code.id == *id).ok_or(Failure::Missing)?;
                code.active = active.unwrap_or(code.active);
                code.metadata.extend(metadata.clone());
                Ok(Reply::Code(code.clone()))
            }
        }
    }
}
