//! What is told to whom: the log's settings, the section `[telemetry]` of the configuration file, and OpenTelemetry's and Sentry's
//! own variables. Addresses and headers may hold secrets and are never printed.

use serde::{Deserialize, Serialize};
use tracing_subscriber::filter::{LevelFilter, Targets};

use super::lines::Format;
use super::sentry::Dsn;
use super::traces::{Sampler, TARGET};
use crate::Stop;

#[derive(Deserialize, Default, Clone)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TelemetryFile {
    otlp_endpoint: Option<String>,
    otlp_headers: Option<String>,
    service_name: Option<String>,
    sentry_dsn: Option<String>,
    sentry_environment: Option<String>,
}

/// What `config dump` prints.
#[derive(Serialize)]
pub(crate) struct Dump {
    log_format: Format,
    traces: &'static str,
    sentry: &'static str,
}

/// A variable's value, else the file's.
type Setting<'a> = &'a dyn Fn(&str, Option<String>) -> Option<String>;

/// As given, not looked at: what is wrong with it is said where it is used.
#[derive(Clone)]
pub(crate) struct Given {
    log: Option<String>,
    format: Format,
    traces: GivenTraces,
    sentry_dsn: Option<String>,
    sentry_environment: Option<String>,
}

#[derive(Clone)]
struct GivenTraces {
    off: bool,
    endpoint: Option<String>,
    headers: Option<String>,
    protocol: Option<String>,
    timeout_ms: Option<String>,
    service_name: Option<String>,
    resource: Option<String>,
    sampler: Option<String>,
    sampler_arg: Option<String>,
}

pub(super) struct TraceSettings {
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) timeout_ms: u64,
    pub(super) resource: Vec<(String, String)>,
    pub(super) sampler: Sampler,
}

pub(super) struct SentrySettings {
    pub(super) dsn: Dsn,
    pub(super) environment: Option<String>,
}

const TIMEOUT_MS: u64 = 10_000;
const PROTOCOL: &str = "http/protobuf";

impl Given {
    /// `flag` is `--log-format`.
    pub(crate) fn read(
        log: Option<String>,
        file_format: Option<Format>,
        file: TelemetryFile,
        flag: Option<Format>,
        setting: Setting<'_>,
    ) -> Result<Self, Stop> {
        let format = match (flag, setting("COUNTINGHOUSE_LOG_FORMAT", None).as_deref().map(str::trim)) {
            (Some(format), _) => format,
            (None, Some("json")) => Format::Json,
            (None, Some("text")) => Format::Text,
            (None, Some(other)) => {
                return Err(Stop::Usage(format!(
                    "COUNTINGHOUSE_LOG_FORMAT is '{other}'; it is text or json"
                )));
            }
            (None, None) => file_format.unwrap_or_default(),
        };
        let given = |name: &str| setting(name, None);
        let endpoint = given("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT").or_else(|| {
            let base = setting("OTEL_EXPORTER_OTLP_ENDPOINT", file.otlp_endpoint)?;
            Some(format!("{}/v1/traces", base.trim().trim_end_matches('/')))
        });
        let is =
            |name: &str, value: &str| given(name).is_some_and(|text| text.trim().eq_ignore_ascii_case(value));
        let traces = GivenTraces {
            off: is("OTEL_SDK_DISABLED", "true") || is("OTEL_TRACES_EXPORTER", "none"),
            endpoint,
            headers: given("OTEL_EXPORTER_OTLP_TRACES_HEADERS")
                .or_else(|| setting("OTEL_EXPORTER_OTLP_HEADERS", file.otlp_headers)),
            protocol: given("OTEL_EXPORTER_OTLP_PROTOCOL"),
            timeout_ms: given("OTEL_EXPORTER_OTLP_TIMEOUT"),
            service_name: setting("OTEL_SERVICE_NAME", file.service_name),
            resource: given("OTEL_RESOURCE_ATTRIBUTES"),
            sampler: given("OTEL_TRACES_SAMPLER"),
            sampler_arg: given("OTEL_TRACES_SAMPLER_ARG"),
        };
        Ok(Self {
            log: setting("COUNTINGHOUSE_LOG", log),
            format,
            traces,
            sentry_dsn: setting("SENTRY_DSN", file.sentry_dsn),
            sentry_environment: setting("SENTRY_ENVIRONMENT", file.sentry_environment),
        })
    }

