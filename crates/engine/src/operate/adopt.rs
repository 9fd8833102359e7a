//! `code adopt`: gives an existing Stripe code to a partner, filling in from the mirror what the operator
//! did not say.

use kernel::fact::{Body, newest};
use kernel::operator::{Action, CodeMapping, Handle};
use kernel::{Book, Kind, ObjectKey, Ref, UnixMs};
use serde::Serialize;

use super::{Change, OperateError, Request, mapping_words, operate};
use crate::house::{EngineError, House};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Adopt {
    pub actor: String,
    pub partner: Handle,
    pub code: Option<String>,
    pub promotion_code: Option<Ref>,
    pub coupon: Option<Ref>,
    pub book: Option<Book>,
    pub from: Option<UnixMs>,
    pub retroactive: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Adopted {
    pub seq: i64,
    pub book: String,
    pub code: Option<String>,
    pub promotion_code: Option<Ref>,
    pub coupon: Option<Ref>,
    /// The mirror knows neither text nor id yet: it will bind by itself when Stripe mentions it.
    pub unbound: bool,
    pub changes: Vec<Change>,
}

/// Adopts into the named book, the one book there is, or (before any exists) both of the own account's.
pub fn adopt(house: &House, adopt: &Adopt, now: UnixMs) -> Result<Vec<Adopted>, OperateError> {
    if adopt.code.is_none() && adopt.promotion_code.is_none() && adopt.coupon.is_none() {
        return Err(OperateError::Usage(
            "name the code: --code TEXT, --promotion-code promo_... or --coupon ID".into(),
        ));
    }
    let mut adopted = Vec::new();
    for book in books(house, adopt)? {
        let (mapping, heard_of) = complete(house, adopt, &book)?;
        let unbound = !heard_of && mapping.coupon.is_none();
        let request = Request {
            actor: adopt.actor.clone(),
            effective_at: adopt.from,
            action: Action::CodeMap(mapping.clone()),
            retroactive: adopt.retroactive,
        };
        let outcome = operate(house, &request, now)?;
        adopted.push(Adopted {
            seq: outcome.seq,
            book: book.label(),
            code: mapping.code,
            promotion_code: mapping.promotion_code,
            coupon: mapping.coupon,
            unbound,
            changes: outcome.changes,
        });
    }
    Ok(adopted)
}

fn books(house: &House, adopt: &Adopt) -> Result<Vec<Book>, OperateError> {
    if let Some(book) = &adopt.book {
        return Ok(vec![book.clone()]);
    }
    let all = crate::status::books(house)?;
    let knowing = house.db().read(|read| -> Result<Vec<Book>, EngineError> {
        let Some(id) = &adopt.promotion_code else { return Ok(Vec::new()) };
        let key = ObjectKey::new(Kind::PromotionCode, id.clone());
        let mut knowing = Vec::new();
        for (book_id, book) in store::book::all(read)? {
            if store::fact::known(read, book_id, &key)? {
                knowing.push(book);
            }
        }
        Ok(knowing)
    })?;
    match (knowing.as_slice(), all.as_slice()) {
        ([only], _) => Ok(vec![only.clone()]),
        (_, []) => Ok(vec![Book::own(false), Book::own(true)]),
        (_, [only]) => Ok(vec![only.clone()]),
        _ => {
            let labels: Vec<String> = all.iter().map(Book::label).collect();
            Err(OperateError::Usage(format!(
                "there are several books ({}); say which with --book",
                labels.join(", ")
            )))
        }
    }
}

/// Fills text and promotion code from the mirror where that is unambiguous. Never the coupon: that would
/// also claim sales made with the merchant's own codes of it.
/// Says too whether the mirror knows the promotion code.
fn complete(house: &House, adopt: &Adopt, book: &Book) -> Result<(CodeMapping, bool), OperateError> {
    let mut mapping = CodeMapping {
        partner: adopt.partner.clone(),
        book: book.clone(),
        code: adopt.code.clone(),
        promotion_code: adopt.promotion_code.clone(),
        coupon: adopt.coupon.clone(),
    };
    let codes = house.db().read(|read| -> Result<Vec<(Ref, String, bool)>, EngineError> {
        let Some(book_id) = store::book::known(read, book)? else { return Ok(Vec::new()) };
        let mut codes = Vec::new();
        for (key, versions) in store::fact::all_of_kind(read, book_id, Kind::PromotionCode)? {
            if let Some(Body::PromotionCode(code)) = newest(&versions).map(|observed| &observed.body) {
                codes.push((key.id, code.code.clone(), code.active));
            }
        }
        Ok(codes)
    })?;
    if let Some(id) = &mapping.promotion_code {
        if let Some((_, text, _)) = codes.iter().find(|(known, ..)| known == id) {
            if mapping.code.as_ref().is_some_and(|given| !same_text(given, text)) {
                return Err(OperateError::Usage(format!(
                    "{id} is the code {text}, not {}",
                    mapping_words(&mapping)
                )));
            }
            mapping.code.get_or_insert_with(|| text.clone());
        }
    } else if let Some(text) = &mapping.code {
        let known: Vec<_> = codes.iter().filter(|(_, other, ..)| same_text(text, other)).collect();
        let active: Vec<_> = known.iter().filter(|(_, _, active)| *active).collect();
        let bound = match (known.as_slice(), active.as_slice()) {
            ([only], _) => Some(*only),
            (_, [only]) => Some(**only),
            _ => None,
        };
        if let Some((id, ..)) = bound {
            mapping.promotion_code = Some(id.clone());
        }
    }
    let heard_of =
        mapping.promotion_code.as_ref().is_some_and(|id| codes.iter().any(|(known, ..)| known == id));
    Ok((mapping, heard_of))
}

fn same_text(left: &str, right: &str) -> bool {
    left.to_lowercase() == right.to_lowercase()
}
