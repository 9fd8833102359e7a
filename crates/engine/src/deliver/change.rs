//! Codes that exist, replaced or ended: which mapping is meant, what Stripe has of it, and the intent. Reads at
//! Stripe what a rotation copies, and changes nothing there.

use kernel::operator::CodeMapping;
use kernel::{Book, UnixMs};
use rules::registry::Mapping;
use store::intent::State;

use super::begin::{Asking, BeginError, Begun, begin, same_text, whose};
use super::plan::{CodePlan, CouponPlan, Plan};
use super::stripe::{Call, CodeSeen, Failure, Reply, Stripe};
use super::view::{IntentView, view};
use crate::house::{EngineError, House};

/// A code's mapping that holds now, by text or by the id of a promotion code.
pub fn held(house: &House, text: &str, book: Option<&Book>, now: UnixMs) -> Result<Mapping, BeginError> {
    let registry = house.current_registry()?;
    let named = |mapping: &&Mapping| {
        let id = mapping.promotion_code.as_ref().is_some_and(|id| id.as_str() == text);
        let by_text = mapping.code.as_ref().is_some_and(|code| same_text(code, text));
        (id || by_text)
            && !super::run::is_over(mapping.until, now)
            && book.is_none_or(|book| mapping.book == *book)
    };
    let found: Vec<&Mapping> = registry.mappings().filter(named).collect();
    match found.as_slice() {
        [only] => Ok((*only).clone()),
        [] => Err(BeginError::Conflict(format!(
            "no partner has the code {text} now; see: countinghouse code list"
        ))),
        _ => Err(BeginError::Unclear(format!(
            "{text} is mapped {} times; name the book with --book, or the promotion code's id instead of its text",
            found.len()
        ))),
    }
}

/// The promotion code at Stripe that a mapping means.
pub fn seen(stripe: &dyn Stripe, mapping: &Mapping) -> Result<Option<CodeSeen>, BeginError> {
    stripe.ready(&mapping.book).map_err(BeginError::NoKey)?;
    let asked = |call: &Call| match stripe.call(&mapping.book, call, None) {
        Ok(reply) => Ok(Some(reply)),
        Err(Failure::Missing) => Ok(None),
        Err(failure) => Err(BeginError::Unreachable(super::run::words(&failure))),
    };
    match (&mapping.promotion_code, &mapping.code) {
        (Some(id), _) => match asked(&Call::Code(id.clone()))? {
            Some(Reply::Code(code)) => Ok(Some(code)),
            _ => Ok(None),
        },
        (None, Some(text)) => match asked(&Call::CodesOfText(text.clone()))? {
            Some(Reply::Codes(codes)) => {
                Ok(codes.into_iter().find(|code| code.active && code.limits.customer.is_none()))
            }
            _ => Ok(None),
        },
        (None, None) => Ok(None),
    }
}

/// A new code with the old one's coupon and terms, in its place. Asked again, it is the same rotation, also when
/// the old code is gone by now.
pub fn rotate(
    house: &House,
    stripe: &dyn Stripe,
    old: &str,
    text: &str,
    book: Option<&Book>,
    asking: &Asking,
) -> Result<Begun, BeginError> {
    let text = &super::ask::read_text(Some(text)).map_err(BeginError::Unclear)?;
    let old = match held(house, old, book, asking.now) {
        Ok(mapping) => mapping,
        Err(BeginError::Conflict(why)) => {
            let rotated = rotated(house, old, text, book)?.ok_or(BeginError::Conflict(why))?;
            return Ok(Begun { intent: rotated, fresh: false });
        }
        Err(why) => return Err(why),
    };
    let same = |plan: &Plan| matches!(plan, Plan::Rotate { ends, .. } if *ends == mapping_keys(&old));
    if let Some(intent) = under_way(house, &old.book, text, same)? {
        return Ok(Begun { intent, fresh: false });
    }
    let Some(code) = seen(stripe, &old)? else {
        return Err(BeginError::Conflict(
            "Stripe has no active code to rotate; make a new one with: code create".into(),
        ));
    };
    let plan = rotation(house, &code, &old, text, asking.now)?;
    begin(house, &old.book, &plan, asking)
}

