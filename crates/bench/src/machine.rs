//! What the figures depend on and the program does not decide: cores, and what a small durable write costs
//! where the databases are made.

use std::fs::File;
use std::io::Write;
use std::time::Instant;

use anyhow::{Context, Result};
use serde::Serialize;
use testkit::Postgres;

use crate::Engine;

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    /// Median of some writes of 8 kB, each followed by `fdatasync`.
    pub(crate) sync_us: f64,
}

/// Whether this engine can be had here. A line says so when it cannot.
pub(crate) fn has(engine: Engine) -> bool {
    match engine {
        Engine::Sqlite => true,
        Engine::Postgres => match Postgres::shared() {
            Ok(_) => true,
            Err(why) => {
                eprintln!("not measured on PostgreSQL: {why}");
                false
            }
        },
    }
}

pub(crate) fn look() -> Result<Machine> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(Machine { cores, sync_us: sync_us()? })
}

const SYNCS: usize = 100;

fn sync_us() -> Result<f64> {
    let path = std::env::temp_dir().join(format!("countinghouse-bench-{}", std::process::id()));
    let mut file = File::create(&path).with_context(|| path.display().to_string())?;
    let mut times = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let started = Instant::now();
        file.write_all(&[0; 8192])?;
        file.sync_data()?;
        times.push(started.elapsed().as_secs_f64() * 1e6);
    }
    drop(std::fs::remove_file(&path));
    Ok(crate::spread::Spread::of(times).map_or(0.0, |spread| spread.median))
}

/// Processor time this process has used so far, in seconds; `None` where it cannot be known.
pub(crate) fn cpu_s() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    // Linux has shown a hundred ticks a second to programs for as long as there have been such files.
    Some(ticks as f64 / 100.0)
}
