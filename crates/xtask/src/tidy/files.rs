//! House limits: every file says what it is for, no file over 500 lines, no function over 70.

use super::Source;

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;

pub(crate) fn faults(source: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    if !source.text.starts_with("//!") {
        faults.push(format!("{}: does not open with what it is for (//! ...)", source.path));
    }
    let lines = source.text.lines().count();
    if lines > FILE_LINES_MAX {
        faults.push(format!("{}: {lines} lines, more than {FILE_LINES_MAX}", source.path));
    }
    for (name, lines) in functions(&source.text) {
        if lines > FUNCTION_LINES_MAX {
            faults.push(format!(
                "{}: fn {name} has {lines} lines, more than {FUNCTION_LINES_MAX}",
                source.path
            ));
        }
    }
    faults
}

/// Functions and their lengths, by the indentation that rustfmt gives: from `fn` to its closing brace.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let Some(at) = line.find("fn ") else { continue };
        let before = line[..at].trim();
        let opens = before.is_empty()
            || before.split(' ').all(|word| {
                word.starts_with("pub") || matches!(word, "const" | "async" | "in" | "crate)" | "super)")
            });
        if !opens || line.trim_end().ends_with('}') || line.trim_end().ends_with(';') {
            continue;
        }
        let end =
            lines[start..].iter().position(|line| line.trim_end() == format!("{}}}", " ".repeat(indent)));
        let name = line[at + 3..].split(['(', '<']).next().unwrap_or_default().to_owned();
        if let Some(end) = end {
            found.push((name, end + 1));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::functions;

    #[test]
    fn a_function_is_measured_to_its_brace() {
        let text = "fn a() {\n    b();\n}\n\nimpl X {\n    pub(crate) fn c(\n        d: i64,\n    ) {\n        e();\n    }\n}\n";
        assert_eq!(functions(text), [("a".to_owned(), 3), ("c".to_owned(), 5)]);
    }
}
