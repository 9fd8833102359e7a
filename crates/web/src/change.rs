//! What a form or an API call asks to be changed, read into the operator log's words. Both faces go
//! through here, so that they accept the same and refuse the same.

use engine::House;
use engine::operate::{Adopt, Adopted, OperateError, Outcome, Request, adopt, operate};
use kernel::operator::{Action, Binds, HOLD_DAYS_DEFAULT, Handle, Pay, RATE_BPS_MAX, Terms};
use kernel::{Book, Currency, Ref, UnixMs, time};

use crate::error::Trouble;

/// Text as it came, before it means anything.
#[derive(Clone, Debug, Default)]
pub(crate) struct TermsText {
    pub(crate) rate_bps: Option<i64>,
    pub(crate) fixed: Option<(i64, String)>,
    pub(crate) hold_days: Option<i64>,
}

impl TermsText {
    pub(crate) fn read(&self) -> Result<Terms, Trouble> {
        let pay = match (&self.fixed, self.rate_bps) {
            (None, Some(bps)) if (0..=RATE_BPS_MAX).contains(&bps) => Pay::RateBps(bps),
            (None, Some(_)) => {
                return Err(Trouble::bad_input(
                    "the rate is out of range",
                    "basis points, 0 to 10000: 1500 is 15 %",
                ));
            }
            (Some((minor, currency)), None) if *minor >= 0 => {
                Pay::Fixed { minor: *minor, currency: read_currency(currency)? }
            }
            _ => {
                let hint = "give rate_bps, or fixed_minor with currency, but not both";
                return Err(Trouble::bad_input("what the partner earns is not said", hint));
            }
        };
        Ok(Terms { pay, products: Vec::new(), hold_days: self.hold_days.unwrap_or(HOLD_DAYS_DEFAULT) })
    }
}

fn read_currency(text: &str) -> Result<Currency, Trouble> {
    Currency::parse(text)
        .ok_or_else(|| Trouble::bad_input("that is no currency code", "three letters, like usd"))
}

pub(crate) fn read_handle(text: &str) -> Result<Handle, Trouble> {
    let hint = "1 to 64 letters, digits, '-', '_' or '.'";
    Handle::parse(text.trim()).ok_or_else(|| Trouble::bad_input("that cannot be a handle", hint))
}

/// A partner named in a path by handle or id (`prt_1`): what can be neither is nobody's.
pub(crate) fn known_handle(house: &House, text: &str) -> Result<Handle, Trouble> {
    let registry = house.current_registry()?;
    registry.partner_by_hint(text).cloned().ok_or_else(|| Trouble::not_found("partner"))
}

pub(crate) fn read_time(text: &str) -> Result<UnixMs, Trouble> {
    let hint = "write 2026-01-31 or 2026-01-31T10:00:00Z";
    time::parse(text.trim()).ok_or_else(|| Trouble::bad_input("that is no date or time", hint))
}

/// Empty text counts as not given.
pub(crate) fn read_time_if(text: Option<&str>) -> Result<Option<UnixMs>, Trouble> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(read_time).transpose()
}

pub(crate) fn read_book(text: &str) -> Result<Book, Trouble> {
    Book::parse(text)
        .ok_or_else(|| Trouble::bad_input("that is no book", "live, test, acct_... or acct_...:test"))
}

pub(crate) fn read_binds(text: &str) -> Result<Binds, Trouble> {
    match text {
        "all" => Ok(Binds::All),
        "new" => Ok(Binds::New),
        _ => Err(Trouble::bad_input("which sales the terms bind is not said", "'all' or 'new'")),
    }
}

/// An id or a code's text: empty counts as not given.
pub(crate) fn read_ref(text: Option<&str>) -> Result<Option<Ref>, Trouble> {
    let given = text.map(str::trim).filter(|text| !text.is_empty());
    let hint = "at most 255 bytes, as Stripe shows it";
    given
        .map(|text| Ref::parse(text).ok_or_else(|| Trouble::bad_input("that cannot be an id", hint)))
        .transpose()
}

const NAME_CHARS_MAX: usize = 200;

/// A name or an e-mail address: one line, not endless.
pub(crate) fn read_line(text: &str, what: &str) -> Result<String, Trouble> {
    let text = text.trim();
    let fits =
        !text.is_empty() && text.chars().count() <= NAME_CHARS_MAX && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned()).ok_or_else(|| {
        Trouble::bad_input(format!("the {what} is missing, too long or not one line"), "1 to 200 characters")
    })
}

pub(crate) fn act(house: &House, request: &Request, now: UnixMs) -> Result<Outcome, Trouble> {
    operate(house, request, now).map_err(Into::into)
}

pub(crate) fn act_adopt(house: &House, request: &Adopt, now: UnixMs) -> Result<Vec<Adopted>, Trouble> {
    adopt(house, request, now).map_err(Into::into)
}

/// Every change that is not said to be meant for the past takes this shape.
pub(crate) fn request(actor: &str, action: Action, from: Option<UnixMs>, retroactive: bool) -> Request {
    Request { actor: actor.to_owned(), effective_at: from, action, retroactive }
}

impl From<OperateError> for Trouble {
    fn from(error: OperateError) -> Self {
        match error {
            OperateError::Refused(why) => {
                Self::conflict(why.to_string(), "look at what is on record, then ask for something else")
            }
            OperateError::WouldChange(changes) => {
                let count = changes.len();
                Self::conflict(
                    format!("this would change {count} booked sale(s)"),
                    "give a later 'from', or say 'retroactive' if the past is meant",
                )
            }
            OperateError::Usage(message) => Self::bad_input(message, "see /api/openapi.json"),
            OperateError::Engine(error) => error.into(),
        }
    }
}
