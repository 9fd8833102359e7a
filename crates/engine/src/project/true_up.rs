//! The true-up (DESIGN.md 2a): lock, consume marks, load, compute, post the difference. One transaction.
//!
//! The order of the first four steps is what correctness rests on; `tests/protocol_model` walks every
//! interleaving of it, and shows that each other order loses something.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kernel::{Kind, ObjectKey, Ref, UnixMs};
use rules::{Registry, SubscriptionAttribution};
use store::Tx;
use store::mark::{Key, Mark};
use store::subject::Subject;

use super::load::Known;
use super::walk::{load_known, read_subscriptions, stored, walk, walk_again};
use super::{post, retry};
use crate::depends::{Closure, Role, in_component, role};
use crate::house::{EngineError, House};

/// How often the closure may grow under a batch before the batch gives way to others.
const GROWTH_MAX: usize = 32;

/// Dependents of a mirror marked directly; more are left to a mark on many.
const DEPENDENTS_AT_ONCE: i64 = 64;

/// Trues up what a batch of due marks reaches; returns how many subjects were looked at.
pub fn true_up(house: &House, now: UnixMs, limit: i64) -> Result<usize, EngineError> {
    let mut wider: Vec<ObjectKey> = Vec::new();
    for _ in 0..GROWTH_MAX {
        let outcome = house.db().work(|tx| Batch::run(house, tx, now, limit, &wider));
        match outcome {
            Err(EngineError::Grew(keys)) => wider = keys,
            other => return other,
        }
    }
    // Not idle: the marks are still there for the next round.
    Ok(1)
}

/// One batch within somebody's transaction, which [`EngineError::Grew`] must roll back.
pub(crate) fn batch(
    house: &House,
    tx: &mut Tx<'_>,
    now: UnixMs,
    wider: &[ObjectKey],
) -> Result<usize, EngineError> {
    Batch::run(house, tx, now, super::BATCH, wider)
}

/// One batch in one transaction.
struct Batch<'a> {
    registry: Arc<Registry>,
    book_id: i64,
    now: UnixMs,
    known: Known,
    /// Locked rows by key.
    locked: BTreeMap<ObjectKey, Subject>,
    /// Marks consumed, by object.
    consumed: BTreeMap<ObjectKey, Vec<&'a Mark>>,
}

