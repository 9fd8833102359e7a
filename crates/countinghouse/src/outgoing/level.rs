//! What a key may do, against what we need: three levels, and for each what is lost without the next. Found out
//! by asking Stripe, without changing anything there.

use serde::Serialize;
use stripe::{Client, KeyKind, Permission, Permitted};

/// Reading what events do not say.
const READ: [Permission; 12] = [
    Permission::ReadEvents,
    Permission::ReadInvoices,
    Permission::ReadSessions,
    Permission::ReadSubscriptions,
    Permission::ReadCustomers,
    Permission::ReadCharges,
    Permission::ReadIntents,
    Permission::ReadDisputes,
    Permission::ReadCreditNotes,
    Permission::ReadCoupons,
    Permission::ReadPromotionCodes,
    Permission::ReadProducts,
];

/// What only `backfill` and `reconcile` list, payouts of `reconcile --money` among it: the books do without.
const LISTS: [Permission; 16] = [
    Permission::ReadPrices,
    Permission::ReadBalance,
    Permission::ReadPayouts,
    Permission::ReadTransfers,
    Permission::ReadApplicationFees,
    Permission::ReadAccounts,
    Permission::ReadSetupIntents,
    Permission::ReadPaymentMethods,
    Permission::ReadFraudWarnings,
    Permission::ReadReviews,
    Permission::ReadCreditGrants,
    Permission::ReadMeters,
    Permission::ReadPortal,
    Permission::ReadTaxIds,
    Permission::ReadEntitlements,
    Permission::ReadTestClocks,
];

/// Making codes.
const WRITE: [Permission; 2] = [Permission::WriteCoupons, Permission::WritePromotionCodes];

/// For `webhooks setup` alone.
const SET_UP: [Permission; 2] = [Permission::ReadWebhookEndpoints, Permission::WriteWebhookEndpoints];

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    None,
    Read,
    Write,
}

impl Level {
    /// What is lost without the next level.
    pub(crate) const fn loses(self) -> Option<&'static str> {
        match self {
            Self::None => Some(
                "webhooks only: a discount that no event explains stays discount_unresolved, and events that were \
                 missed are not caught up. A key that may read mends that",
            ),
            Self::Read => Some(
                "codes cannot be made, rotated or deactivated at Stripe from here, only adopted. A key that may \
                 write coupons and promotion codes can",
            ),
            Self::Write => None,
        }
    }
}

/// One key's permissions, and what follows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct KeyReport {
    pub(crate) book: String,
    /// `secret` or `restricted`.
    pub(crate) kind: &'static str,
    pub(crate) level: Level,
    pub(crate) loses: Option<&'static str>,
    /// Something is missing: the level is what the key was made for, not what it has.
    pub(crate) partial: bool,
    /// Needed on this level and not granted.
    pub(crate) missing: Vec<&'static str>,
    /// Not granted: what `backfill` and `reconcile` leave out.
    pub(crate) unlisted: Vec<&'static str>,
    /// Granted and not needed.
    pub(crate) unneeded: Vec<&'static str>,
    /// Granted for `webhooks setup`, needed no longer afterwards.
    pub(crate) set_up_only: Vec<&'static str>,
    /// Why the permissions could not be found out.
    pub(crate) problem: Option<String>,
}

/// Asks Stripe some forty questions about a restricted key, and one about a secret key, which may do everything.
pub(crate) fn examine(book: &str, client: &Client) -> KeyReport {
    let asked = match client.key().kind() {
        KeyKind::Restricted => Permission::ALL.to_vec(),
        KeyKind::Secret => vec![Permission::ReadEvents],
    };
    let (mut granted, mut known) = (Vec::new(), false);
    for permission in asked {
        let answer = client.permitted(permission);
        known |= !matches!(answer, Ok(Permitted::Unknown));
        match answer {
            Ok(Permitted::Yes) => granted.push(permission),
            // What an emulator does not have is not missing, and not too much either.
            Ok(Permitted::Unknown) if !permission.is_write() => granted.push(permission),
            Ok(Permitted::No | Permitted::Unknown) => {}
            Err(why) => return unknown(book, client.key().kind(), why.to_string()),
        }
    }
    if !known {
        let why = "nothing of Stripe's API answers at this address (404). Look at STRIPE_API_BASE";
        return unknown(book, client.key().kind(), why.to_owned());
    }
    match client.key().kind() {
        KeyKind::Restricted => weigh(book, &granted),
        KeyKind::Secret => KeyReport {
            kind: "secret",
            unneeded: vec!["everything else: a secret key may do all that the account may"],
            ..weigh(book, &[READ.as_slice(), &LISTS, WRITE.as_slice()].concat())
        },
    }
}

fn unknown(book: &str, kind: KeyKind, why: String) -> KeyReport {
    KeyReport {
        book: book.to_owned(),
        kind: if kind == KeyKind::Secret { "secret" } else { "restricted" },
        level: Level::None,
        loses: None,
        partial: false,
        missing: Vec::new(),
        unlisted: Vec::new(),
        unneeded: Vec::new(),
        set_up_only: Vec::new(),
        problem: Some(why),
    }
}

