//! Many events from a file: imported, booked, and rebuilt by `replay`, beside what the database does with the same facts
//! at its best. Each measurement is a process of its own, so that its peak of memory is its own.

mod feed;
mod memory;
mod plain;
mod report;
mod take;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use serde::de::DeserializeOwned;

pub(crate) use feed::Fed;
pub(crate) use report::{ImportRow, rows, text};

use crate::servers::database;
use crate::{Engine, Plan};

/// What the benchmark starts as processes of their own.
#[derive(Subcommand)]
pub(crate) enum ImportPart {
    /// Writes events and an operator log
    Feed(FeedArgs),
    /// Imports, books and replays them
    Take(TakeArgs),
    /// Writes the same facts without a house
    Plain(TakeArgs),
}

#[derive(Args)]
pub(crate) struct FeedArgs {
    #[arg(long)]
    pub(crate) events: usize,
    #[arg(long)]
    pub(crate) folder: PathBuf,
}

#[derive(Args)]
pub(crate) struct TakeArgs {
    #[arg(long)]
    pub(crate) url: String,
    #[arg(long)]
    pub(crate) folder: PathBuf,
}

/// The measurements of one engine.
pub(crate) struct Measured {
    pub(crate) engine: Engine,
    pub(crate) house: take::Taken,
    pub(crate) plain: plain::Plain,
}

pub(crate) fn run(part: &ImportPart) -> Result<()> {
    let text = match part {
        ImportPart::Feed(args) => serde_json::to_string(&feed::write(args.events, &args.folder)?)?,
        ImportPart::Take(args) => serde_json::to_string(&take::take(&args.url, &args.folder)?)?,
        ImportPart::Plain(args) => serde_json::to_string(&plain::write(&args.url, &args.folder)?)?,
    };
    println!("{text}");
    Ok(())
}

/// Every engine once, on the same file.
pub(crate) fn measure(plan: &Plan) -> Result<(Fed, Vec<Measured>)> {
    let folder = Folder::new()?;
    eprintln!("import: making {} events", plan.events);
    let events = plan.events.to_string();
    let fed: Fed = part("feed", &["--events", &events], &folder.0)?;
    let mut measured = Vec::new();
    for engine in &plan.engines {
        eprintln!("import: {}, the same facts without a house", engine.name());
        let beside = database(*engine)?;
        let plain: plain::Plain = part("plain", &["--url", &beside.url], &folder.0)?;
        drop(beside);
        eprintln!("import: {}", engine.name());
        let own = database(*engine)?;
        let house: take::Taken = part("take", &["--url", &own.url], &folder.0)?;
        ensure!(house.facts == plain.facts, "{} facts here, {} there", house.facts, plain.facts);
        measured.push(Measured { engine: *engine, house, plain });
    }
    Ok((fed, measured))
}

fn part<T: DeserializeOwned>(name: &str, args: &[&str], folder: &Path) -> Result<T> {
    let program = std::env::current_exe()?;
    let mut command = Command::new(program);
    command.args(["import", name]).args(args).arg("--folder").arg(folder);
    let output = command.stderr(Stdio::inherit()).output().context("the benchmark cannot start itself")?;
    ensure!(output.status.success(), "{name} ended with {}", output.status);
    serde_json::from_slice(&output.stdout).with_context(|| format!("{name} said something odd"))
}

/// Gone with what is in it when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self> {
        let path = std::env::temp_dir().join(format!("countinghouse-bench-import-{}", std::process::id()));
        std::fs::create_dir_all(&path).with_context(|| path.display().to_string())?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
