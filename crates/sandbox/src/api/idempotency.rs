//! `Idempotency-Key`: the same call again is answered with what was said the first time, another call under the same
//! key is refused. It must not know what a call does.

use super::auth::Caller;
use super::{Answer, Method, Request};
use crate::render::Version;
use crate::world::desk::Stored;
use crate::world::{BookKey, Kind, Refusal, World};

const KEY_CHARS_MAX: usize = 255;

pub(super) enum Before {
    /// The same call was answered already.
    Answered(Answer),
    /// It was not; its answer is to be kept under this key, if it has one.
    New(Option<Key>),
}

/// A key no answer is kept under yet.
pub(super) struct Key {
    book: BookKey,
    text: String,
    asked: Vec<u8>,
}

/// Looks for what was answered under the call's key. Only `POST` has keys; other methods ignore them.
pub(super) fn look(
    world: &World,
    request: &Request,
    caller: &Caller,
    version: Version,
) -> Result<Before, Refusal> {
    let key = request.idempotency_key.as_deref().filter(|_| request.method == Method::Post);
    let Some(text) = key.filter(|text| !text.is_empty()) else { return Ok(Before::New(None)) };
    if text.chars().count() > KEY_CHARS_MAX {
        let message = format!("Idempotency keys may be at most {KEY_CHARS_MAX} characters.");
        return Err(Refusal::plain(400, Kind::Idempotency, message));
    }
    let asked = asked(request, version);
    let Some(stored) = world.desk.stored(&caller.book, text, world.now_s()) else {
        return Ok(Before::New(Some(Key { book: caller.book.clone(), text: text.to_owned(), asked })));
    };
    if stored.asked != asked {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. \
             Try using a key other than '{text}' if you meant to execute a different request."
        );
        return Err(Refusal::plain(400, Kind::Idempotency, message));
    }
    if stored.busy {
        let message = format!(
            "There is currently another in-progress request using this Idempotent Key: {text}. Please try again later."
        );
        return Err(Refusal::plain(409, Kind::Idempotency, message).code("idempotency_key_in_use"));
    }
    let mut answer = Answer::new(stored.status, stored.body.clone());
    answer.headers.push(("Idempotent-Replayed", "true".into()));
    answer.headers.push(("Original-Request", stored.request_ref.clone()));
    Ok(Before::Answered(answer))
}

impl Key {
    /// Keeps an answer for a day.
    pub(super) fn keep(self, world: &mut World, answer: &Answer, request_ref: &str, busy: bool) {
        let now_s = world.now_s();
        let stored = Stored {
            asked: self.asked,
            status: answer.status,
            body: answer.body.clone(),
            request_ref: request_ref.to_owned(),
            at_s: now_s,
            busy,
        };
        world.desk.store(&self.book, &self.text, stored);
    }
}

/// What makes two calls the same.
fn asked(request: &Request, version: Version) -> Vec<u8> {
    let mut asked = format!("{} {}\n", version.api_version(), request.path).into_bytes();
    asked.extend_from_slice(&request.body);
    asked
}
