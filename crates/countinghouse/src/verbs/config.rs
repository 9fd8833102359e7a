//! `config check | dump`. What one purchase would come to is in `purchase.rs`.

use std::sync::Arc;

use serde::Serialize;

use crate::cli::{Common, ConfigVerb};
use crate::config::{self, Config};
use crate::outgoing::level::{self, KeyReport, Level};
use crate::outgoing::{Outgoing, Waits};
use crate::secrets_file::SecretsFile;
use crate::{Outcome, Stop, alerting, output};

pub(crate) fn run(common: &Common, verb: ConfigVerb) -> Outcome {
    let config = Config::read(common)?;
    match verb {
        ConfigVerb::Dump => output::print_json(&config.dump()),
        ConfigVerb::Check { session: None, .. } => check(common, &config),
        ConfigVerb::Check { session: Some(id), book } => {
            super::purchase::run(common, &config, &id, book.as_deref())
        }
    }
}

/// What was looked at, and how it is: `ok`, `MISS` (to be mended) or `note`.
#[derive(Serialize)]
struct Finding {
    state: &'static str,
    text: String,
}

#[derive(Serialize)]
struct Report {
    ok: bool,
    findings: Vec<Finding>,
    stripe_keys: Vec<KeyReport>,
}

impl Report {
    fn add(&mut self, state: &'static str, text: impl Into<String>) {
        self.ok &= state != "MISS";
        self.findings.push(Finding { state, text: text.into() });
    }
}

fn check(common: &Common, config: &Config) -> Outcome {
    let mut report = Report { ok: true, findings: Vec::new(), stripe_keys: Vec::new() };
    let house = super::open(config);
    match &house {
        Ok(_) => report.add("ok", "the database opens"),
        Err(Stop::Usage(why) | Stop::Found(why)) if common.json => report.add("MISS", why.as_str()),
        Err(_) => report.ok = false,
    }
    secrets(config, &mut report);
    names_and_addresses(config, &mut report);
    password(config, &mut report);
    alerts(config, &mut report)?;
    keys(config, &mut report)?;
    if common.json {
        output::print_json(&report)?;
    } else {
        for Finding { state, text } in &report.findings {
            output::print(&format!("{state:5} {text}\n"))?;
        }
    }
    let wrong = report.findings.iter().filter(|finding| finding.state == "MISS").count();
    match house {
        Err(why) => Err(why),
        Ok(_) if wrong > 0 => Err(Stop::Found(format!("{wrong} thing(s) to mend"))),
        Ok(_) => Ok(()),
    }
}

fn secrets(config: &Config, report: &mut Report) {
    if config.secrets.is_empty() {
        report.add(
            "MISS",
            "no webhook secret: every delivery will be refused. Set STRIPE_WEBHOOK_SECRET_LIVE or _TEST to the endpoint's whsec_..., or have it made: countinghouse webhooks setup --url https://...",
        );
    } else {
        report.add("ok", format!("webhook secrets from {}", config.secret_sources.join(", ")));
    }
    if SecretsFile::at(&config.secrets_file).is_open_to_others() {
        let path = config.secrets_file.display();
        report.add("MISS", format!("{path} may be read by others on this machine: chmod 600 {path}"));
    }
}

/// What is read by nobody, and what nobody can listen at.
fn names_and_addresses(config: &Config, report: &mut Report) {
    for name in &config.odd_secrets {
        let what = "holds something that does not begin with whsec_: copy the signing secret from the endpoint's \
                    page in Stripe, not its id and not an API key";
        report.add("MISS", format!("{name} {what}"));
    }
    for address in std::iter::once(&config.listen).chain(&config.gate_listen) {
        if let Some(why) = config::address_problem(address) {
            report.add("MISS", why);
        }
    }
    for why in config.observed.problems() {
        report.add("MISS", why);
    }
    for unread in config::unread_variables() {
        report.add(if unread.is_ours() { "MISS" } else { "note" }, unread.words());
    }
}

fn password(config: &Config, report: &mut Report) {
    let loopback = |address: &str| {
        address.starts_with("127.") || address.starts_with("localhost") || address.starts_with("[::1]")
    };
    if let Err(Stop::Usage(why) | Stop::Found(why)) = super::serve::access(config) {
        report.add("MISS", why);
    }
    match (&config.operator_password, loopback(&config.listen)) {
        (Some(_), _) => report.add("ok", "the console asks for the operator password"),
        (None, true) => report.add("ok", "no operator password: the console answers this machine only"),
        (None, false) => report.add(
            "note",
            "no operator password: the console refuses everybody but this machine. Set COUNTINGHOUSE_OPERATOR_PASSWORD",
        ),
    }
}

/// Where word of trouble goes to.
fn alerts(config: &Config, report: &mut Report) -> Outcome {
    let sinks = alerting::sinks(&config.alerts)?;
    if sinks.is_empty() {
        report.add(
            "note",
            "alerts are shown on the console and by `alerts list`, and sent nowhere: docs/operating.md",
        );
    } else {
        let names: Vec<&str> = sinks.iter().map(|sink| sink.name()).collect();
        report.add("ok", format!("alerts go to: {}; `countinghouse alerts test` tries it", names.join(", ")));
    }
    if config.alerts.mail_unaddressed {
        report.add(
            "note",
            "COUNTINGHOUSE_SMTP_URL is set, but alerts go by mail only with COUNTINGHOUSE_ALERT_MAIL_FROM and \
             COUNTINGHOUSE_ALERT_MAIL_TO",
        );
    }
    Ok(())
}

fn keys(config: &Config, report: &mut Report) -> Outcome {
    let outgoing = Outgoing::new(&config.stripe, &Arc::new(Waits::default()))?;
    if outgoing.is_empty() {
        report.add("note", no_key());
    } else if !config.stripe.base.is_stripe() {
        report.add("note", format!("Stripe is called at {}", config.stripe.base.as_str()));
    }
    for (book, client) in outgoing.own() {
        let key = level::examine(&book.label(), client);
        for (state, text) in key.lines() {
            report.add(state, text);
        }
        report.stripe_keys.push(key);
    }
    Ok(())
}

/// What it means to have no key.
fn no_key() -> String {
    format!(
        "no Stripe key (STRIPE_API_KEY, STRIPE_API_KEY_TEST): {}",
        Level::None.loses().unwrap_or_default()
    )
}

/// At start: what the keys may do, in the background, so that nothing waits for Stripe.
pub(crate) fn check_keys_aside(outgoing: &Outgoing) {
    let outgoing = outgoing.clone();
    let spawned = std::thread::Builder::new().name("key-check".into()).spawn(move || {
        for (book, client) in outgoing.own() {
            let key = level::examine(&book.label(), client);
            for (state, text) in key.lines() {
                output::remark(&format!("{state:5} {text}"));
            }
        }
    });
    if let Err(why) = spawned {
        tracing::warn!(error = %why, "the Stripe keys were not checked");
    }
}
