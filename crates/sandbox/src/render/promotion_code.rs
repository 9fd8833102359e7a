//! A promotion code: its coupon whole until basil, by id under `promotion` from clover on.

use super::{Frame, coupon, finish};
use crate::json::Obj;
use crate::model::PromotionCode;

pub(super) fn render(code: &PromotionCode, frame: Frame) -> String {
    let minimum = code.minimum.as_ref();
    let restrictions = Obj::new()
        .bool("first_time_transaction", code.first_time)
        .opt_int("minimum_amount", minimum.map(|(minor, _)| *minor))
        .opt_str("minimum_amount_currency", minimum.map(|(_, currency)| currency.as_str()));
    let promotion = |object: Obj| {
        let promotion = Obj::new().str("coupon", &code.coupon.id).str("type", "coupon");
        object.obj("promotion", promotion)
    };
    let object = Obj::resource("promotion_code", &code.id)
        .bool("active", code.active)
        .str("code", &code.code)
        .when(!frame.version.clover(), |object| object.raw("coupon", &coupon::render(&code.coupon, frame)))
        .int("created", code.created_s)
        .opt_str("customer", code.customer.as_deref())
        .when(frame.version.dahlia(), |object| object.nulls("customer_account"))
        .opt_int("expires_at", code.expires_at_s)
        .bool("livemode", frame.livemode)
        .opt_int("max_redemptions", code.max_redemptions)
        .map("metadata", &code.metadata)
        .when(frame.version.clover(), promotion)
        .obj("restrictions", restrictions)
        .int("times_redeemed", code.times_redeemed);
    finish(object, frame)
}

/// `restrictions.currency_options`, shown only when asked for; the own currency is one of them.
pub(crate) fn minimum_options(code: &PromotionCode) -> String {
    let own = code.minimum.iter().map(|(minor, currency)| (*currency, *minor));
    let all = own.chain(code.minimum_options.iter().copied());
    let options = all.fold(Obj::new(), |options, (currency, minor)| {
        options.obj(currency.as_str(), Obj::new().int("minimum_amount", minor))
    });
    options.close()
}
