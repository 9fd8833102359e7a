//! What is said through `tracing`: fields are those of the list in `observe/fields.rs`, and messages are plain sentences. What is
//! not on the list would be dropped when the program runs; here it is noticed before.

use super::Source;

const LIST: &str = "crates/countinghouse/src/observe/fields.rs";

/// The names on the list, as its source has them.
pub(crate) fn known(sources: &[Source]) -> Vec<String> {
    let list = sources.iter().find(|source| source.path == LIST).map_or("", Source::product);
    let name = |line: &str| Some(line.trim().strip_prefix("(\"")?.split_once("\", Kind::")?.0.to_owned());
    list.lines().filter_map(name).collect()
}

pub(crate) fn faults(source: &Source, known: &[String]) -> Vec<String> {
    if source.is_test() || source.room() == "xtask" {
        return Vec::new();
    }
    let (text, path) = (source.product(), &source.path);
    let mut faults = Vec::new();
    for said in calls(text) {
        for part in parts(said) {
            match said_by(part) {
                Said::Field(name) if !known.iter().any(|known| known == name) => {
                    faults.push(format!("{path}: tells {name:?}, which is not in {LIST}"));
                }
                Said::Words(words) if words.contains('{') => {
                    faults.push(format!("{path}: puts a value into the message {words}; make it a field"));
                }
                Said::Field(_) | Said::Words(_) | Said::About => {}
            }
        }
    }
    for name in text.split(".record(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        if !known.iter().any(|known| known == name) {
            faults.push(format!("{path}: records {name:?}, which is not in {LIST}"));
        }
    }
    faults
}

/// What stands between the brackets of each call.
fn calls(text: &str) -> impl Iterator<Item = &str> {
    text.split("tracing::").skip(1).filter_map(|rest| {
        let (name, rest) = rest.split_once("!(")?;
        let is_call = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') && name != "enabled";
        is_call.then(|| &rest[..ends(rest, |_, depth| depth == 0)])
    })
}

/// The parts of a call, at its commas.
fn parts(mut call: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    while !call.is_empty() {
        let end = ends(call, |sign, depth| sign == ',' && depth == 1);
        parts.push(call[..end].trim());
        call = call.get(end + 1..).unwrap_or_default();
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Where something ends that begins within a bracket, strings left out.
fn ends(text: &str, is_end: impl Fn(char, usize) -> bool) -> usize {
    let (mut depth, mut quoted, mut escaped) = (1_usize, false, false);
    for (at, sign) in text.char_indices() {
        match sign {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if !quoted && is_end(sign, depth) {
            return at;
        }
    }
    text.len()
}

enum Said<'a> {
    Field(&'a str),
    Words(&'a str),
    /// Target, level, parent.
    About,
}

fn said_by(part: &str) -> Said<'_> {
    if part.starts_with('"') {
        return Said::Words(part);
    }
    let name = part.trim_start_matches(['%', '?']);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
    match name[end..].trim_start().chars().next() {
        Some(':') => Said::About,
        _ => Said::Field(&name[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> usize {
        let source = Source { path: "crates/web/src/x.rs".into(), text: text.into() };
        faults(&source, &["book".to_owned(), "error".to_owned()]).len()
    }

    #[test]
    fn only_fields_of_the_list_are_told_and_messages_hold_no_value() {
        for (text, faults) in [
            (r#"tracing::warn!(%error, book = x(1, "a, b"), "it failed");"#, 0),
            (r#"tracing::info_span!(target: "traced", "apply", book = Empty)"#, 0),
            (r#"tracing::warn!(email, "it failed");"#, 1),
            (r#"tracing::warn!(?body, %name, "it failed");"#, 2),
            (r#"tracing::warn!("it failed: {error}");"#, 1),
            (r#"span.record("book", 1).record("email", 2);"#, 1),
            (r#"tracing::enabled!(tracing::Level::INFO)"#, 0),
        ] {
            assert_eq!(found(text), faults, "{text}");
        }
    }
}