impl Batch<'_> {
    fn run(
        house: &House,
        tx: &mut Tx<'_>,
        now: UnixMs,
        limit: i64,
        wider: &[ObjectKey],
    ) -> Result<usize, EngineError> {
        let due = store::mark::due(tx, now, limit)?;
        let Some(book_id) = due.first().map(|mark| mark.book) else { return Ok(0) };
        let marked = due.iter().filter(|mark| mark.book == book_id).filter_map(key_of);
        let mut closure = Closure::start(marked.chain(wider.iter().cloned()));
        walk(tx, book_id, &mut closure)?;

        let subjects = closure.subjects();
        let locked = store::subject::lock(tx, book_id, &subjects.iter().map(stored).collect::<Vec<_>>())?;
        let keys: Vec<Key> = closure.keys.iter().map(stored).collect();
        let marks = store::mark::consume(tx, book_id, &keys)?;
        if !tx.alone() {
            walk_again(tx, book_id, &mut closure, &subjects)?;
        }

        store::operator::head_shared(tx)?;
        let registry = house.registry(tx)?;
        let book = store::book::get(tx, book_id)?;
        let known = load_known(tx, book_id, book, &closure, &registry)?;
        let mut consumed: BTreeMap<ObjectKey, Vec<&Mark>> = BTreeMap::new();
        for mark in &marks {
            if let Some(key) = key_of(mark) {
                consumed.entry(key).or_default().push(mark);
            }
        }
        let locked = locked.into_iter().filter_map(|row| Some((key(row.kind, &row.ref_)?, row))).collect();
        let seqs: Vec<i64> = marks.iter().filter(|mark| mark.attempts > 0).map(|mark| mark.seq).collect();
        store::work::clear_parked(tx, &seqs)?;
        let batch = Batch { registry, book_id, now, known, locked, consumed };
        let touched = batch.mirrors(tx)?;
        let attributions = batch.subscriptions(tx, &touched)?;
        let count = batch.sales(tx, &attributions)?;
        Ok(count)
    }

    /// Discounts and promotion codes: when what they say changed, whoever names them is marked. Returns
    /// the namers that are in this batch anyway.
    fn mirrors(&self, tx: &mut Tx<'_>) -> Result<BTreeSet<ObjectKey>, EngineError> {
        let mut touched = BTreeSet::new();
        for (key, subject) in &self.locked {
            if role(key.kind) != Role::Mirror {
                continue;
            }
            let Some(state) = self.known.state.get(key) else { continue };
            let output = post::mirror_output(&state.body)?;
            if subject.output.as_deref() == Some(output.as_str()) {
                continue;
            }
            store::subject::set_output(tx, subject.id, Some(&output), rules::RULES_VERSION)?;
            touched.extend(self.wake_dependents(tx, key)?);
            self.wake_coupon(tx, key)?;
        }
        Ok(touched)
    }

    /// A promotion code that belongs to somebody shares in its coupon: sales with the bare coupon may come
    /// out otherwise. One that nobody owns changes nothing for them.
    fn wake_coupon(&self, tx: &mut Tx<'_>, key: &ObjectKey) -> Result<(), EngineError> {
        let Some(kernel::Body::PromotionCode(code)) = self.known.state.get(key).map(|state| &state.body)
        else {
            return Ok(());
        };
        let text = code.code.to_lowercase();
        let owned = self.registry.mappings().any(|mapping| {
            let by_text = mapping.code.as_ref().is_some_and(|mapped| mapped.to_lowercase() == text);
            mapping.book == self.known.book && (mapping.promotion_code.as_ref() == Some(&key.id) || by_text)
        });
        if let Some(coupon) = code.coupon.as_ref().filter(|_| owned) {
            store::mark::range_insert(
                tx,
                self.book_id,
                i64::from(Kind::Coupon.code()),
                coupon.as_str(),
                self.cause(key),
            )?;
        }
        Ok(())
    }

    /// The newest event behind a change of this object; 0 when an operator or another layer changed it.
    fn cause(&self, key: &ObjectKey) -> i64 {
        self.consumed.get(key).into_iter().flatten().map(|mark| mark.seq).max().unwrap_or(0)
    }

    /// Marks whoever names a mirror and is not in this batch anyway: at once when they are few, else by a
    /// mark on many.
    fn wake_dependents(&self, tx: &mut Tx<'_>, key: &ObjectKey) -> Result<Vec<ObjectKey>, EngineError> {
        let namers = store::link::to_page(tx, self.book_id, key, None, DEPENDENTS_AT_ONCE)?;
        let kind = i64::from(key.kind.code());
        let indirect = namers.iter().any(|namer| namer.kind == Kind::Discount);
        if indirect || namers.len() as i64 == DEPENDENTS_AT_ONCE {
            store::mark::range_insert(tx, self.book_id, kind, key.id.as_str(), self.cause(key))?;
        } else {
            let (here, elsewhere): (Vec<_>, Vec<_>) =
                namers.iter().partition(|namer| self.locked.contains_key(*namer));
            let marks: Vec<_> = elsewhere
                .iter()
                .map(|namer| {
                    (self.book_id, i64::from(namer.kind.code()), namer.id.to_string(), self.cause(key))
                })
                .collect();
            store::mark::insert(tx, &marks)?;
            return Ok(here.into_iter().cloned().collect());
        }
        Ok(Vec::new())
    }

    /// Claims of the batch's sales, then the attribution of every subscription that may have changed.
    fn subscriptions(
        &self,
        tx: &mut Tx<'_>,
        touched: &BTreeSet<ObjectKey>,
    ) -> Result<BTreeMap<Ref, SubscriptionAttribution>, EngineError> {
        let mut changed = self.claims(tx)?;
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
    fn claims(&self, tx: &mut Tx<'_>) -> Result<BTreeSet<ObjectKey>, EngineError> {
        let invoices = || self.locked.iter().filter(|(key, _)| key.kind == Kind::Invoice);
        let ids: Vec<i64> = invoices().map(|(_, subject)| subject.id).collect();
        let mut before = store::claim::of_subjects(tx, &ids)?;
        let mut changed = BTreeSet::new();
        let mut rows = Vec::new();
        let mut gone = Vec::new();
        for (root, subject) in invoices() {
            let view = self.known.sale_view(root);
            let claim = guarded(|| Ok(rules::attribution::claim(&view, &self.registry))).unwrap_or(None);
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
            .map(|key| (self.book_id, i64::from(key.kind.code()), key.id.to_string(), 0))
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
        let (mut attributions, mut others) = (BTreeMap::new(), Vec::new());
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
                store::subject::set_output(tx, subject.id, Some(&output), rules::RULES_VERSION)?;
                let elsewhere = claims.iter().filter(|claim| !self.locked.contains_key(&claim.sale));
                let near = claims.iter().map(|claim| claim.sale.clone()).chain([(*key).clone()]);
                let near = near.chain(known.graph.naming(key, Kind::Session));
                let cause = near.map(|key| self.cause(&key)).max().unwrap_or(0);
                others.extend(elsewhere.map(|claim| {
                    (self.book_id, i64::from(claim.sale.kind.code()), claim.sale.id.to_string(), cause)
                }));
            }
            attributions.insert(key.id.clone(), attribution);
        }
        store::mark::insert(tx, &others)?;
        Ok(attributions)
    }

    /// What every root of the batch should say, and the difference to what the books say.
    fn sales(
        &self,
        tx: &mut Tx<'_>,
        attributions: &BTreeMap<Ref, SubscriptionAttribution>,
    ) -> Result<usize, EngineError> {
        let roots: Vec<_> = self.locked.iter().filter(|(key, _)| role(key.kind) == Role::Root).collect();
        let ids: Vec<i64> = roots.iter().map(|(_, subject)| subject.id).collect();
        let mut poster = post::Poster::load(tx, self.book_id, self.now, &ids)?;
        for (root, subject) in &roots {
            let view = self.known.sale_view(root);
            let attribution = view.subscription.as_ref().and_then(|id| attributions.get(id));
            let due = match root.kind {
                Kind::Charge => Ok(None),
                _ => guarded(|| rules::commission::due(&view, attribution, &self.registry)),
            };
            let (component, causes) = self.causes(root);
            match due {
                Ok(due) => poster.say(subject, &view, due, &causes, self.newest_s(&component))?,
                Err(why) => {
                    // What cannot be calculated has no row, whichever of its facts came first.
                    poster.say(subject, &view, None, &causes, self.newest_s(&component))?;
                    retry::subject_failed(tx, self.book_id, root, &causes, &why, self.now)?;
                }
            }
        }
        poster.write(tx)?;
        Ok(roots.len().max(1))
    }

    /// The consumed marks in a root's component, and its subscription's: what caused a change of it.
    fn causes<'b>(&'b self, root: &'b ObjectKey) -> (BTreeSet<&'b ObjectKey>, Vec<&'b Mark>) {
        let mut seen = BTreeSet::from([root]);
        let mut frontier = vec![root];
        while let Some(key) = frontier.pop() {
            for other in self.known.graph.around(key) {
                let walks_on = in_component(other.kind) && in_component(key.kind);
                if seen.insert(other) && walks_on {
                    frontier.push(other);
                }
            }
        }
        let causes = seen.iter().filter_map(|key| self.consumed.get(*key)).flatten().copied().collect();
        (seen, causes)
    }

    /// The second of the newest fact about any of these objects.
    fn newest_s(&self, objects: &BTreeSet<&ObjectKey>) -> i64 {
        objects
            .iter()
            .filter_map(|key| self.known.state.get(*key))
            .map(|observed| observed.at_s)
            .max()
            .unwrap_or(0)
    }
}

/// Runs a rule so that neither an overflow nor a defect in it can stop the other subjects.
pub(crate) fn guarded<T>(rule: impl FnOnce() -> Result<T, kernel::ArithmeticOverflow>) -> Result<T, String> {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(rule)) {
        Ok(outcome) => outcome.map_err(|why| format!("amounts: {why}")),
        Err(_) => Err("internal: a rule panicked; please report this sale".to_owned()),
    }
}

fn key_of(mark: &Mark) -> Option<ObjectKey> {
    key(mark.kind, &mark.ref_)
}

/// An object's key from its stored columns.
fn key(kind: i64, id: &str) -> Option<ObjectKey> {
    Some(ObjectKey::new(Kind::from_code(kind)?, Ref::parse(id)?))
}
