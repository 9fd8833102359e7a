//! The operator log as a fold that answers questions: who is a partner, whose is a code, which terms
//! bind a sale. It knows nothing of Stripe's mirror: a promotion code's coupon or text is an argument.
//!
//! One law orders every change: of the log lines about one thing, the last one written whose time of
//! effect has come holds. First lines are open to the past (MONEY.md section 5).

mod check;
mod coupon;
mod mapping;
mod partner;

use std::collections::{BTreeMap, BTreeSet};

use kernel::operator::{Action, CodeMapping, Handle, Logged, ManualScope, Terms};
use kernel::{Book, Ref, UnixMs};

pub use check::{HOLD_DAYS_MAX, OperatorError};
pub use coupon::{CodeOn, CouponOwners};
pub use mapping::Mapping;
pub use partner::{Partner, StatusChange, TermsVersion};

use mapping::Mappings;

/// Everything the operator log says, up to and with line [`Registry::seq`].
#[derive(Default, Clone, PartialEq, Eq, Debug)]
pub struct Registry {
    seq: i64,
    partners: BTreeMap<Handle, Partner>,
    /// `prt_<n>` to handle.
    ids: BTreeMap<String, Handle>,
    mappings: Mappings,
    program_starts: BTreeMap<Book, UnixMs>,
    manual_sales: BTreeMap<(Book, Ref), Option<Handle>>,
    manual_subscriptions: BTreeMap<(Book, Ref), Vec<Ruling>>,
}

/// From when a subscription is whose; `None` is open to the past, and nobody. In log order.
type Ruling = (Option<UnixMs>, Option<Handle>);

impl Registry {
    /// Reads a whole log, in the order of its numbers whatever the order of the slice.
    #[must_use]
    pub fn fold(log: &[Logged]) -> Self {
        let mut lines: Vec<&Logged> = log.iter().collect();
        lines.sort_by_key(|line| line.seq);
        let mut registry = Self::default();
        for line in lines {
            registry.apply(line);
        }
        registry
    }

    /// Adds the next line. A line that was applied before is not applied again.
    pub fn apply(&mut self, line: &Logged) {
        if line.seq <= self.seq {
            return;
        }
        self.seq = line.seq;
        let from = line.effective_at.unwrap_or(line.recorded_at);
        match &line.action {
            Action::PartnerAdd { handle, name, email, terms } => {
                self.partner_add(line, handle, name, email, terms)
            }
            Action::PartnerStatus { handle, active } => {
                if let Some(partner) = self.partners.get_mut(handle) {
                    partner.statuses.push(StatusChange { from: Some(from), active: *active, seq: line.seq });
                }
            }
            Action::TermsSet { handle, terms, binds } => {
                if let Some(partner) = self.partners.get_mut(handle) {
                    partner.terms_set(from, terms.clone(), *binds, line.seq);
                }
            }
            Action::CodeMap(mapping) => self.mappings.map(line, mapping),
            Action::CodeEnd(mapping) => self.mappings.end(mapping, from),
            Action::ProgramStart { book, at } => {
                self.program_starts.insert(book.clone(), *at);
            }
            Action::Manual { book, scope: ManualScope::Sale(sale), partner } => {
                self.manual_sales.insert((book.clone(), sale.clone()), partner.clone());
            }
            Action::Manual { book, scope: ManualScope::Subscription(subscription), partner } => {
                let key = (book.clone(), subscription.clone());
                self.manual_subscriptions.entry(key).or_default().push((line.effective_at, partner.clone()));
            }
            // About work to be done, not about what a sale is worth.
            Action::EventsDiscard { .. } | Action::EventsRetry { .. } | Action::BodyShown { .. } => {}
        }
    }

    /// The first line of a handle makes the partner; handles are never reused.
    fn partner_add(&mut self, line: &Logged, handle: &Handle, name: &str, email: &str, terms: &Terms) {
        if self.partners.contains_key(handle) {
            return;
        }
        let partner = Partner::new(line, handle.clone(), name, email, terms.clone());
        self.ids.insert(partner.id.clone(), handle.clone());
        self.partners.insert(handle.clone(), partner);
    }

    /// The number of the last line applied; 0 before the first.
    #[must_use]
    pub const fn seq(&self) -> i64 {
        self.seq
    }

    #[must_use]
    pub fn partner(&self, handle: &Handle) -> Option<&Partner> {
        self.partners.get(handle)
    }

    /// The number in a partner's id; plain text because exports only have that.
    #[must_use]
    pub fn partner_number(&self, handle: &str) -> Option<i64> {
        self.partner(&Handle::parse(handle)?).map(|partner| partner.number)
    }

