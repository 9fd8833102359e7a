//! The architecture as a test: which room may depend on which, what may be named where, how long a file
//! and a function may be. `cargo test` runs it too.

mod edges;
mod files;
mod said;
mod words;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// One source file.
pub(crate) struct Source {
    /// Relative to the workspace, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    /// Its crate's folder name.
    pub(crate) fn room(&self) -> &str {
        self.path.strip_prefix("crates/").and_then(|rest| rest.split('/').next()).unwrap_or_default()
    }

    pub(crate) fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("tests.rs") || self.path.ends_with("testing.rs")
    }

    /// The code before its first test module.
    pub(crate) fn product(&self) -> &str {
        self.text.split("\n#[cfg(test)]").next().unwrap_or(&self.text)
    }
}

pub(crate) fn run(root: &Path) -> Result<()> {
    let sources = sources(root)?;
    let mut faults = edges::faults(root)?;
    let fields = said::known(&sources);
    for source in &sources {
        faults.extend(words::faults(source));
        faults.extend(files::faults(source));
        faults.extend(said::faults(source, &fields));
    }
    if !faults.is_empty() {
        bail!("{}\n{} fault(s)", faults.join("\n"), faults.len());
    }
    println!("{} files in order", sources.len());
    Ok(())
}

fn sources(root: &Path) -> Result<Vec<Source>> {
    let mut found = Vec::new();
    let mut folders = vec![root.join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path: PathBuf = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let relative = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
                found.push(Source { path: relative, text: std::fs::read_to_string(&path)? });
            }
        }
    }
    found.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(found)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_house_keeps_its_own_rules() {
        super::run(&crate::root()).unwrap();
    }
}
