//! Configuration: flags over environment over file over defaults. Read once, here; nothing else in the
//! house looks at the environment. Secrets are never printed.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use web::{Modes, Secret};

use crate::Stop;
use crate::alerting::{self, AlertsFile};
use crate::cli::{Common, Role};
use crate::observe::{self, TelemetryFile};
use crate::outgoing::{Given, Settings};
use crate::secrets_file::SecretsFile;

/// The file's keys; every one has an environment variable of the same meaning (see `.env.example`).
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct File {
    database_url: Option<String>,
    listen: Option<String>,
    gate_listen: Option<String>,
    role: Option<Role>,
    workers: Option<usize>,
    mode: Option<String>,
    stripe_webhook_secret: Option<String>,
    stripe_webhook_secret_live: Option<String>,
    stripe_webhook_secret_test: Option<String>,
    stripe_webhook_secret_connect: Option<String>,
    operator_password: Option<String>,
    api_token: Option<String>,
    stripe_api_key: Option<String>,
    stripe_api_key_test: Option<String>,
    stripe_api_base: Option<String>,
    stripe_api_version: Option<String>,
    secrets_file: Option<String>,
    archive_dir: Option<PathBuf>,
    retention_months: Option<u32>,
    alerts: AlertsFile,
    log: Option<String>,
    log_format: Option<observe::Format>,
    telemetry: TelemetryFile,
}

pub(crate) struct Config {
    pub(crate) database_url: String,
    pub(crate) listen: String,
    pub(crate) gate_listen: Option<String>,
    pub(crate) role: Role,
    pub(crate) workers: usize,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) operator_password: Option<String>,
    pub(crate) api_token: Option<String>,
    /// Names of the settings that gave secrets, for `config check`.
    pub(crate) secret_sources: Vec<&'static str>,
    /// Those of them that hold something which does not look like a secret, for `config check`.
    pub(crate) odd_secrets: Vec<&'static str>,
    pub(crate) stripe: Settings,
    /// Where `webhooks setup` keeps signing secrets.
    pub(crate) secrets_file: PathBuf,
    /// The folder in which archived bodies are looked for, or one archive in it.
    pub(crate) archive: Option<PathBuf>,
    /// After so many months the bodies of events go to the archive; `None`: never.
    pub(crate) retention_months: Option<u32>,
    pub(crate) alerts: alerting::Settings,
    pub(crate) observed: observe::Given,
}

/// What `config dump` prints.
#[derive(Serialize)]
pub(crate) struct Dump<'a> {
    database_url: String,
    listen: &'a str,
    gate_listen: Option<&'a str>,
    role: Role,
    workers: usize,
    webhook_secrets: Vec<String>,
    operator_password: &'static str,
    api_token: &'static str,
    stripe_api_key: String,
    stripe_api_key_test: String,
    stripe_api_base: &'a str,
    stripe_api_version: &'a str,
    secrets_file: String,
    archive_dir: Option<String>,
    retention_months: Option<u32>,
    alerts: alerting::Dump,
    telemetry: observe::Dump,
}

