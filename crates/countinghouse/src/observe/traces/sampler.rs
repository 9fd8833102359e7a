//! Which traces are sent: OpenTelemetry's standard samplers. A share is decided by the trace's id alone, so everybody who sees
//! the trace decides alike. Without floating point.

use super::id::TraceId;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::observe) struct Sampler {
    /// Of a billion.
    share: u64,
    /// Whoever called decides, where somebody did.
    follows_parent: bool,
}

const ALL: u64 = 1_000_000_000;

impl Sampler {
    /// The values of `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`.
    pub(in crate::observe) fn parse(name: Option<&str>, share: Option<&str>) -> Result<Self, String> {
        let name = name.map_or("parentbased_always_on", str::trim);
        let (bare, follows_parent) =
            name.strip_prefix("parentbased_").map_or((name, false), |bare| (bare, true));
        let share = match bare {
            "always_on" => ALL,
            "always_off" => 0,
            "traceidratio" => match share {
                Some(text) => billionths(text.trim()).ok_or_else(|| {
                    format!("OTEL_TRACES_SAMPLER_ARG is '{text}'; it is a share from 0 to 1, as 0.1")
                })?,
                None => ALL,
            },
            _ => {
                return Err(format!(
                    "OTEL_TRACES_SAMPLER is '{name}'; it is always_on, always_off or traceidratio, or one of these \
                     after parentbased_"
                ));
            }
        };
        Ok(Self { share, follows_parent })
    }

    /// `parent`: whether the caller's trace is sampled, if there is a caller.
    pub(super) fn takes(self, trace: TraceId, parent: Option<bool>) -> bool {
        if let Some(sampled) = parent.filter(|_| self.follows_parent) {
            return sampled;
        }
        let mut low = [0; 8];
        low.copy_from_slice(&trace.0[8..]);
        u128::from(u64::from_be_bytes(low) >> 1) * u128::from(ALL) < u128::from(self.share) << 63
    }
}

/// `0.25` as 250 million billionths; nothing above 1.
fn billionths(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) {
        return None;
    }
    let part: String = part.chars().chain(std::iter::repeat('0')).take(9).collect();
    let share = whole.parse::<u64>().ok()?.checked_mul(ALL)?.checked_add(part.parse().ok()?)?;
    (share <= ALL).then_some(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_decimal_from_0_to_1() {
        for (text, share) in [
            ("1", Some(ALL)),
            ("0", Some(0)),
            ("0.25", Some(250_000_000)),
            ("1.0", Some(ALL)),
            ("1.1", None),
            ("-1", None),
            ("half", None),
            (".5", None),
        ] {
            assert_eq!(billionths(text), share, "{text}");
        }
    }

    #[test]
    fn the_standard_samplers_take_what_they_should() {
        let low = TraceId([0; 16]);
        let high = TraceId([255; 16]);
        for (name, share, parent, takes_low, takes_high) in [
            (None, None, None, true, true),
            (None, None, Some(false), false, false),
            (Some("always_on"), None, Some(false), true, true),
            (Some("always_off"), None, Some(true), false, false),
            (Some("traceidratio"), Some("0.5"), None, true, false),
            (Some("parentbased_traceidratio"), Some("0.5"), Some(true), true, true),
            (Some("parentbased_always_off"), None, None, false, false),
        ] {
            let sampler = Sampler::parse(name, share).expect("one");
            assert_eq!(
                (sampler.takes(low, parent), sampler.takes(high, parent)),
                (takes_low, takes_high),
                "{name:?}"
            );
        }
        assert!(Sampler::parse(Some("jaeger_remote"), None).is_err());
        assert!(Sampler::parse(Some("traceidratio"), Some("x")).is_err());
    }

    #[test]
    fn a_tenth_of_many_is_about_a_tenth() {
        let sampler = Sampler::parse(Some("traceidratio"), Some("0.1")).expect("one");
        let taken = (0..10_000)
            .filter(|n| sampler.takes(super::super::id::receipt("test", &format!("evt_{n}")).trace, None));
        assert!((850..1150).contains(&taken.count()));
    }
}
