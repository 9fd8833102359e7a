//! Reading an archive page by page, each line with the place from which it can be read again. It must not know what a
//! line says.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::bufread::GzDecoder;

use super::{begins_compressed, next_line, open};
use crate::Stop;

/// A page that is larger was not written by us: it would not fit into memory.
const PAGE_BYTES_MAX: u64 = 1 << 30;

/// Lines with their offsets: of the member that holds them, or of the line itself in a file that is not compressed.
pub(super) type Page = Vec<(u64, Vec<u8>)>;

pub(super) struct Pages {
    file: Counted,
    compressed: bool,
}

impl Pages {
    pub(super) fn open(path: &Path) -> Result<Self, Stop> {
        let mut file = open(path)?;
        let compressed = begins_compressed(&mut file)?;
        Ok(Self { file: Counted { inner: BufReader::with_capacity(1 << 18, file), at: 0 }, compressed })
    }

    /// The page at this offset.
    pub(super) fn at(mut self, offset: u64) -> std::io::Result<Page> {
        self.file.inner.seek(SeekFrom::Start(offset))?;
        self.file.at = offset;
        if self.compressed { self.member() } else { self.lines(1) }
    }

    /// The next page; empty at the end.
    pub(super) fn next_page(&mut self) -> std::io::Result<Page> {
        if self.compressed { self.member() } else { self.lines(engine::archive::PAGE) }
    }

    fn member(&mut self) -> std::io::Result<Page> {
        if self.file.fill_buf()?.is_empty() {
            return Ok(Page::new());
        }
        let offset = self.file.at;
        let mut text = Vec::new();
        GzDecoder::new(&mut self.file).take(PAGE_BYTES_MAX).read_to_end(&mut text)?;
        if text.len() as u64 == PAGE_BYTES_MAX {
            return Err(std::io::Error::other(
                "a page of it is too large; put its bodies back: events restore",
            ));
        }
        let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        Ok(lines.map(|line| (offset, line.to_vec())).collect())
    }

    fn lines(&mut self, limit: usize) -> std::io::Result<Page> {
        let mut page = Page::new();
        while page.len() < limit {
            let (offset, mut line) = (self.file.at, Vec::new());
            if !next_line(&mut self.file, &mut line)? {
                break;
            }
            page.push((offset, line));
        }
        Ok(page)
    }
}

/// A buffered file that knows how many of its bytes were taken.
struct Counted {
    inner: BufReader<File>,
    at: u64,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(into)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl BufRead for Counted {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.at += bytes as u64;
        self.inner.consume(bytes);
    }
}
