//! Calls as lines of text: `POST /v1/refunds charge={ch} => 200 /status="succeeded" /id>re`. What is pointed at
//! is compared as JSON (`=`), or kept under a name (`>`) that later lines put in braces. `+60` alone lets so
//! many seconds pass; `events` compares the types of what happened since; lines of `#` are comments.

use std::collections::HashMap;

use sandbox::{Method, ModelEvent, Request, World, answer};
use serde_json::Value;

pub(crate) struct Script {
    pub(crate) world: World,
    pub(crate) version: Option<&'static str>,
    names: HashMap<String, String>,
    /// Everything that happened, for tests of shapes.
    pub(crate) happened: Vec<ModelEvent>,
    since: usize,
}

impl Script {
    pub(crate) fn new() -> Self {
        let world = World::new(1, 1_767_225_600);
        Self { world, version: None, names: HashMap::new(), happened: Vec::new(), since: 0 }
    }

    pub(crate) fn run(&mut self, lines: &str) -> &mut Self {
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            self.line(line);
        }
        self
    }

    /// A kept name.
    pub(crate) fn name(&self, name: &str) -> &str {
        &self.names[name]
    }

    pub(crate) fn call(&mut self, method: &str, path: &str, form: &str) -> (u16, Value) {
        let method = match method {
            "GET" => Method::Get,
            "POST" => Method::Post,
            _ => Method::Delete,
        };
        let (query, body) = if method == Method::Get { (form, "") } else { ("", form) };
        let request = Request {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            body: body.as_bytes().to_vec(),
            authorization: Some("Bearer sk_test_row".into()),
            version: self.version.map(str::to_owned),
            idempotency_key: None,
            account: None,
        };
        let answer = answer(&mut self.world, &request);
        self.gather();
        (answer.status, serde_json::from_str(&answer.body).expect("answers are JSON"))
    }

    /// A browser asks for a page: status, where it is sent on to, and what it shows.
    pub(crate) fn browse(&mut self, method: &str, path: &str, form: &str) -> (u16, String, String) {
        let method = if method == "GET" { Method::Get } else { Method::Post };
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let request = Request {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            body: form.as_bytes().to_vec(),
            authorization: None,
            version: None,
            idempotency_key: None,
            account: None,
        };
        let answer = sandbox::browse(&mut self.world, &request).expect("a page");
        self.gather();
        let to = answer.headers.iter().find(|(name, _)| *name == "Location").map(|(_, to)| to.clone());
        (answer.status, to.unwrap_or_default(), answer.body)
    }

    fn gather(&mut self) {
        self.happened.extend(self.world.take_events().iter().map(|event| ModelEvent::clone(event)));
    }

    fn line(&mut self, line: &str) {
        if let Some(seconds) = line.strip_prefix('+') {
            let to_s = self.world.now_s() + seconds.parse::<i64>().expect("seconds");
            self.world.tick(to_s);
            return self.gather();
        }
        if let Some(expected) = line.strip_prefix("events") {
            let kinds: Vec<&str> = self.happened[self.since..].iter().map(|event| event.kind).collect();
            assert_eq!(kinds, expected.split_ascii_whitespace().collect::<Vec<_>>(), "{line}");
            self.since = self.happened.len();
            return;
        }
        let line = self.named(line);
        let (asked, expected) = line.split_once(" => ").expect("an expectation");
        let mut asked = asked.split(' ');
        let mut word = || asked.next().unwrap_or_default();
        let (status, body) = self.call(word(), word(), word());
        let mut expected = expected.split(' ');
        assert_eq!(status.to_string(), expected.next().unwrap_or_default(), "{line}: {body}");
        for check in expected {
            if let Some((pointer, name)) = check.split_once('>') {
                let value = body.pointer(pointer).and_then(Value::as_str);
                let value = value.unwrap_or_else(|| panic!("{line}: no {pointer} in {body}"));
                self.names.insert(name.to_owned(), value.to_owned());
            } else {
                let (pointer, json) = check.split_once('=').expect("pointer=json");
                let shown = body.pointer(pointer).map(Value::to_string).unwrap_or("nothing".into());
                assert_eq!(shown, json, "{line}: {body}");
            }
        }
    }

    fn named(&self, line: &str) -> String {
        let put =
            |line: String, (name, value): (&String, &String)| line.replace(&format!("{{{name}}}"), value);
        self.names.iter().fold(line.to_owned(), put)
    }
}
