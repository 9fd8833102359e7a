//! Somebody who can list what Stripe has: an argument of catch-up, backfill and reconcile, so that none of them
//! knows HTTP or Stripe's JSON.

use kernel::{Book, Kind, ObjectKey, Ref};

use crate::fetch::{FetchFailure, Fetched};

/// Asks Stripe for lists, page by page. Where a page ends is the id of its last item.
pub trait Lister: Send + Sync {
    /// Whether there is a key for this book's mode.
    fn reaches(&self, book: &Book) -> bool;

    /// Events made at `from_s` (unix seconds; 0: any) or later, newest first, behind the event `after`.
    fn events(&self, book: &Book, from_s: i64, after: Option<&Ref>) -> Result<Page, FetchFailure>;

    /// All objects of a kind with what explains their discounts, newest first, behind the object `after`.
    fn objects(&self, book: &Book, kind: Kind, after: Option<&Ref>) -> Result<Page, FetchFailure>;

    /// The same of those alone that belong to another object: a customer's payment methods, a test clock's customers.
    fn objects_of(
        &self,
        book: &Book,
        kind: Kind,
        of: &ObjectKey,
        after: Option<&Ref>,
    ) -> Result<Page, FetchFailure>;

    /// The balance transactions that a payout carried, behind the one called `after`.
    fn carried(&self, book: &Book, payout: &Ref, after: Option<&Ref>) -> Result<Page, FetchFailure>;

    /// One object as it is now; of one that was deleted, what is left of it.
    fn object(&self, book: &Book, object: &ObjectKey) -> Result<Fetched, FetchFailure>;

    /// The version in which objects are listed.
    fn api_version(&self, book: &Book) -> Option<String>;

    /// Waits; `false` when the house is closing.
    fn pause(&self, ms: u64) -> bool;
}

/// One page of a list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Page {
    /// Each item's own bytes, as they were sent.
    pub items: Vec<Vec<u8>>,
    pub more: bool,
    /// When it was answered, by Stripe's clock.
    pub answered_at_s: Option<i64>,
}
