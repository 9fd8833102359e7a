//! Parameters as Stripe reads them: `a=1&b[c]=2&d[0]=x`. An absent value is not written at all, since Stripe
//! takes an empty one for "remove this".

use std::fmt::Write;

/// Parameters in the order they were put.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Form {
    pairs: Vec<(String, String)>,
}

impl Form {
    pub(crate) fn put(&mut self, name: impl Into<String>, value: impl ToString) -> &mut Self {
        self.pairs.push((name.into(), value.to_string()));
        self
    }

    pub(crate) fn maybe<T: ToString>(&mut self, name: &str, value: Option<T>) -> &mut Self {
        if let Some(value) = value {
            self.put(name, value);
        }
        self
    }

    /// `name[0]=..&name[1]=..`
    pub(crate) fn list<T: ToString>(&mut self, name: &str, values: impl IntoIterator<Item = T>) -> &mut Self {
        for (place, value) in values.into_iter().enumerate() {
            self.put(format!("{name}[{place}]"), value);
        }
        self
    }

    /// `name[key]=value`
    pub(crate) fn map<K: AsRef<str>, V: ToString>(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = (K, V)>,
    ) -> &mut Self {
        for (key, value) in values {
            self.put(format!("{name}[{}]", key.as_ref()), value);
        }
        self
    }

    pub(crate) fn encode(&self) -> String {
        let mut text = String::new();
        for (name, value) in &self.pairs {
            if !text.is_empty() {
                text.push('&');
            }
            encode_into(name, b"[]", &mut text);
            text.push('=');
            encode_into(value, b"", &mut text);
        }
        text
    }
}

/// One step of a path; `None` when it could mean another path.
pub(crate) fn segment(id: &str) -> Option<String> {
    if id.is_empty() || id == "." || id == ".." {
        return None;
    }
    let mut text = String::new();
    encode_into(id, b"", &mut text);
    Some(text)
}

fn encode_into(from: &str, also_plain: &[u8], to: &mut String) {
    for byte in from.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) || also_plain.contains(&byte) {
            to.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(to, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_parameters_are_written_as_stripe_reads_them() {
        let mut form = Form::default();
        form.put("name", "Anna's 20 % & more")
            .maybe("absent", None::<i64>)
            .maybe("active", Some(true))
            .list("expand", ["discounts", "lines.data"])
            .map("metadata", [("partner ref", "ä=1")]);
        assert_eq!(
            form.encode(),
            "name=Anna%27s%2020%20%25%20%26%20more&active=true&expand[0]=discounts&expand[1]=lines.data\
             &metadata[partner%20ref]=%C3%A4%3D1"
        );
    }

    #[test]
    fn an_id_cannot_lead_to_another_path() {
        for (id, expected) in [
            ("promo_1", Some("promo_1")),
            ("SUMMER 20%", Some("SUMMER%2020%25")),
            ("../charges", Some("..%2Fcharges")),
            ("a?b#c", Some("a%3Fb%23c")),
            ("..", None),
            ("", None),
        ] {
            assert_eq!(segment(id).as_deref(), expected);
        }
    }
}
