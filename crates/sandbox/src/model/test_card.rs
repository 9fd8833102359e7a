//! The cards, tokens and bank accounts that Stripe documents for testing, and what each does. A number that is
//! not listed pays, when it is a valid one: nothing here can reach a bank. It must not know what is paid for.

use super::{Asks, Behavior, Failure, Outcome, Returns};

/// One documented card.
pub(crate) struct TestCard {
    pub(crate) number: &'static str,
    /// `pm_card_<token>`; empty: none documented.
    pub(crate) token: &'static str,
    pub(crate) brand: &'static str,
    pub(crate) funding: &'static str,
    pub(crate) country: &'static str,
    pub(crate) behavior: Behavior,
}

/// One documented bank account or IBAN.
pub(crate) struct TestBank {
    pub(crate) number: &'static str,
    /// The whole token; empty: none documented.
    pub(crate) token: &'static str,
    pub(crate) country: &'static str,
    pub(crate) behavior: Behavior,
}

const PLAIN: Behavior = Behavior::PLAIN;

const fn fails(code: &'static str, decline_code: Option<&'static str>, message: &'static str) -> Behavior {
    let outcome = Outcome::Declines(Failure { code, decline_code, message });
    Behavior { outcome, when_saved: true, ..PLAIN }
}

const fn declines(decline_code: &'static str) -> Behavior {
    fails("card_declined", Some(decline_code), "Your card was declined.")
}

const fn asks(asks: Asks) -> Behavior {
    Behavior { asks, ..PLAIN }
}

const fn disputes(reason: &'static str, inquiry: bool) -> Behavior {
    Behavior { outcome: Outcome::Disputes { reason, inquiry }, ..PLAIN }
}

const DECLINED: Outcome = Outcome::Declines(Failure::declined("generic_decline"));
const NO_FUNDS: Failure = Failure {
    code: "card_declined",
    decline_code: Some("insufficient_funds"),
    message: "Your card has insufficient funds.",
};
const FRAUDULENT: Behavior = Behavior { risk: "highest", ..declines("fraudulent") };

const fn visa(number: &'static str, token: &'static str, behavior: Behavior) -> TestCard {
    card(number, token, "visa", "credit", "US", behavior)
}

const fn card(
    number: &'static str,
    token: &'static str,
    brand: &'static str,
    funding: &'static str,
    country: &'static str,
    behavior: Behavior,
) -> TestCard {
    TestCard { number, token, brand, funding, country, behavior }
}

