//! Products. Their default price is one of their own.

use kernel::fact::Product;
use kernel::{Body, Kind};

use super::out::Out;
use crate::object::Obj;

/// Rank: 1 when deleted, else 0.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::Product, object) else { return };
    let deleted = out.is_deleted(object);
    let body = Product {
        name: object.text("name"),
        active: object.flag("active").unwrap_or(!deleted),
        default_price: object.reference("default_price"),
        unit_label: object.text("unit_label"),
        tax_code: object.reference("tax_code").map(|code| code.to_string()),
        deleted,
        updated_s: object.second("updated"),
        created_s: object.created(),
    };
    out.link(&key, Kind::Price, body.default_price.as_ref());
    out.fact(&key, object, u8::from(deleted), Body::Product(body));
}
