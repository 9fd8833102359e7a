//! The client against a server that answers by a script: what goes over the wire, and what happens when the
//! wire fails.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod calls;
mod faults;
mod secrets;
mod server;

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use stripe::{ApiVersion, Base, Client, Key, Options, Outside};

/// A world in which time passes only by waiting, and chance is always the same.
#[derive(Default)]
pub(crate) struct Still {
    now_ms: AtomicI64,
    pauses_ms: Mutex<Vec<u64>>,
    closing: AtomicBool,
}

impl Outside for Still {
    fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::SeqCst)
    }

    fn pause(&self, ms: u64) -> bool {
        self.pauses_ms.lock().unwrap().push(ms);
        self.now_ms.fetch_add(ms.try_into().unwrap(), Ordering::SeqCst);
        !self.closing.load(Ordering::SeqCst)
    }

    fn chance(&self) -> u64 {
        0
    }
}

pub(crate) const KEY: &str = "rk_test_canary1234567890";

pub(crate) fn options(address: &str) -> Options {
    Options {
        base: Base::parse(address).unwrap(),
        version: ApiVersion::parse("2025-09-30.clover").unwrap(),
        answer_ms: 400,
        connect_ms: 400,
        ..Options::default()
    }
}

pub(crate) fn client(address: &str) -> (Client, Arc<Still>) {
    let still = Arc::new(Still::default());
    let client = Client::new(Key::parse(KEY).unwrap(), &options(address), still.clone()).unwrap();
    (client, still)
}
