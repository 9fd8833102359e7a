//! Coupons: `coupon.*`, and the whole coupons that older versions embed in discounts and promotion codes.
//! It must not know which partner a coupon may belong to.

use kernel::fact::{Coupon, Duration};
use kernel::{Body, Kind, NoteCode, ObjectKey, Ref};

use super::out::Out;
use crate::object::{Named, Obj};

/// Rank: 1 when deleted, else 0.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::Coupon, object) else { return };
    fact(&key, object, out);
}

/// The coupon in an expandable field; a whole one is a fact of its own.
pub(crate) fn named(parent: &Obj<'_>, name: &str, out: &mut Out<'_>) -> Option<Ref> {
    let named = parent.named(name)?;
    let id = named.id()?;
    if let Named::Whole(object) = &named
        && object.has("duration")
    {
        fact(&ObjectKey::new(Kind::Coupon, id.clone()), object, out);
    }
    Some(id)
}

fn fact(key: &ObjectKey, object: &Obj<'_>, out: &mut Out<'_>) {
    let deleted = out.is_deleted(object);
    let body = Coupon {
        name: object.text("name"),
        percent_off_bps: object.basis_points("percent_off"),
        amount_off_minor: object.int("amount_off"),
        currency: object.currency("currency"),
        duration: duration(object),
        duration_in_months: object.int("duration_in_months"),
        max_redemptions: object.int("max_redemptions"),
        times_redeemed: object.int("times_redeemed").unwrap_or(0),
        redeem_by_s: object.second("redeem_by"),
        valid: object.flag("valid").unwrap_or(!deleted),
        deleted,
        partner_hint: object.partner_hint(),
        created_s: object.created(),
    };
    out.fact(key, object, u8::from(deleted), Body::Coupon(body));
}

fn duration(object: &Obj<'_>) -> Duration {
    match object.text("duration").as_deref() {
        Some("once") => Duration::Once,
        Some("repeating") => Duration::Repeating,
        Some("forever") => Duration::Forever,
        other => {
            if let Some(other) = other {
                object.note_newer(NoteCode::EnumUnknown, "duration", other);
            }
            Duration::Unknown(other.unwrap_or_default().to_owned())
        }
    }
}
