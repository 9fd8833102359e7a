//! Our codes against Stripe's: what the operator log says, what Stripe says now, and where the two differ. Each
//! difference that can be mended says how; [`super::mend`] does it. Reading only.

use std::collections::{BTreeMap, BTreeSet};

use kernel::fact::{Body, newest};
use kernel::operator::CodeMapping;
use kernel::{Book, Kind, Ref, UnixMs};
use rules::registry::Mapping;
use serde::Serialize;
use store::intent::State;

use super::begin::{BeginError, same_text};
use super::change::mapping_keys;
use super::plan::{CouponPlan, META_PARTNER, META_PARTNER_REF, Plan};
use super::run::{is_over, words};
use super::saga::{Progress, StepName};
use super::stripe::{Call, CodeSeen, Meta, Reply, Stripe};
use crate::house::{EngineError, House};

/// A way in which ours and Stripe's differ. Names are a contract with users: add, never rename.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftKind {
    /// Ours holds, and Stripe has no such code.
    Missing,
    /// Ours holds, and Stripe's is not active any more (switched off, used up or expired).
    Inactive,
    /// Made here and ended here, and still active at Stripe.
    StillActive,
    /// It is on another coupon than ours says.
    OtherCoupon,
    /// Stripe's does not say whose it is.
    MetadataMissing,
    /// Stripe counts more redemptions than we have heard of: events are missing.
    Redemptions,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Difference {
    pub kind: DriftKind,
    pub book: String,
    pub partner: String,
    pub code: String,
    pub promotion_code: Option<String>,
    pub ours: String,
    pub stripes: String,
    /// What `--fix` would do; absent where a person has to decide.
    pub fix: Option<&'static str>,
    #[serde(skip)]
    pub(super) mend: Option<Mend>,
}

/// How a difference is mended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Mend {
    Intent(Box<Plan>),
    /// What Stripe showed goes into the inbox.
    Keep(Box<CodeSeen>),
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Drift {
    pub book: String,
    /// Mappings of codes that were compared.
    pub compared: usize,
    /// Codes of which the mirror (`code list`, `code show`) says something else than Stripe shows now.
    pub stale: usize,
    pub differences: Vec<Difference>,
    #[serde(skip)]
    pub(super) shown: Vec<CodeSeen>,
}

/// What is known here about a code besides its mapping.
#[derive(Default)]
struct Known {
    /// As the newest fact counts them, or as sessions and discounts name the code, whichever is more.
    redeemed: BTreeMap<Ref, i64>,
    /// What the mirror says of each: whether it is active, and how often it was redeemed.
    mirrored: BTreeMap<Ref, (bool, i64)>,
    /// Promotion code -> (its coupon, whether that coupon is its own), as made here.
    made: BTreeMap<Ref, (Ref, bool)>,
    partner_refs: BTreeMap<String, String>,
}

/// Compares one book.
pub fn drift(house: &House, stripe: &dyn Stripe, book: &Book, now: UnixMs) -> Result<Drift, BeginError> {
    stripe.ready(book).map_err(BeginError::NoKey)?;
    let codes = match stripe.call(book, &Call::AllCodes, None) {
        Ok(Reply::Codes(codes)) => codes,
        Ok(_) => {
            return Err(BeginError::Unreachable("Stripe answered with something else than codes".into()));
        }
        Err(why) => return Err(BeginError::Unreachable(words(&why))),
    };
    let known = known(house, book)?;
    let registry = house.current_registry()?;
    let mut drift = Drift { book: book.label(), ..Drift::default() };
    let mut held_ids = Vec::new();
    let of_book: Vec<&Mapping> = registry.mappings().filter(|mapping| mapping.book == *book).collect();
    for mapping in of_book.iter().filter(|mapping| !is_over(mapping.until, now)) {
        if mapping.code.is_none() && mapping.promotion_code.is_none() {
            continue;
        }
        drift.compared += 1;
        let seen = meant(mapping, &codes);
        held_ids.extend(seen.map(|code| code.id.clone()));
        drift.differences.extend(of_held(mapping, seen, &known));
    }
    for mapping in of_book.iter().filter(|mapping| is_over(mapping.until, now)) {
        let Some(id) = mapping.promotion_code.as_ref().filter(|id| known.made.contains_key(id)) else {
            continue;
        };
        let Some(code) = codes.iter().find(|code| code.id == *id && code.active) else { continue };
        if !held_ids.contains(id) {
            drift.compared += 1;
            drift.differences.push(still_active(mapping, code));
        }
    }
    let mapped: BTreeSet<&Ref> = of_book.iter().filter_map(|it| meant(it, &codes)).map(|it| &it.id).collect();
    let stale = codes.iter().filter(|code| known.is_stale(code, mapped.contains(&code.id)));
    drift.shown = stale.cloned().collect();
    drift.stale = drift.shown.len();
    Ok(drift)
}

