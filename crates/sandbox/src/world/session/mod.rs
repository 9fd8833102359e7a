//! Checkout sessions: opened with what is for sale, paid on the hosted page, completed or expired. What is
//! bought becomes an intent, an invoice or a subscription by the files of those. It must not know the page.

mod finish;
mod open;
mod submit;
mod sums;

use std::sync::Arc;

pub(crate) use finish::intent_changed;
pub(crate) use open::{NewSession, Ordered, create};
pub(crate) use submit::{Buyer, Submitted, answer, needs_method, submit};
pub(crate) use sums::{breakdown, offer, priced};

use super::payment::{self};
use super::{Book, Refusal, promotion_code, setup_intent};
use crate::model::{Session, ShippingRate};

/// `param` is what the caller named it by.
pub(crate) fn get(book: &Book, id: &str, param: &str) -> Result<Arc<Session>, Refusal> {
    book.sessions.get(id).cloned().ok_or_else(|| Refusal::missing("checkout.session", param, id))
}

/// Puts a changed one; what the page shows is nobody else's news.
pub(crate) fn put(book: &mut Book, session: Session) -> Arc<Session> {
    let id = session.id.clone();
    book.sessions.put(&id, session)
}

/// Closes an open page: nobody can pay there any more.
pub(crate) fn expire(book: &mut Book, old: &Arc<Session>) -> Result<Arc<Session>, Refusal> {
    if old.status != "open" {
        let message = format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of {}.",
            old.status
        );
        return Err(Refusal::request(message));
    }
    if let Some(id) = &old.intent
        && book.intents.get(id).is_some_and(|intent| payment::open(intent))
    {
        payment::cancel(book, id, Some("automatic"))?;
    }
    if let Some(intent) = old.setup_intent.as_ref().and_then(|id| book.setup_intents.get(id)).cloned()
        && setup_intent::open(&intent)
    {
        setup_intent::cancel(book, &intent, None)?;
    }
    let expired = put(book, Session { status: "expired", url: None, waiting: None, ..Session::clone(old) });
    book.emit("checkout.session.expired", &expired);
    Ok(expired)
}

pub(super) fn expire_due(book: &mut Book, id: &str) {
    let due = book.sessions.get(id).cloned().filter(|session| session.status == "open");
    if let Some(session) = due {
        let _ = expire(book, &session);
    }
}

/// The buyer types a code; an empty one takes the discounts off again.
pub(crate) fn type_code(book: &mut Book, old: &Arc<Session>, text: &str) -> Result<Arc<Session>, Refusal> {
    let invalid = || Refusal::invalid("promotion_code", "This code is invalid.");
    if old.allow_codes != Some(true) {
        return Err(invalid());
    }
    let discounts = if text.trim().is_empty() {
        Vec::new()
    } else {
        let code = promotion_code::typed(book, text, old.customer.as_deref()).ok_or_else(invalid)?;
        let found = (code.coupon.id.clone(), Some(code.id.clone()));
        sums::check(book, old, std::slice::from_ref(&found))?;
        vec![found]
    };
    let session = priced(book, Session { discounts, ..Session::clone(old) });
    sums::chargeable(&session)?;
    Ok(put(book, session))
}

/// The buyer chooses how many.
pub(crate) fn choose_quantity(
    book: &mut Book,
    old: &Arc<Session>,
    item: &str,
    quantity: i64,
) -> Result<Arc<Session>, Refusal> {
    let mut session = Session::clone(old);
    let row = session.items.iter_mut().find(|row| row.id == item && row.adjustable.is_some());
    let row = row.ok_or_else(|| Refusal::request("This quantity can't be changed."))?;
    let (least, most) = row.adjustable.unwrap_or((1, 1));
    if !(least..=most).contains(&quantity) {
        let message = format!("The quantity must be between {least} and {most}.");
        return Err(Refusal::invalid("quantity", message));
    }
    row.quantity = quantity;
    let session = priced(book, session);
    sums::chargeable(&session)?;
    Ok(put(book, session))
}

/// The buyer chooses how it is sent.
pub(crate) fn choose_shipping(book: &mut Book, old: &Arc<Session>, rate: &str) -> Arc<Session> {
    let known = |row: &&Arc<ShippingRate>| row.id == rate;
    let Some(rate) = old.shipping_options.iter().find(known) else { return Arc::clone(old) };
    let chosen = Session { shipping_rate: Some(rate.id.clone()), ..Session::clone(old) };
    let session = priced(book, chosen);
    put(book, session)
}
