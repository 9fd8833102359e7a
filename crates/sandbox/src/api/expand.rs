//! `expand[]`: ids of the answer replaced by what they name, and parts that are shown only when asked for. It works
//! on the written answer, so it must not know how any object is written, only which parts can be asked for.

use serde_json::{Map, Value};

use super::include;
use super::params::Params;
use crate::render::{self, Version};
use crate::world::{Book, Refusal};

/// How deep a property may lie.
const LEVELS_MAX: usize = 4;

/// Reads `expand[]`.
pub(super) fn read(params: &mut Params) -> Result<Vec<String>, Refusal> {
    let paths = params.texts("expand")?.unwrap_or_default();
    for path in &paths {
        let levels = path.strip_prefix("data.").unwrap_or(path).split('.').count();
        if levels > LEVELS_MAX {
            let message = format!(
                "You cannot expand more than {LEVELS_MAX} levels of a property. Property: {path} has {levels} levels."
            );
            return Err(Refusal::invalid("expand", message));
        }
    }
    Ok(paths)
}

/// The answer with everything expanded that was asked for.
pub(super) fn apply(
    book: &Book,
    version: Version,
    body: String,
    paths: &[String],
) -> Result<String, Refusal> {
    if paths.is_empty() {
        return Ok(body);
    }
    let mut value: Value = super::error::value(&body);
    let expander = Expander { book, version };
    let nowhere = Owner::default();
    for path in paths {
        let steps: Vec<&str> = path.split('.').collect();
        expander.walk(&mut value, &steps, path, &nowhere)?;
    }
    Ok(value.to_string())
}

struct Expander<'a> {
    book: &'a Book,
    version: Version,
}

/// The object a value is part of, and the way from it to the value.
#[derive(Clone, Default)]
struct Owner {
    object: String,
    id: String,
    way: String,
}

impl Owner {
    /// Of the fields of an object, or of a part of this one.
    fn of(&self, fields: &Map<String, Value>) -> Self {
        let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
        match text("object").filter(|object| object != "list") {
            Some(object) => Self { object, id: text("id").unwrap_or_default(), way: String::new() },
            None => self.clone(),
        }
    }

    fn down(&self, step: &str) -> Self {
        Self { way: format!("{}{step}.", self.way), ..self.clone() }
    }
}

impl Expander<'_> {
    fn walk(&self, value: &mut Value, steps: &[&str], path: &str, owner: &Owner) -> Result<(), Refusal> {
        let Some((step, rest)) = steps.split_first() else { return Ok(()) };
        match value {
            Value::Array(rows) => rows.iter_mut().try_for_each(|row| self.walk(row, steps, path, owner)),
            Value::Object(fields) => {
                let owner = owner.of(fields);
                self.field(fields, step, path, &owner)?;
                let below = fields.get_mut(*step);
                below.map_or(Ok(()), |value| self.walk(value, rest, path, &owner.down(step)))
            }
            _ => Ok(()),
        }
    }

    fn field(
        &self,
        fields: &mut Map<String, Value>,
        step: &str,
        path: &str,
        owner: &Owner,
    ) -> Result<(), Refusal> {
        match fields.get_mut(step) {
            Some(Value::String(id)) => {
                let found = self.named(step, id).ok_or_else(|| cannot(path))?;
                fields.insert(step.to_owned(), found);
            }
            Some(Value::Array(rows)) => rows.iter_mut().try_for_each(|row| self.row(step, row, path))?,
            Some(Value::Object(_)) => {}
            absent @ (None | Some(Value::Null)) => match (self.include(owner, step), absent) {
                (Some(included), _) => {
                    fields.insert(step.to_owned(), included);
                }
                (None, Some(_)) => {}
                (None, None) => return Err(cannot(path)),
            },
            Some(_) => return Err(cannot(path)),
        }
        Ok(())
    }

    /// An element of an array of ids.
    fn row(&self, step: &str, row: &mut Value, path: &str) -> Result<(), Refusal> {
        if let Value::String(id) = row {
            *row = self.named(step, id).ok_or_else(|| cannot(path))?;
        }
        Ok(())
    }

    /// The object with that id. Coupons have no prefix, but always the same name.
    fn named(&self, step: &str, id: &str) -> Option<Value> {
        let object = match step {
            "coupon" => self.book.coupons.get(id).map(Into::into),
            _ => self.book.find(id),
        };
        Some(super::error::value(&render::json(&object?, self.version, self.book.key.livemode)))
    }

    /// What is there only when asked for; `None`: there is no such part.
    fn include(&self, owner: &Owner, step: &str) -> Option<Value> {
        let include = include::find(&owner.object, &format!("{}{step}", owner.way))?;
        let frame = render::Frame { version: self.version, livemode: self.book.key.livemode };
        Some(include(self.book, &owner.id, frame).map_or(Value::Null, |json| super::error::value(&json)))
    }
}

fn cannot(path: &str) -> Refusal {
    Refusal::invalid("expand", format!("This property cannot be expanded ({path})."))
}
