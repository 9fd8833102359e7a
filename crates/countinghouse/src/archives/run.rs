//! Moving bodies from the inbox into archives: choose, write, sync, read back, take out. Killed anywhere it has lost
//! nothing, and the next run goes on: an archive that is there already is read back instead of written.

use std::path::{Path, PathBuf};

use engine::House;
use engine::archive::{self, PAGE};
use kernel::UnixMs;
use serde::Serialize;

use super::pages::Pages;
use super::write::Writer;
use crate::Stop;

/// Events in one file of a folder.
const FILE_EVENTS_MAX: usize = 100_000;

/// Where bodies go.
pub(crate) enum Target {
    File(PathBuf),
    Folder(PathBuf),
}

impl Target {
    /// What is there decides; what is not there is to be a file if its name has an ending.
    pub(crate) fn of(path: &Path) -> Self {
        let is_folder = path.is_dir()
            || path.as_os_str().to_string_lossy().ends_with('/')
            || (path.extension().is_none() && !path.is_file());
        if is_folder { Self::Folder(path.to_owned()) } else { Self::File(path.to_owned()) }
    }
}

/// One archive of a run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Made {
    pub(crate) file: String,
    /// Bodies that left the inbox for it.
    pub(crate) events: u64,
    pub(crate) bytes: u64,
}

pub(crate) struct Run<'a> {
    pub(crate) house: &'a House,
    /// Bodies of events received before then go.
    pub(crate) before: UnixMs,
    /// Asked between pages; what is true ends the run early.
    pub(crate) stop: &'a dyn Fn() -> bool,
    /// Hears how many of how many events of the file at hand are done.
    pub(crate) progress: &'a dyn Fn(u64, u64),
}

impl Run<'_> {
    /// Every archive that was made or gone on with.
    pub(crate) fn to(&self, target: &Target) -> Result<Vec<Made>, Stop> {
        match target {
            Target::File(path) => Ok(self.file(path)?.into_iter().collect()),
            Target::Folder(folder) => self.folder(folder),
        }
    }

    /// Everything into one file; `None` when there is nothing to be moved.
    fn file(&self, path: &Path) -> Result<Option<Made>, Stop> {
        if !path.exists() {
            let plan = archive::plan(self.house, self.before, usize::MAX)?;
            if plan.seqs.is_empty() || !self.write(path, &plan.seqs)? {
                return Ok(None);
            }
        }
        self.take_out(path).map(Some)
    }

    fn folder(&self, folder: &Path) -> Result<Vec<Made>, Stop> {
        let wrong = |why: std::io::Error| Stop::Usage(format!("{}: {why}", folder.display()));
        std::fs::create_dir_all(folder).map_err(wrong)?;
        let mut made = Vec::new();
        while !(self.stop)() {
            let plan = archive::plan(self.house, self.before, FILE_EVENTS_MAX)?;
            let (Some(first), Some(last)) = (plan.seqs.first(), plan.seqs.last()) else { break };
            let path = folder.join(format!("events-{first:010}-{last:010}.jsonl.gz"));
            let was_there = path.exists();
            if !was_there && !self.write(&path, &plan.seqs)? {
                break;
            }
            let done = self.take_out(&path)?;
            if done.events == 0 && was_there {
                return Err(Stop::Found(format!(
                    "{} is there and does not hold these events: move it elsewhere, then try again",
                    path.display()
                )));
            }
            made.push(done);
        }
        Ok(made)
    }

    /// Whether it was written to the end.
    fn write(&self, path: &Path, seqs: &[i64]) -> Result<bool, Stop> {
        let mut writer = Writer::create_new(path)?;
        for (number, page) in seqs.chunks(PAGE).enumerate() {
            if (self.stop)() {
                return Ok(false);
            }
            writer.page(&archive::page(self.house, page)?)?;
            (self.progress)((number * PAGE) as u64, seqs.len() as u64);
        }
        writer.finish()?;
        Ok(true)
    }

    /// Reads the archive back from the disk and takes out of the inbox what it really holds.
    fn take_out(&self, path: &Path) -> Result<Made, Stop> {
        let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(|| {
            Stop::Usage(format!("{}: an archive needs a name that is plain text", path.display()))
        })?;
        let damaged = |why: std::io::Error| {
            Stop::Found(format!("{}: {why}; nothing more was taken out of the inbox", path.display()))
        };
        let mut pages = Pages::open(path)?;
        let mut events = 0;
        while !(self.stop)() {
            let page = pages.next_page().map_err(damaged)?;
            if page.is_empty() {
                break;
            }
            let lines: Vec<(u64, &[u8])> = page.iter().map(|(at, line)| (*at, line.as_slice())).collect();
            events += archive::take_out(self.house, name, &lines)?;
        }
        let bytes = std::fs::metadata(path)?.len();
        Ok(Made { file: path.display().to_string(), events, bytes })
    }
}