pub(crate) const CARDS: &[TestCard] = &[
    visa("4242424242424242", "visa", PLAIN),
    card("4000056655665556", "visa_debit", "visa", "debit", "US", PLAIN),
    card("5555555555554444", "mastercard", "mastercard", "credit", "US", PLAIN),
    card("5200828282828210", "mastercard_debit", "mastercard", "debit", "US", PLAIN),
    card("5105105105105100", "mastercard_prepaid", "mastercard", "prepaid", "US", PLAIN),
    card("378282246310005", "amex", "amex", "credit", "US", PLAIN),
    card("6011111111111117", "discover", "discover", "credit", "US", PLAIN),
    card("3056930009020004", "diners", "diners", "credit", "US", PLAIN),
    card("3566002020360505", "jcb", "jcb", "credit", "US", PLAIN),
    card("6200000000000005", "unionpay", "unionpay", "credit", "US", PLAIN),
    card("4000002760000016", "de", "visa", "credit", "DE", PLAIN),
    card("4000002500000003", "fr", "visa", "credit", "FR", PLAIN),
    card("4000008260000000", "gb", "visa", "credit", "GB", PLAIN),
    card("4000000400000008", "at", "visa", "credit", "AT", PLAIN),
    card("4000007560000009", "ch", "visa", "credit", "CH", PLAIN),
    card("4000003920000003", "jp", "visa", "credit", "JP", PLAIN),
    visa("4000000000000077", "bypassPending", Behavior { available_at_once: true, ..PLAIN }),
    card(
        "4000003720000278",
        "bypassPendingInternational",
        "visa",
        "credit",
        "IE",
        Behavior { available_at_once: true, ..PLAIN },
    ),
    visa("4000000000000002", "visa_chargeDeclined", declines("generic_decline")),
    visa(
        "4000000000009995",
        "visa_chargeDeclinedInsufficientFunds",
        Behavior { outcome: Outcome::Declines(NO_FUNDS), when_saved: true, ..PLAIN },
    ),
    visa("4000000000009987", "visa_chargeDeclinedLostCard", declines("lost_card")),
    visa("4000000000009979", "visa_chargeDeclinedStolenCard", declines("stolen_card")),
    visa(
        "4000000000000069",
        "chargeDeclinedExpiredCard",
        fails("expired_card", None, "Your card has expired."),
    ),
    visa(
        "4000000000000127",
        "chargeDeclinedIncorrectCvc",
        fails("incorrect_cvc", None, "Your card's security code is incorrect."),
    ),
    visa(
        "4000000000000119",
        "chargeDeclinedProcessingError",
        fails(
            "processing_error",
            None,
            "An error occurred while processing your card. Try again in a little bit.",
        ),
    ),
    visa("4000000000006975", "visa_chargeDeclinedVelocityLimitExceeded", declines("card_velocity_exceeded")),
    visa("4100000000000019", "chargeDeclinedFraudulent", FRAUDULENT),
    visa("4000000000009235", "riskLevelElevated", Behavior { risk: "elevated", ..PLAIN }),
    visa("4000000000000341", "chargeCustomerFail", Behavior { outcome: DECLINED, ..PLAIN }),
    visa("4000002500003155", "authenticationRequiredOnSetup", asks(Asks::UnlessSetUp)),
    visa("4000002760003184", "authenticationRequired", asks(Asks::Always)),
    visa("4000003800000446", "authenticationRequiredSetupForOffSession", asks(Asks::OnSession)),
    visa(
        "4000008260003178",
        "authenticationRequiredChargeDeclinedInsufficientFunds",
        Behavior { outcome: Outcome::Declines(NO_FUNDS), ..asks(Asks::Always) },
    ),
    card("4000000000003220", "threeDSecure2Required", "visa", "credit", "US", asks(Asks::OnSession)),
    card("4000000000003063", "threeDSecureRequired", "visa", "credit", "US", asks(Asks::OnSession)),
    visa(
        "4000008400001629",
        "threeDSecureRequiredChargeDeclined",
        Behavior { outcome: DECLINED, ..asks(Asks::OnSession) },
    ),
    visa("4000000000003055", "threeDSecureOptional", PLAIN),
    visa("378282246310005", "threeDSecureNotSupported", PLAIN),
    visa("4000000000000259", "createDispute", disputes("fraudulent", false)),
    visa("4000000000002685", "createDisputeProductNotReceived", disputes("product_not_received", false)),
    visa("4000000000001976", "createDisputeInquiry", disputes("fraudulent", true)),
    visa("4000000000005423", "createIssuerFraudRecord", Behavior { outcome: Outcome::Warns, ..PLAIN }),
    visa("4000000000007726", "pendingRefund", Behavior { returns: Returns::Later, ..PLAIN }),
    visa("4000000000005126", "refundFail", Behavior { returns: Returns::Bounce, ..PLAIN }),
];

const SLOW: Behavior = Behavior { settles_in_s: 5, ..PLAIN };
const SLOWER: Behavior = Behavior { settles_in_s: 180, ..PLAIN };

const fn bounces(code: &'static str, message: &'static str) -> Behavior {
    Behavior { outcome: Outcome::Declines(Failure { code, decline_code: None, message }), ..SLOW }
}

const DEBIT_REFUSED: Behavior = bounces(
    "debit_not_authorized",
    "The customer has notified their bank that this payment was unauthorized.",
);
const BANK_NO_FUNDS: Behavior =
    bounces("insufficient_funds", "The customer's account has insufficient funds to cover this payment.");
const PAYMENT_FAILED: Behavior = bounces(
    "charge_exceeds_source_limit",
    "The customer's bank account could not be charged for this payment.",
);

pub(crate) const US_BANK_ACCOUNTS: &[TestBank] = &[
    TestBank { number: "000123456789", token: "pm_usBankAccount_success", country: "US", behavior: SLOW },
    TestBank {
        number: "000111111116",
        token: "pm_usBankAccount_accountClosed",
        country: "US",
        behavior: bounces("account_closed", "The customer's bank account has been closed."),
    },
    TestBank {
        number: "000111111113",
        token: "pm_usBankAccount_noAccount",
        country: "US",
        behavior: bounces("no_account", "The customer's bank account could not be located."),
    },
    TestBank {
        number: "000222222227",
        token: "pm_usBankAccount_insufficientFunds",
        country: "US",
        behavior: BANK_NO_FUNDS,
    },
    TestBank {
        number: "000333333335",
        token: "pm_usBankAccount_debitNotAuthorized",
        country: "US",
        behavior: DEBIT_REFUSED,
    },
    TestBank {
        number: "000555555559",
        token: "pm_usBankAccount_dispute",
        country: "US",
        behavior: Behavior {
            outcome: Outcome::Disputes { reason: "insufficient_funds", inquiry: false },
            ..SLOW
        },
    },
    TestBank { number: "000000000009", token: "pm_usBankAccount_processing", country: "US", behavior: NEVER },
];