/// What these permissions amount to.
fn weigh(book: &str, granted: &[Permission]) -> KeyReport {
    let has_any = |wanted: &[Permission]| wanted.iter().any(|permission| granted.contains(permission));
    let (level, needed) = if has_any(&WRITE) {
        (Level::Write, [READ.as_slice(), WRITE.as_slice()].concat())
    } else if has_any(&READ) {
        (Level::Read, READ.to_vec())
    } else {
        (Level::None, Vec::new())
    };
    let known = |permission: &Permission| {
        [READ.as_slice(), &LISTS, &WRITE, &SET_UP].iter().any(|known| known.contains(permission))
    };
    let names = |permissions: Vec<Permission>| permissions.into_iter().map(Permission::name).collect();
    let lacks: Vec<Permission> =
        needed.into_iter().filter(|permission| !granted.contains(permission)).collect();
    // Live books have no test clocks.
    let listed =
        LISTS.iter().filter(|permission| **permission != Permission::ReadTestClocks || book != "live");
    let unlisted = listed.copied().filter(|permission| !granted.contains(permission)).collect();
    KeyReport {
        book: book.to_owned(),
        kind: "restricted",
        level,
        loses: level.loses(),
        partial: !lacks.is_empty(),
        missing: names(lacks),
        unlisted: names(if level == Level::None { Vec::new() } else { unlisted }),
        unneeded: names(granted.iter().copied().filter(|permission| !known(permission)).collect()),
        set_up_only: names(
            granted.iter().copied().filter(|permission| SET_UP.contains(permission)).collect(),
        ),
        problem: None,
    }
}

impl KeyReport {
    /// For a person, one line each, with what it is: `ok`, `MISS` or `note`.
    pub(crate) fn lines(&self) -> Vec<(&'static str, String)> {
        let Self { book, kind, .. } = self;
        if let Some(why) = &self.problem {
            return vec![("MISS", format!("the {kind} key of book {book} cannot be used: {why}"))];
        }
        let level = match self.level {
            Level::None => "none",
            Level::Read => "read",
            Level::Write => "write",
        };
        let state = if self.partial { "note" } else { "ok" };
        let part = if self.partial { " in part only" } else { "" };
        let mut lines = vec![(state, format!("book {book} has a {kind} key, level {level}{part}"))];
        if !self.missing.is_empty() {
            let missing = self.missing.join(", ");
            lines.push((
                "MISS",
                format!("the key of book {book} lacks {missing}; add them on the key's page"),
            ));
        }
        if !self.unlisted.is_empty() {
            let unlisted = self.unlisted.join(", ");
            lines.push((
                "note",
                format!("the key of book {book} lacks {unlisted}: backfill and reconcile leave these out"),
            ));
        }
        if !self.unneeded.is_empty() {
            let unneeded = self.unneeded.join(", ");
            lines.push((
                "note",
                format!(
                    "the key of book {book} may do more than is needed: {unneeded}; a restricted key need not"
                ),
            ));
        }
        if !self.set_up_only.is_empty() {
            let names = self.set_up_only.join(", ");
            lines.push((
                "note",
                format!("the key of book {book} has {names}, needed by `webhooks` verbs only"),
            ));
        }
        lines.extend(self.loses.map(|loses| ("note", format!("book {book}: {loses}"))));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_that_is_probed_is_needed_for_something_or_named_as_unneeded() {
        let report = weigh("live", &Permission::ALL);
        assert_eq!(report.level, Level::Write);
        assert!(report.missing.is_empty());
        assert_eq!(
            report.unneeded,
            ["Charges and Refunds: Write", "Customers: Write", "Subscriptions: Write", "Payouts: Write"]
        );
        assert_eq!(report.set_up_only, ["Webhook Endpoints: Read", "Webhook Endpoints: Write"]);
    }

    #[test]
    fn a_level_is_what_the_key_was_made_for_and_names_what_it_lacks() {
        let but = |all: &[Permission], without: Permission| -> Vec<Permission> {
            all.iter().copied().filter(|permission| *permission != without).collect()
        };
        let both = [READ.as_slice(), WRITE.as_slice()].concat();
        let all = weigh("test", &[READ.as_slice(), &LISTS].concat());
        assert_eq!((all.level, all.unlisted, all.unneeded), (Level::Read, vec![], vec![]));
        let some = weigh("live", &[READ.as_slice(), &LISTS[1..]].concat());
        assert_eq!((some.unlisted, some.partial), (vec!["Prices: Read"], false));
        for (granted, level, missing) in [
            (vec![], Level::None, vec![]),
            (SET_UP.to_vec(), Level::None, vec![]),
            (READ.to_vec(), Level::Read, vec![]),
            (but(&READ, Permission::ReadInvoices), Level::Read, vec!["Invoices: Read"]),
            (both.clone(), Level::Write, vec![]),
            (but(&both, Permission::WritePromotionCodes), Level::Write, vec!["Promotion Codes: Write"]),
        ] {
            let report = weigh("test", &granted);
            assert_eq!((report.level, &report.missing), (level, &missing), "{granted:?}");
            assert_eq!(report.partial, !missing.is_empty());
            assert_eq!(report.loses.is_none(), level == Level::Write);
        }
    }
}
