//! What a sale earns its partner: attribution, amounts and terms put together, with the arithmetic
//! readable line by line. It computes the whole due every time; the difference is the ledger's business.

use std::collections::BTreeMap;

use kernel::operator::{Handle, Pay, RATE_BPS_MAX, Terms};
use kernel::time::DAY_MS;
use kernel::{ArithmeticOverflow, Kind, Ref, UnixMs, mul_div_floor};
use ledger::{Account, PositionKey};

use crate::attribution::{candidates, decide};
use crate::due::{Amounts, Attribution, Due, Line, Reason, SaleRefs, Share, SubscriptionAttribution};
use crate::explain;
use crate::products::{self, Spread};
use crate::registry::Registry;
use crate::reversal::Losses;
use crate::sale::{
    SUCCEEDED, assess, intents, is_listed, is_partly_paid, last_payment_at, sale_at, smallest,
};
use crate::view::{PaymentView, SaleView};

/// The whole of a sale; shares are said in basis points of it.
pub const WHOLE_BPS: i64 = 10_000;

/// What the books should say about this root now; `None`: no row, no position.
pub fn due(
    view: &SaleView,
    subscription: Option<&SubscriptionAttribution>,
    registry: &Registry,
) -> Result<Option<Due>, ArithmeticOverflow> {
    if !is_listed(view)? {
        return Ok(None);
    }
    let Some((amounts, losses)) = assess(view)? else { return Ok(None) };
    let attribution = decide(view, candidates(view, subscription, registry), subscription, registry);
    let sold_at = sale_at(view);
    let mut lines = explain::of_amounts(&amounts);
    let terms = attribution.partner.as_ref().and_then(|it| registry.terms_at(it, sold_at, attribution.at));
    let earned = match terms {
        Some((_, terms)) => earn(view, &amounts, &attribution, terms, &mut lines)?,
        None => Earned { commission: 0, rate_bps: None },
    };
    let earned_minor = match terms {
        Some((_, terms)) if amounts.remaining_minor != amounts.paid_minor => {
            earn(view, &before_reversal(&amounts), &attribution, terms, &mut Vec::new())?.commission
        }
        _ => earned.commission,
    };
    let partner = attribution.partner.clone();
    let share_bps = if partner.is_some() { WHOLE_BPS } else { 0 };
    Ok(Some(Due {
        shares: vec![Share { partner, share_bps, commission_minor: earned.commission, earned_minor }],
        amounts,
        rate_bps: earned.rate_bps,
        terms_version: terms.map(|(version, _)| version),
        held: losses.held,
        partly_paid: is_partly_paid(view),
        sale_at: sold_at,
        available_at: terms.map(|(_, terms)| available_at(view, terms, &losses)),
        refs: refs(view),
        lines,
        attribution,
    }))
}

/// What the ledger should show for this sale: the expense, and what is owed or held, per partner.
#[must_use]
pub fn positions(due: &Due) -> BTreeMap<PositionKey, i64> {
    let owed = if due.held { Account::CommissionHeld } else { Account::CommissionPayable };
    let currency = due.amounts.currency;
    let mut positions = BTreeMap::new();
    for share in due.shares.iter().filter(|share| share.commission_minor != 0) {
        let Some(partner) = &share.partner else { continue };
        let mut add = |account, minor: i64| {
            let key = PositionKey { account, partner: partner.clone(), currency };
            *positions.entry(key).or_default() += minor;
        };
        add(Account::CommissionExpense, share.commission_minor);
        add(owed, -share.commission_minor);
    }
    positions
}

/// The amounts as if nothing had come back.
const fn before_reversal(amounts: &Amounts) -> Amounts {
    Amounts { base_minor: amounts.net_sold_minor, remaining_minor: amounts.paid_minor, ..*amounts }
}

struct Earned {
    commission: i64,
    rate_bps: Option<i64>,
}

