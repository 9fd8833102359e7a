//! The closed list of what may be written to the log, sent as a trace or reported as an error: names of fields, and what a
//! value of each may look like. What is not on the list is left out, and counted. It must not know where a field goes.

use std::fmt;

use tracing::field::{Field, Visit};

use super::words;

/// What a field holds, and so how its value is checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Counts, durations, instants, sequence numbers.
    Number,
    /// Yes or no.
    Flag,
    /// A word of our own: a state, a route, a method, a place in the source.
    Word,
    /// An id of ours or of Stripe's, a book, or the name of a file of ours without its folder.
    Id,
    /// A caller's network.
    Address,
    /// A caller's trace, as W3C writes it.
    Trace,
    /// A sentence about what went wrong: freed of addresses, secrets and what others wrote.
    Words,
}

/// Every field there is. `docs/recipes/add-a-log-field.md` says how to add one.
pub(super) const FIELDS: [(&str, Kind); 42] = [
    ("after_ms", Kind::Number),
    ("attempt", Kind::Number),
    ("attempts", Kind::Number),
    ("book", Kind::Id),
    ("bytes", Kind::Number),
    ("caller", Kind::Address),
    ("count", Kind::Number),
    ("dropped", Kind::Number),
    ("duration_ms", Kind::Number),
    ("error", Kind::Words),
    ("event", Kind::Id),
    ("event_type", Kind::Id),
    ("failed", Kind::Number),
    ("fetched", Kind::Number),
    ("file", Kind::Id),
    ("from_at", Kind::Word),
    ("from_seq", Kind::Number),
    ("idle", Kind::Flag),
    ("intent", Kind::Id),
    ("kind", Kind::Word),
    ("links", Kind::Number),
    ("listed", Kind::Number),
    ("method", Kind::Word),
    ("missing", Kind::Number),
    ("object", Kind::Id),
    ("part", Kind::Word),
    ("place", Kind::Word),
    ("reason", Kind::Words),
    ("request", Kind::Id),
    ("result", Kind::Word),
    ("retry", Kind::Flag),
    ("route", Kind::Word),
    ("schema", Kind::Id),
    ("seq", Kind::Number),
    ("sink", Kind::Word),
    ("state", Kind::Word),
    ("status", Kind::Number),
    ("thread", Kind::Word),
    ("to_at", Kind::Word),
    ("to_seq", Kind::Number),
    ("traceparent", Kind::Trace),
    ("version", Kind::Number),
];

/// The rooms of the house: what any other crate says is not ours to repeat.
const ROOMS: [&str; 10] =
    ["kernel", "facts", "ledger", "rules", "store", "stripe", "engine", "web", "sandbox", "countinghouse"];

/// Whether this was said by the house itself.
pub(super) fn is_ours(target: &str) -> bool {
    ROOMS.contains(&target.split("::").next().unwrap_or_default())
}

fn kind_of(name: &str) -> Option<Kind> {
    let at = FIELDS.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    Some(FIELDS[at].1)
}

/// A value that was let through.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Value {
    Number(i64),
    Flag(bool),
    Text(String),
}

/// What is left of a field's text, by its kind.
fn checked(kind: Kind, text: &str) -> Option<Value> {
    let kept = match kind {
        Kind::Number | Kind::Flag => return None,
        Kind::Words => words::cleaned(text),
        Kind::Word if words::is_word(text) => text.to_owned(),
        Kind::Id if words::is_id(text) => text.to_owned(),
        Kind::Address if words::is_network(text) => text.to_owned(),
        Kind::Trace if web::TraceParent::parse(text).is_some() => text.to_owned(),
        Kind::Word | Kind::Id | Kind::Address | Kind::Trace => words::WITHHELD.to_owned(),
    };
    Some(Value::Text(kept))
}

/// Gathers of an event or a span what may be told.
#[derive(Default, Debug)]
pub(super) struct Kept {
    pub(super) message: String,
    pub(super) fields: Vec<(&'static str, Value)>,
    /// How many fields were not on the list, or not of their kind.
    pub(super) dropped: usize,
}

impl Kept {
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.fields.iter().rev().find(|(known, _)| *known == name).and_then(|(_, value)| match value {
            Value::Text(text) => Some(text.as_str()),
            Value::Number(_) | Value::Flag(_) => None,
        })
    }

    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.fields.iter().rev().find(|(known, _)| *known == name).and_then(|(_, value)| match value {
            Value::Number(number) => Some(*number),
            Value::Text(_) | Value::Flag(_) => None,
        })
    }

    fn put(&mut self, field: &Field, value: Option<Value>) {
        match value {
            Some(value) => self.fields.push((field.name(), value)),
            None => self.dropped += 1,
        }
    }

    fn put_number(&mut self, field: &Field, number: Option<i64>) {
        let value = number.filter(|_| kind_of(field.name()) == Some(Kind::Number));
        self.put(field, value.map(Value::Number));
    }
}

impl Visit for Kept {
    fn record_i64(&mut self, field: &Field, number: i64) {
        self.put_number(field, Some(number));
    }

    fn record_u64(&mut self, field: &Field, number: u64) {
        self.put_number(field, i64::try_from(number).ok());
    }

    fn record_bool(&mut self, field: &Field, flag: bool) {
        let value = (kind_of(field.name()) == Some(Kind::Flag)).then_some(Value::Flag(flag));
        self.put(field, value);
    }

    fn record_str(&mut self, field: &Field, text: &str) {
        if field.name() == "message" {
            self.message = words::cleaned(text);
        } else {
            self.put(field, kind_of(field.name()).and_then(|kind| checked(kind, text)));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Not even put into words if it is not on the list.
        if field.name() == "message" || kind_of(field.name()).is_some() {
            self.record_str(field, &format!("{value:?}"));
        } else {
            self.dropped += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order_and_names_nothing_twice() {
        assert!(FIELDS.is_sorted_by(|left, right| left.0 < right.0));
        assert_eq!(kind_of("book"), Some(Kind::Id));
        for unknown in ["email", "name", "password", "headers", "body", "message"] {
            assert_eq!(kind_of(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_value_that_is_not_of_its_fields_kind_is_not_told() {
        let withheld = || Some(Value::Text(words::WITHHELD.to_owned()));
        let told = |text: &str| Some(Value::Text(text.to_owned()));
        for (kind, text, kept) in [
            (Kind::Number, "12", None),
            (Kind::Flag, "true", None),
            (Kind::Word, "/api/v1/sales/{id}", told("/api/v1/sales/{id}")),
            (Kind::Word, "two words", withheld()),
            (Kind::Id, "evt_1Px", told("evt_1Px")),
            (Kind::Id, "pi_1@1767225600", told("pi_1@1767225600")),
            (Kind::Id, "anna@example.com", withheld()),
            (Kind::Id, "sk_live_abc", withheld()),
            (Kind::Id, "evt\n1", withheld()),
            (Kind::Address, "10.0.0.1", told("10.0.0.1")),
            (Kind::Address, "2001:db8::/64", told("2001:db8::/64")),
            (Kind::Address, "Anna", withheld()),
            (Kind::Words, "of anna@example.com", told("of [withheld]")),
        ] {
            assert_eq!(checked(kind, text), kept, "{kind:?} {text:?}");
        }
    }

    #[test]
    fn only_the_house_is_listened_to() {
        for (target, ours) in [("web::rim", true), ("store", true), ("hyper::proto", false), ("webby", false)]
        {
            assert_eq!(is_ours(target), ours, "{target}");
        }
    }
}
