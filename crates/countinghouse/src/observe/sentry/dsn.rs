//! Where a Sentry-compatible server takes reports: read from its DSN, `https://KEY@HOST/PATH/PROJECT`. The DSN is a secret and is
//! never shown.

/// An address and what to say there.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::observe) struct Dsn {
    pub(in crate::observe) url: String,
    pub(in crate::observe) auth: String,
}

impl Dsn {
    pub(in crate::observe) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once("://")?;
        let (login, place) = rest.rsplit_once('@')?;
        let key = login.split(':').next().unwrap_or_default();
        let (place, project) = place.trim_end_matches('/').rsplit_once('/')?;
        let fits = ["https", "http"].contains(&scheme)
            && !place.is_empty()
            && place.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'?' && byte != b'#')
            && is_plain(key)
            && is_plain(project);
        let auth = format!(
            "Sentry sentry_version=7, sentry_client=countinghouse/{}, sentry_key={key}",
            env!("CARGO_PKG_VERSION")
        );
        fits.then(|| Self { url: format!("{scheme}://{place}/api/{project}/envelope/"), auth })
    }
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dsn_says_where_reports_go() {
        for (text, url) in [
            ("https://abc@sentry.example/7", Some("https://sentry.example/api/7/envelope/")),
            ("https://abc:old@o1.ingest.example/7/", Some("https://o1.ingest.example/api/7/envelope/")),
            ("http://abc@127.0.0.1:9000/sub/path/7", Some("http://127.0.0.1:9000/sub/path/api/7/envelope/")),
            ("https://sentry.example/7", None),
            ("https://abc@sentry.example", None),
            ("https://@sentry.example/7", None),
            ("ftp://abc@sentry.example/7", None),
            ("abc", None),
            ("https://a b@sentry.example/7", None),
        ] {
            assert_eq!(Dsn::parse(text).map(|dsn| dsn.url).as_deref(), url, "{text}");
        }
        let dsn = Dsn::parse("https://abc:old@h/7").expect("a DSN");
        assert!(dsn.auth.ends_with("sentry_key=abc"), "{}", dsn.auth);
    }
}
