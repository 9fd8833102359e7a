//! Reading parameters one by one, typed, with Stripe's words for what is wrong. What nobody asked for is an
//! unknown parameter: a handler reads all it knows, calls `finish`, and only then acts. It must not know
//! which call it serves.

use kernel::Currency;

use super::form::Param;
use crate::model::Meta;
use crate::world::Refusal;

/// A map of parameters being read; `path` is its own name, for messages.
#[derive(Debug)]
pub(crate) struct Params {
    path: String,
    rest: Vec<(String, Param)>,
}

/// What an update says about a field that may be unset: `field=` unsets it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Change<T> {
    Keep,
    Unset,
    Set(T),
}

impl<T> Change<T> {
    /// The value after the change.
    pub(crate) fn on(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Keep => old,
            Self::Unset => None,
            Self::Set(new) => Some(new),
        }
    }
}

impl Params {
    pub(crate) fn new(root: Vec<(String, Param)>) -> Self {
        Self { path: String::new(), rest: root }
    }

    /// The whole name of a parameter here: `items[0][price]`.
    pub(crate) fn name(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}[{name}]", self.path) }
    }

    /// The parameter as sent, if it was.
    pub(crate) fn take(&mut self, name: &str) -> Option<Param> {
        let index = self.rest.iter().position(|(key, _)| key == name)?;
        Some(self.rest.remove(index).1)
    }

    /// What is still unread, as parameters of the same call.
    pub(crate) fn rest(&mut self) -> Self {
        Self { path: self.path.clone(), rest: std::mem::take(&mut self.rest) }
    }

    /// Whether anything is unread.
    pub(crate) fn any(&self) -> bool {
        !self.rest.is_empty()
    }

    /// A parameter that older calls name differently.
    pub(crate) fn rename(&mut self, old: &str, new: &str) {
        let renamed = self.rest.iter_mut().filter(|(name, _)| name == old);
        renamed.for_each(|(name, _)| new.clone_into(name));
    }

    /// A parameter taken, unread again.
    pub(crate) fn put_back(&mut self, name: &str, param: Option<Param>) {
        self.rest.extend(param.map(|param| (name.to_owned(), param)));
    }

    /// Whether it was sent and not read yet.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.rest.iter().any(|(key, _)| key == name)
    }

    /// A text; empty counts as not given.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        Ok(self.raw(name)?.filter(|text| !text.is_empty()))
    }

    pub(crate) fn required(&mut self, name: &str) -> Result<String, Refusal> {
        self.text(name)?.ok_or_else(|| self.absent(name))
    }

    /// A text of an update, where the empty one unsets.
    pub(crate) fn change(&mut self, name: &str) -> Result<Change<String>, Refusal> {
        Ok(match self.raw(name)? {
            None => Change::Keep,
            Some(text) if text.is_empty() => Change::Unset,
            Some(text) => Change::Set(text),
        })
    }

    pub(crate) fn int(&mut self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let parsed = text.parse().map_err(|_| {
            Refusal::invalid(&self.name(name), format!("Invalid integer: {text}"))
                .code("parameter_invalid_integer")
        })?;
        Ok(Some(parsed))
    }

    /// An integer of at least that.
    pub(crate) fn at_least(&mut self, name: &str, min: i64) -> Result<Option<i64>, Refusal> {
        match self.int(name)? {
            Some(value) if value < min => Err(Refusal::invalid(
                &self.name(name),
                format!("This value must be greater than or equal to {min}."),
            )
            .code("parameter_invalid_integer")),
            other => Ok(other),
        }
    }

    pub(crate) fn bool(&mut self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.text(name)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(text) => Err(Refusal::invalid(&self.name(name), format!("Invalid boolean: {text}"))),
        }
    }

    /// One of the words.
    pub(crate) fn choice(
        &mut self,
        name: &str,
        words: &[&'static str],
    ) -> Result<Option<&'static str>, Refusal> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let found = words.iter().find(|word| **word == text);
        found.map(|word| Some(*word)).ok_or_else(|| {
            let message = format!("Invalid {}: must be one of {}", self.name(name), words.join(", "));
            Refusal::invalid(&self.name(name), message)
        })
    }

    pub(crate) fn currency(&mut self, name: &str) -> Result<Option<Currency>, Refusal> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        Currency::parse(&text.to_ascii_lowercase()).map(Some).ok_or_else(|| {
            let message =
                format!("Invalid currency: {text}. Stripe currently supports three-letter ISO codes.");
            Refusal::invalid(&self.name(name), message)
        })
    }

    /// A percentage with at most two decimals, as basis points.
    pub(crate) fn percent_bps(&mut self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        bps(&text)
            .map(Some)
            .ok_or_else(|| Refusal::invalid(&self.name(name), format!("Invalid decimal: {text}")))
    }

    /// A percentage with at most four decimals, as millionths.
    pub(crate) fn percent_ppm(&mut self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        decimal(&text, 4)
            .map(Some)
            .ok_or_else(|| Refusal::invalid(&self.name(name), format!("Invalid decimal: {text}")))
    }

    /// A nested map, to be read and finished like this one.
    pub(crate) fn map(&mut self, name: &str) -> Result<Option<Self>, Refusal> {
        let path = self.name(name);
        match self.take(name) {
            None => Ok(None),
            Some(Param::Map(rest)) => Ok(Some(Self { path, rest })),
            Some(Param::Text(text)) if text.is_empty() => Ok(None),
            Some(_) => Err(Refusal::invalid(&path, "Invalid object")),
        }
    }

    /// A map that was taken, to be read like one.
    pub(crate) fn below(&self, name: &str, rest: Vec<(String, Param)>) -> Self {
        Self { path: self.name(name), rest }
    }

    /// A list of maps.
    pub(crate) fn maps(&mut self, name: &str) -> Result<Option<Vec<Self>>, Refusal> {
        let path = self.name(name);
        let Some(param) = self.take(name) else { return Ok(None) };
        let rows = match param {
            Param::List(rows) => rows,
            Param::Text(text) if text.is_empty() => Vec::new(),
            _ => return Err(Refusal::invalid(&path, "Invalid array")),
        };
        let read = |(index, row)| match row {
            Param::Map(rest) => Ok(Self { path: format!("{path}[{index}]"), rest }),
            _ => Err(Refusal::invalid(&format!("{path}[{index}]"), "Invalid object")),
        };
        rows.into_iter().enumerate().map(read).collect::<Result<_, _>>().map(Some)
    }

    /// A list of texts.
    pub(crate) fn texts(&mut self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        let path = self.name(name);
        let Some(param) = self.take(name) else { return Ok(None) };
        let rows = match param {
            Param::List(rows) => rows,
            Param::Text(text) if text.is_empty() => Vec::new(),
            _ => return Err(Refusal::invalid(&path, "Invalid array")),
        };
        let read = |row| match row {
            Param::Text(text) => Ok(text),
            _ => Err(Refusal::invalid(&path, "Invalid string")),
        };
        rows.into_iter().map(read).collect::<Result<_, _>>().map(Some)
    }

    /// A nested map whose names are the caller's own, with their maps (`currency_options`).
    pub(crate) fn named_maps(&mut self, name: &str) -> Result<Vec<(String, Self)>, Refusal> {
        let Some(map) = self.map(name)? else { return Ok(Vec::new()) };
        let path = map.path.clone();
        let read = |(key, row): (String, Param)| match row {
            Param::Map(rest) => Ok((key.clone(), Self { path: format!("{path}[{key}]"), rest })),
            _ => Err(Refusal::invalid(&format!("{path}[{key}]"), "Invalid object")),
        };
        map.rest.into_iter().map(read).collect()
    }

    /// A nested map of texts whose names are the caller's own.
    pub(crate) fn named_texts(&mut self, name: &str) -> Result<Vec<(String, String)>, Refusal> {
        let Some(map) = self.map(name)? else { return Ok(Vec::new()) };
        let path = map.path.clone();
        let read = |(key, value): (String, Param)| match value {
            Param::Text(text) => Ok((key, text)),
            _ => Err(Refusal::invalid(&format!("{path}[{key}]"), "Invalid string")),
        };
        map.rest.into_iter().map(read).collect()
    }

    /// `metadata` of a new object.
    pub(crate) fn metadata(&mut self) -> Result<Meta, Refusal> {
        self.metadata_on(&Vec::new())
    }

    /// `metadata` after an update: names sent empty are removed, `metadata=` removes all, others stay.
    pub(crate) fn metadata_on(&mut self, old: &Meta) -> Result<Meta, Refusal> {
        let path = self.name("metadata");
        let sent = match self.take("metadata") {
            None => return Ok(old.clone()),
            Some(Param::Text(text)) if text.is_empty() => return Ok(Meta::new()),
            Some(Param::Map(sent)) => sent,
            Some(_) => return Err(Refusal::invalid(&path, "Invalid object")),
        };
        let mut meta = old.clone();
        for (key, value) in sent {
            let Param::Text(text) = value else {
                return Err(Refusal::invalid(&format!("{path}[{key}]"), "Invalid string"));
            };
            if key.len() > META_KEY_MAX || text.len() > META_VALUE_MAX {
                let message = format!(
                    "Metadata names are at most {META_KEY_MAX} and values {META_VALUE_MAX} characters."
                );
                return Err(Refusal::invalid(&format!("{path}[{key}]"), message));
            }
            meta.retain(|(name, _)| *name != key);
            if !text.is_empty() {
                meta.push((key, text));
            }
        }
        if meta.len() > META_ROWS_MAX {
            return Err(Refusal::invalid(&path, format!("Metadata can have up to {META_ROWS_MAX} keys.")));
        }
        Ok(meta)
    }

    /// Ends the reading: whatever is left is unknown.
    pub(crate) fn finish(self) -> Result<(), Refusal> {
        match self.rest.first() {
            None => Ok(()),
            Some((name, _)) => {
                let name = self.name(name);
                Err(Refusal::invalid(&name, format!("Received unknown parameter: {name}"))
                    .code("parameter_unknown"))
            }
        }
    }

    pub(crate) fn absent(&self, name: &str) -> Refusal {
        let name = self.name(name);
        Refusal::invalid(&name, format!("Missing required param: {name}.")).code("parameter_missing")
    }

    fn raw(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Param::Text(text)) => Ok(Some(text)),
            Some(_) => Err(Refusal::invalid(&self.name(name), "Invalid string")),
        }
    }
}

const META_KEY_MAX: usize = 40;
const META_VALUE_MAX: usize = 500;
const META_ROWS_MAX: usize = 50;

/// `12.5` is 1250; without a floating point on the way.
fn bps(text: &str) -> Option<i64> {
    decimal(text, 2)
}

/// A decimal text times ten to the power of `places`, which is as many decimals as it may have.
pub(super) fn decimal(text: &str, places: u32) -> Option<i64> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let width = usize::try_from(places).ok()?;
    if whole.is_empty()
        || rest.len() > width
        || !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        || rest.contains('.')
    {
        return None;
    }
    let decimals: i64 = format!("{rest:0<width$}").parse().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(10_i64.checked_pow(places)?)?.checked_add(decimals)
}

#[cfg(test)]
mod tests {
    use super::bps;

    #[test]
    fn percentages_are_read_exactly() {
        let rows = [("10", Some(1000)), ("12.5", Some(1250)), ("33.33", Some(3333)), ("0.05", Some(5))];
        let bad = [("1.234", None), ("-1", None), ("", None), (".5", None), ("1e2", None)];
        for (text, expected) in rows.into_iter().chain(bad) {
            assert_eq!(bps(text), expected, "{text}");
        }
    }
}
