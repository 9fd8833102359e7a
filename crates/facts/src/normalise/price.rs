//! Prices. It must not know what a price comes to for a quantity.

use kernel::fact::Price;
use kernel::{Body, Kind};

use super::out::Out;
use crate::object::Obj;

/// Rank: 1 when deleted, else 0.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::Price, object) else { return };
    let deleted = out.is_deleted(object);
    let recurring = object.object("recurring");
    let word = |name: &str| recurring.as_ref().and_then(|terms| terms.text(name));
    let body = Price {
        product: object.reference("product"),
        active: object.flag("active").unwrap_or(!deleted),
        currency: object.currency("currency"),
        price_type: object.text("type").unwrap_or_default(),
        billing_scheme: object.text("billing_scheme"),
        unit_amount_minor: object.int("unit_amount"),
        unit_amount_decimal: object.text("unit_amount_decimal"),
        interval: word("interval"),
        interval_count: recurring.as_ref().and_then(|terms| terms.int("interval_count")),
        usage_type: word("usage_type"),
        lookup_key: object.text("lookup_key"),
        nickname: object.text("nickname"),
        tax_behavior: object.text("tax_behavior"),
        deleted,
        created_s: object.created(),
    };
    out.link(&key, Kind::Product, body.product.as_ref());
    out.fact(&key, object, u8::from(deleted), Body::Price(body));
}
