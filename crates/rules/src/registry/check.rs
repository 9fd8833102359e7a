//! Whether an action may enter the log: what is wrong with it and what to do instead. Once a line is in
//! the log it holds; nothing is refused afterwards.

use kernel::operator::{Action, CodeMapping, Handle, ManualScope, Pay, RATE_BPS_MAX, Terms};
use kernel::{Ref, UnixMs};
use thiserror::Error;

use super::{Mapping, Registry};

/// The longest hold that makes sense; ten years.
pub const HOLD_DAYS_MAX: i64 = 3660;

#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum OperatorError {
    #[error("there is no partner `{handle}`; add it with `partner add {handle}`, or see `partner list`")]
    HandleUnknown { handle: Handle },
    #[error("the handle `{handle}` is taken, and handles are never reused; choose another one")]
    HandleTaken { handle: Handle },
    #[error("`{handle}` looks like a partner id; choose a handle that does not start with `prt_`")]
    HandleReserved { handle: Handle },
    #[error("a partner needs a name; give one with --name")]
    NameEmpty,
    #[error("`{email}` is not an e-mail address; give one like `name@example.com`")]
    EmailUnreadable { email: String },
    #[error("a rate of {rate_bps} basis points is out of range; give 0 to 10000 (15 % is 1500)")]
    RateOutOfRange { rate_bps: i64 },
    #[error("a fixed amount of {minor} is not possible; give at least 1 minor unit")]
    FixedOutOfRange { minor: i64 },
    #[error("rates of single products need a general rate; give --rate-bps instead of a fixed amount")]
    FixedWithProducts,
    #[error("the product {product} has two rates; give it one")]
    ProductTwice { product: Ref },
    #[error("{days} days of hold are out of range; give 0 to {HOLD_DAYS_MAX}")]
    HoldOutOfRange { days: i64 },
    #[error("nothing to map; give a code, a promotion code or a coupon")]
    MappingEmpty,
    #[error("`{code}` is not a code a customer could type; give it without blanks at either end")]
    CodeUnreadable { code: String },
    #[error(
        "{what} belongs to `{owner}` in book {book}; end that first, from the time it shall change hands"
    )]
    CodeOwned { what: String, owner: Handle, book: String },
    #[error("`{partner}` has no such mapping in book {book}; see `code list` and name the same three keys")]
    MappingUnknown { partner: Handle, book: String },
    #[error("`{id}` is not a {expected}; copy the id from the ledger or from Stripe")]
    ScopeUnreadable { id: Ref, expected: &'static str },
}

impl Registry {
    /// Whether `action`, taking effect at `effective_at` (`None`: when it is written), makes sense on top
    /// of everything logged so far.
    pub fn check(&self, action: &Action, effective_at: Option<UnixMs>) -> Result<(), OperatorError> {
        match action {
            Action::PartnerAdd { handle, name, email, terms } => {
                self.check_new_handle(handle)?;
                check_person(name, email)?;
                check_terms(terms)
            }
            Action::PartnerStatus { handle, .. } => self.check_known(handle),
            Action::TermsSet { handle, terms, .. } => {
                self.check_known(handle)?;
                check_terms(terms)
            }
            Action::CodeMap(mapping) => {
                self.check_known(&mapping.partner)?;
                check_keys(mapping)?;
                self.check_free(mapping, effective_at)
            }
            Action::CodeEnd(mapping) => {
                self.check_known(&mapping.partner)?;
                check_keys(mapping)?;
                self.check_mapped(mapping, effective_at)
            }
            Action::ProgramStart { .. }
            | Action::EventsDiscard { .. }
            | Action::EventsRetry { .. }
            | Action::BodyShown { .. } => Ok(()),
            Action::Manual { scope, partner, .. } => {
                check_scope(scope)?;
                partner.as_ref().map_or(Ok(()), |handle| self.check_known(handle))
            }
        }
    }

    fn check_known(&self, handle: &Handle) -> Result<(), OperatorError> {
        match self.partner(handle) {
            Some(_) => Ok(()),
            None => Err(OperatorError::HandleUnknown { handle: handle.clone() }),
        }
    }

    fn check_new_handle(&self, handle: &Handle) -> Result<(), OperatorError> {
        if self.partner(handle).is_some() {
            return Err(OperatorError::HandleTaken { handle: handle.clone() });
        }
        if handle.as_str().starts_with("prt_") {
            return Err(OperatorError::HandleReserved { handle: handle.clone() });
        }
        Ok(())
    }