    pub(crate) const fn format(&self) -> Format {
        self.format
    }

    pub(crate) fn dump(&self) -> Dump {
        let known = |set: bool| if set { "[set]" } else { "[not set]" };
        Dump {
            log_format: self.format,
            traces: known(self.traces.endpoint.is_some() && !self.traces.off),
            sentry: known(self.sentry_dsn.is_some()),
        }
    }

    /// What is wrong with the settings, if something is.
    pub(crate) fn problems(&self) -> Vec<String> {
        [self.filter().err(), self.traces().err(), self.sentry().err()].into_iter().flatten().collect()
    }

    /// Which lines are written: `warn`, or per room `store=debug,web=info`.
    pub(super) fn filter(&self) -> Result<Targets, String> {
        let Some(text) = &self.log else { return Ok(Targets::new().with_default(LevelFilter::WARN)) };
        let wanted: Targets = text.trim().parse().map_err(|_| {
            format!("COUNTINGHOUSE_LOG is '{text}'; it is error, warn, info, debug, trace or off, or per room store=debug,web=info")
        })?;
        let others = wanted.default_level().unwrap_or(LevelFilter::WARN);
        // Spans are for traces; what they hold is said by lines of their own.
        Ok(wanted.with_default(others).with_target(TARGET, LevelFilter::OFF))
    }

    /// `None`: traces are not sent.
    pub(super) fn traces(&self) -> Result<Option<TraceSettings>, String> {
        let given = &self.traces;
        let Some(url) = given.endpoint.as_deref().map(str::trim).filter(|_| !given.off) else {
            return Ok(None);
        };
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        if !rest.is_some_and(|rest| !rest.starts_with('/') && url.bytes().all(|byte| byte.is_ascii_graphic()))
        {
            return Err("OTEL_EXPORTER_OTLP_ENDPOINT is no URL; write https://HOST:4318".to_owned());
        }
        if let Some(other) = given.protocol.as_deref().map(str::trim).filter(|name| *name != PROTOCOL) {
            return Err(format!("OTEL_EXPORTER_OTLP_PROTOCOL is '{other}'; only {PROTOCOL} is spoken here"));
        }
        let timeout_ms = match given.timeout_ms.as_deref() {
            Some(text) => {
                text.trim().parse().ok().filter(|ms| (1..=60_000).contains(ms)).ok_or_else(|| {
                    format!("OTEL_EXPORTER_OTLP_TIMEOUT is '{text}'; it is milliseconds, 1 to 60000")
                })?
            }
            None => TIMEOUT_MS,
        };
        let mut headers = pairs("OTEL_EXPORTER_OTLP_HEADERS", given.headers.as_deref())?;
        headers.push(("content-type".to_owned(), "application/x-protobuf".to_owned()));
        Ok(Some(TraceSettings {
            url: url.to_owned(),
            headers,
            timeout_ms,
            resource: resource(given)?,
            sampler: Sampler::parse(given.sampler.as_deref(), given.sampler_arg.as_deref())?,
        }))
    }

    /// `None`: errors are not reported.
    pub(super) fn sentry(&self) -> Result<Option<SentrySettings>, String> {
        let Some(text) = &self.sentry_dsn else { return Ok(None) };
        let dsn = Dsn::parse(text).ok_or("SENTRY_DSN is none; copy it again: https://KEY@HOST/PROJECT")?;
        Ok(Some(SentrySettings { dsn, environment: self.sentry_environment.clone() }))
    }
}

/// Who speaks: the service's name and version, and what the operator adds.
fn resource(given: &GivenTraces) -> Result<Vec<(String, String)>, String> {
    let mut resource = pairs("OTEL_RESOURCE_ATTRIBUTES", given.resource.as_deref())?;
    if let Some(name) = &given.service_name {
        resource.retain(|(known, _)| known != "service.name");
        resource.push(("service.name".to_owned(), name.clone()));
    } else if !resource.iter().any(|(known, _)| known == "service.name") {
        resource.push(("service.name".to_owned(), "countinghouse".to_owned()));
    }
    resource.push(("service.version".to_owned(), env!("CARGO_PKG_VERSION").to_owned()));
    Ok(resource)
}