impl Config {
    pub(crate) fn read(common: &Common) -> Result<Self, Stop> {
        let mut file = read_file(common.config.as_deref())?;
        let observed = take_observed(&mut file, common)?;
        let mode = setting("COUNTINGHOUSE_MODE", file.mode.take());
        let stripe = Settings::read(Given {
            key: setting("STRIPE_API_KEY", file.stripe_api_key.take()),
            key_test: setting("STRIPE_API_KEY_TEST", file.stripe_api_key_test.take()),
            base: setting("STRIPE_API_BASE", file.stripe_api_base.take()),
            version: setting("STRIPE_API_VERSION", file.stripe_api_version.take()),
            proxy: setting("HTTPS_PROXY", setting("https_proxy", None)),
            mode: mode.clone(),
        })?;
        let secrets_file = setting("COUNTINGHOUSE_SECRETS_FILE", file.secrets_file.take())
            .unwrap_or_else(|| "countinghouse.secrets".to_owned());
        let kept_in = setting("COUNTINGHOUSE_ARCHIVE_DIR", None).map(PathBuf::from);
        let archive = common.archive.clone().or(kept_in).or_else(|| file.archive_dir.take());
        let WebhookSecrets { secrets, sources, odd } =
            webhook_secrets(&mut file, mode.as_deref(), &secrets_file)?;
        Ok(Self {
            database_url: common
                .database_url
                .clone()
                .or_else(|| setting("COUNTINGHOUSE_DATABASE_URL", file.database_url))
                .unwrap_or_else(|| "sqlite:countinghouse.db".to_owned()),
            listen: setting("COUNTINGHOUSE_LISTEN", file.listen)
                .unwrap_or_else(|| "127.0.0.1:4242".to_owned()),
            gate_listen: setting("COUNTINGHOUSE_GATE_LISTEN", file.gate_listen),
            role: role(file.role)?,
            workers: workers(file.workers)?.clamp(1, 64),
            secrets,
            operator_password: setting("COUNTINGHOUSE_OPERATOR_PASSWORD", file.operator_password),
            api_token: setting("COUNTINGHOUSE_API_TOKEN", file.api_token),
            secret_sources: sources,
            odd_secrets: odd,
            stripe,
            secrets_file: secrets_file.into(),
            retention_months: retention(file.retention_months, archive.is_some())?,
            archive,
            alerts: alerting::Settings::read(file.alerts, &setting)?,
            observed,
        })
    }

    pub(crate) fn dump(&self) -> Dump<'_> {
        let known = |value: &Option<String>| if value.is_some() { "[set]" } else { "[not set]" };
        let key = |key: &Option<stripe::Key>| {
            key.as_ref().map_or_else(|| "[not set]".to_owned(), |key| format!("[set] {:?}", key.kind()))
        };
        Dump {
            database_url: without_password(&self.database_url),
            listen: &self.listen,
            gate_listen: self.gate_listen.as_deref(),
            role: self.role,
            workers: self.workers,
            webhook_secrets: self
                .secrets
                .iter()
                .map(|secret| format!("{:?} {:?}", secret.modes, secret.scope))
                .collect(),
            operator_password: known(&self.operator_password),
            api_token: known(&self.api_token),
            stripe_api_key: key(&self.stripe.live),
            stripe_api_key_test: key(&self.stripe.test),
            stripe_api_base: self.stripe.base.as_str(),
            stripe_api_version: self.stripe.version.as_str(),
            secrets_file: self.secrets_file.display().to_string(),
            archive_dir: self.archive.as_ref().map(|path| path.display().to_string()),
            retention_months: self.retention_months,
            alerts: self.alerts.dump(),
            telemetry: self.observed.dump(),
        }
    }
}

/// What is told of the program's work, read before anything else. A file that cannot be read is the verb's to complain of.
pub(crate) fn observed(common: &Common) -> Result<observe::Given, Stop> {
    take_observed(&mut read_file(common.config.as_deref()).unwrap_or_default(), common)
}

fn take_observed(file: &mut File, common: &Common) -> Result<observe::Given, Stop> {
    let telemetry = std::mem::take(&mut file.telemetry);
    observe::Given::read(file.log.take(), file.log_format, telemetry, common.log_format, &setting)
}

/// Signing secrets, the names of the settings that gave any, and those that gave something odd.
#[derive(Default)]
struct WebhookSecrets {
    secrets: Vec<Secret>,
    sources: Vec<&'static str>,
    odd: Vec<&'static str>,
}

