//! Files of events: written so that one under its name is whole and durable, read line by line or at a place. What a line
//! says is the engine's business (`engine::carry::line`).

mod bodies;
mod keeper;
mod pages;
mod run;
mod write;

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

pub(crate) use bodies::Bodies;
pub(crate) use keeper::Keeper;
pub(crate) use run::{Made, Run, Target};
pub(crate) use write::Sink;

use crate::Stop;

/// The first bytes of a file compressed by gzip.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A line that is longer is none of ours: no delivery is a tenth of it, and it would not fit into memory.
const LINE_BYTES_MAX: u64 = 256 << 20;

/// Whether a file of this name is to be compressed.
fn is_compressed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"))
}

/// Whether a file is, by its first bytes: a name may have been changed.
fn begins_compressed(file: &mut File) -> std::io::Result<bool> {
    let mut first = Vec::with_capacity(GZIP.len());
    file.by_ref().take(GZIP.len() as u64).read_to_end(&mut first)?;
    file.rewind()?;
    Ok(first == GZIP)
}

fn open(path: &Path) -> Result<File, Stop> {
    File::open(path).map_err(|why| Stop::Usage(format!("{}: {why}", path.display())))
}

/// The file's text, unpacked. `watch` sees the bytes of the file itself, for progress.
pub(crate) fn lines<R: Read + 'static>(
    path: &Path,
    watch: impl FnOnce(File) -> R,
) -> Result<Box<dyn BufRead>, Stop> {
    let mut file = open(path)?;
    let compressed = begins_compressed(&mut file)?;
    let reader = BufReader::with_capacity(1 << 18, watch(file));
    Ok(if compressed {
        Box::new(BufReader::with_capacity(1 << 18, MultiGzDecoder::new(reader)))
    } else {
        Box::new(reader)
    })
}

/// The next line with its end; `false` when there is none any more.
pub(crate) fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    bounded_line(reader, line, LINE_BYTES_MAX)
}

fn bounded_line(reader: &mut impl BufRead, line: &mut Vec<u8>, most: u64) -> std::io::Result<bool> {
    line.clear();
    let read = reader.by_ref().take(most).read_until(b'\n', line)?;
    if read as u64 == most && !line.ends_with(b"\n") {
        return Err(std::io::Error::other(format!(
            "a line is longer than {most} bytes: it is no file of events"
        )));
    }
    Ok(read > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_an_end_is_refused_before_it_fills_the_memory() {
        let mut endless = BufReader::new(std::io::repeat(0));
        assert!(bounded_line(&mut endless, &mut Vec::new(), 1 << 20).is_err());
        let (mut text, mut line) = (&b"one\ntwo"[..], Vec::new());
        for (there, expected) in [(true, &b"one\n"[..]), (true, b"two"), (false, b"")] {
            assert_eq!(bounded_line(&mut text, &mut line, 4).expect("short"), there);
            assert_eq!(line, expected);
        }
    }
}
