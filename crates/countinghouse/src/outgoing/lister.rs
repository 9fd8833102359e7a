//! Listing through the clients: what the auditors ask for, asked of Stripe.

use std::sync::Arc;

use engine::audit::{Lister, Page};
use engine::fetch::{FetchFailure, Fetched, Fetcher};
use kernel::{Book, Kind, ObjectKey, Ref};
use stripe::{Client, OnePage, Outside};

use super::fetcher::failure;
use super::{Outgoing, Waits};
use crate::Stop;
use crate::config::Config;

/// The clients, and a wait that ends when the house closes.
pub(crate) struct Lists {
    outgoing: Outgoing,
    waits: Arc<Waits>,
}

impl Lists {
    pub(crate) const fn new(outgoing: Outgoing, waits: Arc<Waits>) -> Self {
        Self { outgoing, waits }
    }

    /// For a verb: nothing ends its waits but its end.
    pub(crate) fn open(config: &Config) -> Result<Self, Stop> {
        let waits = Arc::new(Waits::default());
        Ok(Self::new(Outgoing::new(&config.stripe, &waits)?, waits))
    }

    pub(crate) const fn outgoing(&self) -> &Outgoing {
        &self.outgoing
    }

    fn client(&self, book: &Book) -> Result<Client, FetchFailure> {
        let none = || FetchFailure::Refused("there is no Stripe key for this book's mode".to_owned());
        self.outgoing.client(book).ok_or_else(none)
    }
}

impl Lister for Lists {
    fn reaches(&self, book: &Book) -> bool {
        self.outgoing.client(book).is_some()
    }

    fn events(&self, book: &Book, from_s: i64, after: Option<&Ref>) -> Result<Page, FetchFailure> {
        let page = self.client(book)?.events_page(from_s, after.map(Ref::as_str)).map_err(failure)?;
        Ok(listed(page))
    }

    fn objects(&self, book: &Book, kind: Kind, after: Option<&Ref>) -> Result<Page, FetchFailure> {
        Ok(listed(self.client(book)?.objects_page(kind, after).map_err(failure)?))
    }

    fn objects_of(
        &self,
        book: &Book,
        kind: Kind,
        of: &ObjectKey,
        after: Option<&Ref>,
    ) -> Result<Page, FetchFailure> {
        Ok(listed(self.client(book)?.objects_of_page(kind, of, after).map_err(failure)?))
    }

    fn carried(&self, book: &Book, payout: &Ref, after: Option<&Ref>) -> Result<Page, FetchFailure> {
        Ok(listed(self.client(book)?.carried_page(payout, after).map_err(failure)?))
    }

    fn object(&self, book: &Book, object: &ObjectKey) -> Result<Fetched, FetchFailure> {
        self.outgoing.fetch(book, object)
    }

    fn api_version(&self, book: &Book) -> Option<String> {
        self.outgoing.client(book).map(|client| client.version().to_string())
    }

    fn pause(&self, ms: u64) -> bool {
        self.waits.pause(ms)
    }
}

fn listed(page: OnePage) -> Page {
    let OnePage { items, more, answered_at_s } = page;
    Page { items, more, answered_at_s }
}
