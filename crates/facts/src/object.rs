//! Reading the fields of one Stripe object: each read gives the value or, when the field holds something
//! else than any API version sends there, a note and nothing. It must not know which fields there are.

use std::cell::RefCell;
use std::fmt;

use kernel::fact::{Hints, PartnerHint};
use kernel::time::SECONDS_MAX;
use kernel::{Currency, Note, NoteCode, Ref};

use crate::json::{Fields, Node, Number, Shape, scaled, unescape};

/// A body can hold any number of oddities; an operator can read only so many.
const NOTES_MAX: usize = 32;
const PATH_CHARS_MAX: usize = 120;
const DETAIL_CHARS_MAX: usize = 60;
/// Free text kept in a fact. Stripe's own limit for metadata values and references is 500 characters.
const TEXT_CHARS_MAX: usize = 1000;

/// Collects what was odd while an object is read.
pub(crate) struct Notes<'a> {
    version: Option<&'a str>,
    list: RefCell<Vec<Note>>,
}

impl<'a> Notes<'a> {
    pub(crate) const fn new(version: Option<&'a str>) -> Self {
        Self { version, list: RefCell::new(Vec::new()) }
    }

    pub(crate) fn add(&self, code: NoteCode, path: &str, detail: &str) {
        let mut list = self.list.borrow_mut();
        let note = Note { code, path: clip(path, PATH_CHARS_MAX), detail: clip(detail, DETAIL_CHARS_MAX) };
        if list.len() < NOTES_MAX && !list.contains(&note) {
            list.push(note);
        }
    }

    /// A note about something newer than this program, which is why the API version matters.
    pub(crate) fn add_newer(&self, code: NoteCode, path: &str, what: &str) {
        let version = self.version.unwrap_or("unknown");
        self.add(code, path, &format!("{} in {version}", clip(what, DETAIL_CHARS_MAX / 2)));
    }

    pub(crate) fn take(self) -> Vec<Note> {
        self.list.into_inner()
    }
}

/// One object, its place below `data.object` ("" is the object itself), and where oddities are noted.
pub(crate) struct Obj<'a> {
    fields: Fields<'a>,
    path: String,
    notes: &'a Notes<'a>,
}

/// An expandable field: Stripe sends the id, or the whole object.
pub(crate) enum Named<'a> {
    Id(Ref),
    Whole(Obj<'a>),
}

impl<'a> Named<'a> {
    pub(crate) fn whole(self) -> Option<Obj<'a>> {
        match self {
            Self::Id(_) => None,
            Self::Whole(object) => Some(object),
        }
    }

    pub(crate) fn id(&self) -> Option<Ref> {
        match self {
            Self::Id(id) => Some(id.clone()),
            Self::Whole(object) => object.reference("id"),
        }
    }
}

/// An embedded list. `truncated` when Stripe says that there is more.
pub(crate) struct List<'a> {
    pub(crate) rows: Vec<Obj<'a>>,
    pub(crate) truncated: bool,
}

impl<'a> Obj<'a> {
    pub(crate) const fn root(fields: Fields<'a>, notes: &'a Notes<'a>) -> Self {
        Self { fields, path: String::new(), notes }
    }

    pub(crate) fn is_root(&self) -> bool {
        self.path.is_empty()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.get(name).is_some()
    }

    pub(crate) fn is_array(&self, name: &str) -> bool {
        self.fields.get(name).is_some_and(|node| node.shape() == Shape::Array)
    }

