//! `terms set | show`.

use kernel::operator::{Action, Binds};
use kernel::time::rfc3339;
use rules::registry::Partner;
use serde::Serialize;

use super::{handle, house, partner};
use crate::cli::{self, Common, TermsVerb};
use crate::{Outcome, output};

pub(crate) fn run(common: &Common, verb: TermsVerb) -> Outcome {
    match verb {
        TermsVerb::Set { handle: name, rate, binds, from, retroactive } => {
            let binds = match binds {
                cli::Binds::All => Binds::All,
                cli::Binds::New => Binds::New,
            };
            let action = Action::TermsSet { handle: handle(&name)?, terms: partner::terms(&rate)?, binds };
            partner::act(common, action, from.as_deref(), retroactive)
        }
        TermsVerb::Show { handle: name } => show(common, &name),
    }
}

#[derive(Serialize)]
struct VersionShown {
    version: i64,
    pay: String,
    products: Vec<String>,
    hold_days: i64,
    binds: Binds,
    from: Option<String>,
}

fn versions(partner: &Partner) -> Vec<VersionShown> {
    partner
        .terms
        .iter()
        .map(|version| VersionShown {
            version: version.version,
            pay: super::partner::pay_words(&version.terms.pay),
            products: version
                .terms
                .products
                .iter()
                .map(|(product, bps)| format!("{product}={bps}"))
                .collect(),
            hold_days: version.terms.hold_days,
            binds: version.binds,
            from: version.from.map(rfc3339),
        })
        .collect()
}

fn show(common: &Common, name: &str) -> Outcome {
    let registry = house(common)?.current_registry()?;
    let wanted = handle(name)?;
    let Some(partner) = registry.partner(&wanted) else {
        return Err(super::no_partner(&wanted));
    };
    if common.json {
        return output::print_json(&versions(partner));
    }
    print_versions(partner)
}

pub(crate) fn print_versions(partner: &Partner) -> Outcome {
    let rows = versions(partner)
        .into_iter()
        .map(|version| {
            vec![
                version.version.to_string(),
                version.pay,
                version.products.join(", "),
                format!("{} days", version.hold_days),
                if version.binds == Binds::All { "all sales" } else { "new attributions" }.to_owned(),
                version.from.unwrap_or_else(|| "always".into()),
            ]
        })
        .collect();
    output::print_table(&["version", "pays", "products", "hold", "binds", "from"], &["version", "hold"], rows)
}
