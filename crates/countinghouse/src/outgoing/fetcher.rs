//! Fetching through the clients: what the engine asks for, asked of Stripe.

use engine::fetch::{FetchFailure, Fetched, Fetcher};
use kernel::{Book, Kind, ObjectKey, Ref};
use stripe::{Answer, Client, StripeError, Stub};

use super::Outgoing;

impl Fetcher for Outgoing {
    fn reaches(&self, book: &Book) -> bool {
        self.client(book).is_some()
    }

    fn fetch(&self, book: &Book, object: &ObjectKey) -> Result<Fetched, FetchFailure> {
        let client = self.client(book).ok_or_else(no_key)?;
        let answer = client.retrieve_whole(object.kind, &object.id).map_err(failure)?;
        Ok(fetched(&client, answer))
    }

    fn event(&self, book: &Book, id: &Ref) -> Result<Fetched, FetchFailure> {
        let client = self.client(book).ok_or_else(no_key)?;
        let answer = client.v2_event(id).map_err(failure)?;
        Ok(fetched(&client, answer))
    }

    fn sessions(&self, book: &Book, subscription: &ObjectKey) -> Result<Vec<ObjectKey>, FetchFailure> {
        let Some(client) = self.client(book) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for session in client.sessions_of_subscription(&subscription.id) {
            let id = session.map_err(failure)?.object.id;
            found.extend(Ref::parse(&id).map(|id| ObjectKey::new(Kind::Session, id)));
        }
        Ok(found)
    }
}

fn no_key() -> FetchFailure {
    FetchFailure::Refused("there is no key for this book".to_owned())
}

fn fetched(client: &Client, answer: Answer<Stub>) -> Fetched {
    Fetched {
        body: answer.body,
        api_version: client.version().to_string(),
        answered_at_s: answer.answered_at_s,
        livemode: answer.object.livemode,
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
pub(super) fn failure(why: StripeError) -> FetchFailure {
    match why {
        StripeError::Closing => FetchFailure::Closing,
        ref why if why.is_missing() => FetchFailure::Missing,
        StripeError::Refused(_) | StripeError::Unsendable { .. } => FetchFailure::Refused(why.to_string()),
        _ => FetchFailure::Later(why.to_string()),
    }
}