impl Known {
    /// The partner that metadata name, as sales' metadata do: by id or handle, `partner_ref` first.
    fn says_whose(&self, metadata: &Meta) -> Option<&str> {
        [META_PARTNER_REF, META_PARTNER].into_iter().find_map(|name| {
            let said = metadata.get(name)?;
            let named = self.partner_refs.iter().find(|(handle, id)| *handle == said || *id == said);
            named.map(|(handle, _)| handle.as_str())
        })
    }

    /// Whether the mirror says something else. Codes that are nobody's here and were never heard of are not ours.
    fn is_stale(&self, code: &CodeSeen, mapped: bool) -> bool {
        let differs = match self.mirrored.get(&code.id) {
            Some(said) => *said != (code.active, code.times_redeemed),
            None => mapped,
        };
        differs && code.answer.is_some()
    }
}

/// The code a mapping means: by its id, else the active one of its text.
fn meant<'a>(mapping: &Mapping, codes: &'a [CodeSeen]) -> Option<&'a CodeSeen> {
    if let Some(id) = &mapping.promotion_code {
        return codes.iter().find(|code| code.id == *id);
    }
    let text = mapping.code.as_deref()?;
    let of_text = || codes.iter().filter(|code| same_text(&code.text, text));
    of_text().find(|code| code.active).or_else(|| of_text().next())
}

fn difference(
    kind: DriftKind,
    mapping: &Mapping,
    seen: Option<&CodeSeen>,
    ours: &str,
    stripes: &str,
) -> Difference {
    let id = mapping.promotion_code.as_ref().or(seen.map(|code| &code.id));
    Difference {
        kind,
        book: mapping.book.label(),
        partner: mapping.partner.to_string(),
        code: text(mapping, seen),
        promotion_code: id.map(ToString::to_string),
        ours: ours.to_owned(),
        stripes: stripes.to_owned(),
        fix: None,
        mend: None,
    }
}

fn text(mapping: &Mapping, seen: Option<&CodeSeen>) -> String {
    let seen = seen.map(|code| code.text.clone());
    mapping
        .code
        .clone()
        .or(seen)
        .or_else(|| mapping.promotion_code.as_ref().map(ToString::to_string))
        .unwrap_or_default()
}

fn still_active(mapping: &Mapping, code: &CodeSeen) -> Difference {
    let plan = Plan::Deactivate { text: text(mapping, Some(code)), code: Some(code.id.clone()), ends: None };
    let found = difference(DriftKind::StillActive, mapping, Some(code), "ended", "active");
    Difference { fix: Some("deactivate it at Stripe"), mend: Some(Mend::Intent(Box::new(plan))), ..found }
}

fn of_held(mapping: &Mapping, seen: Option<&CodeSeen>, known: &Known) -> Vec<Difference> {
    let Some(code) = seen else {
        return vec![difference(DriftKind::Missing, mapping, None, "mapped", "no such code")];
    };
    if !code.active {
        return vec![inactive(mapping, code)];
    }
    let mut found = Vec::new();
    let made = known.made.get(&code.id);
    let coupon = mapping.coupon.as_ref().or(made.map(|(coupon, _)| coupon));
    if let Some(ours) = coupon
        && code.coupon.as_ref() != Some(ours)
    {
        let theirs = code.coupon.as_ref().map_or("none", Ref::as_str);
        found.push(difference(DriftKind::OtherCoupon, mapping, seen, ours.as_str(), theirs));
    }
    found.extend(metadata(mapping, code, known));
    if let Some(told) = known.redeemed.get(&code.id)
        && *told < code.times_redeemed
    {
        let (ours, theirs) = (told.to_string(), code.times_redeemed.to_string());
        let counted = difference(DriftKind::Redemptions, mapping, seen, &ours, &theirs);
        let mend = code.answer.is_some().then(|| Mend::Keep(Box::new(code.clone())));
        let fix = mend.as_ref().map(|_| "take over Stripe's count");
        found.push(Difference { fix, mend, ..counted });
    }
    found
}