fn rotation(
    house: &House,
    seen: &CodeSeen,
    old: &Mapping,
    text: &str,
    now: UnixMs,
) -> Result<Plan, BeginError> {
    let refuse = |why: &str| {
        Err(BeginError::Conflict(format!("{} {why}; make a new one with: code create", seen.text)))
    };
    let Some(coupon) = seen.coupon.clone() else { return refuse("promotes no coupon") };
    if !seen.active {
        return refuse("is not active in Stripe any more");
    }
    if same_text(&seen.text, text) {
        return Err(BeginError::Unclear("the new code is the old one; give another text".into()));
    }
    let mut limits = seen.limits.clone();
    // What is left of a cap, so that both together stay within what was meant.
    limits.max_redemptions = limits.max_redemptions.map(|most| most - seen.times_redeemed);
    if limits.max_redemptions.is_some_and(|left| left < 1)
        || limits.expires_at_s.is_some_and(|at| at * 1000 <= now)
    {
        return refuse("is used up or expired");
    }
    let ends = mapping_keys(old);
    Ok(Plan::Rotate {
        whose: whose(house, &old.partner)?,
        code: CodePlan { text: text.to_owned(), coupon: CouponPlan::There(coupon), limits },
        old: seen.id.clone(),
        ends,
    })
}

/// An intent about this text that is not finished and says the same. What it found at Stripe when it was written
/// may have changed since, by itself.
fn under_way(
    house: &House,
    book: &Book,
    text: &str,
    same: impl Fn(&Plan) -> bool,
) -> Result<Option<IntentView>, BeginError> {
    let row = house.db().read(|read| -> Result<_, EngineError> {
        let Some(book_id) = store::book::known(read, book)? else { return Ok(None) };
        Ok(store::intent::of_subject(read, book_id, &text.to_lowercase())?)
    })?;
    let Some(row) = row else { return Ok(None) };
    let plan: Plan = serde_json::from_str(&row.params).map_err(EngineError::unreadable("plan"))?;
    if same(&plan) { Ok(Some(view(&row, book)?)) } else { Ok(None) }
}

/// A rotation between these two that was carried out.
fn rotated(
    house: &House,
    old: &str,
    text: &str,
    book: Option<&Book>,
) -> Result<Option<IntentView>, BeginError> {
    let made = house.db().read(|read| -> Result<_, EngineError> {
        let mut made = Vec::new();
        for (id, of) in store::book::all(read)? {
            if book.is_none_or(|book| *book == of) {
                made.extend(store::intent::made(read, id)?.into_iter().map(|row| (row, of.clone())));
            }
        }
        Ok(made)
    })?;
    for (row, of) in made.iter().rev().filter(|(row, _)| row.state == State::Done) {
        let plan: Plan = serde_json::from_str(&row.params).map_err(EngineError::unreadable("plan"))?;
        let Plan::Rotate { code, ends, old: id, .. } = &plan else { continue };
        let was = id.as_str() == old || ends.code.as_ref().is_some_and(|code| same_text(code, old));
        if was && same_text(&code.text, text) {
            return Ok(Some(view(row, of)?));
        }
    }
    Ok(None)
}

/// Ends a code: inactive at Stripe, then nobody's in the log.
pub fn deactivate(
    house: &House,
    stripe: &dyn Stripe,
    mapping: &Mapping,
    asking: &Asking,
) -> Result<Begun, BeginError> {
    let keys = mapping_keys(mapping);
    let same = |plan: &Plan| matches!(plan, Plan::Deactivate { ends: Some(ends), .. } if *ends == keys);
    if let Some(intent) = under_way(house, &mapping.book, mapping.code.as_deref().unwrap_or_default(), same)?
    {
        return Ok(Begun { intent, fresh: false });
    }
    let code = seen(stripe, mapping)?;
    let text = mapping.code.clone().or_else(|| code.as_ref().map(|code| code.text.clone()));
    let plan = Plan::Deactivate {
        text: text.unwrap_or_else(|| "coupon".to_owned()),
        code: code.map(|code| code.id),
        ends: Some(keys),
    };
    begin(house, &mapping.book, &plan, asking)
}

#[must_use]
pub(crate) fn mapping_keys(mapping: &Mapping) -> CodeMapping {
    CodeMapping {
        partner: mapping.partner.clone(),
        book: mapping.book.clone(),
        code: mapping.code.clone(),
        promotion_code: mapping.promotion_code.clone(),
        coupon: mapping.coupon.clone(),
    }
}
