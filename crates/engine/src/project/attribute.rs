//! The layer between sales: what each argues for, and whom a subscription belongs to because of it. Marks the
//! subscription's other sales when that changed.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Kind, ObjectKey, Ref};
use rules::{SaleView, SubscriptionAttribution};
use store::Tx;
use store::subject::Subject;

use super::true_up::{Batch, guarded};
use super::walk::read_subscriptions;
use crate::house::EngineError;

impl Batch<'_> {
    /// Claims of the batch's sales, then the attribution of every subscription that may have changed.
    pub(super) fn subscriptions(
        &self,
        tx: &mut Tx<'_>,
        views: &BTreeMap<ObjectKey, SaleView>,
        touched: &BTreeSet<ObjectKey>,
    ) -> Result<BTreeMap<Ref, SubscriptionAttribution>, EngineError> {
        let mut changed = self.claims(tx, views)?;
        for key in self.locked.keys().filter(|key| key.kind == Kind::Subscription) {
            let sessions = self.known.graph.naming(key, Kind::Session);
            let stirred = |key: &ObjectKey| self.consumed.contains_key(key) || touched.contains(key);
            let marked = stirred(key) || sessions.iter().any(stirred);
            if marked || self.locked[key].output.is_none() {
                changed.insert(key.clone());
            }
        }
        let (changed, calm): (BTreeMap<_, _>, BTreeMap<_, _>) = self
            .locked
            .iter()
            .filter(|(key, _)| key.kind == Kind::Subscription)
            .partition(|(key, _)| changed.contains(*key));
        let mut attributions = self.attribute(tx, &changed)?;
        for (key, subject) in calm {
            let text = subject.output.as_deref().unwrap_or("{}");
            let attribution =
                serde_json::from_str(text).map_err(EngineError::unreadable("subscription attribution"))?;
            attributions.insert(key.id.clone(), attribution);
        }
        Ok(attributions)
    }

    /// Writes the claims that changed; returns the subscriptions they are about.
    fn claims(
        &self,
        tx: &mut Tx<'_>,
        views: &BTreeMap<ObjectKey, SaleView>,
    ) -> Result<BTreeSet<ObjectKey>, EngineError> {
        let invoices = || self.locked.iter().filter(|(key, _)| key.kind == Kind::Invoice);
        let ids: Vec<i64> = invoices().map(|(_, subject)| subject.id).collect();
        let mut before = store::claim::of_subjects(tx, &ids)?;
        let mut changed = BTreeSet::new();
        let mut rows = Vec::new();
        let mut gone = Vec::new();
        for (root, subject) in invoices() {
            let Some(view) = views.get(root) else { continue };
            let claim = guarded(|| Ok(rules::attribution::claim(view, &self.registry))).unwrap_or(None);
            let now = match (&view.subscription, claim) {
                (Some(subscription), Some(claim)) => {
                    let body = serde_json::to_string(&claim).map_err(EngineError::unreadable("claim"))?;
                    Some((subscription.to_string(), body))
                }
                _ => None,
            };
            let was = before.remove(&subject.id);
            if was == now {
                continue;
            }
            let named = was.iter().chain(now.iter()).filter_map(|(subscription, _)| Ref::parse(subscription));
            changed.extend(named.map(|id| ObjectKey::new(Kind::Subscription, id)));
            match now {
                Some((subscription, body)) => rows.push((subject.id, subscription, body)),
                None => gone.push(subject.id),
            }
        }
        store::claim::put(tx, self.book_id, &rows)?;
        store::claim::delete(tx, &gone)?;
        // A subscription this batch did not lock (an invoice that changed subscriptions) is left to its mark.
        let outside: Vec<_> = changed
            .iter()
            .filter(|key| !self.locked.contains_key(*key))
            .map(|key| self.new_mark(key, 0))
            .collect();
        store::mark::insert(tx, &outside)?;
        Ok(changed)
    }

    /// Recomputes the attribution of these subscriptions; a subscription's other sales are marked when it
    /// changed.
    fn attribute(
        &self,
        tx: &mut Tx<'_>,
        subscriptions: &BTreeMap<&ObjectKey, &Subject>,
    ) -> Result<BTreeMap<Ref, SubscriptionAttribution>, EngineError> {
        let keys: BTreeSet<ObjectKey> = subscriptions.keys().map(|key| (*key).clone()).collect();
        let known = read_subscriptions(tx, self.book_id, self.known.book.clone(), &keys, &self.registry)?;
        let ids = keys.iter().map(|key| key.id.to_string()).collect();
        let mut texts = store::claim::of_subscriptions(tx, self.book_id, ids)?;
        let (mut attributions, mut outputs, mut others) = (BTreeMap::new(), Vec::new(), Vec::new());
        for (key, subject) in subscriptions {
            let claims: Vec<rules::Claim> = texts
                .remove(key.id.as_str())
                .unwrap_or_default()
                .iter()
                .map(|text| serde_json::from_str(text).map_err(EngineError::unreadable("claim")))
                .collect::<Result<_, _>>()?;
            let attribution =
                rules::subscription::attribute(&known.subscription_view(key), &claims, &self.registry);
            let output = serde_json::to_string(&attribution)
                .map_err(EngineError::unreadable("subscription attribution"))?;
            if subject.output.as_deref() != Some(output.as_str()) {
                let elsewhere = claims.iter().filter(|claim| !self.locked.contains_key(&claim.sale));
                let near = claims.iter().map(|claim| claim.sale.clone()).chain([(*key).clone()]);
                let near = near.chain(known.graph.naming(key, Kind::Session));
                let cause = near.map(|key| self.cause(&key)).max().unwrap_or(0);
                others.extend(elsewhere.map(|claim| self.new_mark(&claim.sale, cause)));
                outputs.push((*subject, output));
            }
            attributions.insert(key.id.clone(), attribution);
        }
        store::subject::set_outputs(tx, self.book_id, &outputs, rules::RULES_VERSION)?;
        store::mark::insert(tx, &others)?;
        Ok(attributions)
    }
}
