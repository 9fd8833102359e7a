//! Keys, address and version of the Stripe API as configured, checked before anything is sent: a live key does
//! not get where a test key belongs, nor the other way.

use stripe::{ApiVersion, Base, Key, Options};

use crate::Stop;

/// Texts as the environment or the file gave them.
#[derive(Default)]
pub(crate) struct Given {
    pub(crate) key: Option<String>,
    pub(crate) key_test: Option<String>,
    pub(crate) base: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) proxy: Option<String>,
    /// `COUNTINGHOUSE_MODE`.
    pub(crate) mode: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    pub(crate) live: Option<Key>,
    pub(crate) test: Option<Key>,
    pub(crate) base: Base,
    pub(crate) version: ApiVersion,
    proxy: Option<String>,
}

impl Settings {
    pub(crate) fn read(given: Given) -> Result<Self, Stop> {
        let general = parse("STRIPE_API_KEY", given.key.as_deref())?;
        let test = parse("STRIPE_API_KEY_TEST", given.key_test.as_deref())?;
        if test.as_ref().is_some_and(Key::livemode) {
            return Err(usage(
                "STRIPE_API_KEY_TEST holds a live key; a test key (rk_test_...) belongs there",
            ));
        }
        let (live, test) = match (general, test) {
            (Some(key), test) if key.livemode() => {
                if given.mode.as_deref() == Some("test") && test.is_none() {
                    return Err(usage(
                        "STRIPE_API_KEY holds a live key, but COUNTINGHOUSE_MODE is 'test'; give a test key \
                         (rk_test_...), or take COUNTINGHOUSE_MODE away",
                    ));
                }
                (Some(key), test)
            }
            (Some(_), _) if given.mode.as_deref() == Some("live") => {
                return Err(usage(
                    "STRIPE_API_KEY holds a test key, but COUNTINGHOUSE_MODE is 'live'; a live key (rk_live_...) \
                     belongs there, and the test key in STRIPE_API_KEY_TEST",
                ));
            }
            (Some(_), Some(_)) => {
                return Err(usage(
                    "STRIPE_API_KEY and STRIPE_API_KEY_TEST both hold test keys; a live key (rk_live_...) belongs \
                     in the first",
                ));
            }
            (Some(key), None) => (None, Some(key)),
            (None, test) => (None, test),
        };
        let base = match given.base {
            Some(text) => Base::parse(&text).map_err(|why| usage(&format!("STRIPE_API_BASE {why}")))?,
            None => Base::default(),
        };
        let version = match given.version {
            Some(text) => ApiVersion::parse(&text).ok_or_else(|| {
                usage(&format!("STRIPE_API_VERSION is '{text}'; it is a version like {}", stripe::PINNED))
            })?,
            None => ApiVersion::default(),
        };
        Ok(Self { live, test, base, version, proxy: given.proxy })
    }

    pub(crate) fn options(&self) -> Options {
        Options {
            base: self.base.clone(),
            version: self.version.clone(),
            proxy: self.proxy.clone(),
            ..Options::default()
        }
    }
}

fn parse(name: &str, text: Option<&str>) -> Result<Option<Key>, Stop> {
    text.map(|text| Key::parse(text).map_err(|why| usage(&format!("{name} {why}")))).transpose()
}

fn usage(message: &str) -> Stop {
    Stop::Usage(message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(key: &str, key_test: &str, mode: &str) -> Result<(bool, bool), String> {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let given = Given { key: some(key), key_test: some(key_test), mode: some(mode), ..Given::default() };
        match Settings::read(given) {
            Ok(settings) => Ok((settings.live.is_some(), settings.test.is_some())),
            Err(Stop::Usage(why) | Stop::Found(why)) => Err(why),
        }
    }

    #[test]
    fn a_key_gets_to_the_book_of_its_mode_or_nowhere() {
        let (live, test) = ("rk_live_canary", "rk_test_canary");
        for (key, key_test, mode, expected) in [
            ("", "", "", Ok((false, false))),
            (live, "", "", Ok((true, false))),
            (live, "", "live", Ok((true, false))),
            (live, test, "", Ok((true, true))),
            (live, test, "test", Ok((true, true))),
            ("", test, "", Ok((false, true))),
            (test, "", "", Ok((false, true))),
            (test, "", "test", Ok((false, true))),
            ("", live, "", Err("STRIPE_API_KEY_TEST holds a live key")),
            (live, "", "test", Err("STRIPE_API_KEY holds a live key, but")),
            (test, "", "live", Err("STRIPE_API_KEY holds a test key, but")),
            (test, test, "", Err("both hold test keys")),
            ("pk_live_canary", "", "", Err("STRIPE_API_KEY is a publishable key")),
            ("", "canary", "", Err("STRIPE_API_KEY_TEST is not a Stripe API key")),
        ] {
            let said = read(key, key_test, mode);
            match (&said, expected) {
                (Err(why), Err(expected)) => {
                    assert!(why.contains(expected), "{why}");
                    assert!(!why.contains("canary"), "{why}");
                }
                _ => assert_eq!(said, expected.map_err(str::to_owned), "{key} {key_test} {mode}"),
            }
        }
    }
}
