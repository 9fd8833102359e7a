//! The least that can be charged in each currency, as Stripe publishes it. It must not know what is paid for.

use kernel::Currency;
use kernel::money::decimal;

use crate::world::Refusal;

/// In minor units (docs.stripe.com/currencies, minimum charge amounts). Of other currencies anything is taken.
const LEAST: &[(&str, i64)] = &[
    ("aed", 200),
    ("aud", 50),
    ("bgn", 100),
    ("brl", 50),
    ("cad", 50),
    ("chf", 50),
    ("czk", 1500),
    ("dkk", 250),
    ("eur", 50),
    ("gbp", 30),
    ("hkd", 400),
    ("huf", 17_500),
    ("inr", 50),
    ("jpy", 50),
    ("mxn", 1000),
    ("myr", 200),
    ("nok", 300),
    ("nzd", 50),
    ("pln", 200),
    ("ron", 200),
    ("sek", 300),
    ("sgd", 50),
    ("thb", 1000),
    ("usd", 50),
];

/// The least amount of a charge, in minor units.
pub(crate) fn least(currency: Currency) -> i64 {
    LEAST.iter().find(|(code, _)| *code == currency.as_str()).map_or(1, |(_, least)| *least)
}

/// Refuses what is too little to be charged. `what` has the amount: `Amount`.
pub(crate) fn refuse_less(amount: i64, currency: Currency, what: &str) -> Result<(), Refusal> {
    let least = least(currency);
    if amount >= least {
        return Ok(());
    }
    let message = format!("{what} must be at least {} {currency}.", decimal(least, currency));
    Err(Refusal::invalid("amount", message).code("amount_too_small"))
}

#[cfg(test)]
mod tests {
    use super::LEAST;

    #[test]
    fn every_currency_is_one_and_stands_once() {
        assert!(LEAST.is_sorted_by_key(|(code, _)| *code));
        assert!(LEAST.iter().all(|(code, least)| kernel::Currency::parse(code).is_some() && *least > 0));
    }
}