/// Stays on its way.
const NEVER: Behavior = Behavior { settles_in_s: i64::MAX, ..PLAIN };

pub(crate) const IBANS: &[TestBank] = &[
    TestBank { number: "AT611904300234573201", token: "", country: "AT", behavior: SLOW },
    TestBank { number: "AT321904300235473204", token: "", country: "AT", behavior: SLOWER },
    TestBank { number: "AT861904300235473202", token: "", country: "AT", behavior: PAYMENT_FAILED },
    TestBank {
        number: "AT051904300235473205",
        token: "",
        country: "AT",
        behavior: Behavior { settles_in_s: 180, ..PAYMENT_FAILED },
    },
    TestBank {
        number: "AT591904300235473203",
        token: "",
        country: "AT",
        behavior: Behavior {
            outcome: Outcome::Disputes { reason: "debit_not_authorized", inquiry: false },
            ..SLOW
        },
    },
    TestBank { number: "AT601904300000121212", token: "", country: "AT", behavior: BANK_NO_FUNDS },
    TestBank { number: "DE89370400440532013000", token: "", country: "DE", behavior: SLOW },
    TestBank { number: "DE62370400440532013001", token: "", country: "DE", behavior: PAYMENT_FAILED },
    TestBank { number: "FR1420041010050500013M02606", token: "", country: "FR", behavior: SLOW },
    TestBank { number: "NL39RABO0300065264", token: "", country: "NL", behavior: SLOW },
];

/// The card of `pm_card_...` or `tok_...`.
pub(crate) fn card_of_token(token: &str) -> Option<&'static TestCard> {
    let name = token.strip_prefix("pm_card_").or_else(|| token.strip_prefix("tok_"))?;
    let bare = |card: &&TestCard| card.token.strip_prefix("visa_").is_some_and(|bare| bare == name);
    CARDS.iter().find(|card| card.token == name).or_else(|| CARDS.iter().find(bare))
}

pub(crate) fn card_of_number(number: &str) -> Option<&'static TestCard> {
    CARDS.iter().find(|card| card.number == number)
}

pub(crate) fn bank_of_token(token: &str) -> Option<&'static TestBank> {
    US_BANK_ACCOUNTS.iter().find(|bank| bank.token == token)
}

/// The brand of a number that is not listed.
pub(crate) fn brand(number: &str) -> &'static str {
    match number.as_bytes() {
        [b'4', ..] => "visa",
        [b'5', b'1'..=b'5', ..] | [b'2', ..] => "mastercard",
        [b'3', b'4' | b'7', ..] => "amex",
        [b'3', b'5', ..] => "jcb",
        [b'3', ..] => "diners",
        [b'6', b'2', ..] => "unionpay",
        [b'6', ..] => "discover",
        _ => "unknown",
    }
}

/// Luhn's check digit.
pub(crate) fn valid_number(number: &str) -> bool {
    let fits = (12..=19).contains(&number.len());
    let digits = number.chars().rev().map(|char| char.to_digit(10));
    let add = |sum: Option<u32>, (index, digit): (usize, Option<u32>)| {
        let digit = digit?;
        let doubled = digit * 2;
        Some(sum? + if index % 2 == 0 { digit } else { doubled / 10 + doubled % 10 })
    };
    fits && digits.enumerate().fold(Some(0), add).is_some_and(|sum| sum % 10 == 0)
}

#[cfg(test)]
mod tests {
    use super::{CARDS, card_of_token, valid_number};

    #[test]
    fn every_listed_number_is_valid_and_every_token_is_found() {
        for card in CARDS {
            assert!(valid_number(card.number), "{}", card.number);
            let found = card_of_token(&format!("pm_card_{}", card.token)).map(|card| card.number);
            assert_eq!(found, Some(card.number));
        }
        assert_eq!(card_of_token("pm_card_chargeDeclined").map(|card| card.number), Some("4000000000000002"));
        assert!(card_of_token("pm_card_nobody").is_none());
        for bad in ["4242424242424241", "4242", "", "42424242424242a2"] {
            assert!(!valid_number(bad), "{bad}");
        }
    }
}
