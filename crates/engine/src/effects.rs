//! What became of one event: the entries that name it as a cause, and what is still to be done because of it. When it came is
//! in `timeline.rs`. It must not know what a fact means.

use kernel::operator::{Action, ParkedEvent};
use kernel::{ObjectKey, Ref};
use serde::Serialize;

use crate::explain::{EntryShown, entry_shown};
use crate::house::{EngineError, House};
use crate::project::walk::{read_closure, stored};

/// Something that is to be made true because of an event.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct MarkShown {
    pub object: String,
    pub attempts: i64,
    /// Why nothing more is tried.
    pub parked: Option<String>,
}

/// An entry, and the sale that it is of.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Caused {
    pub sale: String,
    #[serde(flatten)]
    pub entry: EntryShown,
}

/// What an event did to the books.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Effects {
    /// Entries that name it as a cause, of the sales that it is about.
    pub entries: Vec<Caused>,
    pub marks: Vec<MarkShown>,
}

/// Objects that are looked at for one event's entries.
const OBJECTS_MAX: usize = 500;

const MARKS_MAX: i64 = 100;

/// What the row of the inbox did to these objects and what belongs to them.
pub(crate) fn effects(
    house: &House,
    book: &kernel::Book,
    seq: i64,
    objects: &[ObjectKey],
) -> Result<Effects, EngineError> {
    let (entries, marks) = house.db().read(|read| -> Result<_, EngineError> {
        let Some(book_id) = store::book::known(read, book)? else { return Ok((Vec::new(), Vec::new())) };
        let marks = store::mark::of_seq(read, seq, MARKS_MAX)?;
        // A subscription or a discount reaches its sales by who names it.
        let named = store::link::to_keys(read, book_id, objects)?;
        let start = objects.iter().cloned().chain(named.into_iter().map(|link| link.from));
        let start: Vec<ObjectKey> = start.take(OBJECTS_MAX).collect();
        let closure = read_closure(read, book_id, &start)?;
        let keys: Vec<_> = closure.keys.iter().take(OBJECTS_MAX).map(stored).collect();
        let subjects: Vec<i64> =
            store::subject::get(read, book_id, &keys)?.into_iter().map(|subject| subject.id).collect();
        let mut entries = store::entry::of_subjects(read, &subjects)?;
        entries.retain(|written| {
            serde_json::from_str::<Vec<i64>>(&written.entry.causes).is_ok_and(|causes| causes.contains(&seq))
        });
        Ok((entries, marks))
    })?;
    let caused = |written: &store::entry::Written| -> Result<Caused, EngineError> {
        Ok(Caused { sale: written.entry.sale.clone(), entry: entry_shown(house, written)? })
    };
    let entries = entries.iter().map(caused).collect::<Result<_, _>>()?;
    let mark = |(object, attempts, parked): (ObjectKey, i64, Option<String>)| MarkShown {
        object: object.to_string(),
        attempts,
        parked,
    };
    Ok(Effects { entries, marks: marks.into_iter().map(mark).collect() })
}

/// Writes down that somebody was shown a body as it came, with what is personal in it. Every body that came under the id
/// is named; `false` when there is none.
pub fn body_shown(house: &House, id: &str, actor: &str, now: kernel::UnixMs) -> Result<bool, EngineError> {
    let Some(id) = Ref::parse(id) else { return Ok(false) };
    let seqs = house.inbox().numbers(&id)?;
    for seq in &seqs {
        let event = ParkedEvent { seq: *seq, event: id.clone(), unread: false };
        house.db().work(|tx| -> Result<i64, EngineError> {
            Ok(store::operator::append(tx, actor, None, now, &Action::BodyShown { event: event.clone() })?)
        })?;
    }
    Ok(!seqs.is_empty())
}