    /// The field undecoded; `None` when missing or null.
    fn node(&self, name: &str) -> Option<Node<'a>> {
        self.raw(name).filter(|node| !node.is_null())
    }

    /// The field undecoded, null included.
    pub(crate) fn raw(&self, name: &str) -> Option<Node<'a>> {
        let node = self.fields.get(name);
        #[cfg(test)]
        if node.is_some() {
            crate::trace::add(self.below(name));
        }
        node
    }

    fn below(&self, step: impl fmt::Display) -> String {
        if self.is_root() { step.to_string() } else { format!("{}.{step}", self.path) }
    }

    pub(crate) fn note(&self, code: NoteCode, name: &str, detail: &str) {
        self.notes.add(code, &self.below(name), detail);
    }

    pub(crate) fn note_newer(&self, code: NoteCode, name: &str, what: &str) {
        self.notes.add_newer(code, &self.below(name), what);
    }

    fn unreadable(&self, name: &str, node: Node<'_>, wanted: &str) {
        self.note(NoteCode::FieldUnreadable, name, &format!("{} where {wanted} belongs", kind_of(node)));
    }

    /// A whole number, however it is written.
    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        self.number(name, 0)
    }

    /// Unix seconds; a number that is no time is noted and left out, or one such field would run the
    /// book's clock to the end of days.
    pub(crate) fn second(&self, name: &str) -> Option<i64> {
        let seconds = self.int(name)?;
        if !(0..=SECONDS_MAX).contains(&seconds) {
            self.note(NoteCode::NumberOutOfRange, name, "is no time");
            return None;
        }
        Some(seconds)
    }

    /// An amount of money; 0 when there is none.
    pub(crate) fn amount(&self, name: &str) -> i64 {
        self.int(name).unwrap_or(0)
    }

    /// A percentage in basis points, cut to whole ones.
    pub(crate) fn basis_points(&self, name: &str) -> Option<i64> {
        self.number(name, 2)
    }

    fn number(&self, name: &str, places: i64) -> Option<i64> {
        let node = self.node(name)?;
        let Shape::Number(text) = node.shape() else {
            self.unreadable(name, node, "a number");
            return None;
        };
        match scaled(text, places) {
            Number::Whole(value) => Some(value),
            Number::Cut(value) if places > 0 => Some(value),
            Number::Cut(_) => {
                self.note(NoteCode::FieldUnreadable, name, "not a whole number");
                None
            }
            Number::OutOfRange => {
                self.note(NoteCode::NumberOutOfRange, name, "does not fit in 64 bits");
                None
            }
        }
    }

    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        let node = self.node(name)?;
        if let Shape::Bool(flag) = node.shape() {
            return Some(flag);
        }
        self.unreadable(name, node, "true or false");
        None
    }

    /// Free text that every store can keep: NUL replaced, at most a thousand characters.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let node = self.node(name)?;
        let Shape::Text(escaped) = node.shape() else {
            self.unreadable(name, node, "text");
            return None;
        };
        Some(clip(&unescape(escaped), TEXT_CHARS_MAX))
    }

    pub(crate) fn currency(&self, name: &str) -> Option<Currency> {
        let node = self.node(name)?;
        let read = match node.shape() {
            Shape::Text(escaped) => Currency::parse(&unescape(escaped)),
            _ => None,
        };
        if read.is_none() {
            self.note(NoteCode::CurrencyUnreadable, name, kind_of(node));
        }
        read
    }

    pub(crate) fn object(&self, name: &str) -> Option<Self> {
        let node = self.node(name)?;
        self.child(node, name)
    }

    fn child(&self, node: Node<'a>, step: &str) -> Option<Self> {
        let Some(fields) = node.fields() else {
            self.unreadable(step, node, "an object");
            return None;
        };
        Some(Self { fields, path: self.below(step), notes: self.notes })
    }

    /// An expandable field.
    pub(crate) fn named(&self, name: &str) -> Option<Named<'a>> {
        let node = self.node(name)?;
        self.named_node(node, name)
    }

    fn named_node(&self, node: Node<'a>, step: &str) -> Option<Named<'a>> {
        match node.shape() {
            Shape::Text(escaped) => {
                let id = Ref::parse(&unescape(escaped));
                if id.is_none() {
                    self.note(NoteCode::RefUnusable, step, "empty, too long, or with a NUL");
                }
                id.map(Named::Id)
            }
            Shape::Object => self.child(node, step).map(Named::Whole),
            _ => {
                self.unreadable(step, node, "an id or an object");
                None
            }
        }
    }

    /// The id in an expandable field.
    pub(crate) fn reference(&self, name: &str) -> Option<Ref> {
        self.named(name)?.id()
    }

    /// An array of ids or whole objects.
    pub(crate) fn names(&self, name: &str) -> Vec<Named<'a>> {
        self.each(name, |step, node| self.named_node(node, step))
    }

    /// The object's own id, without a note where it has none.
    pub(crate) fn quiet_id(&self) -> Option<Ref> {
        match self.node("id")?.shape() {
            Shape::Text(escaped) => Ref::parse(&unescape(escaped)),
            _ => None,
        }
    }

    /// An array of words.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        self.each(name, |_, node| match node.shape() {
            Shape::Text(escaped) => Some(clip(&unescape(escaped), TEXT_CHARS_MAX)),
            _ => None,
        })
    }

    /// An array of objects.
    pub(crate) fn objects(&self, name: &str) -> Vec<Self> {
        self.each(name, |step, node| self.child(node, step))
    }

    fn each<T>(&self, name: &str, read: impl Fn(&str, Node<'a>) -> Option<T>) -> Vec<T> {
        let Some(node) = self.node(name) else { return Vec::new() };
        let Some(elements) = node.elements() else {
            self.unreadable(name, node, "a list");
            return Vec::new();
        };
        let indexed = elements.into_iter().enumerate();
        indexed.filter_map(|(index, node)| read(&format!("{name}[{index}]"), node)).collect()
    }

    /// Stripe's list object, or (in the oldest versions) a bare array.
    pub(crate) fn list(&self, name: &str) -> List<'a> {
        match self.node(name) {
            None => List { rows: Vec::new(), truncated: false },
            Some(node) if node.shape() == Shape::Array => List { rows: self.objects(name), truncated: false },
            Some(_) => self.object(name).map_or(List { rows: Vec::new(), truncated: false }, |list| {
                let truncated = list.flag("has_more") == Some(true);
                if truncated {
                    self.note(NoteCode::ListTruncated, name, "only the first rows came along");
                }
                List { rows: list.objects("data"), truncated }
            }),
        }
    }

    /// When the object was made; `date` is what the oldest invoices call it. 0 when it does not say.
    pub(crate) fn created(&self) -> i64 {
        self.second("created").or_else(|| self.second("date")).unwrap_or(0)
    }

    /// Whom the object's metadata names: `partner_ref`, then `partner_handle`.
    pub(crate) fn partner_hint(&self) -> PartnerHint {
        let metadata = self.object("metadata")?;
        let named = |key: &str| metadata.text(key).filter(|text| !text.trim().is_empty());
        Hints::of(["partner_ref", "partner_handle"].into_iter().filter_map(named))
    }
}

fn kind_of(node: Node<'_>) -> &'static str {
    match node.shape() {
        Shape::Null => "null",
        Shape::Bool(_) => "true or false",
        Shape::Number(_) => "a number",
        Shape::Text(_) => "text",
        Shape::Array => "a list",
        Shape::Object => "an object",
    }
}

fn clip(text: &str, chars: usize) -> String {
    text.chars().take(chars).map(|char| if char == '\0' { '\u{fffd}' } else { char }).collect()
}
