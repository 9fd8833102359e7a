//! The world the traffic happens in, and calls to it: by the shop's server with its key, and by buyers at its
//! checkout page. It must not know who buys, nor why.

use std::sync::Arc;

use serde::Deserialize;

use crate::api::{self, Method, Request};
use crate::checkout;
use crate::model::ModelEvent;
use crate::world::{Book, BookKey, World};

pub(super) struct Office {
    pub(super) world: World,
    key: BookKey,
    authorization: String,
    /// Everything that was told so far.
    history: Vec<Arc<ModelEvent>>,
    /// How many of them were heard.
    heard: usize,
    /// Calls that were refused: which, and why.
    refused: Vec<String>,
}

/// What is read of an answer.
#[derive(Deserialize)]
struct Said {
    id: Option<String>,
    error: Option<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    message: Option<String>,
}

impl Office {
    pub(super) fn new(seed: u64, livemode: bool, start_s: i64) -> Self {
        let mode = if livemode { "live" } else { "test" };
        Self {
            world: World::new(seed, start_s),
            key: BookKey { account: None, livemode },
            authorization: format!("Bearer sk_{mode}_shop"),
            history: Vec::new(),
            heard: 0,
            refused: Vec::new(),
        }
    }

    pub(super) const fn now_s(&self) -> i64 {
        self.world.now_s()
    }

    pub(super) fn book(&mut self) -> &mut Book {
        self.world.book(&self.key).expect("the own account has books in both modes")
    }

    /// The id of what a call made or changed; `None` when it was refused.
    pub(super) fn post(&mut self, path: &str, form: &str) -> Option<String> {
        self.call(Method::Post, path, form)
    }

    pub(super) fn delete(&mut self, path: &str, form: &str) -> Option<String> {
        self.call(Method::Delete, path, form)
    }

    fn call(&mut self, method: Method, path: &str, form: &str) -> Option<String> {
        let authorization = Some(self.authorization.clone());
        let answer = api::answer(&mut self.world, &request(method, path, form, authorization));
        let said: Said = serde_json::from_str(&answer.body).ok()?;
        if answer.status == 200 {
            return said.id;
        }
        let why = said.error.and_then(|fault| fault.message).unwrap_or_default();
        self.refused.push(format!("{} {path}: {why}", method.name()));
        None
    }

    /// A form sent on the checkout page of a session, or on its bank's page (`3ds/pi_...`).
    pub(super) fn submit(&mut self, page: &str, form: &str) {
        let path = format!("/checkout/{page}");
        // What came of it shows in the session.
        drop(checkout::answer(&mut self.world, &request(Method::Post, &path, form, None)));
    }

    /// What a bank does to the book by itself, and what follows from that.
    pub(super) fn bank(&mut self, act: impl FnOnce(&mut Book)) {
        let book = self.book();
        act(book);
        book.catch_up();
        self.world.cross();
    }

    /// What happened and was not heard yet.
    pub(super) fn hear(&mut self) -> Vec<Arc<ModelEvent>> {
        self.history.extend(self.world.take_events());
        let news = self.history.get(self.heard..).unwrap_or_default().to_vec();
        self.heard = self.history.len();
        news
    }

    /// How much was heard so far.
    pub(super) const fn heard(&self) -> usize {
        self.heard
    }

    /// The history, every object as it is in the end, the calls that were refused, and the world.
    pub(super) fn close(mut self) -> (Vec<ModelEvent>, super::Objects, Vec<String>, World) {
        let objects = self.book().everything();
        let Self { world, history, refused, .. } = self;
        (history.into_iter().map(Arc::unwrap_or_clone).collect(), objects, refused, world)
    }
}

fn request(method: Method, path: &str, form: &str, authorization: Option<String>) -> Request {
    Request {
        method,
        path: path.to_owned(),
        query: String::new(),
        body: form.as_bytes().to_vec(),
        authorization,
        version: None,
        idempotency_key: None,
        account: None,
    }
}
