//! Credit notes. Before basil they name one refund, since then a list. It must not know how a credit note
//! reduces a sale.

use kernel::fact::CreditNote;
use kernel::{Body, Kind, ObjectKey};

use super::out::Out;
use crate::object::Obj;

/// Rank: 1 void, else 0.
pub(crate) fn read(object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(key) = Out::key(Kind::CreditNote, object) else { return };
    out.link(&key, Kind::Invoice, object.reference("invoice").as_ref());
    out.link(&key, Kind::Refund, object.reference("refund").as_ref());
    for row in object.objects("refunds") {
        out.link(&key, Kind::Refund, row.reference("refund").as_ref());
    }
    fact(&key, object, out);
}

fn fact(key: &ObjectKey, object: &Obj<'_>, out: &mut Out<'_>) {
    let Some(currency) = Out::currency(object) else { return };
    let status = object.text("status").unwrap_or_default();
    let rank = u8::from(status == "void");
    let body = CreditNote {
        invoice: object.reference("invoice"),
        status,
        currency,
        total_minor: object.int("total").unwrap_or_else(|| object.amount("amount")),
        out_of_band_minor: object.amount("out_of_band_amount"),
        created_s: object.created(),
    };
    out.fact(key, object, rank, Body::CreditNote(body));
}
