//! Payment methods: made from a card, a token or a bank account, saved to a customer, taken off again. It must
//! not know what they pay.

use std::sync::Arc;

use super::{Book, Kind, Refusal, calendar};
use crate::model::test_card::{self, TestBank};
use crate::model::{
    Asks, Bank, Behavior, BillingDetails, Card, Failure, Instrument, Meta, Outcome, PaymentMethod,
};

/// How a buyer pays, as typed or named.
pub(crate) enum NewInstrument {
    Card {
        number: String,
        exp_month: i64,
        exp_year: i64,
        cvc: Option<String>,
    },
    /// `tok_visa`
    Token(String),
    UsBankAccount {
        number: String,
    },
    SepaDebit {
        iban: String,
    },
}

pub(crate) struct NewMethod {
    pub(crate) instrument: NewInstrument,
    pub(crate) billing: BillingDetails,
    pub(crate) metadata: Meta,
}

const CARD_YEAR: i64 = 2034;
/// How much longer a renewed card lasts.
const RENEWED_YEARS: i64 = 4;

pub(crate) fn create(book: &mut Book, new: NewMethod) -> Result<Arc<PaymentMethod>, Refusal> {
    let (instrument, behavior) = match new.instrument {
        NewInstrument::Card { number, exp_month, exp_year, cvc } => {
            card(book, &number, exp_month, exp_year, cvc.as_deref())?
        }
        NewInstrument::Token(token) => of_token(&token).ok_or_else(|| no_token("card[token]", &token))?,
        NewInstrument::UsBankAccount { number } => us_bank_account(&number)?,
        NewInstrument::SepaDebit { iban } => sepa_debit(&iban)?,
    };
    let id = book.id("pm");
    let method = PaymentMethod {
        billing: new.billing,
        metadata: new.metadata,
        ..PaymentMethod::blank(&id, instrument, behavior, book.now_s())
    };
    Ok(book.payment_methods.put(&id, method))
}

/// A method by id, or a new one by one of the documented tokens (`pm_card_visa`).
pub(crate) fn resolve(book: &mut Book, id: &str) -> Result<Arc<PaymentMethod>, Refusal> {
    if let Some(known) = book.payment_methods.get(id) {
        return Ok(Arc::clone(known));
    }
    let Some((instrument, behavior)) = of_token(id) else {
        return Err(Refusal::missing("PaymentMethod", "payment_method", id));
    };
    let id = book.id("pm");
    let method = PaymentMethod::blank(&id, instrument, behavior, book.now_s());
    Ok(book.payment_methods.put(&id, method))
}

pub(crate) fn get(book: &Book, id: &str, param: &str) -> Result<Arc<PaymentMethod>, Refusal> {
    book.payment_methods.get(id).cloned().ok_or_else(|| Refusal::missing("PaymentMethod", param, id))
}

/// Saves it to a customer. A card that its bank refuses is refused here already.
pub(crate) fn attach(
    book: &mut Book,
    method: &Arc<PaymentMethod>,
    customer: &str,
) -> Result<Arc<PaymentMethod>, Refusal> {
    if book.customers.get(customer).is_none() {
        return Err(Refusal::missing("customer", "customer", customer));
    }
    savable(method, customer)?;
    Ok(put_to(book, method, customer))
}

/// Whether it may be saved to that customer.
pub(crate) fn savable(method: &PaymentMethod, customer: &str) -> Result<(), Refusal> {
    usable(method, Some(customer))?;
    match refused_when_saved(method) {
        Some(failure) if method.customer.as_deref() != Some(customer) => Err(refusal(failure)),
        _ => Ok(()),
    }
}

/// Saves it without asking the bank, as after a payment.
pub(super) fn put_to(book: &mut Book, method: &Arc<PaymentMethod>, customer: &str) -> Arc<PaymentMethod> {
    if method.customer.as_deref() == Some(customer) {
        return Arc::clone(method);
    }
    let new = PaymentMethod { customer: Some(customer.to_owned()), ..PaymentMethod::clone(method) };
    let new = book.payment_methods.put(&method.id, new);
    book.payments.methods.entry(customer.to_owned()).or_default().push(method.id.clone());
    book.emit("payment_method.attached", &new);
    new
}

