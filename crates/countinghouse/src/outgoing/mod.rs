//! The wiring towards Stripe: which key speaks for which book, and what the keys may do. What is asked of Stripe
//! is decided elsewhere.

mod codes;
pub(crate) mod endpoints;
mod fetcher;
pub(crate) mod level;
mod lister;
mod outside;
mod settings;

use std::sync::Arc;

use kernel::Book;
use stripe::{Client, StripeError};

use crate::Stop;
pub(crate) use codes::Codes;
pub(crate) use lister::Lists;
pub(crate) use outside::Waits;
pub(crate) use settings::{Given, Settings};

/// The clients of this installation: at most one for live and one for test.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outgoing {
    live: Option<Client>,
    test: Option<Client>,
}

impl Outgoing {
    /// `waits` ends every wait of these clients when the house closes.
    pub(crate) fn new(settings: &Settings, waits: &Arc<Waits>) -> Result<Self, Stop> {
        Self::with(settings, &settings.options(), waits)
    }

    /// Each call is tried once and answered within half a minute, whatever comes of it: for calls under a lease.
    pub(crate) fn once(settings: &Settings, waits: &Arc<Waits>) -> Result<Self, Stop> {
        let options =
            stripe::Options { tries_max: 1, connect_ms: 5_000, answer_ms: 20_000, ..settings.options() };
        Self::with(settings, &options, waits)
    }

    fn with(settings: &Settings, options: &stripe::Options, waits: &Arc<Waits>) -> Result<Self, Stop> {
        let client = |key: &Option<stripe::Key>| match key {
            Some(key) => Client::new(key.clone(), options, waits.clone())
                .map(Some)
                .map_err(|why: StripeError| Stop::Usage(format!("HTTPS_PROXY: {why}"))),
            None => Ok(None),
        };
        Ok(Self { live: client(&settings.live)?, test: client(&settings.test)? })
    }

    /// Speaks for the book's account in the book's mode; `None` without a key for that mode.
    pub(crate) fn client(&self, book: &Book) -> Option<Client> {
        let client = if book.livemode { &self.live } else { &self.test };
        client.as_ref().map(|client| client.for_account(book.account.as_ref()))
    }

    /// The own books that have a key, with it.
    pub(crate) fn own(&self) -> impl Iterator<Item = (Book, &Client)> {
        let live = self.live.iter().map(|client| (Book::own(true), client));
        live.chain(self.test.iter().map(|client| (Book::own(false), client)))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.live.is_none() && self.test.is_none()
    }
}
