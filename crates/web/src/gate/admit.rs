//! Which book a delivery belongs to, decided from the secret that signed it and what the body says. Pure:
//! no I/O, no clock. The caller has no say: there is no query parameter or path that chooses a mode.

use facts::{Envelope, EnvelopeError, SignatureError, verify_all};
use kernel::Book;

use crate::config::{Scope, Secret};

/// What shall become of a delivery.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    Store {
        book: Book,
        envelope: Envelope,
        signed_s: i64,
    },
    /// Signed by Stripe, but fits no book: kept outside all books, answered 200.
    Quarantine {
        reason: &'static str,
        envelope: Option<Envelope>,
        signed_s: i64,
    },
    Refuse(SignatureError),
}

/// Judges raw bytes. `now_s` is the time of receipt.
#[must_use]
pub fn admit(secrets: &[Secret], header: &str, body: &[u8], now_s: i64, tolerance_s: i64) -> Verdict {
    let verified = match verify_all(body, header, secrets, now_s, tolerance_s) {
        Ok(verified) => verified,
        Err(error) => return Verdict::Refuse(error),
    };
    let signed_s = verified.t_s;
    let envelope = match Envelope::parse(body) {
        Ok(envelope) => envelope,
        Err(error) => return Verdict::Quarantine { reason: unreadable(error), envelope: None, signed_s },
    };
    let signers = verified.secret_indices.iter().filter_map(|index| secrets.get(*index));
    let mut reason = "no_secret";
    for secret in signers {
        match book(secret, &envelope) {
            Ok(book) => return Verdict::Store { book, envelope, signed_s },
            Err(refused) => reason = refused,
        }
    }
    Verdict::Quarantine { reason, envelope: Some(envelope), signed_s }
}

/// The book that this secret may put this event into.
fn book(secret: &Secret, envelope: &Envelope) -> Result<Book, &'static str> {
    let livemode = envelope.livemode;
    if !secret.modes.allow(livemode) {
        return Err("mode_not_allowed");
    }
    match (&secret.scope, &envelope.account) {
        (Scope::Own, None) => Ok(Book::own(livemode)),
        (Scope::Own, Some(_)) => Err("account_not_expected"),
        (Scope::Account(label), Some(account)) if account != label => Err("account_not_expected"),
        (Scope::Account(label), _) => Ok(Book { account: Some(label.clone()), livemode }),
        (Scope::Connect, Some(account)) => Ok(Book { account: Some(account.clone()), livemode }),
        (Scope::Connect, None) => Err("account_missing"),
    }
}

const fn unreadable(error: EnvelopeError) -> &'static str {
    match error {
        EnvelopeError::NotJson => "not_json",
        EnvelopeError::IdUnreadable => "id_unreadable",
        EnvelopeError::LivemodeUnreadable => "livemode_unreadable",
        EnvelopeError::AccountUnreadable => "account_unreadable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Modes;

    const NOW: i64 = 1_700_000_000;

    /// The table's two secrets share one text where several must match.
    fn secret(text: &str, modes: Modes, connect: bool) -> Vec<Secret> {
        Secret::parse_list(text, modes, connect).expect("a secret")
    }

    fn verdict(secrets: &[Secret], body: &str) -> String {
        let key = facts::Secret::new("whsec_1").expect("a key");
        let header = facts::sign(body.as_bytes(), &key, NOW);
        match admit(secrets, &header, body.as_bytes(), NOW, 300) {
            Verdict::Store { book, .. } => book.label(),
            Verdict::Quarantine { reason, .. } => format!("quarantine {reason}"),
            Verdict::Refuse(error) => format!("refuse {error:?}"),
        }
    }

    #[test]
    fn the_secret_permits_and_the_body_decides() {
        let own_live = secret("whsec_1", Modes::Live, false);
        let own_test = secret("whsec_1", Modes::Test, false);
        let both = [own_live.clone(), own_test.clone()].concat();
        let labelled = secret("acct_1=whsec_1", Modes::Live, false);
        let connect = secret("whsec_1", Modes::Both, true);
        let every = [own_live.clone(), connect.clone()].concat();
        let live = r#"{"id":"evt_1","type":"x","livemode":true}"#;
        let test = r#"{"id":"evt_1","type":"x","livemode":false}"#;
        let live_1 = r#"{"id":"evt_1","type":"x","livemode":true,"account":"acct_1"}"#;
        let test_1 = r#"{"id":"evt_1","type":"x","livemode":false,"account":"acct_1"}"#;
        let live_2 = r#"{"id":"evt_1","type":"x","livemode":true,"account":"acct_2"}"#;
        for (secrets, body, expected) in [
            (&own_live, live, "live"),
            (&own_live, test, "quarantine mode_not_allowed"),
            (&own_live, live_1, "quarantine account_not_expected"),
            (&own_test, test, "test"),
            (&own_test, live, "quarantine mode_not_allowed"),
            (&both, live, "live"),
            (&both, test, "test"),
            (&labelled, live, "acct_1"),
            (&labelled, live_1, "acct_1"),
            (&labelled, live_2, "quarantine account_not_expected"),
            (&labelled, test_1, "quarantine mode_not_allowed"),
            (&connect, live_1, "acct_1"),
            (&connect, test_1, "acct_1:test"),
            (&connect, live, "quarantine account_missing"),
            (&every, live, "live"),
            (&every, live_2, "acct_2"),
            (&every, test, "quarantine account_missing"),
            (&own_live, "not json", "quarantine not_json"),
            (&own_live, r#"{"livemode":true}"#, "quarantine id_unreadable"),
            (&own_live, r#"{"id":"evt_1"}"#, "quarantine livemode_unreadable"),
            (&own_live, r#"{"id":"evt_1","livemode":"true"}"#, "quarantine livemode_unreadable"),
            (&own_live, r#"{"id":"evt_1","livemode":true,"account":7}"#, "quarantine account_unreadable"),
        ] {
            assert_eq!(verdict(secrets, body), expected, "{body}");
        }
        let other = secret("whsec_2", Modes::Live, false);
        assert_eq!(verdict(&other, live), "refuse NoMatch");
        assert_eq!(verdict(&[], live), "refuse NoMatch");
    }
}
