//! What the API must remember between calls, beside the books: keys, stored answers, how many calls may come, and
//! what is to go wrong. It must not know what a call does.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::BookKey;
use super::ids::Ids;
use crate::render::Version;

/// How long an answer is kept under its idempotency key.
pub(crate) const STORED_S: i64 = 86_400;

/// A restricted key: whose books it opens, and what it may do there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct KeyRights {
    /// A connected account's; `None`: the own one.
    pub(crate) account: Option<String>,
    pub(crate) livemode: bool,
    /// Stripe's names: `coupon_read`, `coupon_write` (which implies reading), ...
    pub(crate) permissions: Vec<String>,
}

/// What a call was answered with, kept to be said again.
#[derive(Clone)]
pub(crate) struct Stored {
    /// What was asked: method, path, version and parameters.
    pub(crate) asked: Vec<u8>,
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) request_ref: String,
    pub(crate) at_s: i64,
    /// The first call is still being worked on; see `ended`.
    pub(crate) busy: bool,
}

/// How a call goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Failure {
    /// 429, and nothing is done.
    RateLimited,
    /// 409, as when another call changes the same object; nothing is done.
    LockTimeout,
    /// 500, and nothing is done.
    Broken,
    /// It is done, and then 500; the idempotency key keeps the 500.
    BrokenAfter,
    /// The connection is cut before anything is done.
    Cut,
    /// It is done, and the connection is cut.
    CutAfter,
    /// It is done, but the call takes so many seconds of the wall's time; its key is refused until it ends.
    Slow(i64),
}

/// Calls that will go wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Plan {
    /// `POST`, ...; `None`: any.
    pub(crate) method: Option<&'static str>,
    /// What the path begins with; empty: any.
    pub(crate) path: String,
    /// How many calls pass before.
    pub(crate) after: u32,
    /// How many go wrong.
    pub(crate) times: u32,
    pub(crate) failure: Failure,
}

impl Plan {
    /// The next call, whatever it is, is refused for calling too often: what others say differently.
    pub(crate) const fn next() -> Self {
        Self { method: None, path: String::new(), after: 0, times: 1, failure: Failure::RateLimited }
    }
}

/// How many calls a second may come: a bucket that holds so many and fills evenly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RateLimit {
    pub(crate) per_s: i64,
    pub(crate) burst: i64,
}

/// A bucket in thousandths of a call.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    milli: i64,
    at_s: i64,
}

pub(crate) struct Desk {
    ids: Ids,
    /// What calls without `Stripe-Version` get, and events of accounts that chose nothing. See `choose`.
    pub(crate) version: Version,
    /// Which version events of a book were made in: from that place of its table on.
    versions: HashMap<BookKey, Vec<(u64, Version)>>,
    /// `rk_...`
    pub(crate) keys: BTreeMap<String, KeyRights>,
    stored: HashMap<(BookKey, String), Stored>,
    /// When each was stored, the oldest first.
    by_age: VecDeque<(i64, BookKey, String)>,
    pub(crate) limit: Option<RateLimit>,
    buckets: BTreeMap<BookKey, Bucket>,
    pub(crate) plans: Vec<Plan>,
}

impl Desk {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            ids: Ids::new(seed ^ 0xde5c),
            version: Version::DEFAULT,
            versions: HashMap::new(),
            keys: BTreeMap::new(),
            stored: HashMap::new(),
            by_age: VecDeque::new(),
            limit: None,
            buckets: BTreeMap::new(),
            plans: Vec::new(),
        }
    }

    /// `req_...`
    pub(crate) fn request_ref(&mut self) -> String {
        format!("req_{}", self.ids.token(14))
    }

    /// Another version is the account's own from now on; `next_place` is where the book's next event will stand.
    pub(super) fn choose(&mut self, version: Version, books: impl Iterator<Item = (BookKey, u64)>) {
        let before = self.version;
        for (book, next_place) in books {
            let versions = self.versions.entry(book).or_insert_with(|| vec![(0, before)]);
            versions.push((next_place, version));
        }
        self.version = version;
    }

    /// The version in which the event at that place of a book's table was made.
    pub(crate) fn version_at(&self, book: &BookKey, place: u64) -> Version {
        let versions = self.versions.get(book).map_or(&[][..], Vec::as_slice);
        let made = versions.iter().rev().find(|(from, _)| *from <= place);
        made.map_or(self.version, |(_, version)| *version)
    }

    /// What is stored under a key that is not a day old.
    pub(crate) fn stored(&self, book: &BookKey, key: &str, now_s: i64) -> Option<&Stored> {
        let stored = self.stored.get(&(book.clone(), key.to_owned()))?;
        (now_s - stored.at_s < STORED_S).then_some(stored)
    }

    /// Stores an answer and forgets those that are a day old.
    pub(crate) fn store(&mut self, book: &BookKey, key: &str, stored: Stored) {
        let now_s = stored.at_s;
        while let Some((at_s, book, key)) = self.by_age.front().cloned()
            && now_s - at_s >= STORED_S
        {
            self.by_age.pop_front();
            let place = (book, key);
            if self.stored.get(&place).is_some_and(|old| old.at_s == at_s) {
                self.stored.remove(&place);
            }
        }
        self.by_age.push_back((now_s, book.clone(), key.to_owned()));
        self.stored.insert((book.clone(), key.to_owned()), stored);
    }

    /// A slow call has ended: what it was answered with may be said again.
    pub(crate) fn ended(&mut self, request_ref: &str) {
        for stored in self.stored.values_mut().filter(|stored| stored.request_ref == request_ref) {
            stored.busy = false;
        }
    }

    /// Takes one call out of the bucket; `false`: there is none left.
    pub(crate) fn admit(&mut self, book: &BookKey, now_s: i64) -> bool {
        let Some(limit) = self.limit else { return true };
        let full = Bucket { milli: limit.burst.saturating_mul(1000), at_s: now_s };
        let bucket = self.buckets.entry(book.clone()).or_insert(full);
        let came = (now_s - bucket.at_s).max(0).saturating_mul(limit.per_s).saturating_mul(1000);
        *bucket = Bucket { milli: bucket.milli.saturating_add(came).min(full.milli), at_s: now_s };
        let admitted = bucket.milli >= 1000;
        if admitted {
            bucket.milli -= 1000;
        }
        admitted
    }

    /// The way this call goes wrong, if it does.
    pub(crate) fn failure(&mut self, method: &str, path: &str) -> Option<Failure> {
        let meant = |plan: &&mut Plan| {
            plan.times > 0
                && plan.method.is_none_or(|wanted| wanted == method)
                && path.starts_with(&plan.path)
        };
        let plan = self.plans.iter_mut().find(meant)?;
        if plan.after > 0 {
            plan.after -= 1;
            return None;
        }
        plan.times -= 1;
        let failure = plan.failure;
        self.plans.retain(|plan| plan.times > 0);
        Some(failure)
    }
}
