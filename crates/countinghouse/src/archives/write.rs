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
        let file = File::options().create(true).write(true).truncate(false).open(&part).map_err(wrong)?;
        if file.try_lock().is_err() {
            return Err(Stop::Usage(format!("{} is being written by another process", path.display())));
        }
        file.set_len(0)?;
        let out = Some(BufWriter::with_capacity(1 << 18, file));
        Ok(Self { path: path.to_owned(), part, out, compressed: is_compressed(path) })
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
        let file = out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        file.sync_all()?;
        std::fs::rename(&self.part, &self.path)?;
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
