//! What a change of the operator log would do to sales that are already booked, before it is made.

use std::collections::{BTreeMap, BTreeSet};

use kernel::operator::Action;
use kernel::{Kind, ObjectKey, Ref};
use rules::{Claim, Registry, SubscriptionAttribution};
use serde::Serialize;
use store::Tx;
use store::sale::SaleRow;

use super::reach;
use crate::house::EngineError;
use crate::project::walk::{read_known, read_subscriptions};

/// One booked sale that would come out differently.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Change {
    pub book: String,
    pub sale: String,
    pub partner_before: Option<String>,
    pub partner_after: Option<String>,
    pub currency: String,
    pub commission_before_minor: i64,
    pub commission_after_minor: i64,
}

/// Booked sales (attributed ones) that the action may reach, recomputed under the next registry.
pub(crate) fn changes(
    tx: &mut Tx<'_>,
    before: &Registry,
    next: &Registry,
    action: &Action,
) -> Result<Vec<Change>, EngineError> {
    let mut changes = Vec::new();
    for (book_id, book) in store::book::all(tx)? {
        if super::book_of(action).is_some_and(|wanted| *wanted != book) {
            continue;
        }
        let mut cache = BTreeMap::new();
        for row in reach::rows(tx, book_id, before, action)? {
            changes.extend(change(tx, book_id, &book, next, &row, &mut cache)?);
        }
    }
    Ok(changes)
}

fn change(
    tx: &mut Tx<'_>,
    book_id: i64,
    book: &kernel::Book,
    next: &Registry,
    row: &SaleRow,
    cache: &mut BTreeMap<Ref, SubscriptionAttribution>,
) -> Result<Option<Change>, EngineError> {
    let Some(root) =
        Kind::from_code(row.kind).zip(Ref::parse(&row.sale)).map(|(kind, id)| ObjectKey::new(kind, id))
    else {
        return Ok(None);
    };
    let (_, known) = read_known(tx, book_id, book.clone(), std::slice::from_ref(&root), next)?;
    let view = known.sale_view(&root);
    let attribution = match &view.subscription {
        Some(id) => {
            if !cache.contains_key(id) {
                let computed = attribution_under(tx, book_id, book, next, id)?;
                cache.insert(id.clone(), computed);
            }
            cache.get(id)
        }
        None => None,
    };
    let due = rules::commission::due(&view, attribution, next).unwrap_or(None);
    let partner = due.as_ref().and_then(|due| due.attribution.partner.as_ref().map(ToString::to_string));
    let commission =
        due.as_ref().map_or(0, |due| due.shares.iter().map(|share| share.commission_minor).sum());
    let was = (!row.partner.is_empty()).then(|| row.partner.clone());
    if partner == was && commission == row.commission_minor {
        return Ok(None);
    }
    Ok(Some(Change {
        book: book.label(),
        sale: row.sale.clone(),
        partner_before: was,
        partner_after: partner,
        currency: row.currency.clone(),
        commission_before_minor: row.commission_minor,
        commission_after_minor: commission,
    }))
}

/// A subscription's attribution as it would be: its claims recomputed from the facts, not as stored.
fn attribution_under(
    tx: &mut Tx<'_>,
    book_id: i64,
    book: &kernel::Book,
    next: &Registry,
    id: &Ref,
) -> Result<SubscriptionAttribution, EngineError> {
    let key = ObjectKey::new(Kind::Subscription, id.clone());
    let mut claims = Vec::new();
    for text in store::claim::of_subscription(tx, book_id, id.as_str())? {
        let stored: Claim = serde_json::from_str(&text).map_err(EngineError::unreadable("claim"))?;
        let (_, known) = read_known(tx, book_id, book.clone(), std::slice::from_ref(&stored.sale), next)?;
        claims.extend(rules::attribution::claim(&known.sale_view(&stored.sale), next));
    }
    let known = read_subscriptions(tx, book_id, book.clone(), &BTreeSet::from([key.clone()]), next)?;
    Ok(rules::subscription::attribute(&known.subscription_view(&key), &claims, next))
}