/// Those of the environment or the configuration file, and those that `webhooks setup` has kept.
fn webhook_secrets(file: &mut File, mode: Option<&str>, secrets_file: &str) -> Result<WebhookSecrets, Stop> {
    let alias_modes = match mode {
        Some("live") => Modes::Live,
        None | Some("test" | "") => Modes::Test,
        Some(other) => {
            return Err(Stop::Usage(format!("COUNTINGHOUSE_MODE is '{other}'; it is 'live' or 'test'")));
        }
    };
    let kept = SecretsFile::at(secrets_file).read().map_err(Stop::Usage)?;
    let mut found = WebhookSecrets::default();
    for (name, value, modes, connect) in [
        ("STRIPE_WEBHOOK_SECRET_LIVE", file.stripe_webhook_secret_live.take(), Modes::Live, false),
        ("STRIPE_WEBHOOK_SECRET_TEST", file.stripe_webhook_secret_test.take(), Modes::Test, false),
        ("STRIPE_WEBHOOK_SECRET_CONNECT", file.stripe_webhook_secret_connect.take(), Modes::Both, true),
        ("STRIPE_WEBHOOK_SECRET", file.stripe_webhook_secret.take(), alias_modes, false),
    ] {
        let given = setting(name, value).unwrap_or_default();
        let known: Vec<&str> = given.split(',').map(str::trim).collect();
        let more = kept.get(name).unwrap_or_default().split(',').filter(|secret| !known.contains(secret));
        let text = known.iter().copied().chain(more).collect::<Vec<_>>().join(",");
        let list =
            Secret::parse_list(&text, modes, connect).map_err(|why| Stop::Usage(format!("{name}: {why}")))?;
        if !list.is_empty() {
            found.sources.push(name);
        }
        if text.split(',').any(looks_like_none) {
            found.odd.push(name);
        }
        found.secrets.extend(list);
    }
    Ok(found)
}

fn workers(file: Option<usize>) -> Result<usize, Stop> {
    match setting("COUNTINGHOUSE_WORKERS", None) {
        Some(text) => {
            text.parse().map_err(|_| Stop::Usage(format!("COUNTINGHOUSE_WORKERS is '{text}', not a number")))
        }
        None => Ok(file.unwrap_or(1)),
    }
}

const RETENTION_MONTHS_MAX: u32 = 1_200;

/// How long bodies stay; 0 is off, as is nothing.
fn retention(file: Option<u32>, has_archive: bool) -> Result<Option<u32>, Stop> {
    const NAME: &str = "COUNTINGHOUSE_RETENTION_MONTHS";
    let months = match setting(NAME, None) {
        Some(text) => text.trim().parse().ok(),
        None => Some(file.unwrap_or(0)),
    };
    match months {
        Some(0) => Ok(None),
        Some(1..=RETENTION_MONTHS_MAX) if !has_archive => Err(Stop::Usage(format!(
            "{NAME} needs a place for the bodies: set COUNTINGHOUSE_ARCHIVE_DIR to a folder"
        ))),
        Some(months) if months <= RETENTION_MONTHS_MAX => Ok(Some(months)),
        _ => Err(Stop::Usage(format!("{NAME} is a number of months, 1 to {RETENTION_MONTHS_MAX}; 0 is off"))),
    }
}

fn role(file: Option<Role>) -> Result<Role, Stop> {
    match setting("COUNTINGHOUSE_ROLE", None).as_deref() {
        Some("gate") => Ok(Role::Gate),
        Some("worker") => Ok(Role::Worker),
        Some("all") => Ok(Role::All),
        Some(other) => {
            Err(Stop::Usage(format!("COUNTINGHOUSE_ROLE is '{other}'; it is gate, worker or all")))
        }
        None => Ok(file.unwrap_or(Role::All)),
    }
}

/// A setting from the environment, else from the file. An empty variable counts as not set.
#[expect(clippy::disallowed_methods, reason = "configuration is read here and nowhere else")]
fn setting(name: &str, file: Option<String>) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty()).or(file)
}

