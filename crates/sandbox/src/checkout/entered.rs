//! What a buyer typed into the payment form: kept for the next try, checked, and made into a payment method.
//! It must not know what is bought.

use super::{field, said};
use crate::model::{Address, BillingDetails, Session, ShipTo};
use crate::world::payment_method::{self, NewInstrument, NewMethod};
use crate::world::session::Buyer;
use crate::world::{Book, Refusal};

/// The fields as typed.
pub(super) struct Entered(Vec<(String, String)>);

/// What is wrong: with which field (empty: the whole), in words.
pub(super) struct Mistake {
    pub(super) field: &'static str,
    pub(super) message: String,
}

fn mistake(field: &'static str, message: &str) -> Mistake {
    Mistake { field, message: message.to_owned() }
}

impl Entered {
    pub(super) fn new(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// Nothing typed yet: what the session knows.
    pub(super) fn known(session: &Session) -> Self {
        let row = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let country = session.address.country.as_deref().unwrap_or("US");
        Self(vec![row("email", &session.email), row("name", &session.name), row("country", country)])
    }

    pub(super) fn get(&self, name: &str) -> &str {
        field(&self.0, name)
    }

    /// The chosen kind of method, of those there are.
    pub(super) fn kind(&self, session: &Session) -> &'static str {
        let chosen = session.method_types.iter().find(|kind| **kind == self.get("method"));
        chosen.or(session.method_types.first()).copied().unwrap_or("card")
    }

    /// Everything typed as the buyer's, with a payment method made of it when `pays`.
    pub(super) fn buyer(&self, book: &mut Book, session: &Session, pays: bool) -> Result<Buyer, Mistake> {
        let email = self.get("email");
        if !email.contains('@') || email.starts_with('@') || email.ends_with('@') {
            return Err(mistake("email", "Enter a valid email address."));
        }
        let name = self.get("name");
        if name.is_empty() {
            return Err(mistake("name", "Enter your name."));
        }
        if session.ask_phone && self.get("phone").is_empty() {
            return Err(mistake("phone", "Enter your phone number."));
        }
        let ship_to = self.ship_to(session)?;
        let billing = BillingDetails {
            email: Some(email.to_owned()),
            name: Some(name.to_owned()),
            phone: self.some("phone"),
            address: self.address(),
        };
        let payment_method = if pays { Some(self.method(book, session, billing)?) } else { None };
        Ok(Buyer {
            email: email.to_owned(),
            name: name.to_owned(),
            phone: self.some("phone"),
            address: self.address(),
            ship_to,
            payment_method,
        })
    }

    fn some(&self, name: &str) -> Option<String> {
        Some(self.get(name).to_owned()).filter(|text| !text.is_empty())
    }

    fn address(&self) -> Address {
        Address { country: self.some("country"), postal_code: self.some("postal_code"), ..Address::default() }
    }

    fn ship_to(&self, session: &Session) -> Result<Option<ShipTo>, Mistake> {
        let Some(countries) = &session.ship_countries else { return Ok(None) };
        if self.get("ship_line1").is_empty() {
            return Err(mistake("ship_line1", "Enter the street the goods go to."));
        }
        if self.get("ship_city").is_empty() {
            return Err(mistake("ship_city", "Enter the city the goods go to."));
        }
        if !countries.iter().any(|country| country == self.get("ship_country")) {
            return Err(mistake("ship_country", "Choose a country the shop sends to."));
        }
        let address = Address {
            line1: self.some("ship_line1"),
            city: self.some("ship_city"),
            postal_code: self.some("ship_postal_code"),
            country: self.some("ship_country"),
            ..Address::default()
        };
        Ok(Some(ShipTo { name: self.get("name").to_owned(), phone: self.some("phone"), address }))
    }

    fn method(&self, book: &mut Book, session: &Session, billing: BillingDetails) -> Result<String, Mistake> {
        let instrument = match self.kind(session) {
            "us_bank_account" => NewInstrument::UsBankAccount { number: self.get("account").to_owned() },
            "sepa_debit" => NewInstrument::SepaDebit { iban: self.get("iban").to_owned() },
            _ => self.card()?,
        };
        let new = NewMethod { instrument, billing, metadata: Vec::new() };
        let made = payment_method::create(book, new).map_err(|refusal| about(&refusal))?;
        Ok(made.id.clone())
    }

    fn card(&self) -> Result<NewInstrument, Mistake> {
        let number = self.get("number");
        if number.is_empty() {
            return Err(mistake("number", "Your card number is incomplete."));
        }
        let past = || mistake("expiry", "Your card's expiration date is incomplete.");
        let (month, year) = self.get("expiry").split_once('/').ok_or_else(past)?;
        let exp_month = month.trim().parse().map_err(|_| past())?;
        let exp_year = year.trim().parse().map_err(|_| past())?;
        let cvc = self.get("cvc");
        if cvc.is_empty() {
            return Err(mistake("cvc", "Your card's security code is incomplete."));
        }
        Ok(NewInstrument::Card { number: number.to_owned(), exp_month, exp_year, cvc: Some(cvc.to_owned()) })
    }
}

/// Which field a refusal is about.
pub(super) fn about(refusal: &Refusal) -> Mistake {
    let field = match refusal.param.as_deref() {
        Some("number") => "number",
        Some("exp_month" | "exp_year") => "expiry",
        Some("cvc") => "cvc",
        Some("us_bank_account[account_number]") => "account",
        Some("sepa_debit[iban]") => "iban",
        _ if refusal.decline_code.is_some() || refusal.code == Some("expired_card") => "number",
        _ => "",
    };
    Mistake { field, message: said(refusal) }
}
