//! The gate, step by step. Every step prints what it runs; the first that fails ends it.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{root, tidy};

pub(crate) fn ci() -> Result<()> {
    step("walls and limits");
    tidy::run(&root())?;
    if has("fmt") {
        step("format");
        cargo(&["fmt", "--all", "--", "--check"])?;
    }
    if has("clippy") {
        step("lints");
        cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])?;
    }
    step("tests, on SQLite and PostgreSQL");
    test(&[])
}

/// All tests, around one PostgreSQL that is found or installed, started in a temporary folder on a free
/// port, and stopped at the end. Every suite runs, so that one failure does not hide the next.
pub(crate) fn test(args: &[String]) -> Result<()> {
    let mut all = vec!["run", "--quiet", "--package", "testkit", "--no-default-features"];
    all.extend(["--bin", "postgres-for-tests", "--", "cargo", "test", "--no-fail-fast", "--workspace"]);
    all.extend(args.iter().map(String::as_str));
    cargo(&all)
}

pub(crate) fn bench(args: &[String]) -> Result<()> {
    let mut all = vec!["run", "--release", "--package", "bench", "--"];
    // `cargo xtask bench -- --quick` means the same as without the dashes.
    let args = args.strip_prefix(&["--".to_owned()]).unwrap_or(args);
    all.extend(args.iter().map(String::as_str));
    cargo(&all)
}

fn step(what: &str) {
    println!("\n== {what}");
}

/// Whether a cargo component is there. One that is not is said aloud, not passed over.
fn has(component: &str) -> bool {
    let there =
        Command::new("cargo").args([component, "--version"]).output().is_ok_and(|out| out.status.success());
    if !there {
        println!("\n== NOT CHECKED: cargo {component} is not installed (rustup component add {component})");
    }
    there
}

fn cargo(args: &[&str]) -> Result<()> {
    println!("cargo {}", args.join(" "));
    let status = Command::new("cargo")
        .args(args)
        .current_dir(root())
        .status()
        .context("cargo could not be started")?;
    if !status.success() {
        bail!("failed: cargo {}", args.join(" "));
    }
    Ok(())
}