pub(crate) fn detach(book: &mut Book, old: &Arc<PaymentMethod>) -> Result<Arc<PaymentMethod>, Refusal> {
    let Some(customer) = old.customer.clone() else {
        let message =
            "The payment method you provided is not attached to a customer so detachment is impossible.";
        return Err(Refusal::invalid("payment_method", message));
    };
    let new = PaymentMethod { customer: None, used_up: true, ..PaymentMethod::clone(old) };
    let new = book.payment_methods.put(&old.id, new);
    if let Some(of_customer) = book.payments.methods.get_mut(&customer) {
        of_customer.retain(|id| *id != old.id);
    }
    book.emit_changed("payment_method.detached", old, &new);
    Ok(new)
}

/// Puts a changed one in the place of the old.
pub(crate) fn update(book: &mut Book, old: &Arc<PaymentMethod>, new: PaymentMethod) -> Arc<PaymentMethod> {
    let new = book.payment_methods.put(&old.id, new);
    book.emit_changed("payment_method.updated", old, &new);
    new
}

/// Its bank has sent a new card: another end, and another number if it says so.
pub(crate) fn renew(
    book: &mut Book,
    old: &Arc<PaymentMethod>,
    last4: Option<String>,
) -> Result<Arc<PaymentMethod>, Refusal> {
    let Instrument::Card(card) = &old.instrument else {
        return Err(Refusal::request(format!("{} is no card.", old.id)));
    };
    let last4 = last4.unwrap_or_else(|| card.last4.clone());
    let card = Card { exp_year: card.exp_year + RENEWED_YEARS, last4, ..card.clone() };
    let new = PaymentMethod { instrument: Instrument::Card(card), ..PaymentMethod::clone(old) };
    let new = book.payment_methods.put(&old.id, new);
    book.emit_changed("payment_method.automatically_updated", old, &new);
    Ok(new)
}

/// Whether it may pay for that customer (or nobody).
pub(super) fn usable(method: &PaymentMethod, customer: Option<&str>) -> Result<(), Refusal> {
    if method.used_up {
        let message = "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.";
        return Err(Refusal::request(message).code("payment_method_unexpected_state"));
    }
    match (method.customer.as_deref(), customer) {
        (None, _) => Ok(()),
        (Some(of), Some(customer)) if of == customer => Ok(()),
        (Some(_), None) => {
            let message = "The PaymentMethod you provided is attached to a customer, so for security purposes you must provide the customer in the request.";
            Err(Refusal::invalid("payment_method", message))
        }
        (Some(_), Some(_)) => {
            let message = "The payment method you provided has already been attached to a customer.";
            Err(Refusal::invalid("payment_method", message))
        }
    }
}

/// Why its bank refuses to have it saved.
pub(super) fn refused_when_saved(method: &PaymentMethod) -> Option<Failure> {
    match method.behavior.outcome {
        Outcome::Declines(failure) if method.behavior.when_saved => Some(failure),
        _ => None,
    }
}

/// Whether the buyer is asked before it is used so.
pub(super) fn asks(method: &PaymentMethod, off_session: bool) -> bool {
    let wanted = match method.behavior.asks {
        Asks::Never => false,
        Asks::Always => true,
        Asks::UnlessSetUp => !method.set_up,
        Asks::OnSession => !off_session,
    };
    wanted && !method.answered
}

/// A card error of that failure.
pub(super) fn refusal(failure: Failure) -> Refusal {
    let refusal = Refusal::plain(402, Kind::Card, failure.message).code(failure.code);
    let about_cvc = matches!(failure.code, "incorrect_cvc" | "invalid_cvc");
    let refusal = if about_cvc { refusal.of_param("cvc") } else { refusal };
    refusal.declined(failure.decline_code)
}

