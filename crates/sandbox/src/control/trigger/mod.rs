//! Any event on demand: by the calls of the API that lead to it (`recipes`), or, where the sandbox has no
//! such lifecycle, with an object that looks right (`looks`). It must not know what any object does.

mod looks;
mod makers;
mod recipes;

use std::collections::BTreeMap;

use serde_json::Value;

use super::Call;
use crate::api::{Answer, Method, Request};
use crate::deliver::{Chaos, Retries};
use crate::json::Obj;
use crate::model::{ModelEvent, event_type};
use crate::serve::{Options, State};
use crate::world::{Book, BookKey, Kind, Refusal};

pub(super) fn trigger(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let key = call.key(&mut params)?;
    let name = params.required("type")?;
    params.finish()?;
    call.book(&key)?;
    let kind = event_type(&name).filter(|kind| recipes::of(kind).is_some() || looks::has(kind));
    let Some(kind) = kind else {
        let message = format!(
            "'{name}' cannot be triggered; `countinghouse sandbox trigger --list` (GET /_sandbox/trigger) lists what can."
        );
        return Err(Refusal::invalid("type", message));
    };
    let (event, way) = make(call.state, &key, kind)?;
    Ok(Obj::new().str("type", kind).str("event", &event).str("by", way).close())
}

/// The id of the event, and how it came about.
fn make(state: &mut State, key: &BookKey, kind: &'static str) -> Result<(String, &'static str), Refusal> {
    let book = |state: &mut State| state.world.book(key).and_then(|book| newest(book, kind));
    let before = book(state);
    let mut books = vec![key.clone()];
    let way = match recipes::of(kind) {
        Some(steps) => {
            let mut run = Run { state: &mut *state, key: key.clone(), made: BTreeMap::new(), calls: 0 };
            run.steps(kind, steps)?;
            // What becomes of a connected account happens in its own books.
            let account = run.made.remove("account");
            books.extend(account.map(|id| BookKey { account: Some(id), livemode: key.livemode }));
            "calls"
        }
        None => {
            state.world.book(key).into_iter().for_each(|book| looks::emit(book, kind));
            "look"
        }
    };
    let mut made = books.iter().filter_map(|key| newest(state.world.look(key)?, kind));
    let event = made.rfind(|event| before.as_ref() != Some(event)).ok_or_else(|| {
        Refusal::plain(500, Kind::Api, format!("The calls that should lead to {kind} did not."))
    })?;
    Ok((event, way))
}

/// One event of that type out of a world of its own, for whoever wants to see each; or why there is none.
pub fn example(event_type_name: &str, start_s: i64) -> Result<ModelEvent, String> {
    let kind = event_type(event_type_name).ok_or("no such type")?;
    let (chaos, retries) = (Chaos::none(1), Retries::of(Vec::new()));
    let options = Options { seed: 1, start_s, frozen: true, chaos, retries };
    let mut state = State::new(options, start_s);
    let key = BookKey { account: None, livemode: false };
    state.world.open(&key);
    let (id, _) = make(&mut state, &key, kind).map_err(|why| format!("{why:?}"))?;
    let holder = state.world.key_where(|book| book.events.get(&id).is_some());
    let event = holder.and_then(|key| state.world.look(&key)?.events.get(&id).cloned());
    event.map(|event| ModelEvent::clone(&event)).ok_or_else(|| "lost".to_owned())
}

/// What can be triggered, one row per event type.
pub(super) fn list(call: &mut Call<'_>) -> Result<String, Refusal> {
    call.params().finish()?;
    let mut kinds: Vec<&str> = recipes::kinds().chain(looks::kinds()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    Ok(Obj::new().strs("types", kinds).close())
}

/// The newest event of that type.
fn newest(book: &Book, kind: &str) -> Option<String> {
    book.events.newest().find(|event| event.kind == kind).map(|event| event.id.clone())
}

/// The calls of one trigger, and the ids of what they made so far.
struct Run<'a> {
    state: &'a mut State,
    key: BookKey,
    made: BTreeMap<&'static str, String>,
    calls: usize,
}

/// No recipe is that long; one that names itself would be.
const CALLS_MAX: usize = 60;

impl Run<'_> {
    /// Each line is `POST /v1/path form`, where `{name}` is the id of what `makers` makes under that name and
    /// `{now+60}` a time.
    fn steps(&mut self, kind: &str, steps: &str) -> Result<(), Refusal> {
        for step in steps.lines().map(str::trim).filter(|step| !step.is_empty()) {
            self.step(kind, step)?;
        }
        Ok(())
    }

    fn step(&mut self, kind: &str, step: &str) -> Result<Value, Refusal> {
        let (version, step) = match step.strip_prefix('@').and_then(|step| step.split_once(' ')) {
            Some((version, step)) => (Some(version), step),
            None => (None, step),
        };
        let step = self.filled(kind, step)?;
        let mut words = step.splitn(3, ' ');
        let method = match words.next() {
            Some("GET") => Method::Get,
            Some("DELETE") => Method::Delete,
            _ => Method::Post,
        };
        let (path, form) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        self.calls += 1;
        if self.calls > CALLS_MAX {
            return Err(Refusal::plain(500, Kind::Api, format!("{kind} needs too many calls.")));
        }
        let answer = self.call(method, version, path, form);
        let body: Value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
        // A card error is what some events are about, and so is what cannot become final.
        let meant = answer.status == 402 || body["error"]["code"] == "customer_tax_location_invalid";
        if answer.status < 400 || meant {
            return Ok(body);
        }
        let why = body["error"]["message"].as_str().unwrap_or_default();
        let message = format!("{kind}: {step} was answered {}: {why}", answer.status);
        Err(Refusal::plain(answer.status, Kind::InvalidRequest, message))
    }

    fn call(&mut self, method: Method, version: Option<&str>, path: &str, form: &str) -> Answer {
        let (query, body) = if method == Method::Get { (form, "") } else { ("", form) };
        let mode = if self.key.livemode { "live" } else { "test" };
        let request = Request {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            body: body.as_bytes().to_vec(),
            authorization: Some(format!("Bearer sk_{mode}_trigger")),
            version: version.map(str::to_owned),
            idempotency_key: None,
            account: self.key.account.clone(),
        };
        super::answer(self.state, &request).unwrap_or_else(|| self.state.api(&request))
    }

    fn filled(&mut self, kind: &str, step: &str) -> Result<String, Refusal> {
        let mut text = String::new();
        let mut rest = step;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            text.push_str(before);
            let value = match name.strip_prefix("now") {
                Some(later) => (self.state.world.now_s() + later.parse::<i64>().unwrap_or(0)).to_string(),
                None => self.id(kind, name)?,
            };
            text.push_str(&value);
            rest = after;
        }
        text.push_str(rest);
        Ok(text)
    }

    /// The id of what has that name, made now if it is not there yet.
    fn id(&mut self, kind: &str, name: &str) -> Result<String, Refusal> {
        if let Some(id) = self.made.get(name) {
            return Ok(id.clone());
        }
        let unknown = || Refusal::plain(500, Kind::Api, format!("{kind}: nothing makes a {name}."));
        let maker = makers::of(name).ok_or_else(unknown)?;
        let body = self.step(kind, maker.step)?;
        let id = body.pointer(maker.pointer).and_then(Value::as_str).ok_or_else(|| {
            let message = format!("{kind}: {} has no {}.", maker.step, maker.pointer);
            Refusal::plain(500, Kind::Api, message)
        })?;
        self.made.insert(maker.name, id.to_owned());
        Ok(id.to_owned())
    }
}
