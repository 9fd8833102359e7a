//! What reading an event has found so far: facts, and links between objects. It must not know any kind.

use std::collections::BTreeSet;

use kernel::fact::{BIRTH, Link};
use kernel::{Body, Currency, Kind, Normalised, NoteCode, ObjectKey, Observed, Ref};

use super::tracked;
use crate::json::{Fields, Node};
use crate::object::{Notes, Obj};

pub(crate) struct Out<'a> {
    at_s: i64,
    event_ref: Ref,
    /// `data.previous_attributes`, about the root object only.
    pub(crate) previous: Option<Fields<'a>>,
    /// The event's type says that the root object is gone.
    pub(crate) deleted: bool,
    /// Empty of an object that was fetched or listed.
    pub(crate) event_type: String,
    said: BTreeSet<ObjectKey>,
    facts: Vec<Observed>,
    links: Vec<Link>,
    gone: Vec<ObjectKey>,
}

impl<'a> Out<'a> {
    pub(crate) const fn new(at_s: i64, event_ref: Ref) -> Self {
        Self {
            at_s,
            event_ref,
            previous: None,
            deleted: false,
            event_type: String::new(),
            said: BTreeSet::new(),
            facts: Vec::new(),
            links: Vec::new(),
            gone: Vec::new(),
        }
    }

    /// The object's key, or a note that it has none.
    pub(crate) fn key(kind: Kind, object: &Obj<'_>) -> Option<ObjectKey> {
        let id = object.reference("id");
        if id.is_none() {
            object.note(NoteCode::ObjectWithoutId, "id", kind.stripe_name());
        }
        id.map(|id| ObjectKey::new(kind, id))
    }

    /// The currency that the object's amounts are in. Amounts without one are no fact; a note says so,
    /// except of an embedded stub, which is little more than an id.
    pub(crate) fn currency(object: &Obj<'_>) -> Option<Currency> {
        if object.is_root() && object.raw("currency").is_none_or(Node::is_null) {
            object.note(NoteCode::CurrencyUnreadable, "currency", "missing");
        }
        object.currency("currency")
    }

    pub(crate) fn is_deleted(&self, object: &Obj<'_>) -> bool {
        object.flag("deleted") == Some(true) || (object.is_root() && self.deleted)
    }

    /// One fact for each object: what the event is about comes first, and a second copy adds nothing.
    pub(crate) fn fact(&mut self, key: &ObjectKey, object: &Obj<'_>, rank: u8, body: Body) {
        if !self.said.insert(key.clone()) {
            return;
        }
        let names = tracked::names(key.kind);
        let root = object.is_root();
        let birth = root && self.event_type.ends_with(".created");
        let previous = self.previous.as_ref().filter(|_| root);
        let mut previous =
            previous.map(|past| tracked::hashes(names, |name| past.get(name))).unwrap_or_default();
        previous.extend(birth.then_some((BIRTH, 0)));
        let fact = Observed {
            object: key.clone(),
            at_s: self.at_s,
            event_ref: self.event_ref.clone(),
            rank,
            now: tracked::hashes(names, |name| object.raw(name)),
            previous,
            body,
        };
        if root { self.facts.insert(0, fact) } else { self.facts.push(fact) }
    }

    /// `from` names `to`; nothing happens when it names nothing.
    pub(crate) fn link(&mut self, from: &ObjectKey, kind: Kind, to: Option<&Ref>) {
        if let Some(id) = to {
            self.links.push(Link { from: from.clone(), to: ObjectKey::new(kind, id.clone()) });
        }
    }

    /// The root object is deleted. One without a readable id is noted where it is read.
    pub(crate) fn gone(&mut self, kind: Kind, object: &Obj<'_>) {
        let id = object.quiet_id();
        self.gone.extend(id.map(|id| ObjectKey::new(kind, id)));
    }

    pub(crate) fn finish(mut self, notes: Notes<'_>) -> Normalised {
        self.links.sort();
        self.links.dedup();
        Normalised { facts: self.facts, links: self.links, gone: self.gone, notes: notes.take() }
    }
}
