//! What follows when a mirror (a discount, a promotion code) says something new: whoever reads it is marked.
//! It knows who names whom, and nothing of what a sale is worth.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Kind, ObjectKey};
use store::Tx;

use super::post;
use super::true_up::{Batch, NewMark};
use crate::depends::{Role, role};
use crate::house::EngineError;

/// Dependents of a mirror marked directly; more are left to a mark on many.
const DEPENDENTS_AT_ONCE: i64 = 64;

impl Batch<'_> {
    /// Discounts and promotion codes: when what they say changed, whoever names them is marked. Returns
    /// the namers that are in this batch anyway.
    pub(super) fn mirrors(&self, tx: &mut Tx<'_>) -> Result<BTreeSet<ObjectKey>, EngineError> {
        let (mut changed, mut outputs) = (Vec::new(), Vec::new());
        for (key, subject) in self.locked.iter().filter(|(key, _)| role(key.kind) == Role::Mirror) {
            let Some(state) = self.known.state.get(key) else { continue };
            let output = post::mirror_output(&state.body)?;
            if subject.output.as_deref() != Some(output.as_str()) {
                changed.push(key);
                outputs.push((subject, output));
            }
        }
        store::subject::set_outputs(tx, self.book_id, &outputs, rules::RULES_VERSION)?;
        let mut namers = self.namers(tx, &changed)?;
        let (mut touched, mut marks) = (BTreeSet::new(), Vec::new());
        for key in changed {
            let (here, elsewhere) = self.wake_dependents(tx, key, namers.remove(key).unwrap_or_default())?;
            touched.extend(here);
            marks.extend(elsewhere);
            self.wake_coupon(tx, key)?;
        }
        store::mark::insert(tx, &marks)?;
        Ok(touched)
    }

    /// Who names these mirrors, up to [`DEPENDENTS_AT_ONCE`] of each. A discount is one customer's and has
    /// few namers, so all discounts are asked in one statement; a code may have any number.
    fn namers(
        &self,
        tx: &mut Tx<'_>,
        mirrors: &[&ObjectKey],
    ) -> Result<BTreeMap<ObjectKey, Vec<ObjectKey>>, EngineError> {
        let (discounts, codes): (Vec<_>, Vec<_>) =
            mirrors.iter().map(|key| (*key).clone()).partition(|key| key.kind == Kind::Discount);
        let mut namers: BTreeMap<ObjectKey, Vec<ObjectKey>> = BTreeMap::new();
        for link in store::link::to_keys(tx, self.book_id, &discounts)? {
            namers.entry(link.to).or_default().push(link.from);
        }
        for code in codes {
            let page = store::link::to_page(tx, self.book_id, &code, None, DEPENDENTS_AT_ONCE)?;
            namers.insert(code, page);
        }
        Ok(namers)
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

    /// The namers of a mirror that are in this batch anyway, and marks for the others: on each when they
    /// are few, else by a mark on many.
    fn wake_dependents(
        &self,
        tx: &mut Tx<'_>,
        key: &ObjectKey,
        namers: Vec<ObjectKey>,
    ) -> Result<(Vec<ObjectKey>, Vec<NewMark>), EngineError> {
        let cause = self.cause(key);
        let indirect = namers.iter().any(|namer| namer.kind == Kind::Discount);
        if indirect || namers.len() as i64 >= DEPENDENTS_AT_ONCE {
            let kind = i64::from(key.kind.code());
            store::mark::range_insert(tx, self.book_id, kind, key.id.as_str(), cause)?;
            return Ok((Vec::new(), Vec::new()));
        }
        let (here, elsewhere): (Vec<_>, Vec<_>) =
            namers.into_iter().partition(|namer| self.locked.contains_key(namer));
        Ok((here, elsewhere.iter().map(|namer| self.new_mark(namer, cause)).collect()))
    }
}
