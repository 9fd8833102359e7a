//! `partner add | list | show | deactivate | activate`.

use engine::operate::{Request, operate};
use kernel::operator::{Action, Pay, Terms};
use kernel::{Currency, Ref};
use serde::Serialize;

use super::{actor, handle, house, refused, time};
use crate::cli::{Common, PartnerVerb, RateArgs, StatusArgs};
use crate::{Outcome, Stop, clock, output};

pub(crate) fn run(common: &Common, verb: PartnerVerb) -> Outcome {
    match verb {
        PartnerVerb::Add { handle: name_, name, email, rate, retroactive } => {
            let action = Action::PartnerAdd { handle: handle(&name_)?, name, email, terms: terms(&rate)? };
            act(common, action, None, retroactive)
        }
        PartnerVerb::List => list(common),
        PartnerVerb::Show { handle } => show(common, &handle),
        PartnerVerb::Deactivate(args) => status(common, &args, false),
        PartnerVerb::Activate(args) => status(common, &args, true),
    }
}

fn status(common: &Common, args: &StatusArgs, active: bool) -> Outcome {
    let action = Action::PartnerStatus { handle: handle(&args.handle)?, active };
    act(common, action, args.from.as_deref(), args.retroactive)
}

/// Appends one action to the operator log and says so.
pub(crate) fn act(common: &Common, action: Action, from: Option<&str>, retroactive: bool) -> Outcome {
    let more = recorded_words(&action);
    let request = Request { actor: actor(), effective_at: time(from)?, action, retroactive };
    let outcome = operate(&house(common)?, &request, clock::now()).map_err(|why| refused(common, why))?;
    #[derive(Serialize)]
    struct Done {
        seq: i64,
        changes: Vec<engine::operate::Change>,
    }
    if common.json {
        return output::print_json(&Done { seq: outcome.seq, changes: outcome.changes });
    }
    output::print(&format!("recorded as line {} of the operator log{more}\n", outcome.seq))
}

/// What was recorded, where a number is easily mistaken or the book was not said.
fn recorded_words(action: &Action) -> String {
    match action {
        Action::PartnerAdd { handle, terms, .. } | Action::TermsSet { handle, terms, .. } => match &terms.pay
        {
            Pay::RateBps(bps) => format!(": {handle} earns {} ({bps} bps)", crate::rate::words(*bps)),
            fixed @ Pay::Fixed { .. } => format!(": {handle} earns {}", pay_words(fixed)),
        },
        Action::Manual { book, .. } | Action::ProgramStart { book, .. } => {
            format!(", for the book {}", book.label())
        }
        _ => String::new(),
    }
}

/// The terms a set of rate flags describes.
pub(crate) fn terms(args: &RateArgs) -> Result<Terms, Stop> {
    let pay = match (args.rate_bps, args.fixed_minor, args.currency.as_deref()) {
        (Some(bps), _, _) => Pay::RateBps(bps),
        (None, Some(minor), Some(code)) => {
            let currency = Currency::parse(code)
                .ok_or_else(|| Stop::Usage(format!("'{code}' is not a currency code")))?;
            Pay::Fixed { minor, currency }
        }
        _ => return Err(Stop::Usage(
            "say what a sale earns: --rate-bps 1500 (15 %), or --fixed-minor 500 --currency usd (5.00 usd)"
                .to_owned(),
        )),
    };
    let mut products = Vec::new();
    for item in &args.product_rate {
        let refused = |why: &str| Stop::Usage(format!("--product-rate {item}: {why}"));
        let (product, rate) =
            item.split_once('=').ok_or_else(|| refused("write prod_...=1500, in basis points"))?;
        let product = Ref::parse(product).ok_or_else(|| refused("write prod_...=1500, in basis points"))?;
        products.push((product, crate::rate::bps(rate).map_err(|why| refused(&why))?));
    }
    products.sort();
    Ok(Terms { pay, products, hold_days: args.hold_days })
}

pub(crate) fn pay_words(pay: &Pay) -> String {
    match pay {
        Pay::RateBps(bps) => format!("{}.{:02} %", bps / 100, bps % 100),
        Pay::Fixed { minor, currency } => format!("{} per sale", output::money(*minor, currency.as_str())),
    }
}

#[derive(Serialize)]
struct PartnerShown {
    id: String,
    handle: String,
    name: String,
    email: String,
    active: bool,
    rate_bps: Option<i64>,
    terms_version: i64,
    codes: Vec<String>,
}

fn shown(registry: &rules::Registry) -> Vec<PartnerShown> {
    let now = clock::now();
    registry
        .partners()
        .map(|partner| {
            let terms = registry.terms_at(&partner.handle, now, now);
            PartnerShown {
                id: partner.id.clone(),
                handle: partner.handle.to_string(),
                name: partner.name.clone(),
                email: partner.email.clone(),
                active: partner.is_active(now),
                rate_bps: terms.and_then(|(_, terms)| match terms.pay {
                    Pay::RateBps(bps) => Some(bps),
                    Pay::Fixed { .. } => None,
                }),
                terms_version: terms.map_or(0, |(version, _)| version),
                codes: registry
                    .mappings()
                    .filter(|mapping| mapping.partner == partner.handle && mapping.holds_at(now))
                    .map(super::code::name)
                    .collect(),
            }
        })
        .collect()
}

fn list(common: &Common) -> Outcome {
    let registry = house(common)?.current_registry()?;
    let partners = shown(&registry);
    if common.json {
        return output::print_json(&partners);
    }
    let rows = partners
        .into_iter()
        .map(|partner| {
            vec![
                partner.handle,
                partner.name,
                partner.email,
                partner.rate_bps.map_or_else(|| "fixed".to_owned(), |bps| pay_words(&Pay::RateBps(bps))),
                if partner.active { "active" } else { "inactive" }.to_owned(),
                partner.codes.join(", "),
            ]
        })
        .collect();
    output::print_table(&["partner", "name", "e-mail", "earns", "status", "codes"], &["earns"], rows)
}

fn show(common: &Common, text: &str) -> Outcome {
    let house = house(common)?;
    let registry = house.current_registry()?;
    let wanted = handle(text)?;
    let Some(partner) = registry.partner(&wanted) else {
        return Err(super::no_partner(&wanted));
    };
    let totals = super::ledger::totals(&house, None, None)?
        .into_iter()
        .filter(|total| total.partner.as_deref() == Some(wanted.as_str()))
        .collect::<Vec<_>>();
    if common.json {
        #[derive(Serialize)]
        struct Whole {
            #[serde(flatten)]
            partner: PartnerShown,
            totals: Vec<super::ledger::Total>,
        }
        let partner = shown(&registry).into_iter().find(|shown| shown.handle == wanted.as_str());
        let Some(partner) = partner else { return Ok(()) };
        return output::print_json(&Whole { partner, totals });
    }
    let state = if partner.is_active(clock::now()) { "active" } else { "inactive" };
    output::print(&format!(
        "{} ({}) {} <{}>, {state}\n\nTerms\n",
        partner.handle, partner.id, partner.name, partner.email
    ))?;
    super::terms::print_versions(partner)?;
    output::print("\nCodes\n")?;
    super::code::print_mappings(&house, &registry, Some(&wanted))?;
    output::print("\nTotals\n")?;
    super::ledger::print_totals(totals)
}
