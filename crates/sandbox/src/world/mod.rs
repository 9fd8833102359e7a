//! The state of a Stripe in a box: the books of every account in both modes, moved by calls (`api`,
//! `checkout`, `control`) and by its own clock, telling what happened as events. Pure and deterministic: the
//! same seed, times and calls give the same bytes. It must not know HTTP, JSON, API versions, the machine's
//! clock or its randomness, nor what any code earns.

pub(crate) mod account;
pub(crate) mod balance;
pub(crate) mod billing;
mod book;
pub(crate) mod calendar;
mod clock;
pub(crate) mod coupon;
pub(crate) mod credit_note;
mod crossing;
pub(crate) mod customer;
pub(crate) mod desk;
pub(crate) mod discount;
pub(crate) mod dispute;
mod dump;
mod emit;
mod find;
mod ids;
pub(crate) mod invoice;
pub(crate) mod invoice_item;
pub(crate) mod payment;
pub(crate) mod payment_method;
pub(crate) mod payout;
pub(crate) mod price;
pub(crate) mod product;
pub(crate) mod promotion_code;
pub(crate) mod rate;
pub(crate) mod refund;
mod refusal;
pub(crate) mod session;
pub(crate) mod setup_intent;
pub(crate) mod subscription;
mod table;
pub(crate) mod test_clock;
#[cfg(test)]
mod tests;
pub(crate) mod transfer;
pub(crate) mod webhook_endpoint;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use book::Book;
use desk::Desk;
pub(crate) use desk::Failure;
pub(crate) use refusal::{Kind, Refusal};
pub(crate) use table::Table;

use crate::model::ModelEvent;

/// One account in one mode. `account` is `None` for the own (platform) account.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct BookKey {
    pub account: Option<String>,
    pub livemode: bool,
}

/// Every account's objects in both modes.
pub struct World {
    seed: u64,
    now_s: i64,
    own_account: String,
    /// What the API remembers between calls.
    pub(crate) desk: Desk,
    books: BTreeMap<BookKey, Book>,
}

impl World {
    /// An empty world at that time (unix seconds) with the own account in both modes.
    #[must_use]
    pub fn new(seed: u64, now_s: i64) -> Self {
        let desk = Desk::new(seed);
        let own_account = ids::Ids::new(seed ^ 0x0acc).account();
        let mut world = Self { seed, now_s, own_account, desk, books: BTreeMap::new() };
        for livemode in [false, true] {
            world.open(&BookKey { account: None, livemode });
        }
        world
    }

    #[must_use]
    pub const fn now_s(&self) -> i64 {
        self.now_s
    }

    /// The id of the own account: `acct_...`.
    pub(crate) fn own_account(&self) -> &str {
        &self.own_account
    }

    /// Which book that holds for.
    pub(crate) fn key_where(&self, holds: impl Fn(&Book) -> bool) -> Option<BookKey> {
        self.books.iter().find(|(_, book)| holds(book)).map(|(key, _)| key.clone())
    }

    /// Where this sandbox is reached, as `http://localhost:12111`: addresses of pages begin so.
    pub fn reach_at(&mut self, base_url: &str) {
        for book in self.books.values_mut() {
            if book.payments.base_url != base_url {
                base_url.clone_into(&mut book.payments.base_url);
            }
        }
    }

    /// The books of an account, if there is such an account.
    pub(crate) fn book(&mut self, key: &BookKey) -> Option<&mut Book> {
        self.books.get_mut(key)
    }

    /// The same, only to look at.
    pub(crate) fn look(&self, key: &BookKey) -> Option<&Book> {
        self.books.get(key)
    }

    /// Opens the books of a (new) account.
    pub(crate) fn open(&mut self, key: &BookKey) -> &mut Book {
        let (seed, now_s) = (self.seed, self.now_s);
        self.books.entry(key.clone()).or_insert_with(|| Book::new(key.clone(), seed, now_s))
    }

    /// An account is gone, and its books.
    pub(crate) fn close(&mut self, key: &BookKey) {
        self.books.remove(key);
    }

    /// Another version becomes the account's own; events keep the one they were made in.
    pub(crate) fn choose_version(&mut self, version: crate::render::Version) {
        let books = self.books.iter().map(|(key, book)| (key.clone(), book.events.next_place()));
        self.desk.choose(version, books);
    }

    /// Moves the time of every book (test clocks excepted, which move alone); what falls due on the way
    /// happens at its own instant. Time never goes back: an earlier `now_s` changes nothing.
    pub fn tick(&mut self, now_s: i64) {
        self.now_s = self.now_s.max(now_s);
        for book in self.books.values_mut() {
            book.advance(None, self.now_s);
        }
        self.cross();
    }

    /// A slow call (`Answer::slow_s`) has ended: its idempotency key is free to be asked again.
    pub fn call_ended(&mut self, request_ref: &str) {
        self.desk.ended(request_ref);
    }

    /// Forgets what happened since the last call of `take_events`, as if Stripe had made no events of it.
    /// Says how many.
    pub(crate) fn forget_events(&mut self) -> usize {
        let fresh = self.take_events();
        for event in &fresh {
            let key = BookKey { account: event.account.clone(), livemode: event.livemode };
            if let Some(book) = self.books.get_mut(&key) {
                book.events.remove(&event.id);
            }
        }
        fresh.len()
    }

    /// What happened since the last call, in order within each book.
    pub fn take_events(&mut self) -> Vec<Arc<ModelEvent>> {
        self.books.values_mut().flat_map(Book::take_fresh).collect()
    }
}
