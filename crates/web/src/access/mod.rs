//! Who may look at the console and call the API. One rule, asked before every operator route: without a
//! password configured, a person on this very machine; with one, whoever signed in; for programs, the API
//! token. It must not know what a page shows.
//!
//! A configured password is asked for on the machine itself too: a proxy beside us that adds no
//! headers (nginx does by default) would otherwise make every visitor look local.

mod origin;
mod password;
mod session;
mod throttle;

use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use kernel::UnixMs;

use crate::config::AccessConfig;

pub use origin::{Peer, is_local, is_same_site};
pub(crate) use origin::{caller, is_https};
pub(crate) use password::same_secret;
pub use password::{Password, PasswordError};
pub use session::{ABSOLUTE_MS_MAX, IDLE_MS_MAX, Sessions};
pub use throttle::Throttle;

/// Somebody who was let in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Asker {
    /// On this machine, with no password configured.
    Local {
        form_token: String,
    },
    Session {
        form_token: String,
    },
    /// A program with the API token.
    Token,
}

impl Asker {
    /// What a form of this asker must carry.
    #[must_use]
    pub fn form_token(&self) -> &str {
        match self {
            Self::Local { form_token } | Self::Session { form_token } => form_token,
            Self::Token => "",
        }
    }

    /// Compares without telling by time how much was right. A program's token has no forms.
    #[must_use]
    pub fn accepts_form(&self, given: &str) -> bool {
        !matches!(self, Self::Token) && !given.is_empty() && same_secret(given, self.form_token())
    }
}

/// Why somebody was not let in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Denied {
    /// A password is configured: sign in.
    SignIn,
    /// None is configured and the caller is not on this machine.
    NotLocal,
    /// A token was given, and it is not the one.
    BadToken,
}

pub struct Access {
    password: Option<Password>,
    api_token: Option<String>,
    pub sessions: Sessions,
    pub throttle: Throttle,
    /// The form token of local askers, who have no session: new at every start.
    local_form_token: String,
}

#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no random bytes")]
pub struct NoRandomness;

impl Access {
    pub fn try_new(config: AccessConfig) -> Result<Self, NoRandomness> {
        Ok(Self {
            password: config.password,
            api_token: config.api_token.filter(|token| !token.is_empty()),
            sessions: Sessions::default(),
            throttle: Throttle::default(),
            local_form_token: session::random_token().ok_or(NoRandomness)?,
        })
    }

    #[must_use]
    pub const fn password(&self) -> Option<&Password> {
        self.password.as_ref()
    }

    /// The rule. A bearer token decides alone when one is given.
    pub fn who(&self, parts: &Parts, now: UnixMs) -> Result<Asker, Denied> {
        if let Some(given) = bearer(&parts.headers) {
            let matches = self.api_token.as_deref().is_some_and(|kept| same_secret(given, kept));
            return if matches { Ok(Asker::Token) } else { Err(Denied::BadToken) };
        }
        if self.password.is_some() {
            // Live fragments are fetched by the page, not the person: they keep nobody signed in.
            let counts = !parts.uri.path().starts_with("/live/");
            let token = session_cookie(&parts.headers);
            let form_token = token.and_then(|token| self.sessions.find(token, now, counts));
            return form_token.map(|form_token| Asker::Session { form_token }).ok_or(Denied::SignIn);
        }
        let local = is_local(parts).then(|| Asker::Local { form_token: self.local_form_token.clone() });
        local.ok_or(Denied::NotLocal)
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

const COOKIE: &str = "countinghouse";
const COOKIE_HTTPS: &str = "__Host-countinghouse";

/// The session token a browser sent, under either of our two cookie names.
pub(crate) fn session_cookie(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| [COOKIE, COOKIE_HTTPS].contains(name)).map(|(_, token)| token)
}

/// The `Set-Cookie` value of a new session, or of none (`token` empty).
pub(crate) fn cookie(token: &str, https: bool) -> String {
    let (name, secure) = if https { (COOKIE_HTTPS, "; Secure") } else { (COOKIE, "") };
    let age_s = if token.is_empty() { 0 } else { ABSOLUTE_MS_MAX / 1000 };
    format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age_s}{secure}")
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn access(password: Option<&str>, token: Option<&str>) -> Access {
        let password = password.map(|text| Password::parse(text).expect("long enough"));
        let config = AccessConfig { password, api_token: token.map(str::to_owned) };
        Access::try_new(config).expect("randomness")
    }

    fn parts(peer: &str, headers: &[(&str, &str)]) -> Parts {
        let mut builder = Request::builder().uri("/").extension(Peer(peer.parse().expect("an address")));
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        builder.body(()).expect("a request").into_parts().0
    }

    const HERE: &str = "127.0.0.1:9";
    const LOCALHOST: (&str, &str) = ("host", "localhost:4242");

    #[test]
    fn the_matrix_of_who_is_let_in() {
        let there = "10.0.0.9:9";
        let open = access(None, None);
        assert!(matches!(open.who(&parts(HERE, &[LOCALHOST]), 0), Ok(Asker::Local { .. })));
        assert_eq!(open.who(&parts(there, &[LOCALHOST]), 0), Err(Denied::NotLocal));
        let bearer = ("authorization", "Bearer token-1");
        assert_eq!(open.who(&parts(HERE, &[LOCALHOST, bearer]), 0), Err(Denied::BadToken));

        let closed = access(Some("a long password"), Some("token-1"));
        assert_eq!(closed.who(&parts(HERE, &[LOCALHOST]), 0), Err(Denied::SignIn));
        assert_eq!(closed.who(&parts(there, &[bearer]), 0), Ok(Asker::Token));
        let wrong = ("authorization", "Bearer token-2");
        assert_eq!(closed.who(&parts(there, &[wrong]), 0), Err(Denied::BadToken));
        let empty = access(None, Some(""));
        assert_eq!(empty.who(&parts(there, &[("authorization", "Bearer ")]), 0), Err(Denied::BadToken));

        let token = closed.sessions.open(0).expect("randomness");
        for name in [COOKIE, COOKIE_HTTPS] {
            let cookie = format!("a=b; {name}={token}");
            let asker = closed.who(&parts(there, &[("cookie", &cookie)]), 0).expect("signed in");
            assert!(asker.accepts_form(asker.form_token()));
            assert!(!asker.accepts_form(""));
            assert!(!asker.accepts_form(&token));
        }
        let guess = ("cookie", "countinghouse=guess");
        assert_eq!(closed.who(&parts(there, &[guess]), 0), Err(Denied::SignIn));
        assert!(!Asker::Token.accepts_form(""));
    }

    #[test]
    fn a_cookie_is_out_of_reach_of_scripts_and_insists_on_https_when_it_can() {
        assert_eq!(
            cookie("t", true),
            "__Host-countinghouse=t; Path=/; HttpOnly; SameSite=Lax; Max-Age=43200; Secure"
        );
        assert_eq!(cookie("", false), "countinghouse=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    }
}
