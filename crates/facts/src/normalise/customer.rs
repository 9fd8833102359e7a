//! Customers: currency, balance, and a discount given to the customer as a whole. Least data: names and
//! addresses are not read. It must not know what the customer bought.

use kernel::fact::Customer;
use kernel::{Body, Kind};

use super::discount;
use super::out::Out;
use crate::object::Obj;

/// Rank: 1 when deleted, else 0.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::Customer, object) else { return };
    let deleted = out.is_deleted(object);
    let body = Customer {
        currency: object.currency("currency"),
        balance_minor: object.int("balance").unwrap_or_else(|| object.amount("account_balance")),
        deleted,
        created_s: object.created(),
    };
    out.fact(&key, object, u8::from(deleted), Body::Customer(body));
    if let Some(named) = object.named("discount") {
        discount::embedded(&named, &key, out);
    }
}
