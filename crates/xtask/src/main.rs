//! Development chores: `cargo xtask ci | test | tidy | bench`. Not part of the product.

#![allow(clippy::print_stdout)] // a tool for the terminal

mod ci;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str =
    "cargo xtask ci            everything the gate checks: format, walls, lints, all tests on both engines
cargo xtask test [ARGS]   all tests on both engines; ARGS go to cargo test
cargo xtask tidy          the walls between the rooms, and the house limits
cargo xtask bench [ARGS]  the benchmark, in release";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let rest = args.get(1..).unwrap_or_default();
    let outcome = match args.first().map(String::as_str) {
        Some("ci") => ci::ci(),
        Some("test") => ci::test(rest),
        Some("tidy") => tidy::run(&root()),
        Some("bench") => ci::bench(rest),
        _ => Err(anyhow::anyhow!("{HELP}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why:#}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace's folder.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}
