//! What goes into a statement and what comes out of it. Everything is an integer, text or bytes: money
//! and times are integers, JSON is text that the database never looks into.

use super::StoreError;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Value {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
    /// For `{in:N}`.
    IntList(Vec<i64>),
    /// For `{in:N}`.
    TextList(Vec<String>),
    /// For `{in_keys:N}`: `(kind, ref)` and the like.
    KeyList(Vec<(i64, String)>),
    /// For `{in_pairs:N}`: `(id, rev)` and the like.
    PairList(Vec<(i64, i64)>),
}

macro_rules! value_from {
    ($($from:ty => $make:expr),* $(,)?) => {
        $(impl From<$from> for Value {
            fn from(value: $from) -> Self {
                $make(value)
            }
        })*
    };
}

value_from! {
    i64 => Value::Int,
    i16 => |value| Value::Int(i64::from(value)),
    bool => |value| Value::Int(i64::from(value)),
    String => storable,
    &str => |value: &str| storable(value.to_owned()),
    &String => |value: &String| storable(value.clone()),
    &kernel::Ref => |value: &kernel::Ref| Value::Text(value.as_str().to_owned()),
    Vec<u8> => Value::Bytes,
    &[u8] => |value: &[u8]| Value::Bytes(value.to_vec()),
    &[u8; 32] => |value: &[u8; 32]| Value::Bytes(value.to_vec()),
    Vec<i64> => Value::IntList,
    &[i64] => |value: &[i64]| Value::IntList(value.to_vec()),
    Vec<String> => Value::TextList,
    Vec<(i64, String)> => Value::KeyList,
    &[(i64, String)] => |value: &[(i64, String)]| Value::KeyList(value.to_vec()),
    Vec<(i64, i64)> => Value::PairList,
}

/// NUL is the one character that not every engine can keep. Nothing may be refused for containing it, and
/// both engines must say the same, so it is replaced on the way in. References cannot contain it.
fn storable(text: String) -> Value {
    Value::Text(if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text })
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The objects of a `{in_keys:N}` list.
impl From<&[kernel::ObjectKey]> for Value {
    fn from(keys: &[kernel::ObjectKey]) -> Self {
        Self::KeyList(keys.iter().map(|key| (key.kind.code().into(), key.id.as_str().to_owned())).collect())
    }
}

/// One row of an answer, read by column index in the order of the statement's select list.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Row(pub(super) Vec<Value>);

impl Row {
    fn at(&self, index: usize) -> Result<&Value, StoreError> {
        self.0.get(index).ok_or_else(|| StoreError::Unreadable(format!("column {index} was not selected")))
    }

    fn wrong<T>(index: usize, wanted: &str) -> Result<T, StoreError> {
        Err(StoreError::Unreadable(format!("column {index} does not hold {wanted}")))
    }

    /// The columns from that one on, for people and for comparing.
    #[must_use]
    pub fn words(&self, from: usize) -> String {
        let word = |value: &Value| match value {
            Value::Null => "-".to_owned(),
            Value::Int(number) => number.to_string(),
            Value::Text(text) => format!("{text:?}"),
            Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
            other => format!("{other:?}"),
        };
        self.0.iter().skip(from).map(word).collect::<Vec<_>>().join(" ")
    }

    pub fn int(&self, index: usize) -> Result<i64, StoreError> {
        match self.at(index)? {
            Value::Int(value) => Ok(*value),
            _ => Self::wrong(index, "an integer"),
        }
    }

    /// A sum of `wide_sum!`, whose second column follows this one.
    pub fn wide(&self, index: usize) -> Result<i128, StoreError> {
        Ok(i128::from(self.int(index)?) * 1_000_000_000 + i128::from(self.int(index + 1)?))
    }

    pub fn opt_int(&self, index: usize) -> Result<Option<i64>, StoreError> {
        match self.at(index)? {
            Value::Null => Ok(None),
            _ => self.int(index).map(Some),
        }
    }

    /// An integer column that means yes or no.
    pub fn flag(&self, index: usize) -> Result<bool, StoreError> {
        self.int(index).map(|value| value != 0)
    }

    pub fn str(&self, index: usize) -> Result<&str, StoreError> {
        match self.at(index)? {
            Value::Text(value) => Ok(value),
            _ => Self::wrong(index, "text"),
        }
    }

    pub fn text(&self, index: usize) -> Result<String, StoreError> {
        self.str(index).map(str::to_owned)
    }

    pub fn opt_text(&self, index: usize) -> Result<Option<String>, StoreError> {
        match self.at(index)? {
            Value::Null => Ok(None),
            _ => self.text(index).map(Some),
        }
    }

    pub fn blob(&self, index: usize) -> Result<&[u8], StoreError> {
        match self.at(index)? {
            Value::Bytes(value) => Ok(value),
            _ => Self::wrong(index, "bytes"),
        }
    }

    pub fn bytes(&self, index: usize) -> Result<Vec<u8>, StoreError> {
        self.blob(index).map(<[u8]>::to_vec)
    }

    /// A SHA-256.
    pub fn hash(&self, index: usize) -> Result<[u8; 32], StoreError> {
        self.bytes(index)?.try_into().or_else(|_| Self::wrong(index, "32 bytes"))
    }

    /// A reference that was checked when it was stored.
    pub fn reference(&self, index: usize) -> Result<kernel::Ref, StoreError> {
        kernel::Ref::parse(self.str(index)?).map_or_else(|| Self::wrong(index, "a reference"), Ok)
    }

    /// Two columns that name an object: its kind, then its id.
    pub fn object(&self, index: usize) -> Result<kernel::ObjectKey, StoreError> {
        let Some(kind) = kernel::Kind::from_code(self.int(index)?) else {
            return Self::wrong(index, "a known kind of object; was this written by a newer program?");
        };
        Ok(kernel::ObjectKey::new(kind, self.reference(index + 1)?))
    }

    /// A column of JSON that this program wrote.
    pub fn json<T: serde::de::DeserializeOwned>(&self, index: usize) -> Result<T, StoreError> {
        serde_json::from_str(self.str(index)?)
            .map_err(|error| StoreError::Unreadable(format!("column {index}: {error}")))
    }
}

/// What `Row::json` reads back.
pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unreadable(error.to_string()))
}

impl Row {
    /// A sentence with each `{}` replaced by the next column, for people.
    pub(crate) fn fill(&self, sentence: &str) -> String {
        let mut cells = self.0.iter();
        let mut parts = sentence.split("{}");
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            match cells.next() {
                Some(Value::Int(value)) => out.push_str(&value.to_string()),
                Some(Value::Text(value)) => out.push_str(value),
                _ => out.push('?'),
            }
            out.push_str(part);
        }
        out
    }
}
