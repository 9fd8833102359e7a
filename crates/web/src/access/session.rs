//! Sessions of signed-in operators: random tokens of which only the SHA-256 is kept, in memory. It does
//! not know passwords or HTTP; time is an argument.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::UnixMs;

use super::password::digest;

pub const IDLE_MS_MAX: i64 = 30 * 60 * 1000;
pub const ABSOLUTE_MS_MAX: i64 = 12 * 60 * 60 * 1000;
const SESSIONS_MAX: usize = 256;

#[derive(Clone, Debug)]
struct Session {
    form_token: String,
    opened_at: UnixMs,
    seen_at: UnixMs,
}

impl Session {
    const fn alive(&self, now: UnixMs) -> bool {
        now - self.seen_at <= IDLE_MS_MAX && now - self.opened_at <= ABSOLUTE_MS_MAX
    }
}

#[derive(Default)]
pub struct Sessions(Mutex<HashMap<[u8; 32], Session>>);

impl Sessions {
    /// A new session's token, for the cookie. `None` when the machine gives no randomness.
    pub fn open(&self, now: UnixMs) -> Option<String> {
        let (token, form_token) = (random_token()?, random_token()?);
        let mut sessions = self.lock();
        sessions.retain(|_, session| session.alive(now));
        if sessions.len() >= SESSIONS_MAX {
            let oldest = sessions.iter().min_by_key(|(_, session)| session.seen_at).map(|(key, _)| *key);
            oldest.and_then(|key| sessions.remove(&key));
        }
        sessions.insert(digest(&token), Session { form_token, opened_at: now, seen_at: now });
        Some(token)
    }

    /// The form token of a live session. `counts`: the person did something, so the idle time starts anew.
    pub fn find(&self, token: &str, now: UnixMs, counts: bool) -> Option<String> {
        let mut sessions = self.lock();
        let key = digest(token);
        match sessions.get_mut(&key) {
            Some(session) if session.alive(now) => {
                if counts {
                    session.seen_at = now;
                }
                Some(session.form_token.clone())
            }
            Some(_) => {
                sessions.remove(&key);
                None
            }
            None => None,
        }
    }

    pub fn close(&self, token: &str) {
        self.lock().remove(&digest(token));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 256 random bits as text.
pub(crate) fn random_token() -> Option<String> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_when_idle_or_old_or_closed() {
        let sessions = Sessions::default();
        let token = sessions.open(0).expect("randomness");
        let form = sessions.find(&token, IDLE_MS_MAX, true).expect("alive at the edge");
        assert_ne!(form, token);
        assert_eq!(sessions.find(&token, 2 * IDLE_MS_MAX + 1, true), None);
        assert_eq!(sessions.find("guess", 0, true), None);

        let token = sessions.open(0).expect("randomness");
        assert!(sessions.find(&token, IDLE_MS_MAX, false).is_some());
        assert_eq!(sessions.find(&token, IDLE_MS_MAX + 1, true), None, "a page alone keeps nobody in");

        let token = sessions.open(0).expect("randomness");
        let mut now = 0;
        while now + IDLE_MS_MAX <= ABSOLUTE_MS_MAX {
            now += IDLE_MS_MAX;
            assert!(sessions.find(&token, now, true).is_some());
        }
        assert_eq!(sessions.find(&token, ABSOLUTE_MS_MAX + 1, true), None);

        let token = sessions.open(0).expect("randomness");
        sessions.close(&token);
        assert_eq!(sessions.find(&token, 0, true), None);
    }

    #[test]
    fn the_number_of_sessions_is_bounded() {
        let sessions = Sessions::default();
        for now in 0..400 {
            sessions.open(now).expect("randomness");
        }
        assert_eq!(sessions.lock().len(), SESSIONS_MAX);
    }
}
