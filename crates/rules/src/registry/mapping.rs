//! Whose is a code, over time. A mapping holds from its beginning until a later line takes the same
//! code or ends it; nothing is ever removed, so the past keeps its owners.
//!
//! Two mappings are about the same code when both name one promotion code, or when both name one text
//! and at least one of them does so without an id (texts are unique only among active codes, so two ids
//! may carry one text over time). Coupons are shared: naming one that another partner names as well
//! takes nothing away, it makes the coupon ambiguous from then on.

use std::collections::{BTreeMap, BTreeSet};

use kernel::operator::{CodeMapping, Handle, Logged};
use kernel::{Book, Ref, UnixMs};

/// One `code adopt`, with the interval in which it holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mapping {
    pub seq: i64,
    pub partner: Handle,
    pub book: Book,
    pub recorded_at: UnixMs,
    /// When it takes effect if the operator said so, else when it was made.
    pub made_at: UnixMs,
    /// As the operator typed it.
    pub code: Option<String>,
    pub promotion_code: Option<Ref>,
    pub coupon: Option<Ref>,
    /// `None`: open to the past.
    pub from: Option<UnixMs>,
    /// Since when it owns the coupon; differs from `from` when the one was mapped before and the other not.
    pub coupon_from: Option<UnixMs>,
    /// The first instant at which it no longer holds.
    pub until: Option<UnixMs>,
}

impl Mapping {
    #[must_use]
    pub fn holds_at(&self, at: UnixMs) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }

    pub(super) fn owns_coupon_at(&self, at: UnixMs) -> bool {
        self.coupon_from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }

    /// Known by its text alone: it waits for the mirror to know a promotion code of that text.
    #[must_use]
    pub const fn is_unbound(&self) -> bool {
        self.code.is_some() && self.promotion_code.is_none()
    }

    /// Whether some promotion code could be matched by both.
    pub(super) fn same_code(&self, other: &CodeMapping) -> bool {
        let same_text = matches!((&self.code, &other.code), (Some(a), Some(b)) if fold(a) == fold(b));
        match (&self.promotion_code, &other.promotion_code) {
            (Some(left), Some(right)) => left == right,
            _ => same_text,
        }
    }

    /// Whether a change of `other` can change what this one means.
    pub(super) fn touches(&self, other: &CodeMapping) -> bool {
        self.same_code(other) || (self.coupon.is_some() && self.coupon == other.coupon)
    }

    /// Whether the three keys are the same.
    pub(super) fn same_keys(&self, other: &CodeMapping) -> bool {
        self.promotion_code == other.promotion_code
            && self.coupon == other.coupon
            && self.code.as_deref().map(fold) == other.code.as_deref().map(fold)
    }
}

/// How texts are compared.
pub(super) fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Every mapping, with indexes from what it names to its place.
#[derive(Default, Clone, PartialEq, Eq, Debug)]
pub(super) struct Mappings {
    all: Vec<Mapping>,
    by_promotion_code: BTreeMap<(Book, Ref), Vec<usize>>,
    by_text: BTreeMap<(Book, String), Vec<usize>>,
    by_coupon: BTreeMap<(Book, Ref), Vec<usize>>,
}

impl Mappings {
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Mapping> {
        self.all.iter()
    }

    pub(super) fn map(&mut self, line: &Logged, new: &CodeMapping) {
        let made_at = line.effective_at.unwrap_or(line.recorded_at);
        let later = Some(made_at);
        let rivals = self.rivals(new);
        let coupon_key = new.coupon.as_ref().map(|coupon| (new.book.clone(), coupon.clone()));
        let coupon_known = coupon_key.as_ref().is_some_and(|key| self.by_coupon.contains_key(key));
        let code_only_coupon = new.code.is_none() && new.promotion_code.is_none();
        let known = if code_only_coupon { coupon_known } else { !rivals.is_empty() };
        let mapping = Mapping {
            seq: line.seq,
            partner: new.partner.clone(),
            book: new.book.clone(),
            recorded_at: line.recorded_at,
            made_at,
            code: new.code.clone(),
            promotion_code: new.promotion_code.clone(),
            coupon: new.coupon.clone(),
            from: if known { later } else { line.effective_at },
            coupon_from: if coupon_known { later } else { line.effective_at },
            until: None,
        };
        for index in rivals {
            // A partner may hold a text and, more narrowly, one of its ids at the same time.
            let rival = &mut self.all[index];
            let narrower = rival.partner == new.partner && rival.promotion_code != new.promotion_code;
            if !narrower {
                shorten(&mut rival.until, later);
            }
        }
        self.index(&mapping);
        self.all.push(mapping);
    }

