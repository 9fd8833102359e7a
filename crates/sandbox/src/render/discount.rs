//! A discount: its coupon whole until basil, by id under `source` from clover on.

use super::{Frame, coupon, finish};
use crate::json::Obj;
use crate::model::Discount;

pub(super) fn render(discount: &Discount, frame: Frame) -> String {
    let source = |object: Obj| {
        let source = Obj::new().str("coupon", &discount.coupon.id).str("type", "coupon");
        object.obj("source", source)
    };
    let whole = |object: Obj| object.raw("coupon", &coupon::render(&discount.coupon, frame));
    let object = Obj::resource("discount", &discount.id)
        .opt_str("checkout_session", discount.checkout_session.as_deref())
        .when(!frame.version.clover(), whole)
        .opt_str("customer", discount.customer.as_deref())
        .when(frame.version.dahlia(), |object| object.nulls("customer_account"))
        .opt_int("end", discount.end_s)
        .opt_str("invoice", discount.invoice.as_deref())
        .opt_str("invoice_item", discount.invoice_item.as_deref())
        .opt_str("promotion_code", discount.promotion_code.as_deref())
        .when(frame.version.clover(), source)
        .int("start", discount.start_s)
        .opt_str("subscription", discount.subscription.as_deref())
        .opt_str("subscription_item", discount.subscription_item.as_deref());
    finish(object, frame)
}