fn of_token(token: &str) -> Option<(Instrument, Behavior)> {
    if let Some(card) = test_card::card_of_token(token) {
        let instrument = Card {
            brand: card.brand,
            country: card.country,
            exp_month: 12,
            exp_year: CARD_YEAR,
            funding: card.funding,
            last4: last4(card.number),
            fingerprint: fingerprint(card.number),
            cvc_check: Some("pass"),
        };
        return Some((Instrument::Card(instrument), card.behavior));
    }
    let bank = test_card::bank_of_token(token)?;
    Some((Instrument::UsBankAccount(account(bank)), bank.behavior))
}

fn no_token(param: &str, token: &str) -> Refusal {
    Refusal::missing("token", param, token)
}

fn card(
    book: &Book,
    number: &str,
    exp_month: i64,
    exp_year: i64,
    cvc: Option<&str>,
) -> Result<(Instrument, Behavior), Refusal> {
    let wrong = |code, param: &str, message: &str| {
        Err(Refusal::plain(402, Kind::Card, message).code(code).of_param(param))
    };
    let number: String = number.chars().filter(|char| !matches!(char, ' ' | '-')).collect();
    if number.len() < 12 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return wrong("invalid_number", "number", "The card number is not a valid credit card number.");
    }
    if !test_card::valid_number(&number) {
        return wrong("incorrect_number", "number", "Your card number is incorrect.");
    }
    if !(1..=12).contains(&exp_month) {
        return wrong("invalid_expiry_month", "exp_month", "Your card's expiration month is invalid.");
    }
    let exp_year = if exp_year < 100 { exp_year + 2000 } else { exp_year };
    let (year, month) = calendar::year_month(book.now_s());
    if exp_year > year + 50 || (exp_year, exp_month) < (year, month) {
        return wrong("invalid_expiry_year", "exp_year", "Your card's expiration year is invalid.");
    }
    let digits = |cvc: &&str| (3..=4).contains(&cvc.len()) && cvc.bytes().all(|byte| byte.is_ascii_digit());
    if cvc.is_some_and(|cvc| !digits(&cvc)) {
        return wrong("invalid_cvc", "cvc", "Your card's security code is invalid.");
    }
    let listed = test_card::card_of_number(&number);
    let card = Card {
        brand: listed.map_or_else(|| test_card::brand(&number), |card| card.brand),
        country: listed.map_or("US", |card| card.country),
        exp_month,
        exp_year,
        funding: listed.map_or("credit", |card| card.funding),
        last4: last4(&number),
        fingerprint: fingerprint(&number),
        cvc_check: cvc.map(|_| "pass"),
    };
    Ok((Instrument::Card(card), listed.map_or(Behavior::PLAIN, |card| card.behavior)))
}

fn us_bank_account(number: &str) -> Result<(Instrument, Behavior), Refusal> {
    let bank = test_card::US_BANK_ACCOUNTS.iter().find(|bank| bank.number == number);
    let bank = bank.ok_or_else(|| {
        let message = "You must use a test bank account number in test mode. Try 000123456789 or see more options at https://stripe.com/docs/connect/testing#account-numbers.";
        Refusal::invalid("us_bank_account[account_number]", message).code("account_number_invalid")
    })?;
    Ok((Instrument::UsBankAccount(account(bank)), bank.behavior))
}

fn sepa_debit(iban: &str) -> Result<(Instrument, Behavior), Refusal> {
    let iban: String = iban.chars().filter(|char| *char != ' ').collect::<String>().to_ascii_uppercase();
    let bank = test_card::IBANS.iter().find(|bank| bank.number == iban).ok_or_else(|| {
        let message = "The IBAN you provided is invalid. Use a test IBAN such as DE89370400440532013000.";
        Refusal::invalid("sepa_debit[iban]", message).code("invalid_bank_account_iban")
    })?;
    Ok((Instrument::SepaDebit(account(bank)), bank.behavior))
}

fn account(bank: &TestBank) -> Bank {
    Bank { last4: last4(bank.number), country: bank.country, fingerprint: fingerprint(bank.number) }
}

fn last4(number: &str) -> String {
    number.chars().skip(number.chars().count().saturating_sub(4)).collect()
}

/// The same number is the same fingerprint.
fn fingerprint(number: &str) -> String {
    let hash = number.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
