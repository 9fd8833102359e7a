//! One page of Stripe's list against what we hold: which of its objects we lack, and which fields differ. It must not
//! write anything.

use std::collections::BTreeMap;

use kernel::fact::{Body, InvoiceStatus, newest};
use kernel::{Kind, ObjectKey, Observed};
use store::reconcile::Finding;

use super::compare::differences;
use crate::audit::listed::Item;
use crate::house::{EngineError, House};

/// An object of the page as Stripe shows it.
pub(super) struct Shown {
    /// What it says of itself, and of discounts, which are in no list of their own.
    said: Vec<Observed>,
    row: store::Append,
}

/// What a page came to.
#[derive(Default)]
pub(super) struct Looked {
    pub(super) objects: Vec<ObjectKey>,
    pub(super) findings: Vec<Finding>,
    /// The objects that differ, as rows of the inbox: what heals them.
    pub(super) heals: Vec<store::Append>,
}

pub(super) fn look(house: &House, book: i64, items: Vec<Item>) -> Result<Looked, EngineError> {
    let mut looked = Looked::default();
    let mut shown = Vec::new();
    for Item { object, row } in items {
        let version = row.api_version.as_deref();
        let said = facts::normalise_object(object.kind, version, row.created_s, &row.event_ref, &row.body);
        let counts = |fact: &Observed| fact.object == object || fact.object.kind == Kind::Discount;
        shown.push(Shown { said: said.facts.into_iter().filter(counts).collect(), row });
        looked.objects.push(object);
    }
    let keys: Vec<ObjectKey> =
        shown.iter().flat_map(|one| one.said.iter().map(|fact| fact.object.clone())).collect();
    let ours = house
        .db()
        .read(|read| -> Result<_, EngineError> { Ok(store::fact::newest_second(read, book, &keys)?) })?;
    for one in shown {
        let mut found = Vec::new();
        for fact in &one.said {
            found.extend(against(fact, &ours)?);
        }
        if !found.is_empty() {
            looked.heals.push(one.row);
        }
        looked.findings.extend(found);
    }
    Ok(looked)
}

fn against(fact: &Observed, ours: &BTreeMap<ObjectKey, Vec<Observed>>) -> Result<Vec<Finding>, EngineError> {
    let Some(held) = ours.get(&fact.object).and_then(|versions| newest(versions)) else {
        return Ok(if told(&fact.body) { vec![finding(fact, "missing", 0)] } else { Vec::new() });
    };
    // It changed after the list was asked for, and we have heard of it.
    if held.at_s > fact.at_s {
        return Ok(Vec::new());
    }
    let differs = differences(&held.body, &fact.body)?;
    let field = |differs: super::compare::Differs| Finding {
        path: differs.path,
        ours: differs.ours,
        stripes: differs.stripes,
        ..finding(fact, "different", held.at_s)
    };
    Ok(differs.into_iter().map(field).collect())
}

/// Whether Stripe makes an event of such an object at all. It does of the discounts of customers and subscriptions, while
/// one that an invoice or a session was given for itself comes as an id at most; and it tells of a session when that
/// has ended, of an invoice payment when it is paid. Of balance transactions, of an account and of what it may do nothing is
/// told when they are made; of entitlements only when there are some. Of a draft invoice only `invoice.created` tells, which
/// nobody should subscribe to: each renewal is such a draft for an hour.
fn told(body: &Body) -> bool {
    match body {
        Body::Invoice(invoice) => invoice.status != InvoiceStatus::Draft,
        Body::Session(session) => session.status.as_deref() != Some("open"),
        Body::InvoicePayment(payment) => payment.status == "paid",
        Body::BalanceTransaction(_) | Body::Account(_) | Body::Capability(_) => false,
        Body::Entitlements(summary) => !summary.active.is_empty(),
        Body::Discount(discount) => {
            discount.subscription.is_some() || (discount.invoice.is_none() && discount.session.is_none())
        }
        _ => true,
    }
}

fn finding(fact: &Observed, what: &str, ours_at_s: i64) -> Finding {
    Finding {
        object: fact.object.clone(),
        path: String::new(),
        what: what.to_owned(),
        ours: String::new(),
        stripes: String::new(),
        ours_at_s,
        cause: String::new(),
        event_ref: None,
        fixed: false,
    }
}

/// Ours, and not Stripe's any more.
pub(super) fn extra(held: &Observed) -> Finding {
    finding(held, "extra", held.at_s)
}
