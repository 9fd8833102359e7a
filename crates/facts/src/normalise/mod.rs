//! From Stripe's JSON to facts: one file for each kind of object, and here the way in. The shape is chosen
//! by which fields are there, since Stripe serves new fields to old API versions too; the version itself
//! only explains what we could not read.
//!
//! It must not know livemode, accounts or books (the envelope's business), nor what a fact will be used for.

mod charge;
mod coupon;
mod credit_note;
mod customer;
mod discount;
mod dispute;
mod handles;
mod intent;
mod invoice;
mod invoice_line;
mod invoice_payment;
mod out;
mod promotion_code;
mod refund;
mod session;
mod subscription;
mod tax;
mod tracked;

use kernel::{Kind, Normalised, NoteCode, Ref};

use crate::envelope;
use crate::json::{Fields, Node, decode};
use crate::object::{Notes, Obj};

pub use handles::{HANDLES, Handle};
use out::Out;

/// Everything that one event says. Total: whatever the bytes are, the answer is facts and notes.
#[must_use]
pub fn normalise_event(bytes: &[u8]) -> Normalised {
    let text = decode(bytes);
    let Some(event) = Fields::parse(&text) else {
        return refused(NoteCode::ObjectUnreadable, "", "the body is not a JSON object");
    };
    let event_type = envelope::event_type(&event);
    if envelope::is_thin(&event) {
        return refused(
            NoteCode::TypeNotRead,
            "",
            &format!("{event_type}: thin, its object must be fetched"),
        );
    }
    let Some(event_ref) = envelope::id(&event) else {
        return refused(NoteCode::RefUnusable, "", "the event has no usable id");
    };
    if handles::SAYS_NOTHING.contains(&event_type.as_str()) {
        return Normalised::default();
    }
    let data = event.get("data").and_then(Node::fields);
    let object = data.as_ref().and_then(|data| data.get("object")).and_then(Node::fields);
    let Some(kind) = handles::kind_of(&event_type, object.as_ref()) else {
        return refused(NoteCode::TypeNotRead, "", &event_type);
    };
    let Some(object) = object else {
        return refused(NoteCode::ObjectUnreadable, "", &event_type);
    };
    let version = envelope::text_of(&event, "api_version");
    let previous = data.as_ref().and_then(|data| data.get("previous_attributes")).and_then(Node::fields);
    let mut out = Out::new(envelope::created_s(&event), event_ref);
    out.previous = previous;
    out.deleted = event_type.ends_with(".deleted");
    read_root(kind, object, version.as_deref(), out)
}

/// Everything that one fetched or listed object says. `at_s` is the moment it was rendered, `source_ref`
/// stands in for the event id.
#[must_use]
pub fn normalise_object(
    kind: Kind,
    version: Option<&str>,
    at_s: i64,
    source_ref: &Ref,
    bytes: &[u8],
) -> Normalised {
    let text = decode(bytes);
    match Fields::parse(&text) {
        Some(object) => read_root(kind, object, version, Out::new(at_s, source_ref.clone())),
        None => refused(NoteCode::ObjectUnreadable, "", kind.stripe_name()),
    }
}

fn read_root(kind: Kind, object: Fields<'_>, version: Option<&str>, mut out: Out<'_>) -> Normalised {
    let notes = Notes::new(version);
    read(kind, &Obj::root(object, &notes), &mut out);
    out.finish(notes)
}

/// Adding a kind: one line here, one in `handles`, one file.
fn read(kind: Kind, object: &Obj<'_>, out: &mut Out<'_>) {
    match kind {
        Kind::Invoice => invoice::read(object, out),
        Kind::Session => session::read(object, out),
        Kind::Intent => intent::read(object, out),
        Kind::Charge => charge::read(object, out),
        Kind::Refund => refund::read(object, out),
        Kind::Dispute => dispute::read(object, out),
        Kind::InvoicePayment => invoice_payment::read(object, out),
        Kind::CreditNote => credit_note::read(object, out),
        Kind::Discount => discount::read(object, out),
        Kind::PromotionCode => promotion_code::read(object, out),
        Kind::Coupon => coupon::read(object, out),
        Kind::Customer => customer::read(object, out),
        Kind::Subscription => subscription::read(object, out),
    }
}

fn refused(code: NoteCode, path: &str, detail: &str) -> Normalised {
    let notes = Notes::new(None);
    notes.add(code, path, detail);
    Normalised { notes: notes.take(), ..Normalised::default() }
}
