//! Writing: into `NAME.part`, held by one process, synced, then renamed. A file under its name is whole; what a killed
//! process left is written over by the next.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::is_compressed;
use crate::Stop;

pub(crate) struct Writer {
    path: PathBuf,
    part: PathBuf,
    out: Option<BufWriter<File>>,
    compressed: bool,
}

impl Writer {
    pub(crate) fn create(path: &Path) -> Result<Self, Stop> {
        let mut name = path.as_os_str().to_owned();
        name.push(".part");
        let part = PathBuf::from(name);
        let wrong = |why: std::io::Error| Stop::Usage(format!("{}: {why}", part.display()));
        let file = loop {
            let opened = open_part(&part).map_err(wrong)?;
            if opened.try_lock().is_err() {
                return Err(Stop::Usage(format!("{} is being written by another process", path.display())));
            }
            if still_names(&part, &opened)? {
                break opened;
            }
        };
        file.set_len(0)?;
        let out = Some(BufWriter::with_capacity(1 << 18, file));
        Ok(Self { path: path.to_owned(), part, out, compressed: is_compressed(path) })
    }

    /// The same where nothing may be written over: a file that came under this name meanwhile stays.
    pub(crate) fn create_new(path: &Path) -> Result<Self, Stop> {
        let writer = Self::create(path)?;
        if path.symlink_metadata().is_ok() {
            let path = path.display();
            return Err(Stop::Usage(format!(
                "{path} was written by another process meanwhile; run it again"
            )));
        }
        Ok(writer)
    }

    /// Some whole lines. Compressed, they are one member of the file: it can be read from there.
    pub(crate) fn page(&mut self, lines: &[u8]) -> std::io::Result<()> {
        let Some(out) = &mut self.out else { return Ok(()) };
        if !self.compressed {
            return out.write_all(lines);
        }
        let mut member = GzEncoder::new(out, Compression::default());
        member.write_all(lines)?;
        member.finish().map(drop)
    }

    /// When this returns the file is under its name and survives a power cut. Says how many bytes it has.
    pub(crate) fn finish(mut self) -> std::io::Result<u64> {
        let Some(out) = self.out.take() else { return Ok(0) };
        // What could not be finished makes room again, on a disk that is full at the latest; it is held until then.
        let file = out.into_inner().map_err(|why| {
            let _ = std::fs::remove_file(&self.part);
            why.into_error()
        })?;
        file.sync_all().and_then(|()| std::fs::rename(&self.part, &self.path)).inspect_err(|_| {
            let _ = std::fs::remove_file(&self.part);
        })?;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(file.metadata()?.len())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.out.is_some() {
            let _ = std::fs::remove_file(&self.part);
        }
    }
}

/// What is in it concerns nobody but its owner.
fn open_part(part: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.create(true).write(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(part)
}

/// Whether this is still the file of that name. Between opening and locking, whoever held it may have finished: then
/// it is a whole file under its own name by now, and must not be touched.
#[cfg(unix)]
fn still_names(part: &Path, opened: &File) -> std::io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let own = opened.metadata()?;
    match std::fs::metadata(part) {
        Ok(named) => Ok((named.dev(), named.ino()) == (own.dev(), own.ino())),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(why) => Err(why),
    }
}

/// A file that is open cannot be renamed here.
#[cfg(not(unix))]
fn still_names(_: &Path, _: &File) -> std::io::Result<bool> {
    Ok(true)
}

/// A file, or standard output.
pub(crate) enum Sink {
    File(Writer),
    Out(std::io::Stdout),
}

impl Sink {
    pub(crate) fn to(file: Option<&Path>) -> Result<Self, Stop> {
        match file {
            Some(path) if path.as_os_str() != "-" => Ok(Self::File(Writer::create(path)?)),
            _ => Ok(Self::Out(std::io::stdout())),
        }
    }

    pub(crate) fn page(&mut self, lines: &[u8]) -> std::io::Result<()> {
        match self {
            Self::File(writer) => writer.page(lines),
            Self::Out(out) => out.write_all(lines),
        }
    }

    pub(crate) fn finish(self) -> std::io::Result<()> {
        match self {
            Self::File(writer) => writer.finish().map(drop),
            Self::Out(mut out) => out.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_file_is_not_touched_by_who_waited_for_its_name_and_half_a_file_does_not_stay() {
        let folder = std::env::temp_dir().join(format!("countinghouse-write-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("a.jsonl");
        let part = folder.join("a.jsonl.part");
        let made = |path: &Path| Writer::create(path).unwrap_or_else(|_| panic!("a writer"));
        let mut first = made(&path);
        let slower = open_part(&part).expect("opened before the first is done");
        assert!(Writer::create(&path).is_err(), "held by the first");
        first.page(b"whole\n").expect("written");
        first.finish().expect("finished");
        assert!(slower.try_lock().is_ok(), "nobody holds it any more");
        assert!(!still_names(&part, &slower).expect("looked at"), "it is the whole file by now");
        assert!(Writer::create_new(&path).is_err(), "what is there is not written over");
        made(&path).finish().expect("an export may be made anew");
        assert_eq!(std::fs::read(&path).expect("read"), b"");
        assert_eq!(slower.metadata().expect("still open").len(), 6);
        #[cfg(unix)]
        {
            let mode =
                std::os::unix::fs::PermissionsExt::mode(&path.metadata().expect("there").permissions());
            assert_eq!(mode & 0o077, 0, "only for its owner");
        }
        std::fs::create_dir(folder.join("taken.jsonl")).expect("a folder");
        let mut writer = made(&folder.join("taken.jsonl"));
        writer.page(b"a line\n").expect("written");
        assert!(writer.finish().is_err(), "there is a folder of that name");
        assert!(!folder.join("taken.jsonl.part").exists(), "what could not be finished takes no room");
        std::fs::remove_dir_all(folder).expect("removed");
    }
}
