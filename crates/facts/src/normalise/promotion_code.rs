//! Promotion codes. Since clover the coupon is `promotion.coupon`, before it was embedded as `coupon`.
//! It must not know who owns a code.

use kernel::fact::PromotionCode;
use kernel::{Body, Kind, ObjectKey, Ref};

use super::coupon;
use super::out::Out;
use crate::object::{Named, Obj};

/// Rank: always 0. A code can be switched off and on again, so no state is final.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::PromotionCode, object) else { return };
    fact(&key, object, out);
}

/// The promotion code in an expandable field; a whole one is a fact of its own.
pub(crate) fn named(parent: &Obj<'_>, name: &str, out: &mut Out<'_>) -> Option<Ref> {
    let named = parent.named(name)?;
    let id = named.id()?;
    if let Named::Whole(object) = &named
        && object.has("code")
    {
        fact(&ObjectKey::new(Kind::PromotionCode, id.clone()), object, out);
    }
    Some(id)
}

fn fact(key: &ObjectKey, object: &Obj<'_>, out: &mut Out<'_>) {
    let promotion = object.object("promotion").and_then(|promotion| coupon::named(&promotion, "coupon", out));
    let coupon = promotion.or_else(|| coupon::named(object, "coupon", out));
    out.link(key, Kind::Coupon, coupon.as_ref());
    let body = PromotionCode {
        code: object.text("code").unwrap_or_default(),
        coupon,
        active: object.flag("active").unwrap_or(false),
        customer: object.reference("customer"),
        max_redemptions: object.int("max_redemptions"),
        times_redeemed: object.int("times_redeemed").unwrap_or(0),
        expires_at_s: object.second("expires_at"),
        partner_hint: object.partner_hint(),
        created_s: object.created(),
    };
    out.fact(key, object, 0, Body::PromotionCode(body));
}