    /// A code of another partner is never taken over in passing: either its mapping was ended, or a time
    /// is given from which it changes hands.
    fn check_free(&self, new: &CodeMapping, effective_at: Option<UnixMs>) -> Result<(), OperatorError> {
        let owned = |mapping: &&Mapping| {
            mapping.book == new.book
                && mapping.partner != new.partner
                && mapping.same_code(new)
                && mapping.until.is_none()
        };
        match self.mappings().find(|mapping| effective_at.is_none() && owned(mapping)) {
            None => Ok(()),
            Some(mapping) => Err(OperatorError::CodeOwned {
                what: named(mapping),
                owner: mapping.partner.clone(),
                book: mapping.book.label(),
            }),
        }
    }

    fn check_mapped(&self, ended: &CodeMapping, effective_at: Option<UnixMs>) -> Result<(), OperatorError> {
        let fits = |mapping: &Mapping| {
            mapping.book == ended.book
                && mapping.partner == ended.partner
                && mapping.same_keys(ended)
                && holds_after(mapping, effective_at)
        };
        if self.mappings().any(fits) {
            return Ok(());
        }
        Err(OperatorError::MappingUnknown { partner: ended.partner.clone(), book: ended.book.label() })
    }
}

/// Whether the mapping holds at some time from `at` on. Without a time: whether nothing has ended it.
fn holds_after(mapping: &Mapping, at: Option<UnixMs>) -> bool {
    match (mapping.until, at) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(until), Some(at)) => at < until && mapping.from.is_none_or(|from| from < until),
    }
}

fn named(mapping: &Mapping) -> String {
    match (&mapping.code, &mapping.promotion_code) {
        (Some(code), _) => format!("the code `{code}`"),
        (None, Some(promo)) => format!("the promotion code {promo}"),
        (None, None) => "the coupon".to_owned(),
    }
}

fn check_person(name: &str, email: &str) -> Result<(), OperatorError> {
    if name.trim().is_empty() {
        return Err(OperatorError::NameEmpty);
    }
    let parts = email.split_once('@');
    let readable =
        parts.is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'));
    if !readable || email.chars().any(char::is_whitespace) {
        return Err(OperatorError::EmailUnreadable { email: email.to_owned() });
    }
    Ok(())
}

fn check_terms(terms: &Terms) -> Result<(), OperatorError> {
    if !(0..=HOLD_DAYS_MAX).contains(&terms.hold_days) {
        return Err(OperatorError::HoldOutOfRange { days: terms.hold_days });
    }
    match &terms.pay {
        Pay::RateBps(rate_bps) => check_rate(*rate_bps)?,
        Pay::Fixed { minor, .. } if *minor < 1 => {
            return Err(OperatorError::FixedOutOfRange { minor: *minor });
        }
        Pay::Fixed { .. } if !terms.products.is_empty() => return Err(OperatorError::FixedWithProducts),
        Pay::Fixed { .. } => {}
    }
    for (index, (product, rate_bps)) in terms.products.iter().enumerate() {
        check_rate(*rate_bps)?;
        if terms.products[..index].iter().any(|(other, _)| other == product) {
            return Err(OperatorError::ProductTwice { product: product.clone() });
        }
    }
    Ok(())
}

fn check_rate(rate_bps: i64) -> Result<(), OperatorError> {
    if (0..=RATE_BPS_MAX).contains(&rate_bps) {
        Ok(())
    } else {
        Err(OperatorError::RateOutOfRange { rate_bps })
    }
}

fn check_keys(mapping: &CodeMapping) -> Result<(), OperatorError> {
    if mapping.code.is_none() && mapping.promotion_code.is_none() && mapping.coupon.is_none() {
        return Err(OperatorError::MappingEmpty);
    }
    match &mapping.code {
        Some(code) if code.is_empty() || code.trim() != code => {
            Err(OperatorError::CodeUnreadable { code: code.clone() })
        }
        _ => Ok(()),
    }
}

fn check_scope(scope: &ManualScope) -> Result<(), OperatorError> {
    let (id, expected, prefixes): (&Ref, &'static str, &[&str]) = match scope {
        ManualScope::Sale(id) => (id, "sale (in_, cs_ or pi_)", &["in_", "cs_", "pi_"]),
        ManualScope::Subscription(id) => (id, "subscription (sub_)", &["sub_"]),
    };
    if prefixes.iter().any(|prefix| id.as_str().starts_with(prefix)) {
        return Ok(());
    }
    Err(OperatorError::ScopeUnreadable { id: id.clone(), expected })
}
