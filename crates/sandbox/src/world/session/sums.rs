//! What a session adds up to: the same arithmetic as an invoice of the same lines. It must not know how it is
//! paid.

use std::sync::Arc;

use crate::model::{Discount, Invoice, Line, Mode, Session, SessionItem, Tax};
use crate::world::discount::{Purchase, Wanted, check as may};
use crate::world::invoice::amounts;
use crate::world::{Book, Refusal, payment};

/// What would be due by its discounts: named by ids, as nothing is applied before it is bought.
pub(crate) fn offer(discounts: &[(String, Option<String>)]) -> Vec<Wanted> {
    let one = |(coupon, code): &(String, Option<String>)| match code {
        Some(code) => Wanted::PromotionCode(code.clone()),
        None => Wanted::Coupon(coupon.clone()),
    };
    discounts.iter().map(one).collect()
}

/// Whether these discounts may be given on what is on the page.
pub(super) fn check(
    book: &Book,
    session: &Session,
    discounts: &[(String, Option<String>)],
) -> Result<(), Refusal> {
    let products: Vec<&str> = session.items.iter().map(|item| item.price.product.as_str()).collect();
    let subtotal_minor = session.items.iter().map(full).sum();
    let purchase = Purchase { subtotal_minor, currency: session.currency, products: &products };
    offer(discounts).iter().try_for_each(|wanted| may(book, wanted, session.customer.as_deref(), &purchase))
}

/// Whether it begins with a trial.
pub(super) fn trial(session: &Session) -> bool {
    session.mode == Mode::Subscription && (session.trial_end_s.is_some() || session.trial_days.is_some())
}

fn full(item: &SessionItem) -> i64 {
    item.price.total(item.quantity)
}

/// Refuses a one-off that costs something, but less than can be charged.
pub(super) fn chargeable(session: &Session) -> Result<(), Refusal> {
    if session.mode != Mode::Payment || session.total() == 0 {
        return Ok(());
    }
    payment::refuse_less(session.total(), session.currency, "The Checkout Session's total amount due")
}

/// What each discount took off, and what each tax came to.
pub(crate) struct Breakdown {
    pub(crate) discounts: Vec<(Arc<Discount>, i64)>,
    pub(crate) taxes: Vec<Tax>,
}

/// The parts of a session's sums.
pub(crate) fn breakdown(book: &Book, session: &Session) -> Breakdown {
    let discounts: Vec<Arc<Discount>> =
        session.discounts.iter().filter_map(|named| discount_of(book, session, named)).collect();
    let invoice = as_invoice(session, discounts.clone());
    let taken = |row: Arc<Discount>| {
        let amount = invoice.taken_by(&row.id);
        (row, amount)
    };
    Breakdown { discounts: discounts.into_iter().map(taken).collect(), taxes: invoice.tax_rows() }
}

/// The discount that a session's coupon or code became, or will become.
fn discount_of(
    book: &Book,
    session: &Session,
    (coupon, code): &(String, Option<String>),
) -> Option<Arc<Discount>> {
    let same = |row: &&Arc<Discount>| row.coupon.id == *coupon && row.promotion_code == *code;
    let of_page = |row: &&Arc<Discount>| row.checkout_session.as_ref() == Some(&session.id);
    let of_invoice = || {
        let invoice = session.invoice.as_ref().and_then(|id| book.invoices.get(id))?;
        invoice.discounts.iter().find(same)
    };
    let of_session = || book.discounts.newest().filter(of_page).find(same);
    let becomes = || {
        let id = format!("di_{}", session.id.rsplit('_').next().unwrap_or_default());
        let blank = Discount::blank(&id, Arc::clone(book.coupons.get(coupon)?), session.created_s);
        let (promotion_code, checkout_session) = (code.clone(), Some(session.id.clone()));
        Some(Arc::new(Discount { promotion_code, checkout_session, ..blank }))
    };
    of_invoice().or_else(of_session).cloned().or_else(becomes)
}

/// The session with all its amounts worked out anew.
pub(crate) fn priced(book: &Book, mut session: Session) -> Session {
    let named = session.discounts.iter().filter_map(|(coupon, _)| book.coupons.get(coupon));
    let named = named.map(|coupon| Arc::new(Discount::blank(&coupon.id, Arc::clone(coupon), 0)));
    let invoice = as_invoice(&session, named.collect());
    for (item, line) in session.items.iter_mut().zip(&invoice.lines) {
        item.subtotal = line.amount;
        item.discount = line.discount();
        item.tax_exclusive = line.tax(false);
        item.tax_inclusive = line.tax(true);
    }
    session.subtotal = invoice.lines.iter().map(|line| line.amount).sum();
    session.discount = invoice.discount();
    session.tax_exclusive = invoice.tax(false);
    session.tax_inclusive = invoice.tax(true);
    let rate = session.shipping_options.iter().find(|rate| Some(&rate.id) == session.shipping_rate.as_ref());
    session.shipping = rate.and_then(|rate| rate.amount_in(session.currency)).unwrap_or(0);
    session
}

/// The invoice that the same things would be on.
fn as_invoice(session: &Session, discounts: Vec<Arc<Discount>>) -> Invoice {
    let trial = trial(session);
    let mut invoice = Invoice { discounts, ..Invoice::blank("", session.currency, session.created_s) };
    let line = |item: &SessionItem| Line {
        quantity: item.quantity,
        amount: if trial && item.price.interval.is_some() { 0 } else { full(item) },
        tax_rates: item.tax_rates.clone(),
        ..Line::blank(&item.id, Arc::clone(&item.price), 0)
    };
    invoice.lines = session.items.iter().map(line).collect();
    amounts::calculate(&mut invoice);
    invoice
}
