//! What the web room is told at start: secrets of webhook endpoints, who may look, and limits. It reads
//! no environment and no file itself: the binary does, and hands the values over.

use std::time::Duration;

use kernel::Ref;

use crate::access::Password;

/// Which modes a webhook secret may carry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Modes {
    Live,
    Test,
    Both,
}

impl Modes {
    #[must_use]
    pub const fn allow(self, livemode: bool) -> bool {
        match self {
            Self::Live => livemode,
            Self::Test => !livemode,
            Self::Both => true,
        }
    }
}

/// Which Stripe accounts a webhook secret may speak for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Scope {
    /// The own account: the body names no account.
    Own,
    /// One named account; the body names it or none.
    Account(Ref),
    /// A Connect endpoint: the body names the connected account.
    Connect,
}

/// One webhook signing secret and what it may carry. It cannot be printed.
#[derive(Clone, Debug)]
pub struct Secret {
    pub secret: facts::Secret,
    pub modes: Modes,
    pub scope: Scope,
}

impl AsRef<facts::Secret> for Secret {
    fn as_ref(&self) -> &facts::Secret {
        &self.secret
    }
}

impl Secret {
    /// Reads one setting: several secrets separated by commas, each `whsec_...` or `acct_...=whsec_...`.
    /// A label on a Connect secret is an error: such an endpoint speaks for many accounts.
    pub fn parse_list(text: &str, modes: Modes, connect: bool) -> Result<Vec<Self>, SecretError> {
        let mut list = Vec::new();
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            list.push(Self::parse(item, modes, connect)?);
        }
        Ok(list)
    }

    fn parse(item: &str, modes: Modes, connect: bool) -> Result<Self, SecretError> {
        let (scope, secret) = match item.split_once('=') {
            Some((label, secret)) if label.starts_with("acct_") => {
                (Scope::Account(Ref::parse(label).ok_or(SecretError::Label)?), secret)
            }
            _ if connect => (Scope::Connect, item),
            _ => (Scope::Own, item),
        };
        if secret.contains(char::is_whitespace) {
            return Err(SecretError::Whitespace);
        }
        if connect && scope != Scope::Connect {
            return Err(SecretError::LabelledConnect);
        }
        let secret = facts::Secret::new(secret).ok_or(SecretError::Empty)?;
        Ok(Self { secret, modes, scope })
    }
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    #[error("a webhook secret is empty; copy it again from the endpoint's page in Stripe")]
    Empty,
    #[error("a webhook secret contains white space; copy it again without line breaks")]
    Whitespace,
    #[error("the account label before '=' is not usable; write acct_...=whsec_...")]
    Label,
    #[error("a Connect secret takes no account label: its events name their account themselves")]
    LabelledConnect,
}

/// Who may look at the console and call the API besides a person on this very machine.
#[derive(Clone, Default)]
pub struct AccessConfig {
    /// `None`: only the machine itself is let in.
    pub password: Option<Password>,
    pub api_token: Option<String>,
}

/// Bounds on what one caller may cost us.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub body_bytes_max: usize,
    pub header_timeout: Duration,
    pub body_timeout: Duration,
    /// How long a delivery may wait for its commit before the sender is told to come again.
    pub store_timeout: Duration,
    /// Bytes of all bodies being read at one moment.
    pub bodies_bytes_max: usize,
    pub connections_max: usize,
    /// How long running requests may take to finish after the shutdown signal.
    pub drain_timeout: Duration,
    /// Seconds of difference between the signature's time and ours, either way.
    pub tolerance_s: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: 1024 * 1024,
            header_timeout: Duration::from_secs(5),
            body_timeout: Duration::from_secs(10),
            store_timeout: Duration::from_secs(10),
            bodies_bytes_max: 256 * 1024 * 1024,
            connections_max: 4096,
            drain_timeout: Duration::from_secs(10),
            tolerance_s: 300,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_holds_several_secrets_and_labels() {
        let list = Secret::parse_list(" whsec_a=, acct_1=whsec_b ", Modes::Live, false).expect("two secrets");
        assert_eq!(list[0].scope, Scope::Own);
        let account = Ref::parse("acct_1").expect("an id");
        assert_eq!(list[1].scope, Scope::Account(account));
        assert_eq!(Secret::parse_list("", Modes::Test, true).expect("none").len(), 0);
        let refused = |text, connect| Secret::parse_list(text, Modes::Both, connect).err();
        assert_eq!(refused("acct_1=", false), Some(SecretError::Empty));
        assert_eq!(refused("whsec a", false), Some(SecretError::Whitespace));
        assert_eq!(refused("acct_1=whsec_b", true), Some(SecretError::LabelledConnect));
    }

    #[test]
    fn a_secret_is_not_printed() {
        let list = Secret::parse_list("whsec_hush", Modes::Live, false).expect("one");
        assert!(!format!("{list:?}").contains("hush"));
    }
}