    /// By handle.
    pub fn partners(&self) -> impl Iterator<Item = &Partner> {
        self.partners.values()
    }

    /// A partner named in metadata or a client reference: our id (`prt_7`) or the handle, in any case.
    #[must_use]
    pub fn partner_by_hint(&self, text: &str) -> Option<&Handle> {
        let text = text.trim().to_ascii_lowercase();
        let by_handle = || Handle::parse(&text).and_then(|handle| self.partners.get_key_value(&handle));
        self.ids.get(&text).or_else(|| by_handle().map(|(handle, _)| handle))
    }

    #[must_use]
    pub fn is_active(&self, handle: &Handle, at: UnixMs) -> bool {
        self.partners.get(handle).is_some_and(|partner| partner.is_active(at))
    }

    /// The terms of a sale: the newest version in force at the sale that binds all sales, or binds new
    /// ones and was in force at the attribution (I28).
    #[must_use]
    pub fn terms_at(
        &self,
        handle: &Handle,
        sale_at: UnixMs,
        attribution_at: UnixMs,
    ) -> Option<(i64, &Terms)> {
        let version = self.partners.get(handle)?.terms_at(sale_at, attribution_at)?;
        Some((version.version, &version.terms))
    }

    #[must_use]
    pub fn program_start(&self, book: &Book) -> Option<UnixMs> {
        self.program_starts.get(book).copied()
    }

    /// What an operator decided about a sale of these names (the first one that was ruled on counts), or about
    /// its subscription from some time on. `Some(None)`: that it is nobody's.
    #[must_use]
    pub fn manual<'a>(
        &self,
        book: &Book,
        names: impl IntoIterator<Item = &'a Ref>,
        subscription: Option<&Ref>,
        sale_at: UnixMs,
    ) -> Option<Option<&Handle>> {
        let ruled = |name: &Ref| self.manual_sales.get(&(book.clone(), name.clone()));
        if let Some(partner) = names.into_iter().find_map(ruled) {
            return Some(partner.as_ref());
        }
        let rulings = self.manual_subscriptions.get(&(book.clone(), subscription?.clone()))?;
        let in_force = |(from, _): &&Ruling| from.is_none_or(|from| from <= sale_at);
        rulings.iter().rev().find(in_force).map(|(_, partner)| partner.as_ref())
    }

    /// The partner a promotion code belongs to at `at`: by its id first, else by its text among the
    /// mappings that were given without an id.
    #[must_use]
    pub fn owner_of_promotion_code(
        &self,
        book: &Book,
        promo: &Ref,
        text: Option<&str>,
        at: UnixMs,
    ) -> Option<&Handle> {
        self.mapping_of_promotion_code(book, promo, text, at).map(|mapping| &mapping.partner)
    }

    /// The same, with the mapping that says so.
    #[must_use]
    pub fn mapping_of_promotion_code(
        &self,
        book: &Book,
        promo: &Ref,
        text: Option<&str>,
        at: UnixMs,
    ) -> Option<&Mapping> {
        self.mappings.of_promotion_code(book, promo, text, at)
    }

    /// Whether a mapping names this coupon itself.
    #[must_use]
    pub fn names_coupon(&self, book: &Book, coupon: &Ref) -> bool {
        self.mappings.of_coupon(book, coupon).next().is_some()
    }

    /// Whether learning the text of a promotion code could give it an owner.
    #[must_use]
    pub fn has_unbound_text(&self, book: &Book) -> bool {
        self.mappings.iter().any(|mapping| mapping.book == *book && mapping.is_unbound())
    }

    /// Whether learning the coupon of a promotion code could give it an owner.
    #[must_use]
    pub fn has_coupon(&self, book: &Book) -> bool {
        self.mappings.iter().any(|mapping| mapping.book == *book && mapping.coupon.is_some())
    }

    /// Everybody who ever had the same code, or named the same coupon: whose sales a change of this mapping
    /// may touch.
    #[must_use]
    pub fn owners_ever(&self, mapping: &CodeMapping) -> BTreeSet<Handle> {
        let same = |known: &&Mapping| known.book == mapping.book && known.touches(mapping);
        self.mappings.iter().filter(same).map(|known| known.partner.clone()).collect()
    }

    /// From when the mapping of this log line holds; `None` when it is open to the past or no mapping.
    #[must_use]
    pub fn mapping_start(&self, seq: i64) -> Option<UnixMs> {
        self.mappings.iter().rev().find(|mapping| mapping.seq == seq)?.from
    }

    /// Every mapping ever made, in log order, with the interval in which it held.
    pub fn mappings(&self) -> impl Iterator<Item = &Mapping> {
        self.mappings.iter()
    }
}
