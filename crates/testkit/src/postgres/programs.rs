//! Where PostgreSQL's programs are on this machine, and how to get them when they are not.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::machine::{install, is_root, output, path, succeeds};

/// The folder with `initdb`, `postgres` and `pg_isready`.
pub(super) fn find_or_install() -> Result<PathBuf, String> {
    if let Some(found) = find() {
        return Ok(found);
    }
    install(&["postgresql"]).map_err(|why| format!("no initdb in PATH or /usr/lib/postgresql; {why}"))?;
    find().ok_or_else(|| "postgresql was installed, but there is no initdb".into())
}

fn find() -> Option<PathBuf> {
    let mut folders = path();
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort_by_key(|path| std::cmp::Reverse(version(path)));
    folders.extend(versions);
    // A link in PATH may point to one of several programs; its neighbours are beside its target.
    let real = |folder: PathBuf| folder.join("initdb").canonicalize().ok()?.parent().map(Path::to_owned);
    folders.into_iter().filter_map(real).find(|folder| folder.join("postgres").exists())
}

/// `/usr/lib/postgresql/15/bin` -> 15
fn version(path: &Path) -> u32 {
    let name = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    name.and_then(|name| name.parse().ok()).unwrap_or(0)
}

/// How to run a program as somebody PostgreSQL agrees to run as: it refuses root.
pub(super) fn unprivileged(program: &str) -> Result<Command, String> {
    if !is_root() {
        return Ok(Command::new(program));
    }
    let account = ["postgres", "nobody"]
        .into_iter()
        .find(|name| succeeds("id", &["-u", name]))
        .ok_or("running as root, and there is neither an account postgres nor nobody to run as")?;
    if succeeds("setpriv", &["--version"]) {
        let group = output("id", &["-g", account]).ok_or("the account has no group")?;
        let mut command = Command::new("setpriv");
        command.args(["--reuid", account, "--regid", &group, "--clear-groups", program]);
        return Ok(command);
    }
    if succeeds("runuser", &["--version"]) {
        let mut command = Command::new("runuser");
        command.args(["-u", account, "--", program]);
        return Ok(command);
    }
    Err("running as root without setpriv or runuser".into())
}
