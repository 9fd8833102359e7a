//! What events leave open is asked of Stripe: an object fetched by its id enters the inbox like a delivery (source
//! `fetch`) and is applied like one. So a `discount_unresolved` heals by itself wherever a key may read.
//!
//! - [`queue`]: objects that thin events name, whose order nothing tells, or that came cut off.
//! - [`want`]: which object would explain a sale. [`round`]: claims, fetches and appends. [`worker`]: the thread.
//! - [`purchase`]: one purchase whole, for a question about it. [`waits`]: which sales wait, and why.
//!
//! Level-triggered: the sales that wait are looked up, nobody has to announce them. So a kill at any moment loses
//! nothing. It must not know HTTP or Stripe's JSON; whoever can fetch is an argument.

mod purchase;
mod queue;
mod round;
mod waits;
mod want;
mod worker;

use kernel::{Book, ObjectKey, Ref};

pub use purchase::{Found, purchase, words};
pub use queue::soon;
pub(crate) use round::as_delivery;
pub use round::{Fetching, Looked};
pub use waits::{Waits, thin_waiting, waits};
pub use worker::FetchWorker;

/// Somebody who can ask Stripe.
pub trait Fetcher: Send + Sync {
    /// Whether there is a key for this book's mode.
    fn reaches(&self, book: &Book) -> bool;

    /// The object as it is now, with what explains its discounts.
    fn fetch(&self, book: &Book, object: &ObjectKey) -> Result<Fetched, FetchFailure>;

    /// An event of Stripe's v2 API, with more than its notification says.
    fn event(&self, _: &Book, id: &Ref) -> Result<Fetched, FetchFailure> {
        Err(FetchFailure::Refused(format!("event {id} cannot be asked for")))
    }

    /// The checkout sessions that began a subscription.
    fn sessions(&self, book: &Book, subscription: &ObjectKey) -> Result<Vec<ObjectKey>, FetchFailure>;
}

/// An object as Stripe answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fetched {
    pub body: Vec<u8>,
    pub api_version: String,
    /// When it was answered, by Stripe's clock.
    pub answered_at_s: Option<i64>,
    /// `None`: the object does not say.
    pub livemode: Option<bool>,
}

/// Why there is no object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FetchFailure {
    /// Stripe has no such object; asking again is no use.
    Missing,
    /// The key may not, or Stripe refuses: somebody has to mend it.
    Refused(String),
    /// Not now.
    Later(String),
    /// The house is closing.
    Closing,
}
