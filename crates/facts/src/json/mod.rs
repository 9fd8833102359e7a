//! A tolerant, lazy view of JSON text: an object is a list of (name, unread text), and a value is decoded
//! only when somebody asks for it, so a hostile field can spoil nothing but itself. It must not know
//! Stripe's objects, and says nothing about what it cannot read: that is `object`'s business.
//!
//! `serde_json` checks the syntax and finds the ends of values without recursion, so nesting costs no
//! stack; what is read is only ever as deep as our own code descends.

mod number;
mod text;

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

pub(crate) use number::{Number, scaled};
pub(crate) use text::{decode, unescape};

/// The text of one JSON value, known to be well formed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<'a>(&'a str);

/// What a value is, undecoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape<'a> {
    Null,
    Bool(bool),
    Number(&'a str),
    /// Between the quotes, still escaped.
    Text(&'a str),
    Array,
    Object,
}

impl<'a> Node<'a> {
    pub(crate) fn shape(self) -> Shape<'a> {
        match self.0.as_bytes().first() {
            Some(b'"') => Shape::Text(self.0.get(1..self.0.len() - 1).unwrap_or_default()),
            Some(b'{') => Shape::Object,
            Some(b'[') => Shape::Array,
            Some(b't') => Shape::Bool(true),
            Some(b'f') => Shape::Bool(false),
            Some(b'n') | None => Shape::Null,
            Some(_) => Shape::Number(self.0),
        }
    }

    /// `None` unless the whole text is one well-formed value.
    pub(crate) fn whole(text: &'a str) -> Option<Self> {
        serde_json::from_str::<&RawValue>(text).ok().map(|value| Self(value.get()))
    }

    /// As it is written.
    pub(crate) const fn text(self) -> &'a str {
        self.0
    }

    pub(crate) fn is_null(self) -> bool {
        self.shape() == Shape::Null
    }

    pub(crate) fn fields(self) -> Option<Fields<'a>> {
        (self.shape() == Shape::Object).then(|| Fields::parse(self.0)).flatten()
    }

    pub(crate) fn elements(self) -> Option<Vec<Self>> {
        if self.shape() != Shape::Array {
            return None;
        }
        let values: Vec<&RawValue> = serde_json::from_str(self.0).ok()?;
        Some(values.into_iter().map(|value| Node(value.get())).collect())
    }
}

/// The fields of one object in the order of the text. Of two fields with one name the later holds.
#[derive(Debug)]
pub(crate) struct Fields<'a>(Vec<(Cow<'a, str>, Node<'a>)>);

impl<'a> Fields<'a> {
    /// `None` unless the whole text is one well-formed JSON object.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    pub(crate) fn get(&self, name: &str) -> Option<Node<'a>> {
        self.0.iter().rev().find(|(field, _)| field == name).map(|(_, node)| *node)
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    /// Names are taken raw as well: decoding one with a lone surrogate would fail the whole object.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::with_capacity(FIELDS_EXPECTED);
        while let Some((name, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            let name = name.get();
            let name = unescape(name.get(1..name.len() - 1).unwrap_or_default());
            fields.push((name, Node(value.get())));
        }
        Ok(Fields(fields))
    }
}

/// Most of Stripe's objects have between 20 and 80 fields.
const FIELDS_EXPECTED: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_fields_with_one_name_the_later_holds() {
        let fields = Fields::parse(r#"{"a":1,"b":[],"\u0061":{"c":"x"}}"#).expect("an object");
        let inner = fields.get("a").and_then(Node::fields).expect("the later one");
        assert_eq!(inner.get("c").map(Node::shape), Some(Shape::Text("x")));
        assert_eq!(fields.get("b").and_then(Node::elements).map(|list| list.len()), Some(0));
        assert!(fields.get("zzz").is_none());
    }

    #[test]
    fn a_hostile_field_spoils_nothing_but_itself() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        for hostile in ["1e400", r#""\ud800""#, r#""\u0000""#, "99999999999999999999999", deep.as_str()] {
            let text = format!(r#"{{"bad":{hostile},"\ud800":1,"good":true}}"#);
            let fields = Fields::parse(&text).expect("an object");
            assert_eq!(fields.get("good").map(Node::shape), Some(Shape::Bool(true)), "{hostile:.20}");
        }
    }

    #[test]
    fn what_is_not_one_whole_object_is_refused() {
        for text in ["", "[]", "null", "{} {}", "{", r#"{"a":}"#, r#"{"a":1,}"#, r#"{"a":01}"#] {
            assert!(Fields::parse(text).is_none(), "{text}");
        }
    }
}
