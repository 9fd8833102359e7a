//! Credits that are used up before money is.

use kernel::fact::CreditGrant;
use kernel::{Body, Kind};

use super::out::Out;
use crate::object::Obj;

/// Rank: 1 voided, else 0.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::CreditGrant, object) else { return };
    let money = object.object("amount").and_then(|amount| amount.object("monetary"));
    let voided_at_s = object.second("voided_at");
    let body = CreditGrant {
        customer: object.reference("customer"),
        name: object.text("name"),
        category: object.text("category"),
        currency: money.as_ref().and_then(|money| money.currency("currency")),
        amount_minor: money.map_or(0, |money| money.amount("value")),
        effective_at_s: object.second("effective_at"),
        expires_at_s: object.second("expires_at"),
        voided_at_s,
        updated_s: object.second("updated"),
        created_s: object.created(),
    };
    out.link(&key, Kind::Customer, body.customer.as_ref());
    out.fact(&key, object, u8::from(voided_at_s.is_some()), Body::CreditGrant(body));
}
