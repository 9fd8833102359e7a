//! The names of environment variables: those that are read, and what somebody may have meant by another. It
//! must not know their values.

/// Every variable that is read. `.env.example` explains them.
const READ: &[&str] = &[
    "COUNTINGHOUSE_ACTOR",
    "COUNTINGHOUSE_ALERT_DELIVERY_UNDER_BPS",
    "COUNTINGHOUSE_ALERT_EVERY_S",
    "COUNTINGHOUSE_ALERT_HOOK_SECRET",
    "COUNTINGHOUSE_ALERT_HOOK_URL",
    "COUNTINGHOUSE_ALERT_LAG_OVER_S",
    "COUNTINGHOUSE_ALERT_MAIL_FROM",
    "COUNTINGHOUSE_ALERT_MAIL_TO",
    "COUNTINGHOUSE_ALERT_PARKED_OVER",
    "COUNTINGHOUSE_ALERT_QUARANTINED_OVER",
    "COUNTINGHOUSE_ALERT_REMIND_EVERY_H",
    "COUNTINGHOUSE_ALERT_RETENTION_FAILURES_OVER",
    "COUNTINGHOUSE_ALERT_SILENCE_EVENTS",
    "COUNTINGHOUSE_ALERT_SLACK_URL",
    "COUNTINGHOUSE_API_TOKEN",
    "COUNTINGHOUSE_ARCHIVE_DIR",
    "COUNTINGHOUSE_DATABASE_URL",
    "COUNTINGHOUSE_GATE_LISTEN",
    "COUNTINGHOUSE_LISTEN",
    "COUNTINGHOUSE_LOG",
    "COUNTINGHOUSE_LOG_FORMAT",
    "COUNTINGHOUSE_MODE",
    "COUNTINGHOUSE_OPERATOR_PASSWORD",
    "COUNTINGHOUSE_RETENTION_MONTHS",
    "COUNTINGHOUSE_ROLE",
    "COUNTINGHOUSE_SECRETS_FILE",
    "COUNTINGHOUSE_SMTP_URL",
    "COUNTINGHOUSE_WORKERS",
    "HTTPS_PROXY",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_EXPORTER_OTLP_TIMEOUT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_SDK_DISABLED",
    "OTEL_SERVICE_NAME",
    "OTEL_TRACES_EXPORTER",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
    "SENTRY_DSN",
    "SENTRY_ENVIRONMENT",
    "STRIPE_API_BASE",
    "STRIPE_API_KEY",
    "STRIPE_API_KEY_TEST",
    "STRIPE_API_VERSION",
    "STRIPE_WEBHOOK_SECRET",
    "STRIPE_WEBHOOK_SECRET_CONNECT",
    "STRIPE_WEBHOOK_SECRET_LIVE",
    "STRIPE_WEBHOOK_SECRET_TEST",
];

/// Variables of Stripe's own tools, which may well be set where we run.
const OF_OTHERS: &[&str] = &["STRIPE_DEVICE_NAME", "STRIPE_CLI_TELEMETRY_OPTOUT"];

/// How many letters may be wrong in a name that still looks like another.
const LETTERS_WRONG_MAX: usize = 3;

/// A name that begins like one of ours and is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Unread {
    pub(crate) name: String,
    pub(crate) meant: Option<&'static str>,
}

impl Unread {
    /// Whether it is certainly a mistake: nobody else names a variable so.
    pub(crate) fn is_ours(&self) -> bool {
        self.meant.is_some() || self.name.starts_with("COUNTINGHOUSE_")
    }

    pub(crate) fn words(&self) -> String {
        let meant = self.meant.map_or_else(String::new, |meant| format!("; did you mean {meant}?"));
        format!("{} is set, and nothing reads it{meant}", self.name)
    }
}

/// Those of these names that look like ours. Sorted.
pub(crate) fn unread(names: impl IntoIterator<Item = String>) -> Vec<Unread> {
    let like_ours = |name: &String| {
        let known = READ.contains(&name.as_str()) || OF_OTHERS.contains(&name.as_str());
        !known
            && ["COUNTINGHOUSE", "STRIPE_"].iter().any(|begin| name.to_ascii_uppercase().starts_with(begin))
    };
    let mut names: Vec<String> = names.into_iter().filter(like_ours).collect();
    names.sort();
    names.into_iter().map(|name| Unread { meant: nearest(&name), name }).collect()
}

fn nearest(name: &str) -> Option<&'static str> {
    let upper = name.to_ascii_uppercase();
    let near = READ.iter().map(|known| (letters_wrong(&upper, known), *known));
    near.filter(|(wrong, _)| *wrong <= LETTERS_WRONG_MAX).min().map(|(_, known)| known)
}

/// Letters to be put in, taken out or changed to make one text of the other.
fn letters_wrong(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.chars().enumerate() {
        let mut corner = row[0];
        row[0] = index + 1;
        for (at, other) in right.iter().enumerate() {
            let changed = corner + usize::from(letter != *other);
            corner = row[at + 1];
            row[at + 1] = changed.min(row[at] + 1).min(corner + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_is_noticed_and_the_right_one_named() {
        for (name, found) in [
            ("COUNTINGHOUSE_LISTEN", None),
            ("STRIPE_API_KEY", None),
            ("PATH", None),
            ("COUNTINGHOUSE_LISTENN", Some(Some("COUNTINGHOUSE_LISTEN"))),
            ("COUNTINGHOUSE_DATABSE_URL", Some(Some("COUNTINGHOUSE_DATABASE_URL"))),
            ("countinghouse_role", Some(Some("COUNTINGHOUSE_ROLE"))),
            ("STRIPE_WEBHOOK_SECRETS", Some(Some("STRIPE_WEBHOOK_SECRET"))),
            ("STRIPE_WEBHOOK_SECRET_LIV", Some(Some("STRIPE_WEBHOOK_SECRET_LIVE"))),
            ("COUNTINGHOUSE_COLOUR_OF_THE_DOOR", Some(None)),
            ("STRIPE_PUBLISHABLE_KEY", Some(None)),
        ] {
            let unread = unread([name.to_owned()]);
            assert_eq!(unread.first().map(|one| one.meant), found, "{name}");
        }
    }

    #[test]
    fn the_example_explains_exactly_the_variables_that_are_read() {
        let text = include_str!("../../../.env.example");
        let name = |line: &str| Some(line.trim_start_matches("# ").split_once('=')?.0.to_owned());
        let mut named: Vec<String> = text.lines().filter_map(name).collect();
        named.retain(|name| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'));
        named.sort();
        assert_eq!(named, READ);
    }
}
