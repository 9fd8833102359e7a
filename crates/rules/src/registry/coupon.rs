//! Whose is a coupon: of whom a mapping names for it, and of the owners of the codes that carry it.
//!
//! Where a coupon is mapped by name, the first share in it is open to the past and every later one begins
//! when it was made, so that nobody loses a sale that was made before (MONEY.md case y). Codes alone share
//! their coupon for as long as each is mapped: which of two was adopted a minute earlier says nothing about
//! whose the past was. What codes a coupon has is the mirror's to say.

use std::collections::BTreeSet;

use kernel::operator::Handle;
use kernel::{Book, Ref, UnixMs};

use super::{Mapping, Registry};

/// A promotion code that the mirror shows on a coupon.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CodeOn<'a> {
    pub id: &'a Ref,
    pub text: &'a str,
    /// `None`: not said.
    pub created_at: Option<UnixMs>,
}

/// Who shares in a coupon at some time.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CouponOwners {
    /// By a mapping that names the coupon.
    pub named: BTreeSet<Handle>,
    /// By the codes on it.
    pub by_codes: BTreeSet<Handle>,
}

/// One mapping, as it shares in a coupon: by naming it, or through a code.
#[derive(Clone, Copy)]
struct Claim<'a> {
    mapping: &'a Mapping,
    /// It names the coupon itself.
    by_name: bool,
    code_created_at: Option<UnixMs>,
}

impl Claim<'_> {
    /// Whether this claim was there when the other came to be: by the log's order, unless the code behind
    /// one of them is younger than that.
    fn precedes(&self, other: &Claim<'_>) -> bool {
        let exists_at = |claim: &Claim<'_>, at: UnixMs| claim.code_created_at.is_none_or(|it| it <= at);
        if !self.by_name && !other.by_name {
            return false;
        }
        match self.mapping.seq < other.mapping.seq {
            true => exists_at(self, other.code_created_at.unwrap_or(0).max(other.mapping.recorded_at)),
            false => self.mapping.seq > other.mapping.seq && !exists_at(other, self.mapping.recorded_at),
        }
    }
}

impl Registry {
    /// Everybody who owns this coupon at `at`, given the codes the mirror knows on it.
    #[must_use]
    pub fn owners_of_coupon(
        &self,
        book: &Book,
        coupon: &Ref,
        codes: &[CodeOn<'_>],
        at: UnixMs,
    ) -> CouponOwners {
        let named = || self.mappings.of_coupon(book, coupon).map(|mapping| claim(mapping, None));
        let ever = codes.iter().flat_map(|code| {
            let about = self.mappings.ever_of_promotion_code(book, code.id, code.text);
            about.map(|mapping| claim(mapping, Some(code)))
        });
        let all: Vec<Claim<'_>> = named().chain(ever).collect();
        let holds = |claim: &Claim<'_>| {
            let begun = claim.mapping.made_at <= at || !all.iter().any(|other| other.precedes(claim));
            begun && claim.code_created_at.is_none_or(|created| created <= at)
        };
        let named = named().filter(|claim| claim.mapping.owns_coupon_at(at) && holds(claim));
        let by_codes = codes.iter().filter_map(|code| {
            let mapping = self.mapping_of_promotion_code(book, code.id, Some(code.text), at)?;
            Some(claim(mapping, Some(code))).filter(&holds)
        });
        CouponOwners {
            named: named.map(|claim| claim.mapping.partner.clone()).collect(),
            by_codes: by_codes.map(|claim| claim.mapping.partner.clone()).collect(),
        }
    }
}

fn claim<'a>(mapping: &'a Mapping, code: Option<&CodeOn<'_>>) -> Claim<'a> {
    Claim { mapping, by_name: code.is_none(), code_created_at: code.and_then(|code| code.created_at) }
}
