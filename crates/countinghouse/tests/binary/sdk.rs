//! Stripe's own libraries against the sandbox: what a merchant's code does in a year, and every webhook
//! verified by the library itself. The scripts are in `tests/sdk`; here they get a sandbox and the library
//! from its registry. Where that cannot be had, the test says so and checks nothing.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::sandbox::Sandbox;
use crate::tools::Folder;

/// One line of JSON that a script prints at its end.
fn driven(name: &str, mut script: Command, sandbox: &Sandbox) {
    let ran = script.env("SANDBOX", format!("http://{}", sandbox.at)).output().expect("the script starts");
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{name}:\n{out}\n{err}");
    let done: Value = serde_json::from_str(out.trim()).expect("one line of JSON");
    println!("{name}: {done}");
    assert_eq!(done["recovered"], true);
    assert!(done["renewals"].as_i64() >= Some(12), "{done}");
    assert!(done["events_received"].as_i64() >= done["events_listed"].as_i64(), "{done}");
}

/// Runs an installer; on failure prints why nothing is tested.
fn installed(what: &str, installer: &mut Command) -> bool {
    let ran: std::io::Result<Output> = installer.output();
    match ran {
        Ok(ran) if ran.status.success() => true,
        Ok(ran) => {
            println!("SKIPPED: {what} cannot be installed: {}", String::from_utf8_lossy(&ran.stderr).trim());
            false
        }
        Err(why) => {
            println!("SKIPPED: {what} cannot be installed: {why}");
            false
        }
    }
}

fn script(name: &str, folder: &Path) -> std::path::PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk").join(name);
    let to = folder.join(name);
    std::fs::copy(from, &to).expect("the script");
    to
}

#[test]
fn stripes_node_library_drives_a_year_and_verifies_every_webhook() {
    let folder = Folder::new();
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--silent", "--prefix"])
        .arg(&folder.0)
        .arg("stripe@23.1.0");
    if !installed("stripe for Node", &mut npm) {
        return;
    }
    let mut node = Command::new("node");
    node.arg(script("drive.mjs", &folder.0));
    driven("node", node, &Sandbox::start("--seed 3"));
}

#[test]
fn stripes_python_library_drives_a_year_and_verifies_every_webhook() {
    let folder = Folder::new();
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--target"]).arg(&folder.0).arg("stripe==16.1.0");
    if !installed("stripe for Python", &mut pip) {
        return;
    }
    let mut python = Command::new("python3");
    python.arg(script("drive.py", &folder.0)).env("PYTHONPATH", &folder.0);
    driven("python", python, &Sandbox::start("--seed 4"));
}
