//! The buyer presses the button: the method is tried, the bank may ask, and what is bought is made. A decline
//! leaves the page open and nothing else but the failed payment. It must not know the page.

use std::sync::Arc;

use super::{finish, offer, sums};
use crate::model::{Address, Intent, Meta, Mode, PaymentMethod, Session, ShipTo, ShippingRate};
use crate::world::invoice::{self, NewInvoice, NewLine, Pay};
use crate::world::payment::{self, Collect, Confirm, Outcome};
use crate::world::subscription::{self, NewItem, NewSubscription, PaymentBehavior};
use crate::world::{Book, Refusal, payment_method, setup_intent};

/// What the buyer typed.
pub(crate) struct Buyer {
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) phone: Option<String>,
    pub(crate) address: Address,
    pub(crate) ship_to: Option<ShipTo>,
    /// `None`: nothing is due and none is needed.
    pub(crate) payment_method: Option<String>,
}

/// What came of it.
pub(crate) enum Submitted {
    Complete(Arc<Session>),
    /// The bank asks first; the id of what waits.
    Asks(String),
}

pub(crate) fn submit(book: &mut Book, old: &Arc<Session>, buyer: Buyer) -> Result<Submitted, Refusal> {
    if old.status != "open" {
        return Err(Refusal::request("This checkout page is not open any more."));
    }
    let line = book.line_of(old.customer.as_deref());
    book.on(line.as_deref(), |book| {
        let method = buyer.payment_method.clone();
        let known = Session {
            email: buyer.email,
            name: buyer.name,
            phone: buyer.phone,
            address: buyer.address,
            ship_to: buyer.ship_to,
            ..Session::clone(old)
        };
        sums::check(book, &known, &known.discounts)?;
        let session = super::put(book, known);
        let method = match method {
            Some(id) => Some(payment_method::resolve(book, &id)?),
            None if !needs_method(&session) => None,
            None => return Err(Refusal::invalid("payment_method", "Your card number is incomplete.")),
        };
        go_on(book, &session, method)
    })
}

/// Whether something is due now, or will be.
pub(crate) fn needs_method(session: &Session) -> bool {
    let due = session.total() > 0;
    session.mode == Mode::Setup
        || due
        || (session.mode == Mode::Subscription && session.collect_method == "always")
}

/// The buyer answered the bank, or did not.
pub(crate) fn answer(book: &mut Book, session: &Arc<Session>, well: bool) -> Result<Submitted, Refusal> {
    let line = book.line_of(session.customer.as_deref());
    book.on(line.as_deref(), |book| answered(book, session, well))
}

fn answered(book: &mut Book, session: &Arc<Session>, well: bool) -> Result<Submitted, Refusal> {
    if let Some(id) = &session.waiting {
        let method = payment_method::get(book, id, "payment_method")?;
        let session = super::put(book, Session { waiting: None, ..Session::clone(session) });
        if !well {
            return Err(not_authenticated());
        }
        let method = PaymentMethod { answered: true, ..PaymentMethod::clone(&method) };
        let id = method.id.clone();
        let method = book.payment_methods.put(&id, method);
        return go_on(book, &session, Some(method));
    }
    if let Some(intent) = session.setup_intent.as_ref().and_then(|id| book.setup_intents.get(id)).cloned() {
        let intent = setup_intent::answer(book, &intent, well)?;
        return match intent.status {
            "succeeded" => Ok(Submitted::Complete(finish::setup(book, session, &intent))),
            _ => Err(not_authenticated()),
        };
    }
    let intent = session.intent.as_ref().and_then(|id| book.intents.get(id)).cloned();
    let intent = intent.ok_or_else(|| Refusal::request("This payment does not wait for an answer."))?;
    let tried = payment::answer(book, &intent, well)?;
    match payment::refusal(&tried) {
        Some(refusal) => Err(refusal),
        None => Ok(Submitted::Complete(super::get(book, &session.id, "session")?)),
    }
}

