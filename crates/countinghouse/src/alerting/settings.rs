//! The section `[alerts]` of the configuration file and the variables of the same meaning. URLs and secrets are never
//! printed.

use engine::alert::Thresholds;
use serde::{Deserialize, Serialize};

use crate::Stop;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AlertsFile {
    hook_url: Option<String>,
    hook_secret: Option<String>,
    slack_url: Option<String>,
    smtp_url: Option<String>,
    mail_from: Option<String>,
    mail_to: Option<String>,
    parked_over: Option<i64>,
    quarantined_over: Option<i64>,
    lag_over_s: Option<i64>,
    silence_events: Option<i64>,
    delivery_under_bps: Option<i64>,
    retention_failures_over: Option<i64>,
    every_s: Option<i64>,
    remind_every_h: Option<i64>,
}

pub(crate) struct MailSettings {
    pub(crate) smtp_url: String,
    pub(crate) from: String,
    pub(crate) to: String,
}

pub(crate) struct Settings {
    pub(crate) thresholds: Thresholds,
    pub(crate) hook: Option<(String, facts::Secret)>,
    pub(crate) slack: Option<String>,
    pub(crate) mail: Option<MailSettings>,
    /// A mail server is set, and nobody who writes to whom.
    pub(crate) mail_unaddressed: bool,
}

/// What `config dump` prints.
#[derive(Serialize)]
pub(crate) struct Dump {
    hook: &'static str,
    slack: &'static str,
    mail: &'static str,
    parked_over: i64,
    quarantined_over: i64,
    lag_over_s: i64,
    silence_events: i64,
    delivery_under_bps: i64,
    retention_failures_over: i64,
    every_s: i64,
    remind_every_h: i64,
}

/// A variable's value, else the file's.
type Setting<'a> = &'a dyn Fn(&str, Option<String>) -> Option<String>;

const HOUR_S: i64 = 3600;

impl Settings {
    pub(crate) fn read(file: AlertsFile, setting: Setting<'_>) -> Result<Self, Stop> {
        let thresholds = thresholds(&file, setting)?;
        let hook_url = url("COUNTINGHOUSE_ALERT_HOOK_URL", file.hook_url, setting)?;
        let hook_secret = setting("COUNTINGHOUSE_ALERT_HOOK_SECRET", file.hook_secret);
        let hook = match (hook_url, hook_secret.as_deref().and_then(|text| facts::Secret::new(text.trim()))) {
            (None, _) => None,
            (Some(url), Some(secret)) => Some((url, secret)),
            (Some(_), None) => {
                return Err(Stop::Usage(
                    "COUNTINGHOUSE_ALERT_HOOK_URL is set without COUNTINGHOUSE_ALERT_HOOK_SECRET; give a long \
                     random text that the receiver knows too, so that it can tell who speaks"
                        .to_owned(),
                ));
            }
        };
        let slack = url("COUNTINGHOUSE_ALERT_SLACK_URL", file.slack_url, setting)?;
        let smtp_url = setting("COUNTINGHOUSE_SMTP_URL", file.smtp_url);
        let from = setting("COUNTINGHOUSE_ALERT_MAIL_FROM", file.mail_from);
        let to = setting("COUNTINGHOUSE_ALERT_MAIL_TO", file.mail_to);
        let mail_unaddressed = smtp_url.is_some() && from.is_none() && to.is_none();
        let mail = match (smtp_url, from, to) {
            (Some(smtp_url), Some(from), Some(to)) => Some(MailSettings { smtp_url, from, to }),
            (_, None, None) => None,
            _ => {
                return Err(Stop::Usage(
                    "alerts by mail need all three of COUNTINGHOUSE_SMTP_URL, COUNTINGHOUSE_ALERT_MAIL_FROM and \
                     COUNTINGHOUSE_ALERT_MAIL_TO"
                        .to_owned(),
                ));
            }
        };
        Ok(Self { thresholds, hook, slack, mail, mail_unaddressed })
    }

    pub(crate) fn dump(&self) -> Dump {
        let known = |set: bool| if set { "[set]" } else { "[not set]" };
        let Thresholds { parked_over, quarantined_over, silence_events, delivery_under_bps, .. } =
            self.thresholds;
        Dump {
            hook: known(self.hook.is_some()),
            slack: known(self.slack.is_some()),
            mail: known(self.mail.is_some()),
            parked_over,
            quarantined_over,
            lag_over_s: self.thresholds.lag_over_ms / 1000,
            silence_events,
            delivery_under_bps,
            retention_failures_over: self.thresholds.retention_failures_over,
            every_s: self.thresholds.every_ms / 1000,
            remind_every_h: self.thresholds.remind_every_ms / 1000 / HOUR_S,
        }
    }
}

fn thresholds(file: &AlertsFile, setting: Setting<'_>) -> Result<Thresholds, Stop> {
    let usual = Thresholds::default();
    let number =
        |name: &str, file: Option<i64>, least: i64, usual: i64| {
            let Some(text) = setting(name, file.map(|number| number.to_string())) else { return Ok(usual) };
            text.trim().parse().ok().filter(|number| (least..=1_000_000_000).contains(number)).ok_or_else(
                || Stop::Usage(format!("{name} is '{text}'; it is a whole number, {least} or more")),
            )
        };
    Ok(Thresholds {
        parked_over: number("COUNTINGHOUSE_ALERT_PARKED_OVER", file.parked_over, 0, usual.parked_over)?,
        quarantined_over: number(
            "COUNTINGHOUSE_ALERT_QUARANTINED_OVER",
            file.quarantined_over,
            0,
            usual.quarantined_over,
        )?,
        lag_over_ms: 1000
            * number("COUNTINGHOUSE_ALERT_LAG_OVER_S", file.lag_over_s, 1, usual.lag_over_ms / 1000)?,
        silence_events: number(
            "COUNTINGHOUSE_ALERT_SILENCE_EVENTS",
            file.silence_events,
            1,
            usual.silence_events,
        )?,
        delivery_under_bps: number(
            "COUNTINGHOUSE_ALERT_DELIVERY_UNDER_BPS",
            file.delivery_under_bps,
            0,
            usual.delivery_under_bps,
        )?,
        retention_failures_over: number(
            "COUNTINGHOUSE_ALERT_RETENTION_FAILURES_OVER",
            file.retention_failures_over,
            0,
            usual.retention_failures_over,
        )?,
        every_ms: 1000 * number("COUNTINGHOUSE_ALERT_EVERY_S", file.every_s, 1, usual.every_ms / 1000)?,
        remind_every_ms: 1000
            * HOUR_S
            * number(
                "COUNTINGHOUSE_ALERT_REMIND_EVERY_H",
                file.remind_every_h,
                1,
                usual.remind_every_ms / 1000 / HOUR_S,
            )?,
    })
}

fn url(name: &str, file: Option<String>, setting: Setting<'_>) -> Result<Option<String>, Stop> {
    let Some(url) = setting(name, file) else { return Ok(None) };
    let url = url.trim().to_owned();
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let fits = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        && url.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(Some(url)) } else { Err(Stop::Usage(format!("{name} is no URL; write https://HOST/PATH"))) }
}
