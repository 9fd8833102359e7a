//! Which booked sales a line of the operator log may reach: its own partner's, and everybody's that the
//! same code, coupon, name or subscription touches. Wider than needed is fine, narrower is a sale that
//! changes hands without a word.

use std::collections::{BTreeMap, BTreeSet};

use kernel::fact::{Body, newest};
use kernel::operator::{Action, CodeMapping, Handle, ManualScope};
use kernel::{Kind, ObjectKey};
use rules::{Claim, Registry};
use store::Tx;
use store::sale::SaleRow;

use crate::depends::{Role, role};
use crate::house::EngineError;
use crate::project::walk::read_closure;

/// Attributed sales of one book that the action may change, each once.
pub(crate) fn rows(
    tx: &mut Tx<'_>,
    book_id: i64,
    before: &Registry,
    action: &Action,
) -> Result<Vec<SaleRow>, EngineError> {
    let (partners, objects) = match action {
        Action::PartnerAdd { handle, .. } => (Vec::new(), naming(tx, book_id, handle, before)?),
        Action::PartnerStatus { handle, .. } | Action::TermsSet { handle, .. } => {
            (vec![handle.clone()], Vec::new())
        }
        Action::CodeMap(mapping) | Action::CodeEnd(mapping) => {
            let mut owners = before.owners_ever(mapping);
            owners.insert(mapping.partner.clone());
            (owners.into_iter().collect(), using(tx, book_id, mapping)?)
        }
        Action::Manual { scope: ManualScope::Subscription(id), .. } => {
            (Vec::new(), vec![ObjectKey::new(Kind::Subscription, id.clone())])
        }
        Action::Manual { scope: ManualScope::Sale(id), .. } => {
            (Vec::new(), crate::explain::parse_id(id.as_str()).into_iter().collect())
        }
        Action::ProgramStart { .. } => return Ok(store::sale::attributed(tx, book_id)?),
        Action::EventsDiscard { .. } | Action::EventsRetry { .. } | Action::BodyShown { .. } => {
            return Ok(Vec::new());
        }
    };
    let names: Vec<String> = partners.iter().map(ToString::to_string).collect();
    let mut found = BTreeMap::new();
    let of_partners = store::sale::of_partners(tx, book_id, &names)?;
    let of_objects = of_objects(tx, book_id, objects)?;
    for row in of_partners.into_iter().chain(of_objects) {
        found.insert((row.sale.clone(), row.partner.clone()), row);
    }
    Ok(found.into_values().collect())
}

/// Objects whose facts name a partner that is about to exist: by handle, or by the id it will get.
fn naming(
    tx: &mut Tx<'_>,
    book_id: i64,
    handle: &Handle,
    before: &Registry,
) -> Result<Vec<ObjectKey>, EngineError> {
    const KINDS: [Kind; 4] = [Kind::Invoice, Kind::Session, Kind::Intent, Kind::Subscription];
    let mut objects = store::fact::mentioning(tx, book_id, &KINDS, handle.as_str())?;
    let id = format!("prt_{}", before.seq() + 1);
    objects.extend(store::fact::mentioning(tx, book_id, &KINDS, &id)?);
    Ok(objects)
}

/// Discounts' owners and sessions that use the code, one of the same text, or its coupon.
fn using(tx: &mut Tx<'_>, book_id: i64, mapping: &CodeMapping) -> Result<Vec<ObjectKey>, EngineError> {
    let mut named: BTreeSet<ObjectKey> = BTreeSet::new();
    named.extend(mapping.promotion_code.iter().map(|id| ObjectKey::new(Kind::PromotionCode, id.clone())));
    named.extend(mapping.coupon.iter().map(|id| ObjectKey::new(Kind::Coupon, id.clone())));
    let text = mapping.code.as_ref().map(|text| text.to_lowercase());
    for (key, versions) in store::fact::all_of_kind(tx, book_id, Kind::PromotionCode)? {
        let Some(Body::PromotionCode(code)) = newest(&versions).map(|observed| &observed.body) else {
            continue;
        };
        let by_text = text.as_ref().is_some_and(|text| code.code.to_lowercase() == *text);
        if by_text || mapping.promotion_code.as_ref() == Some(&key.id) {
            named.insert(key);
            named.extend(code.coupon.iter().map(|id| ObjectKey::new(Kind::Coupon, id.clone())));
        }
    }
    let namers = |tx: &mut Tx<'_>, keys: Vec<ObjectKey>| -> Result<BTreeSet<ObjectKey>, EngineError> {
        Ok(store::link::to_keys(tx, book_id, &keys)?.into_iter().map(|link| link.from).collect())
    };
    let direct = namers(tx, named.into_iter().collect())?;
    let discounts: Vec<ObjectKey> = direct.iter().filter(|key| key.kind == Kind::Discount).cloned().collect();
    let mut users = namers(tx, discounts)?;
    users.extend(direct.into_iter().filter(|key| key.kind == Kind::Session));
    Ok(users.into_iter().collect())
}

/// The sales these objects are part of, and every other sale of the subscriptions among them.
fn of_objects(tx: &mut Tx<'_>, book_id: i64, objects: Vec<ObjectKey>) -> Result<Vec<SaleRow>, EngineError> {
    let closure = read_closure(tx, book_id, &objects)?;
    let mut sales: BTreeSet<String> = BTreeSet::new();
    for key in &closure.keys {
        match role(key.kind) {
            Role::Root => drop(sales.insert(key.id.to_string())),
            Role::Subscription => {
                for text in store::claim::of_subscription(tx, book_id, key.id.as_str())? {
                    let claim: Claim =
                        serde_json::from_str(&text).map_err(EngineError::unreadable("claim"))?;
                    sales.insert(claim.sale.id.to_string());
                }
            }
            _ => {}
        }
    }
    let sales: Vec<String> = sales.into_iter().collect();
    Ok(store::sale::of_sales(tx, book_id, &sales)?)
}