fn not_authenticated() -> Refusal {
    Refusal::request(
        "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
    )
}

fn go_on(
    book: &mut Book,
    session: &Arc<Session>,
    method: Option<Arc<PaymentMethod>>,
) -> Result<Submitted, Refusal> {
    let made_after = session.mode == Mode::Subscription || session.invoice_creation.is_some();
    match (session.mode, method) {
        (Mode::Setup, Some(method)) => set_up(book, session, &method),
        (_, Some(method)) if made_after && payment::will_ask(&method) => {
            let waiting = Some(method.id.clone());
            let session = super::put(book, Session { waiting, ..Session::clone(session) });
            Ok(Submitted::Asks(session.id.clone()))
        }
        (Mode::Subscription, method) => subscribe(book, session, method),
        (_, method) if session.invoice_creation.is_some() => buy_invoiced(book, session, method),
        (_, Some(method)) => buy(book, session, &method),
        (_, None) => Ok(Submitted::Complete(finish::free(book, session))),
    }
}

fn set_up(book: &mut Book, session: &Arc<Session>, method: &PaymentMethod) -> Result<Submitted, Refusal> {
    let id = session.setup_intent.clone().unwrap_or_default();
    let intent = setup_intent::get(book, &id, "setup_intent")?;
    let intent = setup_intent::confirm(book, &intent, Some(method.id.clone()), session.success())?;
    Ok(match intent.status {
        "succeeded" => Submitted::Complete(finish::setup(book, session, &intent)),
        _ => Submitted::Asks(intent.id.clone()),
    })
}

/// A one-off: the intent does the rest, and completes the session when it succeeds.
fn buy(book: &mut Book, session: &Arc<Session>, method: &PaymentMethod) -> Result<Submitted, Refusal> {
    let saves = session.customer_creation == "always" || session.setup_future_usage.is_some();
    let failing = payment::foresee(book, method).is_some();
    let session = if saves && !failing { finish::with_customer(book, session) } else { Arc::clone(session) };
    let intent = session.intent.as_ref().and_then(|id| book.intents.get(id)).cloned();
    let intent = match intent.filter(|intent| payment::open(intent)) {
        Some(intent) => {
            let again = Intent {
                amount: session.total(),
                customer: session.customer.clone(),
                ..Intent::clone(&intent)
            };
            book.intents.put(&intent.id, again)
        }
        None => {
            let id = book.id("pi");
            let new = Intent {
                customer: session.customer.clone(),
                session: Some(session.id.clone()),
                method_types: session.method_types.clone(),
                automatic_methods: None,
                manual_capture: session.manual_capture,
                setup_future_usage: session.setup_future_usage,
                description: session.made_description.clone(),
                application_fee: session.application_fee,
                transfer_data: session.transfer_data.clone(),
                on_behalf_of: session.on_behalf_of.clone(),
                shipping: session.ship_to.clone(),
                metadata: session.made_metadata.clone(),
                ..Intent::blank(&id, session.total(), session.currency, book.now_s())
            };
            payment::enter(book, new)
        }
    };
    super::put(book, Session { intent: Some(intent.id.clone()), ..Session::clone(&session) });
    let how = Confirm {
        payment_method: Some(method.id.clone()),
        off_session: false,
        return_url: session.success(),
        setup_future_usage: None,
        error_on_action: false,
    };
    let tried = payment::confirm(book, &intent, how)?;
    if let Some(refusal) = payment::refusal(&tried) {
        return Err(refusal);
    }
    Ok(match tried.outcome {
        Outcome::RequiresAction => Submitted::Asks(tried.intent.id.clone()),
        _ => Submitted::Complete(super::get(book, &session.id, "session")?),
    })
}

