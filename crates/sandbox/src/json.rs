//! Writing JSON objects straight into text, in the order given: a Stripe object has a hundred fields and
//! a year of traffic has tens of thousands of objects. It must not know what any field means.

use std::fmt::Write as _;

/// An object under construction.
pub(crate) struct Obj(String);

impl Obj {
    pub(crate) fn new() -> Self {
        Self(String::from("{"))
    }

    /// The common head of every Stripe resource.
    pub(crate) fn resource(object: &str, id: &str) -> Self {
        Self(String::with_capacity(2048)).open().str("id", id).str("object", object)
    }

    fn open(mut self) -> Self {
        self.0.push('{');
        self
    }

    fn key(&mut self, key: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        quote(&mut self.0, key);
        self.0.push(':');
    }

    /// A value that is JSON already.
    pub(crate) fn raw(mut self, key: &str, json: &str) -> Self {
        self.key(key);
        self.0.push_str(json);
        self
    }

    pub(crate) fn obj(self, key: &str, value: Self) -> Self {
        let json = value.close();
        self.raw(key, &json)
    }

    pub(crate) fn int(mut self, key: &str, value: i64) -> Self {
        self.key(key);
        let _ = write!(self.0, "{value}");
        self
    }

    pub(crate) fn bool(self, key: &str, value: bool) -> Self {
        self.raw(key, if value { "true" } else { "false" })
    }

    pub(crate) fn str(mut self, key: &str, value: &str) -> Self {
        self.key(key);
        quote(&mut self.0, value);
        self
    }

    pub(crate) fn opt_str(self, key: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.str(key, value),
            None => self.raw(key, "null"),
        }
    }

    pub(crate) fn opt_int(self, key: &str, value: Option<i64>) -> Self {
        match value {
            Some(value) => self.int(key, value),
            None => self.raw(key, "null"),
        }
    }

    pub(crate) fn opt_raw(self, key: &str, value: Option<String>) -> Self {
        self.raw(key, value.as_deref().unwrap_or("null"))
    }

    /// Each of the keys (separated by white space) with `null`.
    pub(crate) fn nulls(self, keys: &str) -> Self {
        keys.split_ascii_whitespace().fold(self, |object, key| object.raw(key, "null"))
    }

    /// Each of the keys (separated by white space) with an empty array.
    pub(crate) fn empties(self, keys: &str) -> Self {
        keys.split_ascii_whitespace().fold(self, |object, key| object.raw(key, "[]"))
    }

    /// An array of JSON values.
    pub(crate) fn array<T: AsRef<str>>(mut self, key: &str, values: impl IntoIterator<Item = T>) -> Self {
        self.key(key);
        self.0.push('[');
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                self.0.push(',');
            }
            self.0.push_str(value.as_ref());
        }
        self.0.push(']');
        self
    }

    /// An array of strings.
    pub(crate) fn strs<'a>(self, key: &str, values: impl IntoIterator<Item = &'a str>) -> Self {
        let quoted: Vec<String> = values.into_iter().map(quoted).collect();
        self.array(key, quoted)
    }

    /// A Stripe list: at most ten rows are embedded, as in real events.
    pub(crate) fn list(self, key: &str, url: &str, rows: &[String]) -> Self {
        let shown = &rows[..rows.len().min(EMBEDDED_ROWS_MAX)];
        let list = Self::new()
            .str("object", "list")
            .array("data", shown)
            .bool("has_more", rows.len() > shown.len())
            .int("total_count", i64::try_from(rows.len()).unwrap_or(i64::MAX))
            .str("url", url);
        self.obj(key, list)
    }

    /// A Stripe metadata map.
    pub(crate) fn map(self, key: &str, entries: &[(String, String)]) -> Self {
        let map = entries.iter().fold(Self::new(), |map, (name, value)| map.str(name, value));
        self.obj(key, map)
    }

    /// Adds fields when a condition holds, without leaving the chain.
    pub(crate) fn when(self, condition: bool, add: impl FnOnce(Self) -> Self) -> Self {
        if condition { add(self) } else { self }
    }

    pub(crate) fn close(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

const EMBEDDED_ROWS_MAX: usize = 10;

pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    quote(&mut out, text);
    out
}

fn quote(out: &mut String, text: &str) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if u32::from(control) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let text = Obj::new()
            .str("a", "q\"\\\n\u{1}Zoë")
            .nulls("b c")
            .strs("d", ["x", "y"])
            .list("e", "/v1/e", &vec!["1".to_owned(); 11])
            .map("f", &[("k".into(), "v".into())])
            .close();
        let value: serde_json::Value = serde_json::from_str(&text).expect("valid JSON");
        assert_eq!(value["a"], "q\"\\\n\u{1}Zoë");
        assert!(value["b"].is_null());
        assert_eq!(value["e"]["data"].as_array().map(Vec::len), Some(10));
        assert_eq!(value["e"]["has_more"], true);
        assert_eq!(value["f"]["k"], "v");
    }
}
