//! A session is complete: who bought, what was made, what was paid; and money that comes or fails later. It
//! must not know the page.

use std::sync::Arc;

use super::offer;
use crate::model::{
    Customer, Intent, Invoice, InvoiceStatus, PaymentMethod, PaymentStatus, Session, SetupIntent,
    Subscription,
};
use crate::world::discount::{self, Holder};
use crate::world::{Book, customer, payment_method};

/// The session with a customer, made of what was typed if there was none.
pub(super) fn with_customer(book: &mut Book, session: &Arc<Session>) -> Arc<Session> {
    if session.customer.is_some() {
        return Arc::clone(session);
    }
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let customer = Customer {
        email: some(&session.email),
        name: some(&session.name),
        phone: session.phone.clone(),
        address: Some(session.address.clone()),
        shipping: session.ship_to.clone(),
        invoice_prefix: String::new(),
        ..Customer::blank("", 0)
    };
    let Ok(customer) = customer::create(book, customer, None) else { return Arc::clone(session) };
    let id = customer.id.clone();
    super::put(book, Session { customer: Some(id), ..Session::clone(session) })
}

/// Saves a method for use without the buyer.
pub(super) fn save(book: &mut Book, method: &Arc<PaymentMethod>, customer: &str) -> String {
    let set_up = PaymentMethod { set_up: true, ..PaymentMethod::clone(method) };
    let method = book.payment_methods.put(&method.id, set_up);
    payment_method::put_to(book, &method, customer).id.clone()
}

fn complete(book: &mut Book, session: Session) -> Arc<Session> {
    let done = Session { status: "complete", url: None, waiting: None, ..session };
    let done = super::put(book, done);
    book.emit("checkout.session.completed", &done);
    done
}

/// A one-off's discounts exist from now on and are counted.
fn redeem(book: &mut Book, session: &Session) {
    let holder =
        Holder { customer: session.customer.as_deref(), session: Some(&session.id), ..Holder::default() };
    for wanted in offer(&session.discounts) {
        if let Ok(made) = discount::make(book, &wanted, &holder, None) {
            discount::redeem(book, &made);
        }
    }
}

/// Nothing was due.
pub(super) fn free(book: &mut Book, session: &Arc<Session>) -> Arc<Session> {
    redeem(book, session);
    let session = Session { payment_status: PaymentStatus::NoPaymentRequired, ..Session::clone(session) };
    complete(book, session)
}

pub(super) fn setup(book: &mut Book, session: &Arc<Session>, intent: &SetupIntent) -> Arc<Session> {
    let session = Session { setup_intent: Some(intent.id.clone()), ..Session::clone(session) };
    complete(book, session)
}

pub(super) fn subscribed(book: &mut Book, session: &Arc<Session>, made: &Arc<Subscription>) -> Arc<Session> {
    let invoice = made.latest_invoice.as_ref().and_then(|id| book.invoices.get(id)).cloned();
    let session = Session { subscription: Some(made.id.clone()), ..Session::clone(session) };
    billed(book, session, invoice.as_deref())
}

pub(super) fn invoiced(book: &mut Book, session: &Arc<Session>, invoice: &Arc<Invoice>) -> Arc<Session> {
    let session = Session { intent: invoice.intent.clone(), ..Session::clone(session) };
    billed(book, session, Some(invoice))
}

fn billed(book: &mut Book, session: Session, invoice: Option<&Invoice>) -> Arc<Session> {
    if let Some(invoice) = invoice {
        book.payments.sessions.insert(invoice.id.clone(), session.id.clone());
    }
    let due = invoice.map_or(0, Invoice::total);
    let payment_status = match invoice {
        _ if due <= 0 => PaymentStatus::NoPaymentRequired,
        Some(invoice) if invoice.status == InvoiceStatus::Paid => PaymentStatus::Paid,
        _ => PaymentStatus::Unpaid,
    };
    let invoice = invoice.map(|invoice| invoice.id.clone());
    complete(book, Session { invoice, payment_status, ..session })
}

/// An intent became something: the open session it pays is complete, or a complete one hears of late money.
pub(crate) fn intent_changed(book: &mut Book, intent: &Arc<Intent>) {
    let of_invoice = || intent.invoice.as_ref().and_then(|id| book.payments.sessions.get(id)).cloned();
    let id = intent.session.clone().or_else(of_invoice);
    let Some(session) = id.and_then(|id| book.sessions.get(&id)).cloned() else { return };
    match (session.status, intent.status) {
        ("open", "succeeded" | "processing" | "requires_capture") => {
            redeem(book, &session);
            let paid = intent.status == "succeeded";
            let payment_status = if paid { PaymentStatus::Paid } else { PaymentStatus::Unpaid };
            let customer = intent.customer.clone().or_else(|| session.customer.clone());
            complete(book, Session { payment_status, customer, ..Session::clone(&session) });
        }
        ("complete", "succeeded") if session.payment_status == PaymentStatus::Unpaid => {
            let paid = Session { payment_status: PaymentStatus::Paid, ..Session::clone(&session) };
            let paid = super::put(book, paid);
            if !intent.manual_capture {
                book.emit("checkout.session.async_payment_succeeded", &paid);
            }
        }
        ("complete", "requires_payment_method") if session.payment_status == PaymentStatus::Unpaid => {
            book.emit("checkout.session.async_payment_failed", &session);
        }
        _ => {}
    }
}