/// Tries a method that will fail, so that there is a failed payment to see and nothing else.
fn fail(book: &mut Book, session: &Session, method: &PaymentMethod) -> Result<(), Refusal> {
    if session.total() == 0 {
        return match payment_method::refused_when_saved(method) {
            Some(failure) => Err(payment_method::refusal(failure)),
            None => Ok(()),
        };
    }
    if payment::foresee(book, method).is_none() {
        return Ok(());
    }
    // A subscription's metadata are not its payments'.
    let of_payment = session.mode == Mode::Payment;
    let money = Collect {
        customer: session.customer.clone(),
        payment_method: Some(method.id.clone()),
        metadata: if of_payment { session.made_metadata.clone() } else { Meta::new() },
        ..Collect::blank(session.total(), session.currency)
    };
    let tried = payment::collect(book, money)?;
    payment::refusal(&tried).map_or(Ok(()), Err)
}

fn subscribe(
    book: &mut Book,
    session: &Arc<Session>,
    method: Option<Arc<PaymentMethod>>,
) -> Result<Submitted, Refusal> {
    if let Some(method) = &method {
        fail(book, session, method)?;
    }
    let session = finish::with_customer(book, session);
    let customer = session.customer.clone().unwrap_or_default();
    let method = method.map(|method| finish::save(book, &method, &customer));
    let (recurring, once): (Vec<_>, Vec<_>) =
        session.items.iter().partition(|item| item.price.interval.is_some());
    let now_s = book.now_s();
    let item = |item: &&crate::model::SessionItem| NewItem {
        tax_rates: item.tax_rates.clone(),
        ..NewItem::of(&item.price, item.quantity)
    };
    let new = NewSubscription {
        items: recurring.iter().map(item).collect(),
        extras: once.iter().map(|item| line(item)).collect(),
        wanted: offer(&session.discounts),
        currency: Some(session.currency),
        trial_end_s: session.trial_end_s.or(session.trial_days.map(|days| now_s + days * 86_400)),
        trial_without_method: session.trial_without_method,
        payment_behavior: PaymentBehavior::ErrorIfIncomplete,
        default_payment_method: method,
        description: session.made_description.clone(),
        metadata: session.made_metadata.clone(),
        ..NewSubscription::blank(&customer)
    };
    let subscription = subscription::create(book, new)?;
    Ok(Submitted::Complete(finish::subscribed(book, &session, &subscription)))
}

fn line(item: &crate::model::SessionItem) -> NewLine {
    NewLine {
        price: Arc::clone(&item.price),
        quantity: item.quantity,
        tax_rates: item.tax_rates.clone(),
        discounts: Vec::new(),
    }
}

fn buy_invoiced(
    book: &mut Book,
    session: &Arc<Session>,
    method: Option<Arc<PaymentMethod>>,
) -> Result<Submitted, Refusal> {
    if let Some(method) = &method {
        fail(book, session, method)?;
    }
    let session = finish::with_customer(book, session);
    let customer = session.customer.clone().unwrap_or_default();
    let method = method.map(|method| finish::save(book, &method, &customer));
    let (metadata, description) = session.invoice_creation.clone().unwrap_or_default();
    let chosen = |rate: &&Arc<ShippingRate>| Some(&rate.id) == session.shipping_rate.as_ref();
    let new = NewInvoice {
        shipping: session.shipping_options.iter().find(chosen).cloned(),
        currency: Some(session.currency),
        lines: session.items.iter().map(line).collect(),
        wanted: offer(&session.discounts),
        default_payment_method: method.clone(),
        description,
        metadata,
        ..NewInvoice::blank(&customer)
    };
    let invoice = invoice::create(book, new)?;
    let invoice = invoice::finalize(book, &invoice)?;
    let how = Pay { payment_method: method, out_of_band: false, off_session: false };
    let invoice = match invoice.status {
        crate::model::InvoiceStatus::Paid => invoice,
        _ => invoice::pay(book, &invoice, &how)?,
    };
    Ok(Submitted::Complete(finish::invoiced(book, &session, &invoice)))
}