/// Of one item of a list of secrets: Stripe's all begin alike, also the one that `stripe listen` prints.
fn looks_like_none(item: &str) -> bool {
    let item = item.trim();
    let secret = item.split_once('=').filter(|(label, _)| label.starts_with("acct_")).map_or(item, |it| it.1);
    !secret.is_empty() && !secret.starts_with("whsec_")
}

/// Variables that look like ours and are read by nobody.
pub(crate) fn unread_variables() -> Vec<crate::names::Unread> {
    crate::names::unread(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()))
}

/// What is wrong with an address to listen at, as far as its text tells.
pub(crate) fn address_problem(address: &str) -> Option<String> {
    let port = address.rsplit_once(':').map(|(host, port)| (host, port.parse::<u16>()));
    let host_fits =
        |host: &str| !host.is_empty() && !host.contains(char::is_whitespace) && !host.contains('/');
    let fits = match port {
        Some((host, Ok(_))) => host_fits(host) && (host.starts_with('[') || !host.contains(':')),
        _ => false,
    };
    (!fits).then(|| format!("'{address}' is no address to listen at: write HOST:PORT, as 127.0.0.1:4242"))
}

fn read_file(path: Option<&Path>) -> Result<File, Stop> {
    let (path, asked) = match path {
        Some(path) => (path, true),
        None => (Path::new("countinghouse.toml"), false),
    };
    match std::fs::read_to_string(path) {
        Ok(text) => toml::from_str(&text).map_err(|why| {
            // The message's own excerpt could show a secret: only the place is repeated.
            let line = why.span().map_or(0, |span| text[..span.start.min(text.len())].lines().count().max(1));
            Stop::Usage(format!("{}: line {line}: {}", path.display(), why.message()))
        }),
        Err(why) if !asked && why.kind() == std::io::ErrorKind::NotFound => Ok(File::default()),
        Err(why) => Err(Stop::Usage(format!("{}: {why}", path.display()))),
    }
}

/// A database URL fit to be shown. Of what is no URL only the beginning is: nobody knows what is in it.
pub(crate) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        let known = url.starts_with("sqlite:");
        return if known { url.to_owned() } else { format!("{}...", before_any(url, &[':', '/', '=', '@'])) };
    };
    match rest.rsplit_once('@') {
        Some((login, place)) => {
            let user = login.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{place}").split("password=").next().unwrap_or_default().to_owned()
        }
        None => url.split("password=").next().unwrap_or_default().to_owned(),
    }
}

fn before_any<'a>(text: &'a str, ends: &[char]) -> &'a str {
    text.split(ends).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{address_problem, looks_like_none, without_password};

    #[test]
    fn an_address_to_listen_at_is_a_host_and_a_port() {
        for fits in ["127.0.0.1:4242", "localhost:80", "[::1]:4242", "0.0.0.0:0"] {
            assert_eq!(address_problem(fits), None);
        }
        for wrong in
            ["4242", ":4242", "localhost", "localhost:http", "127.0.0.1:99999", "::1:4242", "http://x:1", ""]
        {
            assert!(address_problem(wrong).is_some(), "{wrong}");
        }
    }

    #[test]
    fn a_secret_begins_like_one() {
        for (item, odd) in [
            ("whsec_a", false),
            (" acct_1=whsec_b", false),
            ("", false),
            ("sk_live_x", true),
            ("acct_1=we_1", true),
        ] {
            assert_eq!(looks_like_none(item), odd, "{item}");
        }
    }

    #[test]
    fn a_database_url_is_shown_without_its_password() {
        for (url, shown) in [
            ("postgres://u:p@h/d", "postgres://u@h/d"),
            ("postgres://u:p@ss@h/d", "postgres://u@h/d"),
            ("sqlite:x.db", "sqlite:x.db"),
            ("postgres://h/d?password=p", "postgres://h/d?"),
            ("postgres:u:p@h/d", "postgres..."),
            ("postgres//u:p@h/d", "postgres..."),
            ("host=h password=p", "host..."),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}
