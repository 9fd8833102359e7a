//! The true-up (DESIGN.md 2a): lock, consume marks, load, compute, post the difference. One transaction.
//!
//! The order of the first four steps is what correctness rests on; `tests/protocol_model` walks every
//! interleaving of it, and shows that each other order loses something.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use kernel::{Book, Kind, ObjectKey, Ref, UnixMs};
use rules::{Registry, SaleView, SubscriptionAttribution};
use store::Tx;
use store::mark::{Key, Mark};
use store::subject::Subject;

use super::load::Known;
use super::walk::{load_known, stored, walk, walk_again};
use super::{post, retry};
use crate::depends::{Closure, Role, in_component, role};
use crate::house::{EngineError, House};
use crate::trace;

/// How often the closure may grow under a batch before the batch gives way to others.
const GROWTH_MAX: usize = 32;

/// Trues up what a batch of due marks reaches; returns how many subjects were looked at. The first `lane` batches
/// are left to others.
pub fn true_up(house: &House, now: UnixMs, limit: i64, lane: i64) -> Result<usize, EngineError> {
    let span = trace::true_up().entered();
    let (mut wider, mut failed): (Vec<ObjectKey>, Vec<Failed>) = (Vec::new(), Vec::new());
    for _ in 0..GROWTH_MAX {
        let outcome = house.db().work(|tx| {
            failed.clear();
            Batch::run(house, tx, now, (limit, lane), &wider, &mut failed)
        });
        match outcome {
            Err(EngineError::Grew(keys)) => wider = keys,
            Ok(count) => {
                span.record("count", count).record("idle", count == 0);
                failed.iter().for_each(Failed::tell);
                return Ok(count);
            }
            Err(why) => {
                span.record("error", why.to_string().as_str());
                return Err(why);
            }
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
    Batch::run(house, tx, now, (super::BATCH, 0), wider, &mut Vec::new())
}

/// A subject that could not be calculated; told after the commit that parks it.
pub(super) struct Failed {
    book: Book,
    object: ObjectKey,
    error: String,
}

impl Failed {
    fn tell(&self) {
        let (book, object, kind) =
            (self.book.label(), self.object.id.as_str(), self.object.kind.stripe_name());
        tracing::error!(book, object, kind, error = self.error, "a sale cannot be calculated and is parked");
    }
}

/// A mark to be inserted: book, kind, reference, cause.
pub(super) type NewMark = (i64, i64, String, i64);

/// One batch in one transaction.
pub(super) struct Batch<'a> {
    pub(super) registry: Arc<Registry>,
    pub(super) book_id: i64,
    now: UnixMs,
    pub(super) known: Known,
    /// Locked rows by key.
    pub(super) locked: BTreeMap<ObjectKey, Subject>,
    /// Marks consumed, by object.
    pub(super) consumed: BTreeMap<ObjectKey, Vec<&'a Mark>>,
}

impl Batch<'_> {
    fn run(
        house: &House,
        tx: &mut Tx<'_>,
        now: UnixMs,
        (limit, lane): (i64, i64),
        wider: &[ObjectKey],
        failed: &mut Vec<Failed>,
    ) -> Result<usize, EngineError> {
        let due = store::mark::due(tx, now, limit, lane * limit)?;
        let Some(book_id) = due.first().map(|mark| mark.book) else { return Ok(0) };
        let marked = due.iter().filter(|mark| mark.book == book_id).filter_map(key_of);
        let mut closure = Closure::start(marked.chain(wider.iter().cloned()));
        walk(tx, book_id, &mut closure)?;

        let subjects = closure.subjects();
        let locked = store::subject::lock(tx, book_id, &subjects.iter().map(stored).collect::<Vec<_>>())?;
        let keys: Vec<Key> = closure.keys.iter().map(stored).collect();
        let marks = store::mark::consume(tx, book_id, &keys)?;
        if marks.is_empty() {
            // Somebody trued all of it up while we waited for the locks, and what came since has marks of its own.
            return Ok(1);
        }
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
        let views = batch.views();
        let attributions = batch.subscriptions(tx, &views, &touched)?;
        let count = batch.sales(tx, &views, &attributions, failed)?;
        Ok(count)
    }

    /// The view of every root of the batch, by key.
    fn views(&self) -> BTreeMap<ObjectKey, SaleView> {
        let roots = self.locked.keys().filter(|key| role(key.kind) == Role::Root);
        roots.map(|root| (root.clone(), self.known.due_view(root))).collect()
    }

    /// The newest event behind a change of this object; 0 when an operator or another layer changed it.
    pub(super) fn cause(&self, key: &ObjectKey) -> i64 {
        self.consumed.get(key).into_iter().flatten().map(|mark| mark.seq).max().unwrap_or(0)
    }

    pub(super) fn new_mark(&self, key: &ObjectKey, cause: i64) -> NewMark {
        (self.book_id, i64::from(key.kind.code()), key.id.to_string(), cause)
    }

    /// What every root of the batch should say, and the difference to what the books say.
    fn sales(
        &self,
        tx: &mut Tx<'_>,
        views: &BTreeMap<ObjectKey, SaleView>,
        attributions: &BTreeMap<Ref, SubscriptionAttribution>,
        failed: &mut Vec<Failed>,
    ) -> Result<usize, EngineError> {
        let roots: Vec<_> =
            views.iter().filter_map(|(root, view)| Some((root, view, self.locked.get(root)?))).collect();
        let ids: Vec<i64> = roots.iter().map(|(.., subject)| subject.id).collect();
        let mut poster = post::Poster::load(tx, self.book_id, self.now, &ids)?;
        let mut components: BTreeMap<&ObjectKey, Rc<Component<'_>>> = BTreeMap::new();
        for (root, view, subject) in &roots {
            let attribution = view.subscription.as_ref().and_then(|id| attributions.get(id));
            let due = match root.kind {
                Kind::Charge => Ok(None),
                _ => guarded(|| rules::commission::due(view, attribution, &self.registry)),
            };
            let component = match components.get(root) {
                Some(component) => Rc::clone(component),
                None => self.component(root, &mut components),
            };
            let Component { causes, newest_s } = &*component;
            match due {
                Ok(due) => poster.say(subject, view, due, causes, *newest_s)?,
                Err(why) => {
                    // What cannot be calculated has no row, whichever of its facts came first.
                    poster.say(subject, view, None, causes, *newest_s)?;
                    if retry::subject_failed(tx, self.book_id, root, causes, &why, self.now)? {
                        let (book, object) = (self.known.book.clone(), (*root).clone());
                        failed.push(Failed { book, object, error: why });
                    }
                }
            }
        }
        poster.write(tx)?;
        Ok(roots.len().max(1))
    }

    /// What is common to all roots of a root's component, noted down for each of them.
    fn component<'b>(
        &'b self,
        root: &'b ObjectKey,
        components: &mut BTreeMap<&'b ObjectKey, Rc<Component<'b>>>,
    ) -> Rc<Component<'b>> {
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
        let at_s = seen.iter().filter_map(|key| self.known.state.get(*key)).map(|observed| observed.at_s);
        let component = Rc::new(Component { causes, newest_s: at_s.max().unwrap_or(0) });
        let inside = seen.into_iter().filter(|key| in_component(key.kind));
        components.extend(inside.map(|key| (key, Rc::clone(&component))));
        component
    }
}

/// A payment component and what is next to it: its sales, its subscription.
struct Component<'a> {
    /// The consumed marks: what caused a change of it.
    causes: Vec<&'a Mark>,
    /// The second of the newest fact.
    newest_s: i64,
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
