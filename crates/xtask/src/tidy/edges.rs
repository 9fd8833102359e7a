//! Crate edges: the walls. An edge that is not in the table does not exist.

use std::path::Path;

use anyhow::{Context, Result};

/// Room -> rooms it may know.
const MAY_KNOW: [(&str, &[&str]); 13] = [
    ("kernel", &[]),
    ("facts", &["kernel"]),
    ("ledger", &["kernel"]),
    ("rules", &["kernel", "ledger"]),
    ("store", &["kernel"]),
    ("engine", &["kernel", "facts", "ledger", "rules", "store"]),
    ("web", &["kernel", "facts", "ledger", "rules", "store", "engine"]),
    ("sandbox", &["kernel"]),
    ("countinghouse", &["kernel", "facts", "ledger", "rules", "store", "stripe", "engine", "web", "sandbox"]),
    ("testkit", &["kernel", "facts", "store", "engine", "sandbox"]),
    ("bench", &["kernel", "facts", "rules", "store", "engine", "web", "sandbox", "testkit"]),
    ("xtask", &[]),
    ("stripe", &["kernel"]),
];

/// Crates that must never enter the build: another TLS library, or one that takes minutes.
const NEVER: [&str; 4] = ["aws-lc-sys", "openssl-sys", "native-tls", "tikv-jemalloc-sys"];

pub(crate) fn faults(root: &Path) -> Result<Vec<String>> {
    let rooms: Vec<&str> = MAY_KNOW.iter().map(|(room, _)| *room).collect();
    let mut faults = Vec::new();
    for entry in std::fs::read_dir(root.join("crates"))? {
        let folder = entry?.path();
        let manifest = folder.join("Cargo.toml");
        let room = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&manifest).with_context(|| manifest.display().to_string())?;
        let Some((_, allowed)) = MAY_KNOW.iter().find(|(known, _)| *known == room) else {
            faults.push(format!(
                "crates/{room}: a room that the map does not know (crates/xtask/src/tidy/edges.rs)"
            ));
            continue;
        };
        for dependency in dependencies(&text) {
            if rooms.contains(&dependency.as_str()) && !allowed.contains(&dependency.as_str()) {
                faults.push(format!("crates/{room} must not know {dependency}"));
            }
        }
    }
    let lock = std::fs::read_to_string(root.join("Cargo.lock"))?;
    faults.extend(
        NEVER
            .iter()
            .filter(|name| lock.contains(&format!("name = \"{name}\"")))
            .map(|name| format!("Cargo.lock holds {name}")),
    );
    Ok(faults)
}

/// Names under `[dependencies]`, without those for tests only.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut inside = false;
    let mut names = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line == "[dependencies]";
        } else if inside {
            let name: String =
                line.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
            if !name.is_empty() {
                names.push(name);
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::dependencies;

    #[test]
    fn only_what_the_product_is_built_from_counts() {
        let manifest = "[package]\nname = \"x\"\n[dependencies]\nkernel.workspace = true\nserde = \"1\"\n\n[dev-dependencies]\nstore = \"1\"\n";
        assert_eq!(dependencies(manifest), ["kernel", "serde"]);
    }
}
