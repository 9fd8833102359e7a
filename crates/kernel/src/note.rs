//! Something odd in an event that an operator should be able to see: never a failure, never a loss.

use serde::{Deserialize, Serialize};

/// Why a part of an event could not be used. A closed list; shown by `events show` and counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteCode {
    /// The event's type is not one whose object we read. Kept, nothing to do.
    TypeNotRead,
    /// The object carries no usable id, so nothing can be said about it.
    ObjectWithoutId,
    /// `data.object` is missing or not an object.
    ObjectUnreadable,
    /// A field is there but of another JSON type than any version of Stripe's API gives it.
    FieldUnreadable,
    /// An amount or time does not fit in 64 bits.
    NumberOutOfRange,
    /// An id is empty, over 255 bytes or carries a NUL.
    RefUnusable,
    /// A currency code is not three letters.
    CurrencyUnreadable,
    /// A discount in none of the known shapes.
    DiscountShapeUnknown,
    /// An embedded list says `has_more`: only the first rows came with the event.
    ListTruncated,
    /// An enum value newer than this program; kept as it is.
    EnumUnknown,
}

/// `path` is the JSON path below `data.object`, `detail` a short excerpt safe to show (never a secret).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Note {
    pub code: NoteCode,
    pub path: String,
    pub detail: String,
}
