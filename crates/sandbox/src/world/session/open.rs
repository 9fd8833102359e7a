//! A session is opened: what is on the page, and what may not be together. It must not know how it is paid.

use std::sync::Arc;

use kernel::Currency;

use super::sums;
use crate::model::{Mode, PaymentStatus, Price, Session, SessionItem, TaxRate};
use crate::world::payment::Job;
use crate::world::setup_intent::{self, NewSetup};
use crate::world::{Book, Refusal};

/// One thing to be on the page.
pub(crate) struct Ordered {
    pub(crate) price: Arc<Price>,
    pub(crate) quantity: i64,
    pub(crate) adjustable: Option<(i64, i64)>,
    pub(crate) tax_rates: Vec<Arc<TaxRate>>,
}

/// A session without id and amounts, and what is on it.
pub(crate) struct NewSession {
    pub(crate) session: Session,
    pub(crate) currency: Option<Currency>,
    pub(crate) items: Vec<Ordered>,
}

const LEAST_S: i64 = 30 * 60;
const MOST_S: i64 = 24 * 3600;

pub(crate) fn create(book: &mut Book, new: NewSession) -> Result<Arc<Session>, Refusal> {
    let line = book.line_of(new.session.customer.as_deref());
    book.on(line.as_deref(), |book| open(book, new))
}

fn open(book: &mut Book, new: NewSession) -> Result<Arc<Session>, Refusal> {
    let NewSession { mut session, currency, items } = new;
    fits(session.mode, &items)?;
    let now_s = book.now_s();
    if session.expires_s == 0 {
        session.expires_s = now_s + MOST_S;
    } else if !(now_s + LEAST_S..=now_s + MOST_S).contains(&session.expires_s) {
        let message = "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation and at most 24 hours from it.";
        return Err(Refusal::invalid("expires_at", message));
    }
    session.currency =
        currency.or_else(|| items.first().map(|item| item.price.currency)).unwrap_or(session.currency);
    let id = book.id(if book.key.livemode { "cs_live" } else { "cs_test" });
    session.items = ordered(book, items, session.currency)?;
    session.url = Some(format!("{}/checkout/{id}", book.payments.base_url));
    session.created_s = now_s;
    session.id = id;
    if let Some(customer) = &session.customer {
        let known = book.customers.get(customer).filter(|customer| !customer.deleted);
        let known = known.ok_or_else(|| Refusal::missing("customer", "customer", customer))?;
        session.email = known.email.clone().unwrap_or_default();
        session.name = known.name.clone().unwrap_or_default();
        session.address = known.address.clone().unwrap_or_default();
    } else if let Some(email) = &session.customer_email {
        session.email.clone_from(email);
    }
    session.shipping_rate = session.shipping_options.first().map(|rate| rate.id.clone());
    sums::check(book, &session, &session.discounts)?;
    if session.mode == Mode::Setup {
        session.payment_status = PaymentStatus::NoPaymentRequired;
        let setup = NewSetup {
            customer: session.customer.clone(),
            description: session.made_description.clone(),
            usage: "off_session",
            method_types: session.method_types.clone(),
            automatic_methods: None,
            on_behalf_of: None,
            session: Some(session.id.clone()),
            metadata: session.made_metadata.clone(),
        };
        session.setup_intent = Some(setup_intent::create(book, setup)?.id.clone());
    }
    let session = sums::priced(book, session);
    sums::chargeable(&session)?;
    book.schedule_payment(session.expires_s, Job::ExpireSession(session.id.clone()));
    Ok(super::put(book, session))
}

fn fits(mode: Mode, items: &[Ordered]) -> Result<(), Refusal> {
    let recurring = items.iter().filter(|item| item.price.interval.is_some()).count();
    let wrong = |message: &str| Err(Refusal::invalid("line_items", message));
    match mode {
        Mode::Payment | Mode::Subscription if items.is_empty() => {
            wrong("The `line_items` parameter is required in this mode.")
        }
        Mode::Payment if recurring > 0 => wrong(
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.",
        ),
        Mode::Subscription if recurring == 0 => {
            wrong("You must provide at least one recurring price in `subscription` mode when using prices.")
        }
        Mode::Setup if !items.is_empty() => wrong("You can not pass `line_items` in `setup` mode."),
        _ => Ok(()),
    }
}

fn ordered(book: &mut Book, items: Vec<Ordered>, currency: Currency) -> Result<Vec<SessionItem>, Refusal> {
    let mut rows = Vec::with_capacity(items.len());
    for item in items {
        let price = if item.price.currency == currency {
            item.price
        } else {
            let same = item.price.in_currency(currency).ok_or_else(|| {
                let message = format!("The price {} is not available in {currency}.", item.price.id);
                Refusal::invalid("line_items", message)
            })?;
            Arc::new(same)
        };
        rows.push(SessionItem {
            id: book.id("li"),
            price,
            quantity: item.quantity,
            adjustable: item.adjustable,
            tax_rates: item.tax_rates,
            subtotal: 0,
            discount: 0,
            tax_exclusive: 0,
            tax_inclusive: 0,
        });
    }
    Ok(rows)
}
