//! What a reader of JSON or of a query says about input that does not fit, put into a caller's words: which field,
//! what it is, what belongs there. It must not know what any field means.

/// What the framework puts in front.
const PREFIXES: [&str; 3] = [
    "Failed to deserialize the JSON body into the target type: ",
    "Failed to deserialize query string: ",
    "Failed to parse the request body as JSON: ",
];

/// `text` as the reader says it. What is not known here is passed on as it is.
pub(crate) fn in_words(text: &str) -> String {
    let text = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(text);
    let (text, place) = match text.rsplit_once(" at line ") {
        Some((text, place)) => (text, format!(" (line {})", place.replace(" column ", ", column "))),
        None => (text, String::new()),
    };
    let (field, said) = match text.split_once(": ") {
        Some((field, said)) if !field.contains(' ') => (field, said),
        _ => ("", text),
    };
    format!("{}{place}", translated(field, said).unwrap_or_else(|| text.to_owned()))
}

fn translated(field: &str, said: &str) -> Option<String> {
    if let Some(name) = quoted(said, "missing field `") {
        return Some(format!("{name} is missing"));
    }
    if let Some(name) = quoted(said, "duplicate field `") {
        return Some(format!("{name} is given twice"));
    }
    if let Some(name) = quoted(said, "unknown field `") {
        let known = said.split_once(", expected ").map_or("none", |(_, known)| known);
        return Some(format!("there is no {name} here; known: {}", listed(known)));
    }
    let field = if field.is_empty() || field == "." { "the body" } else { field };
    if let Some(name) = quoted(said, "unknown variant `") {
        let known = said.split_once(", expected ").map_or("none", |(_, known)| known);
        return Some(format!("{field} cannot be {name}; known: {}", listed(known)));
    }
    let (got, wanted) = said
        .strip_prefix("invalid type: ")
        .or_else(|| said.strip_prefix("invalid value: "))?
        .rsplit_once(", expected ")?;
    Some(format!("{field} is {}, but it must be {}", got.replace('`', ""), kind(wanted)))
}

fn quoted<'t>(said: &'t str, before: &str) -> Option<&'t str> {
    said.strip_prefix(before)?.split('`').next()
}

fn listed(known: &str) -> String {
    known.trim_start_matches("one of ").replace('`', "").replace(" or ", ", ")
}

fn kind(wanted: &str) -> &str {
    match wanted {
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
        "a sequence" => "a list",
        "a boolean" => "true or false",
        "a map" => "an object",
        other if other.starts_with("struct ") => "an object",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn a_reader_s_words_become_ours() {
        let body = "Failed to deserialize the JSON body into the target type: ";
        for (said, words) in [
            ("missing field `name` at line 1 column 2", "name is missing (line 1, column 2)"),
            (
                "unknown field `rate`, expected one of `handle`, `name` at line 1 column 9",
                "there is no rate here; known: handle, name (line 1, column 9)",
            ),
            ("unknown field `x`, expected `from` or `to`", "there is no x here; known: from, to"),
            (
                "rate_bps: invalid type: string \"ten\", expected i64 at line 1 column 20",
                "rate_bps is string \"ten\", but it must be a whole number (line 1, column 20)",
            ),
            (
                "lines[2].paid: invalid type: null, expected a boolean",
                "lines[2].paid is null, but it must be true or false",
            ),
            (
                "invalid type: integer `7`, expected struct PartnerAdd",
                "the body is integer 7, but it must be an object",
            ),
            (
                "duration: unknown variant `often`, expected one of `once`, `forever`",
                "duration cannot be often; known: once, forever",
            ),
            ("duplicate field `name`", "name is given twice"),
            (
                "EOF while parsing an object at line 1 column 4",
                "EOF while parsing an object (line 1, column 4)",
            ),
            ("something new: with colons", "something new: with colons"),
        ] {
            assert_eq!(in_words(&format!("{body}{said}")), words);
        }
        let query = "Failed to deserialize query string: limit: invalid digit found in string";
        assert_eq!(in_words(query), "limit: invalid digit found in string");
    }
}