/// `a=1,b=2`, with values as in URLs. What was given is not repeated: it may be a secret.
fn pairs(name: &str, text: Option<&str>) -> Result<Vec<(String, String)>, String> {
    let wrong = || format!("{name} is not NAME=VALUE,NAME=VALUE");
    let items = text.unwrap_or_default().split(',').map(str::trim).filter(|item| !item.is_empty());
    items
        .map(|item| {
            let (key, value) = item.split_once('=').ok_or_else(wrong)?;
            let key = key.trim();
            let fits = !key.is_empty()
                && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
            let value = decoded(value.trim()).filter(|value| !value.chars().any(char::is_control));
            match (fits, value) {
                (true, Some(value)) => Ok((key.to_owned(), value)),
                _ => Err(wrong()),
            }
        })
        .collect()
}

/// `%20` and the like as what they stand for.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let hex = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(hex, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(variables: &[(&str, &str)]) -> Given {
        let variables: Vec<(String, String)> =
            variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        let setting = move |name: &str, file: Option<String>| {
            variables.iter().find(|(known, _)| known == name).map(|(_, text)| text.clone()).or(file)
        };
        Given::read(None, None, TelemetryFile::default(), None, &setting).ok().expect("settings")
    }

    #[test]
    fn traces_are_sent_where_the_standard_variables_say() {
        let base = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318/");
        let traces = given(&[base, ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Basic%20abc%3D, x-a=1")]);
        let traces = traces.traces().expect("right").expect("on");
        assert_eq!(traces.url, "http://127.0.0.1:4318/v1/traces");
        assert_eq!(traces.headers[0], ("authorization".to_owned(), "Basic abc=".to_owned()));
        assert_eq!(traces.resource[0].1, "countinghouse");
        for off in [("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_EXPORTER", "none")] {
            assert!(given(&[base, off]).traces().expect("right").is_none());
        }
        assert!(given(&[]).traces().expect("right").is_none());
    }

    #[test]
    fn what_cannot_work_is_said_without_repeating_a_secret() {
        let base = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://h:4318");
        for (variables, says) in [
            (vec![("OTEL_EXPORTER_OTLP_ENDPOINT", "CANARY")], "no URL"),
            (vec![base, ("OTEL_EXPORTER_OTLP_HEADERS", "CANARY")], "OTEL_EXPORTER_OTLP_HEADERS"),
            (vec![base, ("OTEL_EXPORTER_OTLP_HEADERS", "a=CANARY%0d")], "NAME=VALUE"),
            (vec![base, ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")], "http/protobuf"),
            (vec![base, ("OTEL_TRACES_SAMPLER", "odd")], "OTEL_TRACES_SAMPLER is 'odd'"),
            (vec![base, ("OTEL_EXPORTER_OTLP_TIMEOUT", "0")], "milliseconds"),
            (vec![("SENTRY_DSN", "https://CANARY.example/7")], "SENTRY_DSN"),
            (vec![("COUNTINGHOUSE_LOG", "store=loud")], "COUNTINGHOUSE_LOG is"),
        ] {
            let problems = given(&variables).problems();
            assert!(problems.len() == 1 && problems[0].contains(says), "{problems:?}");
            assert!(!problems[0].contains("CANARY"), "{problems:?}");
        }
    }

    #[test]
    fn the_log_is_as_loud_as_it_was_told_to_be() {
        use tracing::Level;
        for (log, target, level, written) in [
            (None, "web::rim", Level::WARN, true),
            (None, "web::rim", Level::INFO, false),
            (Some("info"), "web::rim", Level::INFO, true),
            (Some("store=debug"), "store::db", Level::DEBUG, true),
            (Some("store=debug"), "web::rim", Level::INFO, false),
            (Some("store=debug"), "web::rim", Level::WARN, true),
            (Some("trace"), "traced", Level::INFO, false),
            (Some("trace"), "traced::link", Level::INFO, false),
            (Some("off"), "web::rim", Level::ERROR, false),
        ] {
            let variables: Vec<(&str, &str)> =
                log.map(|log| ("COUNTINGHOUSE_LOG", log)).into_iter().collect();
            let filter = given(&variables).filter().expect("a filter");
            assert_eq!(filter.would_enable(target, &level), written, "{log:?} {target} {level}");
        }
    }
}
