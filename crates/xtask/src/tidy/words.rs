//! What may be named where: SQL in the store, JSON values at the rims, an engine's name in its own folder.

use super::Source;

/// A word, and the path prefixes where it may stand (in product code; tests may say anything).
struct Wall {
    word: &'static str,
    allowed: &'static [&'static str],
    why: &'static str,
}

const WALLS: [Wall; 9] = [
    Wall {
        word: "\"SELECT ",
        allowed: &["crates/store/", "crates/bench/"],
        why: "SQL text stays in the store",
    },
    Wall {
        word: "\"INSERT INTO ",
        allowed: &["crates/store/", "crates/bench/"],
        why: "SQL text stays in the store",
    },
    Wall { word: "\"UPDATE ", allowed: &["crates/store/"], why: "SQL text stays in the store" },
    Wall { word: "\"DELETE FROM ", allowed: &["crates/store/"], why: "SQL text stays in the store" },
    Wall {
        word: "serde_json::Value",
        allowed: &["crates/facts/", "crates/stripe/", "crates/web/", "crates/sandbox/"],
        why: "past the facts there is no JSON value",
    },
    Wall {
        word: "rusqlite",
        allowed: &["crates/store/src/db/", "crates/bench/"],
        why: "only the seam knows an engine",
    },
    Wall {
        word: "postgres::",
        allowed: &["crates/store/src/db/", "crates/testkit/", "crates/bench/"],
        why: "only the seam knows an engine",
    },
    Wall { word: "f64", allowed: &["crates/bench/"], why: "no floating point" },
    Wall { word: "unsafe ", allowed: &[], why: "no unsafe code" },
];

/// Marks of unfinished work, and of the place where it was done. Split so that this file passes.
const NEVER: [&str; 5] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("todo", "!("),
    concat!("/wor", "k/"),
    concat!("/roo", "t/"),
];

pub(crate) fn faults(source: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    if source.room() == "xtask" {
        return faults;
    }
    let product = source.product();
    for wall in WALLS.iter().filter(|_| !source.is_test()) {
        let allowed = wall.allowed.iter().any(|prefix| source.path.starts_with(prefix));
        if !allowed && code_lines(product).any(|line| line.contains(wall.word)) {
            faults.push(format!("{}: names {:?}: {}", source.path, wall.word, wall.why));
        }
    }
    for word in NEVER {
        if source.text.contains(word) {
            faults.push(format!("{}: contains {word}", source.path));
        }
    }
    faults
}

/// Lines that are not comments.
fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_holds_where_it_stands() {
        let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
        let query = "//! A page.\nconst Q: &str = \"SELECT 1\";\n";
        assert_eq!(faults(&source("crates/web/src/x.rs", query)).len(), 1);
        assert_eq!(faults(&source("crates/store/src/x.rs", query)).len(), 0);
        assert_eq!(faults(&source("crates/web/src/x.rs", "// \"SELECT 1\"\n")).len(), 0);
        assert_eq!(faults(&source("crates/rules/src/x.rs", "fn a(v: serde_json::Value) {}\n")).len(), 1);
    }
}
