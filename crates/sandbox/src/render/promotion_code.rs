//! A promotion code: its coupon whole until basil, by id under `promotion` from clover on.

use super::{Frame, coupon, finish};
use crate::json::Obj;
use crate::model::PromotionCode;

pub(super) fn render(code: &PromotionCode, frame: Frame) -> String {
    let restrictions =
        Obj::new().bool("first_time_transaction", false).nulls("minimum_amount minimum_amount_currency");
    let promotion = |object: Obj| {
        let promotion = Obj::new().str("coupon", &code.coupon.id).str("type", "coupon");
        object.obj("promotion", promotion)
    };
    let object = Obj::resource("promotion_code", &code.id)
        .bool("active", code.active)
        .str("code", &code.code)
        .when(!frame.version.clover(), |object| object.raw("coupon", &coupon::render(&code.coupon, frame)))
        .int("created", code.created_s)
        .nulls("customer")
        .when(frame.version.dahlia(), |object| object.nulls("customer_account"))
        .nulls("expires_at")
        .bool("livemode", frame.livemode)
        .nulls("max_redemptions")
        .map("metadata", &code.metadata)
        .when(frame.version.clover(), promotion)
        .obj("restrictions", restrictions)
        .int("times_redeemed", code.times_redeemed);
    finish(object, frame)
}
