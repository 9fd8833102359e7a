//! The house at it: import, book, replay. Each step's time and peak of memory.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Instant;

use anyhow::{Result, ensure};
use engine::carry::log;
use engine::import::{Import, ImportLine};
use engine::{House, project};
use serde::{Deserialize, Serialize};

use super::{feed, memory};
use crate::servers::now_ms;

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Step {
    pub(crate) seconds: f64,
    pub(crate) peak_bytes: Option<u64>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Taken {
    /// Events in the inbox: lines that were not there already.
    pub(crate) events: i64,
    pub(crate) facts: i64,
    pub(crate) rows: usize,
    pub(crate) import: Step,
    pub(crate) book: Step,
    pub(crate) replay: Step,
}

pub(super) fn take(url: &str, folder: &Path) -> Result<Taken> {
    let house = House::open(url)?;
    let text = std::fs::read_to_string(folder.join(feed::LOG))?;
    let lines: Vec<_> = text.lines().map(log::read).collect::<Result<_, _>>().map_err(anyhow::Error::msg)?;
    log::import(&house, &lines)?;
    let (_, import) = timed(|| import(&house, folder))?;
    let now = now_ms();
    let (_, book) = timed(|| Ok(project::drain(&house, now)?))?;
    let status = engine::status::status(&house, now)?;
    ensure!(status.level && status.parked == 0, "the books are not level: {status:?}");
    let (replayed, replay) = timed(|| Ok(engine::audit::replay(&house, now, &mut |_, _| {})?))?;
    ensure!(
        replayed.differences.is_empty(),
        "a replay gives other books: {:?}",
        replayed.differences.first()
    );
    let facts = house.db().read(store::fact::count)?;
    Ok(Taken { events: replayed.events, facts, rows: replayed.rows, import, book, replay })
}

fn import(house: &House, folder: &Path) -> Result<()> {
    let mut import = Import::new(house, None);
    let mut reader = BufReader::with_capacity(1 << 18, File::open(folder.join(feed::EVENTS))?);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        ensure!(matches!(import.line(&line, now_ms())?, ImportLine::Taken), "a line was not taken");
        line.clear();
    }
    import.finish()?;
    Ok(())
}

fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, Step)> {
    memory::forget();
    let started = Instant::now();
    let done = work()?;
    Ok((done, Step { seconds: started.elapsed().as_secs_f64(), peak_bytes: memory::peak_bytes() }))
}