    pub(super) fn end(&mut self, ended: &CodeMapping, from: UnixMs) {
        let same = |mapping: &&mut Mapping| {
            mapping.book == ended.book && mapping.partner == ended.partner && mapping.same_keys(ended)
        };
        for mapping in self.all.iter_mut().filter(same) {
            shorten(&mut mapping.until, Some(from));
        }
    }

    /// Places of the mappings that are about the same code.
    fn rivals(&self, new: &CodeMapping) -> Vec<usize> {
        let empty = Vec::new();
        let promo = new
            .promotion_code
            .as_ref()
            .and_then(|promo| self.by_promotion_code.get(&(new.book.clone(), promo.clone())));
        let text = new.code.as_deref().and_then(|text| self.by_text.get(&(new.book.clone(), fold(text))));
        let found: BTreeSet<usize> =
            promo.unwrap_or(&empty).iter().chain(text.unwrap_or(&empty)).copied().collect();
        found.into_iter().filter(|index| self.all[*index].same_code(new)).collect()
    }

    fn index(&mut self, mapping: &Mapping) {
        let place = self.all.len();
        let book = &mapping.book;
        if let Some(promo) = &mapping.promotion_code {
            self.by_promotion_code.entry((book.clone(), promo.clone())).or_default().push(place);
        }
        if let Some(text) = &mapping.code {
            self.by_text.entry((book.clone(), fold(text))).or_default().push(place);
        }
        if let Some(coupon) = &mapping.coupon {
            self.by_coupon.entry((book.clone(), coupon.clone())).or_default().push(place);
        }
    }

    pub(super) fn of_promotion_code(
        &self,
        book: &Book,
        promo: &Ref,
        text: Option<&str>,
        at: UnixMs,
    ) -> Option<&Mapping> {
        let newest = |places: Option<&Vec<usize>>, fits: fn(&Mapping) -> bool| {
            let mut held = places?.iter().rev().map(|place| &self.all[*place]);
            held.find(|mapping| mapping.holds_at(at) && fits(mapping))
        };
        let by_id = newest(self.by_promotion_code.get(&(book.clone(), promo.clone())), |_| true);
        by_id.or_else(|| newest(self.by_text.get(&(book.clone(), fold(text?))), Mapping::is_unbound))
    }

    /// The mappings that name this coupon, in log order.
    pub(super) fn of_coupon(&self, book: &Book, coupon: &Ref) -> impl Iterator<Item = &Mapping> {
        let places = self.by_coupon.get(&(book.clone(), coupon.clone()));
        places.into_iter().flatten().map(|place| &self.all[*place])
    }

    /// The mappings that ever were about this promotion code, by its id or by its text alone.
    pub(super) fn ever_of_promotion_code(
        &self,
        book: &Book,
        promo: &Ref,
        text: &str,
    ) -> impl Iterator<Item = &Mapping> {
        let by_id = self.by_promotion_code.get(&(book.clone(), promo.clone()));
        let by_text = self.by_text.get(&(book.clone(), fold(text)));
        let by_text = by_text.into_iter().flatten().map(|place| &self.all[*place]);
        let by_id = by_id.into_iter().flatten().map(|place| &self.all[*place]);
        by_id.chain(by_text.filter(|mapping| mapping.is_unbound()))
    }
}

/// Ends earlier, never later.
fn shorten(until: &mut Option<UnixMs>, at: Option<UnixMs>) {
    *until = match (*until, at) {
        (Some(left), Some(right)) => Some(left.min(right)),
        (left, right) => left.or(right),
    };
}
