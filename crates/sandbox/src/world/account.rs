//! Connected accounts: made by the platform, each with books of its own; what Stripe wants to know of them is told by
//! control, as the account's owner would on Stripe's pages. It must not know what they sell.

use std::sync::Arc;

use super::{BookKey, Kind, Refusal, World};
use crate::model::{Account, Capability};

/// What is asked of everybody, beside what is asked for a capability.
const ASKED: &[&str] = &[
    "business_profile.url",
    "business_type",
    "external_account",
    "tos_acceptance.date",
    "tos_acceptance.ip",
];

/// An account as asked for, with the names of what it shall be able to do; id and time are given here.
pub(crate) fn create(
    world: &mut World,
    livemode: bool,
    new: Account,
    requested: &[String],
) -> Result<Arc<Account>, Refusal> {
    let book = platform(world, livemode)?;
    let (id, now_s) = (book.ids.account(), book.now_s());
    let due: Vec<String> = ASKED.iter().map(|name| (*name).to_owned()).collect();
    let capability = |name: &String| Capability {
        id: name.clone(),
        account: id.clone(),
        requested_s: Some(now_s),
        status: "inactive",
        currently_due: due.clone(),
    };
    let account = Account {
        id: id.clone(),
        capabilities: requested.iter().map(capability).collect(),
        currently_due: due.clone(),
        disabled_reason: Some("requirements.past_due"),
        created_s: now_s,
        ..new
    };
    let account = book.accounts.put(&id, account);
    world.open(&BookKey { account: Some(id), livemode }).payouts.held = !account.payouts_enabled;
    Ok(account)
}

/// A connected account of the platform, in that mode.
pub(crate) fn get(world: &World, livemode: bool, id: &str) -> Result<Arc<Account>, Refusal> {
    let book = world.look(&BookKey { account: None, livemode });
    book.and_then(|book| book.accounts.get(id)).cloned().ok_or_else(|| {
        let message = format!(
            "The provided key does not have access to account '{id}' (or that account does not exist). \
             Application access may have been revoked."
        );
        Refusal::plain(403, Kind::InvalidRequest, message).code("account_invalid")
    })
}

/// Changes an account; the account's own listeners are told.
pub(crate) fn update(world: &mut World, livemode: bool, new: Account) -> Result<Arc<Account>, Refusal> {
    let old = get(world, livemode, &new.id)?;
    let cause = platform(world, livemode)?.cause.clone();
    let account = platform(world, livemode)?.accounts.put(&old.id, new);
    let key = BookKey { account: Some(old.id.clone()), livemode };
    if let Some(book) = world.book(&key) {
        book.payouts.held = !account.payouts_enabled;
        let before = std::mem::replace(&mut book.cause, cause);
        book.emit_changed("account.updated", &old, &account);
        for row in &account.capabilities {
            if let Some(was) = old.capabilities.iter().find(|was| was.id == row.id) {
                book.emit_changed("capability.updated", was.clone(), row.clone());
            }
        }
        book.cause = before;
    }
    Ok(account)
}

/// Its owner has told everything: it may charge and be paid.
pub(crate) fn onboard(world: &mut World, livemode: bool, id: &str) -> Result<Arc<Account>, Refusal> {
    let old = get(world, livemode, id)?;
    let active = |row: &Capability| Capability { status: "active", currently_due: Vec::new(), ..row.clone() };
    let new = Account {
        capabilities: old.capabilities.iter().map(active).collect(),
        business_type: old.business_type.or(Some("company")),
        details_submitted: true,
        charges_enabled: true,
        payouts_enabled: true,
        currently_due: Vec::new(),
        disabled_reason: None,
        ..Account::clone(&old)
    };
    update(world, livemode, new)
}

/// Stripe wants to know more; until then the account may do nothing. `reason` is Stripe's word for it.
pub(crate) fn restrict(
    world: &mut World,
    livemode: bool,
    id: &str,
    due: &[String],
    reason: &'static str,
) -> Result<Arc<Account>, Refusal> {
    let old = get(world, livemode, id)?;
    let held =
        |row: &Capability| Capability { status: "inactive", currently_due: due.to_vec(), ..row.clone() };
    let new = Account {
        capabilities: old.capabilities.iter().map(held).collect(),
        charges_enabled: false,
        payouts_enabled: false,
        currently_due: due.to_vec(),
        disabled_reason: Some(reason),
        ..Account::clone(&old)
    };
    update(world, livemode, new)
}

/// It is gone, and its books are closed.
pub(crate) fn delete(world: &mut World, livemode: bool, id: &str) -> Result<(), Refusal> {
    get(world, livemode, id)?;
    platform(world, livemode)?.accounts.remove(id);
    world.close(&BookKey { account: Some(id.to_owned()), livemode });
    Ok(())
}

fn platform(world: &mut World, livemode: bool) -> Result<&mut super::Book, Refusal> {
    let missing = || Refusal::plain(500, Kind::Api, "There is no platform account.");
    world.book(&BookKey { account: None, livemode }).ok_or_else(missing)
}
