//! What the machine has and may be given: programs asked for a word, packages installed with apt-get. It must
//! not know what anybody wants them for.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

/// Installs Debian packages, once at a time; what stood in the way otherwise.
pub(crate) fn install(packages: &[&str]) -> Result<(), String> {
    static ONE: Mutex<()> = Mutex::new(());
    let names = packages.join(" ");
    if !is_root() || !succeeds("apt-get", &["--version"]) {
        return Err(format!("{names} cannot be installed from here: that takes apt-get, as root"));
    }
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    eprintln!("not installed yet: running apt-get update && apt-get install -y {names}");
    let installed = succeeds("apt-get", &["update", "-q"])
        && Command::new("apt-get")
            .args(["-o", "DPkg::Lock::Timeout=120", "install", "-y", "-q"])
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .status()
            .is_ok_and(|status| status.success());
    if installed { Ok(()) } else { Err(format!("apt-get could not install {names}")) }
}

pub(crate) fn is_root() -> bool {
    output("id", &["-u"]).as_deref() == Some("0")
}

pub(crate) fn succeeds(program: &str, args: &[&str]) -> bool {
    Command::new(program).args(args).output().is_ok_and(|output| output.status.success())
}

pub(crate) fn output(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

/// The folders of the `PATH`, in its order.
pub(crate) fn path() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}
