//! Who owns which code, and what each partner earns when (MONEY.md section 5): read from the lines an operator
//! entered, or said outright. It must not know sales.

use std::collections::BTreeMap;

use kernel::operator::{Action, Binds, Pay};

use super::owner::Owner;
use crate::cases::Setup;

/// What is known of partners.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    partners: BTreeMap<String, Partner>,
    /// In the order they were made.
    mappings: Vec<Mapping>,
    /// Of partners with no rate of their own.
    rate_bps: i64,
}

#[derive(Clone, Debug, Default)]
struct Partner {
    /// The oldest first.
    rates: Vec<Rate>,
    /// (from, active), the oldest first. Before the first: active.
    statuses: Vec<(i64, bool)>,
}

#[derive(Clone, Copy, Debug)]
struct Rate {
    from_s: i64,
    bps: i64,
    new_only: bool,
}

#[derive(Clone, Debug)]
struct Mapping {
    partner: String,
    from_s: i64,
    /// By id.
    promotion_code: Option<String>,
    /// In upper case.
    text: Option<String>,
    coupon: Option<String>,
}

const ALWAYS: i64 = i64::MIN;

impl Terms {
    /// The same owners and rates for all time: `codes` by their text in any case, or coupons by their ids.
    pub(crate) fn said(
        codes: Vec<(String, String)>,
        rates_bps: BTreeMap<String, i64>,
        rate_bps: i64,
    ) -> Self {
        let mapping = |(code, partner): (String, String)| Mapping {
            partner,
            from_s: ALWAYS,
            promotion_code: None,
            text: Some(code.to_uppercase()),
            coupon: Some(code),
        };
        let partner = |(name, bps): (String, i64)| {
            let rate = Rate { from_s: ALWAYS, bps, new_only: false };
            (name, Partner { rates: vec![rate], statuses: Vec::new() })
        };
        let mappings = codes.into_iter().map(mapping).collect();
        Self { partners: rates_bps.into_iter().map(partner).collect(), mappings, rate_bps }
    }

    /// What an operator's lines say of the own account's book in that mode.
    pub(crate) fn entered(setup: &[Setup], livemode: bool) -> Self {
        let mut terms = Self::default();
        for line in setup {
            let from_s = line.effective_at.map_or(ALWAYS, |at| at.div_euclid(kernel::time::SECOND_MS));
            terms.enter(&line.action, from_s, livemode);
        }
        terms
    }

    fn enter(&mut self, action: &Action, from_s: i64, livemode: bool) {
        let rate = |pay: &Pay, binds: Binds| match pay {
            Pay::RateBps(bps) => Rate { from_s, bps: *bps, new_only: binds == Binds::New },
            Pay::Fixed { .. } => Rate { from_s, bps: 0, new_only: false },
        };
        match action {
            Action::PartnerAdd { handle, terms, .. } => {
                let partner = Partner { rates: vec![rate(&terms.pay, Binds::All)], statuses: Vec::new() };
                self.partners.insert(handle.to_string(), partner);
            }
            Action::TermsSet { handle, terms, binds } => {
                let partner = self.partners.entry(handle.to_string()).or_default();
                partner.rates.push(rate(&terms.pay, *binds));
            }
            Action::PartnerStatus { handle, active } => {
                self.partners.entry(handle.to_string()).or_default().statuses.push((from_s, *active));
            }
            Action::CodeMap(map) if map.book.livemode == livemode && map.book.account.is_none() => {
                self.mappings.push(Mapping {
                    partner: map.partner.to_string(),
                    from_s,
                    promotion_code: map.promotion_code.as_ref().map(ToString::to_string),
                    text: map.code.as_ref().map(|text| text.to_uppercase()),
                    coupon: map.coupon.as_ref().map(ToString::to_string),
                });
            }
            _ => {}
        }
    }

    /// Whether that is a partner's handle.
    pub(super) fn known(&self, name: &str) -> bool {
        self.partners.contains_key(name) || self.mappings.iter().any(|mapping| mapping.partner == name)
    }

    /// Who owned a promotion code at that time: by its id, else by its text.
    pub(super) fn owner_of_code(&self, id: &str, text: &str, at_s: i64) -> Option<&str> {
        let text = text.to_uppercase();
        let by_id = |mapping: &Mapping| mapping.promotion_code.as_deref() == Some(id);
        let by_text =
            |mapping: &Mapping| mapping.promotion_code.is_none() && mapping.text.as_ref() == Some(&text);
        self.newest(at_s, by_id).or_else(|| self.newest(at_s, by_text))
    }

    /// Who was given a coupon by its name by that time.
    pub(super) fn owners_of_coupon(&self, coupon: &str, at_s: i64) -> impl Iterator<Item = &str> {
        let holds =
            move |mapping: &&Mapping| mapping.from_s <= at_s && mapping.coupon.as_deref() == Some(coupon);
        self.mappings.iter().filter(holds).map(|mapping| mapping.partner.as_str())
    }

    fn newest(&self, at_s: i64, fits: impl Fn(&Mapping) -> bool) -> Option<&str> {
        let holds = |mapping: &&Mapping| mapping.from_s <= at_s && fits(mapping);
        self.mappings.iter().rev().find(holds).map(|mapping| mapping.partner.as_str())
    }

    /// What an owner earns of a sale at that time: nothing while inactive; else the newest version that binds
    /// all and is not younger than the sale, or binds new and is not younger than the attribution.
    pub(super) fn rate_bps(&self, owner: &Owner, sale_s: i64) -> i64 {
        let Some(partner) = self.partners.get(&owner.partner) else { return self.rate_bps };
        let inactive = partner.statuses.iter().rev().find(|(from_s, _)| *from_s <= sale_s);
        if inactive.is_some_and(|(_, active)| !active) {
            return 0;
        }
        let binds = |rate: &&Rate| {
            let from_s = if rate.new_only { owner.since_s } else { sale_s };
            rate.from_s <= from_s
        };
        partner.rates.iter().rev().find(binds).map_or(0, |rate| rate.bps)
    }
}
