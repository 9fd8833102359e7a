//! Discounts: a coupon as applied. Whole in `customer.discount.*`, whole or as an id inside invoices,
//! subscriptions, sessions and customers. Since clover the coupon is `source.coupon`.
//!
//! Discounts older than August 2020 have no id: of those only the links from their owner to the coupon and
//! the promotion code remain. It must not know what a discount took, or from whom.

use kernel::fact::Discount;
use kernel::{Body, Kind, NoteCode, ObjectKey, Ref};

use super::out::Out;
use super::{coupon, promotion_code};
use crate::object::{Named, Obj};

/// What a discount stands for.
pub(crate) struct Applied {
    pub(crate) discount: Option<Ref>,
    pub(crate) coupon: Option<Ref>,
    pub(crate) promotion_code: Option<Ref>,
}

/// Rank: 1 when deleted, else 0.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    if Out::key(Kind::Discount, object).is_none() {
        let owners = owners(object);
        owners.iter().for_each(|owner| {
            whole(object, Some(owner), out);
        });
        return;
    }
    whole(object, None, out);
}

/// A discount inside another object, which thereby owns it.
pub(crate) fn embedded(named: &Named<'_>, owner: &ObjectKey, out: &mut Out<'_>) -> Applied {
    match named {
        Named::Whole(object) => whole(object, Some(owner), out),
        Named::Id(id) => {
            out.link(owner, Kind::Discount, Some(id));
            Applied { discount: Some(id.clone()), coupon: None, promotion_code: None }
        }
    }
}

fn whole(object: &Obj<'_>, owner: Option<&ObjectKey>, out: &mut Out<'_>) -> Applied {
    let source = object.object("source");
    let known = object.has("coupon") || source.as_ref().is_some_and(|source| source.has("coupon"));
    let coupon = source.and_then(|source| coupon::named(&source, "coupon", out));
    let coupon = coupon.or_else(|| coupon::named(object, "coupon", out));
    let promotion_code = promotion_code::named(object, "promotion_code", out);
    let id = object.reference("id");
    let deleted = out.is_deleted(object);
    if !known && !deleted {
        object.note_newer(NoteCode::DiscountShapeUnknown, "coupon", "no coupon");
    }
    let applied = Applied { discount: id, coupon, promotion_code };
    let Some(id) = &applied.discount else {
        if let Some(owner) = owner {
            out.link(owner, Kind::Coupon, applied.coupon.as_ref());
            out.link(owner, Kind::PromotionCode, applied.promotion_code.as_ref());
        }
        return applied;
    };
    let key = ObjectKey::new(Kind::Discount, id.clone());
    for owner in owners(object).iter().chain(owner) {
        out.link(owner, Kind::Discount, Some(id));
    }
    out.link(&key, Kind::Coupon, applied.coupon.as_ref());
    out.link(&key, Kind::PromotionCode, applied.promotion_code.as_ref());
    fact(&key, object, &applied, deleted, out);
    applied
}

fn fact(key: &ObjectKey, object: &Obj<'_>, applied: &Applied, deleted: bool, out: &mut Out<'_>) {
    let body = Discount {
        coupon: applied.coupon.clone(),
        promotion_code: applied.promotion_code.clone(),
        customer: object.reference("customer"),
        subscription: object.reference("subscription"),
        invoice: object.reference("invoice"),
        session: object.reference("checkout_session"),
        start_s: object.second("start"),
        end_s: object.second("end"),
        deleted,
    };
    out.fact(key, object, u8::from(deleted), Body::Discount(body));
}

/// The objects that the discount says it was given to.
fn owners(object: &Obj<'_>) -> Vec<ObjectKey> {
    let fields = [
        ("customer", Kind::Customer),
        ("subscription", Kind::Subscription),
        ("invoice", Kind::Invoice),
        ("checkout_session", Kind::Session),
    ];
    let owner = |(name, kind)| object.reference(name).map(|id| ObjectKey::new(kind, id));
    fields.into_iter().filter_map(owner).collect()
}
