//! Which endpoints an event goes to: the account's own, the platform's for connected accounts, those of its
//! mode (and of live mode for the test events of an account that is connected there too). It must not know
//! when it is sent.

use std::borrow::Cow;
use std::sync::Arc;

use crate::model::{ModelEvent, WebhookEndpoint};
use crate::render::{self, Version};
use crate::world::{BookKey, World};

/// One endpoint for one event, in the version it had when the event was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Address {
    /// The endpoint's book.
    pub(crate) book: BookKey,
    pub(crate) endpoint_ref: String,
    pub(crate) version: Version,
}

impl Address {
    /// A connected account's own endpoint hears of it as of itself.
    pub(super) fn as_seen<'a>(&self, event: &'a ModelEvent) -> Cow<'a, ModelEvent> {
        if self.book.account.is_some() {
            Cow::Owned(ModelEvent { account: None, ..event.clone() })
        } else {
            Cow::Borrowed(event)
        }
    }
}

/// The endpoints that listen to the event, the oldest first.
pub(super) fn of(world: &mut World, event: &ModelEvent) -> Vec<Address> {
    let key = |account: Option<String>, livemode| BookKey { account, livemode };
    let mut books = vec![(key(event.account.clone(), event.livemode), false)];
    if event.account.is_some() {
        books.push((key(None, event.livemode), true));
        if !event.livemode && world.book(&key(event.account.clone(), true)).is_some() {
            books.push((key(None, true), true));
        }
    }
    books.into_iter().flat_map(|(book, connect)| listeners(world, event, &book, connect)).collect()
}

fn listeners(world: &mut World, event: &ModelEvent, key: &BookKey, connect: bool) -> Vec<Address> {
    let own = world.desk.version;
    let Some(book) = world.book(key) else { return Vec::new() };
    let address = |endpoint: &Arc<WebhookEndpoint>| {
        let version = endpoint.api_version.as_deref().and_then(Version::at).unwrap_or(own);
        let kind = render::event_type(event, version)?;
        endpoint.wants(kind).then(|| Address {
            book: key.clone(),
            endpoint_ref: endpoint.id.clone(),
            version,
        })
    };
    book.webhook_endpoints
        .oldest()
        .filter(|endpoint| endpoint.connect == connect)
        .filter_map(address)
        .collect()
}

pub(super) fn endpoint(world: &mut World, address: &Address) -> Option<Arc<WebhookEndpoint>> {
    world.book(&address.book)?.webhook_endpoints.get(&address.endpoint_ref).cloned()
}