fn earn(
    view: &SaleView,
    amounts: &Amounts,
    attribution: &Attribution,
    terms: &Terms,
    lines: &mut Vec<Line>,
) -> Result<Earned, ArithmeticOverflow> {
    let refused = matches!(attribution.reason, Reason::BeforeStart | Reason::PartnerInactive);
    let base = if refused { 0 } else { amounts.base_minor };
    let (commission, rate_bps) = match &terms.pay {
        Pay::Fixed { minor, currency } if *currency == amounts.currency && base > 0 => {
            let commission = mul_div_floor(*minor, amounts.remaining_minor, amounts.paid_minor)?;
            lines.push(explain::fixed(*minor, amounts, commission));
            (commission, None)
        }
        Pay::Fixed { currency, .. } => {
            lines.extend((!refused).then(|| explain::no_fixed(amounts, *currency)));
            (0, None)
        }
        Pay::RateBps(general) => match products::spread(view, amounts, terms, *general, base)? {
            Spread::One(rate_bps) => {
                let commission = mul_div_floor(base, rate_bps, RATE_BPS_MAX)?;
                if !refused {
                    lines.push(explain::rate(base, rate_bps, commission));
                }
                (commission, Some(rate_bps))
            }
            Spread::Several(parts) => {
                let commission = products::commission(&parts)?;
                if !refused {
                    lines.extend(explain::several(&parts, commission));
                }
                (commission, None)
            }
        },
    };
    if refused {
        lines.push(explain::refused(attribution.reason));
    }
    Ok(Earned { commission, rate_bps })
}

/// The last payment and the hold; after a won dispute not before its closing.
fn available_at(view: &SaleView, terms: &Terms, losses: &Losses) -> UnixMs {
    let hold = terms.hold_days.saturating_mul(DAY_MS);
    let ripe = last_payment_at(view).saturating_add(hold);
    losses.won_at.map_or(ripe, |won_at| ripe.max(won_at))
}

fn refs(view: &SaleView) -> SaleRefs {
    let root = |kind: Kind| (view.root.kind == kind).then_some(&view.root.id);
    let invoice = view.invoice.as_ref();
    let sessions = || view.sessions.iter().map(|(_, session)| session);
    let keyed = view.payments.iter().filter(|payment| payment.key.kind == Kind::Intent);
    let of_charges = view.payments.iter().flat_map(|payment| &payment.charges);
    let customers = invoice.and_then(|invoice| invoice.customer.as_ref()).into_iter();
    let customers = customers.chain(sessions().filter_map(|session| session.customer.as_ref()));
    let customers = customers.chain(intents(view).filter_map(|intent| intent.customer.as_ref()));
    let customers = customers.chain(of_charges.clone().filter_map(|(_, charge)| charge.customer.as_ref()));
    // The intent that paid; one that failed before it is linked in some API versions and not in others.
    let paid =
        smallest(keyed.clone().filter(|payment| has_succeeded(payment)).map(|payment| &payment.key.id));
    let intents = keyed.map(|payment| &payment.key.id);
    let intents = intents.chain(sessions().filter_map(|session| session.intent.as_ref()));
    let sessions: Vec<&Ref> = view.sessions.iter().map(|(id, _)| id).chain(root(Kind::Session)).collect();
    SaleRefs {
        invoice: root(Kind::Invoice).cloned(),
        session: smallest(sessions.into_iter()),
        intent: paid.or_else(|| smallest(intents.chain(root(Kind::Intent)))),
        customer: smallest(customers),
        subscription: view.subscription.clone(),
    }
}

fn has_succeeded(payment: &PaymentView) -> bool {
    payment.intent.as_ref().is_some_and(|intent| intent.status == SUCCEEDED)
        || payment.charges.iter().any(|(_, charge)| charge.status == SUCCEEDED)
}

/// The partner this due names, for those who only want to know that.
#[must_use]
pub fn partner(due: &Due) -> Option<&Handle> {
    due.attribution.partner.as_ref()
}
