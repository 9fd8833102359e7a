//! One POST to a collector that the operator configured, and what its answer means for the next one. No redirect is
//! followed, and nothing here repeats an address: both may hold a secret.

use std::time::Duration;

use ureq::Agent;

use super::outlet::Carried;

/// Longer than this nobody is made to wait, whatever an answer says.
const HOLD_MS_MAX: u64 = 3_600_000;
/// How long is held where the answer asks for it without saying how long.
const HOLD_MS: u64 = 60_000;

pub(super) struct Post {
    agent: Agent,
    url: String,
    headers: Vec<(String, String)>,
}

impl Post {
    pub(super) fn new(url: String, headers: Vec<(String, String)>, timeout_ms: u64) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("countinghouse/", env!("CARGO_PKG_VERSION")))
            .timeout_global(Some(Duration::from_millis(timeout_ms)))
            .build();
        Self { agent: config.new_agent(), url, headers }
    }

    pub(super) fn post(&self, body: &[u8]) -> Carried {
        let mut request = self.agent.post(&self.url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let Ok(answer) = request.send(body) else { return Carried::Again };
        let said = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
        let hold_ms = said("x-sentry-rate-limits").and_then(limited_ms).or_else(|| {
            said("retry-after")
                .and_then(|text| text.trim().parse::<u64>().ok())
                .map(|seconds| seconds.saturating_mul(1000))
        });
        judge(answer.status().as_u16(), hold_ms)
    }
}

fn judge(status: u16, hold_ms: Option<u64>) -> Carried {
    let hold_ms = hold_ms.map(|ms| ms.min(HOLD_MS_MAX));
    match (status, hold_ms) {
        (200..=299, Some(ms)) => Carried::ArrivedHold(ms),
        (200..=299, None) => Carried::Arrived,
        (429, ms) => Carried::Hold(ms.unwrap_or(HOLD_MS)),
        (502..=504, Some(ms)) => Carried::Hold(ms),
        (408 | 500..=599, _) => Carried::Again,
        _ => Carried::Refused,
    }
}

/// Sentry's own header: `60:error;default:organization, 2700:transaction:key`. How long errors are not wanted.
fn limited_ms(text: &str) -> Option<u64> {
    let concerns = |limit: &str| -> Option<u64> {
        let mut parts = limit.trim().split(':');
        let seconds = parts.next()?.trim().parse::<u64>().ok()?;
        let kinds = parts.next().unwrap_or_default();
        (kinds.is_empty() || kinds.split(';').any(|kind| kind == "error"))
            .then_some(seconds.saturating_mul(1000))
    };
    text.split(',').filter_map(concerns).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_whether_and_when_to_come_again() {
        for (status, hold, carried) in [
            (200, None, Carried::Arrived),
            (200, Some(5000), Carried::ArrivedHold(5000)),
            (429, None, Carried::Hold(HOLD_MS)),
            (429, Some(u64::MAX), Carried::Hold(HOLD_MS_MAX)),
            (503, Some(1000), Carried::Hold(1000)),
            (503, None, Carried::Again),
            (500, Some(1000), Carried::Again),
            (302, None, Carried::Refused),
            (401, Some(1000), Carried::Refused),
        ] {
            assert_eq!(judge(status, hold), carried, "{status}");
        }
    }

    #[test]
    fn limits_that_concern_errors_are_read() {
        for (text, ms) in [
            ("60:error;default:organization", Some(60_000)),
            ("60::organization", Some(60_000)),
            ("60", Some(60_000)),
            ("2700:transaction:key", None),
            ("10:error:key, 20:default;error:key", Some(20_000)),
            ("soon", None),
        ] {
            assert_eq!(limited_ms(text), ms, "{text}");
        }
    }
}
