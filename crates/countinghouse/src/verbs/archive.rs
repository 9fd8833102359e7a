//! `events archive | restore`: bodies of old events out of the inbox, and back.

use std::path::Path;

use engine::archive::{self, Restored};
use serde::Serialize;

use super::{house_that_exists, time};
use crate::archives::{self, Made, Run, Target};
use crate::cli::{ArchiveArgs, Common};
use crate::config::Config;
use crate::{Outcome, Stop, output};

/// Lines put back in one transaction.
const BATCH: usize = 500;

#[derive(Serialize)]
struct Done {
    archives: Vec<Made>,
    /// Old enough, but pending, waiting or parked: their bodies stay.
    stays: u64,
    /// Old enough and worked off, but the archive was there already and does not hold them.
    left: u64,
}

pub(crate) fn run(common: &Common, args: &ArchiveArgs) -> Outcome {
    let before = time(Some(&args.before))?.unwrap_or_default();
    let configured = Config::read(common)?.archive;
    let target = args.to.as_deref().or(configured.as_deref()).map(Target::of).ok_or_else(|| {
        Stop::Usage("say where to: --to FILE|DIR, or set COUNTINGHOUSE_ARCHIVE_DIR".to_owned())
    })?;
    let house = house_that_exists(common)?;
    let bar = output::progress(0, "archiving");
    let progress = |done, of| {
        bar.set_length(of);
        bar.set_position(done);
    };
    let archives = Run { house: &house, before, stop: &|| false, progress: &progress }.to(&target);
    bar.finish_and_clear();
    let archives = archives?;
    let rest = archive::plan(&house, before, usize::MAX)?;
    let done = Done { archives, stays: rest.stays, left: rest.seqs.len() as u64 };
    if args.shrink {
        house.inbox().shrink()?;
    }
    if common.json {
        output::print_json(&done)?
    } else {
        print(&done)?
    }
    if configured.is_none() && !done.archives.is_empty() {
        output::remark(
            "note: to read these bodies again, give --archive DIR or set COUNTINGHOUSE_ARCHIVE_DIR",
        );
    }
    match done.left {
        0 => Ok(()),
        left => Err(Stop::Found(format!(
            "{left} more events are old enough, but the archive was there already: name another file, or a folder"
        ))),
    }
}

fn print(done: &Done) -> Outcome {
    for made in &done.archives {
        output::print(&format!("{}: {} bodies, {} bytes\n", made.file, made.events, made.bytes))?;
    }
    if done.archives.is_empty() {
        output::print("nothing to archive\n")?;
    }
    if done.stays > 0 {
        output::print(&format!(
            "{} events are old enough and stay: not worked off, waiting or parked\n",
            done.stays
        ))?;
    }
    Ok(())
}

pub(crate) fn restore(common: &Common, path: &Path) -> Outcome {
    let house = house_that_exists(common)?;
    let bar = output::progress(std::fs::metadata(path).map_or(0, |data| data.len()), "restoring");
    let watched = bar.clone();
    let mut reader = archives::lines(path, move |file| watched.wrap_read(file))?;
    let (mut done, mut lines) = (Restored::default(), Vec::with_capacity(BATCH));
    loop {
        let mut line = Vec::new();
        let read = archives::next_line(&mut reader, &mut line);
        let there = matches!(read, Ok(true));
        if there {
            lines.push(line);
        }
        if !there || lines.len() == BATCH {
            archive::put_back(&house, &lines, &mut done)?;
            lines.clear();
        }
        // What could be read before the damage is back by now.
        let more = read.map_err(|why| {
            Stop::Found(format!(
                "{}: {why}; {} bodies were restored before that",
                path.display(),
                done.restored
            ))
        })?;
        if !more {
            break;
        }
    }
    bar.finish_and_clear();
    if common.json {
        output::print_json(&done)?;
    } else {
        let Restored { restored, here, unknown, refused } = &done;
        let refused = refused.len();
        output::print(&format!(
            "{restored} restored, {here} here already, {unknown} unknown, {refused} refused\n"
        ))?;
    }
    for why in &done.refused {
        output::complain(&format!("{}: {why}", path.display()));
    }
    if !done.refused.is_empty() {
        return Err(Stop::Found(format!("{} bodies were refused", done.refused.len())));
    }
    if done.unknown > 0 {
        output::remark("note: what is unknown here comes in with events import");
    }
    Ok(())
}
