//! Lists: newest first, `limit`, `starting_after`, `ending_before`, `has_more`. Filters are the resource's.
//! It must not know what the rows are.

use std::sync::Arc;

use super::Params;
use super::form::Param;
use crate::json::Obj;
use crate::model::Object;
use crate::render::{self, Version};
use crate::world::{Refusal, Table};

const LIMIT_DEFAULT: i64 = 10;
const LIMIT_MAX: i64 = 100;

/// Where a page begins and how long it is.
pub(crate) struct Page {
    limit: usize,
    starting_after: Option<String>,
    ending_before: Option<String>,
}

/// A page of rows, to be written.
pub(crate) struct Listed {
    pub(crate) url: String,
    pub(crate) rows: Vec<Object>,
    pub(crate) has_more: bool,
}

impl Page {
    /// Reads the three parameters of every list.
    pub(crate) fn read(params: &mut Params) -> Result<Self, Refusal> {
        let limit = params.at_least("limit", 1)?.unwrap_or(LIMIT_DEFAULT);
        if limit > LIMIT_MAX {
            return Err(Refusal::invalid(
                "limit",
                format!("This value must be less than or equal to {LIMIT_MAX}."),
            ));
        }
        let page = Self {
            limit: usize::try_from(limit).unwrap_or(1),
            starting_after: params.text("starting_after")?,
            ending_before: params.text("ending_before")?,
        };
        if page.starting_after.is_some() && page.ending_before.is_some() {
            return Err(Refusal::request(
                "You may only specify one of these parameters: starting_after, ending_before.",
            ));
        }
        Ok(page)
    }

    /// The page of a table's rows that pass `keep`.
    pub(crate) fn of<T>(
        &self,
        what: &str,
        url: &str,
        table: &Table<T>,
        keep: impl Fn(&T) -> bool,
    ) -> Result<Listed, Refusal>
    where
        Object: for<'a> From<&'a Arc<T>>,
    {
        let (rows, has_more) = self.cut(what, table, keep)?;
        Ok(Listed { url: url.to_owned(), rows: rows.iter().map(Object::from).collect(), has_more })
    }

    /// The rows of the page, and whether there are more.
    pub(crate) fn cut<T>(
        &self,
        what: &str,
        table: &Table<T>,
        keep: impl Fn(&T) -> bool,
    ) -> Result<(Vec<Arc<T>>, bool), Refusal> {
        let known = |param: &str, id: &Option<String>| match id {
            Some(id) if table.get(id).is_none() => Err(Refusal::missing(what, param, id)),
            _ => Ok(()),
        };
        known("starting_after", &self.starting_after)?;
        known("ending_before", &self.ending_before)?;
        let wanted = self.limit + 1;
        let kept = |row: &&Arc<T>| keep(row);
        let mut rows: Vec<Arc<T>> = match (&self.starting_after, &self.ending_before) {
            (Some(id), _) => table.older_than(id).filter(kept).take(wanted).cloned().collect(),
            (None, Some(id)) => table.newer_than(id).filter(kept).take(wanted).cloned().collect(),
            (None, None) => table.newest().filter(kept).take(wanted).cloned().collect(),
        };
        let has_more = rows.len() > self.limit;
        rows.truncate(self.limit);
        if self.ending_before.is_some() {
            rows.reverse();
        }
        Ok((rows, has_more))
    }

    /// The page of rows found otherwise, the newest first.
    pub(crate) fn of_rows<'a, T: 'a>(
        &self,
        url: &str,
        rows: impl Iterator<Item = &'a Arc<T>>,
        keep: impl Fn(&T) -> bool,
    ) -> Listed
    where
        Object: for<'b> From<&'b Arc<T>>,
    {
        let mut rows: Vec<Object> = rows.filter(|row| keep(row)).map(Object::from).collect();
        let place = |id: &String| rows.iter().position(|row| row.id() == id);
        let (mut from, mut to) = (0, rows.len());
        if let Some(place) = self.starting_after.as_ref().and_then(place) {
            from = place + 1;
        }
        if let Some(place) = self.ending_before.as_ref().and_then(place) {
            to = place;
        }
        let has_more = to.saturating_sub(from) > self.limit;
        if self.ending_before.is_some() {
            from = from.max(to.saturating_sub(self.limit));
        } else {
            to = to.min(from + self.limit);
        }
        rows.truncate(to);
        rows.drain(..from.min(to));
        Listed { url: url.to_owned(), rows, has_more }
    }
}

/// `created[gte]=..`, `created=..`: from and until when, both included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    from_s: i64,
    to_s: i64,
}

impl Span {
    pub(crate) fn read(params: &mut Params, name: &str) -> Result<Self, Refusal> {
        let mut span = Self { from_s: i64::MIN, to_s: i64::MAX };
        match params.take(name) {
            None => {}
            Some(Param::Map(bounds)) => {
                let mut bounds = params.below(name, bounds);
                let more = |at_s: i64| at_s.saturating_add(1);
                let from = [bounds.int("gte")?, bounds.int("gt")?.map(more)];
                let to = [bounds.int("lte")?, bounds.int("lt")?.map(|at_s| at_s.saturating_sub(1))];
                bounds.finish()?;
                span.from_s = from.into_iter().flatten().max().unwrap_or(span.from_s);
                span.to_s = to.into_iter().flatten().min().unwrap_or(span.to_s);
            }
            Some(Param::Text(text)) if text.is_empty() => {}
            Some(Param::Text(text)) => {
                let at_s = text.parse().map_err(|_| {
                    Refusal::invalid(&params.name(name), format!("Invalid integer: {text}"))
                        .code("parameter_invalid_integer")
                })?;
                span = Self { from_s: at_s, to_s: at_s };
            }
            Some(Param::List(_)) => return Err(Refusal::invalid(&params.name(name), "Invalid object")),
        }
        Ok(span)
    }

    pub(crate) const fn holds(&self, at_s: i64) -> bool {
        self.from_s <= at_s && at_s <= self.to_s
    }
}

impl Listed {
    pub(crate) fn render(&self, version: Version, livemode: bool) -> String {
        let rows = self.rows.iter().map(|row| render::json(row, version, livemode));
        written(&self.url, rows, self.has_more)
    }
}

/// A list of rows that are written already.
pub(crate) fn written(url: &str, rows: impl Iterator<Item = String>, has_more: bool) -> String {
    let list = Obj::new().str("object", "list").array("data", rows).bool("has_more", has_more);
    list.str("url", url).close()
}
