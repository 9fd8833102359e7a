//! From Stripe's JSON to facts: one file for each kind of object, and here the way in. The shape is chosen
//! by which fields are there, since Stripe serves new fields to old API versions too; the version itself
//! only explains what we could not read.
//!
//! It must not know livemode, accounts or books (the envelope's business), nor what a fact will be used for.

mod account;
mod alert;
mod application;
mod application_fee;
mod balance_transaction;
mod capability;
mod charge;
mod coupon;
mod credit_grant;
mod credit_note;
mod customer;
mod discount;
mod dispute;
mod entitlements;
mod fee_refund;
mod fraud_warning;
mod intent;
mod invoice;
mod invoice_line;
mod invoice_payment;
mod meter;
mod out;
mod payment_method;
mod payout;
mod portal;
mod price;
mod product;
mod promotion_code;
mod refund;
mod review;
mod schedule;
mod session;
mod setup_intent;
mod subscription;
mod tax;
mod tax_id;
mod test_clock;
mod tracked;
mod transfer;

use kernel::{Kind, Normalised, NoteCode, Ref};

use crate::envelope;
use crate::json::{Fields, Node, decode};
use crate::object::{Notes, Obj};
use crate::registry::{self, Means};

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
    let data = event.get("data").and_then(Node::fields);
    let object = data.as_ref().and_then(|data| data.get("object")).and_then(Node::fields);
    let kind = match registry::means(&event_type, object.as_ref()) {
        Some(Means::Read(kind)) => kind,
        // A preview of an invoice that does not exist: so many come that not even a note is kept.
        Some(Means::Stored(_)) if event_type == "invoice.upcoming" => return Normalised::default(),
        Some(Means::Stored(why)) => return refused(NoteCode::TypeNotRead, "", why),
        None => return refused(NoteCode::TypeNotRead, "", &event_type),
    };
    let Some(object) = object else {
        return refused(NoteCode::ObjectUnreadable, "", &event_type);
    };
    let version = envelope::text_of(&event, "api_version");
    let previous = data.as_ref().and_then(|data| data.get("previous_attributes")).and_then(Node::fields);
    let mut out = Out::new(envelope::created_s(&event), event_ref);
    out.previous = previous;
    // A subscription that is deleted is canceled, and stays to be asked for.
    out.deleted = event_type.ends_with(".deleted") && kind != Kind::Subscription;
    out.event_type = event_type;
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
    let root = Obj::root(object, &notes);
    if out.is_deleted(&root) {
        out.gone(kind, &root);
    }
    read(kind, &root, &mut out);
    out.finish(notes)
}

/// Adding a kind: one line here, its types in `registry`, one file.
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
        Kind::Product => product::read(object, out),
        Kind::Price => price::read(object, out),
        Kind::PaymentMethod => payment_method::read(object, out),
        Kind::SetupIntent => setup_intent::read(object, out),
        Kind::Schedule => schedule::read(object, out),
        Kind::Payout => payout::read(object, out),
        Kind::Transfer => transfer::read(object, out),
        Kind::BalanceTransaction => balance_transaction::read(object, out),
        Kind::ApplicationFee => application_fee::read(object, out),
        Kind::FeeRefund => fee_refund::read(object, out),
        Kind::Account => account::read(object, out),
        Kind::Capability => capability::read(object, out),
        Kind::Application => application::read(object, out),
        Kind::FraudWarning => fraud_warning::read(object, out),
        Kind::Review => review::read(object, out),
        Kind::Entitlements => entitlements::read(object, out),
        Kind::CreditGrant => credit_grant::read(object, out),
        Kind::Meter => meter::read(object, out),
        Kind::Alert => alert::read(object, out),
        Kind::PortalConfiguration => portal::configuration(object, out),
        Kind::PortalSession => portal::session(object, out),
        Kind::TaxId => tax_id::read(object, out),
        Kind::TestClock => test_clock::read(object, out),
    }
}

fn refused(code: NoteCode, path: &str, detail: &str) -> Normalised {
    let notes = Notes::new(None);
    notes.add(code, path, detail);
    Normalised { notes: notes.take(), ..Normalised::default() }
}