/// Stripe is right about what is inactive: nobody can use it, so ours ends too.
fn inactive(mapping: &Mapping, code: &CodeSeen) -> Difference {
    let ends: CodeMapping = mapping_keys(mapping);
    let plan = Plan::Deactivate { text: text(mapping, Some(code)), code: None, ends: Some(ends) };
    let used_up = code.limits.max_redemptions.is_some_and(|most| code.times_redeemed >= most);
    let stripes = if used_up { "used up" } else { "inactive" };
    let found = difference(DriftKind::Inactive, mapping, Some(code), "mapped", stripes);
    Difference { fix: Some("end the mapping"), mend: Some(Mend::Intent(Box::new(plan))), ..found }
}

fn metadata(mapping: &Mapping, code: &CodeSeen, known: &Known) -> Option<Difference> {
    let partner = mapping.partner.to_string();
    let partner_ref = known.partner_refs.get(&partner)?;
    let wanted = Meta::from([
        (META_PARTNER.to_owned(), partner.clone()),
        (META_PARTNER_REF.to_owned(), partner_ref.clone()),
    ]);
    if known.says_whose(&code.metadata) == Some(partner.as_str()) {
        return None;
    }
    let own = known.made.get(&code.id).filter(|(_, own)| *own).map(|(coupon, _)| coupon.clone());
    let plan = Plan::Describe {
        text: text(mapping, Some(code)),
        code: code.id.clone(),
        coupon: own,
        metadata: wanted,
    };
    let said = code.metadata.get(META_PARTNER_REF).or_else(|| code.metadata.get(META_PARTNER));
    let theirs = said.map_or("not said", String::as_str);
    let found = difference(DriftKind::MetadataMissing, mapping, Some(code), &partner, theirs);
    Some(Difference {
        fix: Some("write the partner into its metadata"),
        mend: Some(Mend::Intent(Box::new(plan))),
        ..found
    })
}

fn known(house: &House, book: &Book) -> Result<Known, EngineError> {
    let registry = house.current_registry()?;
    let partner_refs =
        registry.partners().map(|partner| (partner.handle.to_string(), partner.id.clone())).collect();
    let mut known = Known { partner_refs, ..Known::default() };
    house.db().read(|read| -> Result<(), EngineError> {
        known.redeemed.clear();
        known.mirrored.clear();
        known.made.clear();
        let Some(book_id) = store::book::known(read, book)? else { return Ok(()) };
        for (key, versions) in store::fact::all_of_kind(read, book_id, Kind::PromotionCode)? {
            if let Some(Body::PromotionCode(code)) = newest(&versions).map(|observed| &observed.body) {
                let namers = store::link::to_keys(read, book_id, std::slice::from_ref(&key))?;
                let of = |kind| namers.iter().filter(|link| link.from.kind == kind).count();
                let named = of(Kind::Session).max(of(Kind::Discount));
                let told = code.times_redeemed.max(i64::try_from(named).unwrap_or(i64::MAX));
                known.mirrored.insert(key.id.clone(), (code.active, code.times_redeemed));
                known.redeemed.insert(key.id, told);
            }
        }
        for row in store::intent::made(read, book_id)?.iter().filter(|row| row.state == State::Done) {
            let plan: Plan = serde_json::from_str(&row.params).map_err(EngineError::unreadable("plan"))?;
            let progress: Progress =
                serde_json::from_str(&row.progress).map_err(EngineError::unreadable("progress"))?;
            let own = plan.code().is_some_and(|code| matches!(code.coupon, CouponPlan::Own(_)));
            if let (Some(code), Some(coupon)) =
                (progress.object(StepName::PromotionCode), progress.object(StepName::Coupon))
            {
                known.made.insert(code.clone(), (coupon.clone(), own));
            }
        }
        Ok(())
    })?;
    Ok(known)
}
