//! Whether an answer is tried again and after how long. Pure: the answer, the number of the try and chance in,
//! a decision out.

use crate::error::StripeError;
use crate::transport::{Lost, Received};

/// The longest wait inside a call, asked for by Stripe or by our own pace; a longer one is the caller's to plan.
pub(crate) const WAIT_MS_MAX: u64 = 30_000;
const BACKOFF_MS: u64 = 500;
const BACKOFF_MS_MAX: u64 = 8_000;

/// What became of one try.
pub(crate) enum Verdict {
    Answered(Received),
    /// Worth another try after this long; the error stands if there are no more.
    Again {
        after_ms: u64,
        error: StripeError,
    },
    Over(StripeError),
}

/// `attempt` counts from 0; `refuse` puts a refusal into words.
pub(crate) fn judge(
    outcome: Result<Received, Lost>,
    attempt: u32,
    chance: u64,
    clean: impl Fn(&str) -> String,
) -> Verdict {
    let backoff_ms = backoff_ms(attempt, chance);
    let received = match outcome {
        Ok(received) => received,
        Err(Lost::Before(why)) => {
            let error = StripeError::Unreachable { why: clean(&why) };
            return Verdict::Again { after_ms: backoff_ms, error };
        }
        Err(Lost::After(why)) => {
            let error = StripeError::TimedOutAfterSend { why: clean(&why) };
            return Verdict::Again { after_ms: backoff_ms, error };
        }
    };
    if (200..300).contains(&received.status) {
        return Verdict::Answered(received);
    }
    let after_ms = received.retry_after_ms.map_or(backoff_ms, |asked_ms| asked_ms.max(backoff_ms));
    let error = explain(&received, after_ms, clean);
    let worth = match received.should_retry {
        Some(said) => said,
        None => matches!(received.status, 409 | 429 | 500..),
    };
    // A failure that is stored under the key is repeated for as long as the key lives.
    if worth && !received.replayed && after_ms <= WAIT_MS_MAX {
        Verdict::Again { after_ms, error }
    } else {
        Verdict::Over(error)
    }
}

fn explain(received: &Received, after_ms: u64, clean: impl Fn(&str) -> String) -> StripeError {
    let request_ref = received.request_ref.as_deref().map(crate::error::clip);
    match received.status {
        300..400 => StripeError::BadAnswer {
            status: received.status,
            why: "it leads elsewhere; is STRIPE_API_BASE right?".to_owned(),
        },
        429 => StripeError::RateLimited { retry_after_ms: after_ms },
        409 => StripeError::InProgress,
        500.. => StripeError::Failed { status: received.status, replayed: received.replayed, request_ref },
        status => crate::error::refusal(status, &received.body, request_ref, clean),
    }
}

/// Doubling, between half and all of it: many that failed together do not come back together.
fn backoff_ms(attempt: u32, chance: u64) -> u64 {
    let whole_ms = BACKOFF_MS.saturating_mul(1 << attempt.min(10)).min(BACKOFF_MS_MAX);
    whole_ms / 2 + chance % (whole_ms / 2 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_eight_seconds_and_never_fall_below_half() {
        for (attempt, chance, expected_ms) in
            [(0, 0, 250), (0, 250, 500), (1, 0, 500), (3, 0, 2_000), (9, u64::MAX, 4_000 + u64::MAX % 4_001)]
        {
            assert_eq!(backoff_ms(attempt, chance), expected_ms, "{attempt}");
        }
    }
}
