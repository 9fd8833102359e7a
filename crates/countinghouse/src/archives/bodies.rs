//! Bodies that are away, read from their archives: a folder, and the names that the inbox remembers. The page that was
//! read last is kept, for who reads in order.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use engine::carry::line::{self, Carried};
use store::inbox::{Archive, Wanted};

use super::pages::Pages;
use crate::Stop;

type Found = BTreeMap<[u8; 32], Vec<u8>>;

pub(crate) struct Bodies {
    folder: PathBuf,
    /// Name, offset, and the bodies there by hash.
    last: Mutex<Option<(String, u64, Found)>>,
}

impl Bodies {
    /// A folder with archives, or one of the archives in it.
    pub(crate) fn at(path: &Path) -> Self {
        let parent = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = if path.is_file() { parent.unwrap_or(Path::new(".")) } else { path };
        Self { folder: folder.to_owned(), last: Mutex::new(None) }
    }

    fn page(&self, name: &str, offset: u64) -> Result<Found, String> {
        let path = self.folder.join(name);
        let pages = Pages::open(&path).map_err(|why| match why {
            Stop::Found(why) | Stop::Usage(why) => format!(
                "{why}. Say where it is with --archive DIR (or COUNTINGHOUSE_ARCHIVE_DIR), or put its bodies back with \
                 events restore"
            ),
        })?;
        let page = pages.at(offset).map_err(|why| format!("{}, at byte {offset}: {why}", path.display()))?;
        let mut found = Found::new();
        for (_, text) in page {
            match line::read(&text) {
                Ok(Carried::Event { event, .. }) => drop(found.insert(event.body_hash, event.body)),
                Ok(Carried::Quarantined { .. }) => {}
                Err(why) => return Err(format!("{}, at byte {offset}: {why}", path.display())),
            }
        }
        Ok(found)
    }
}

impl Archive for Bodies {
    fn body(&self, wanted: Wanted<'_>) -> Result<Vec<u8>, String> {
        let (name, offset) = (&wanted.place.archive, wanted.place.offset);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_last = last.as_ref().is_some_and(|(known, at, _)| known == name && *at == offset);
        if !is_last {
            *last = Some((name.clone(), offset, self.page(name, offset)?));
        }
        let body = last.as_ref().and_then(|(_, _, found)| found.get(wanted.body_hash)).cloned();
        body.ok_or_else(|| {
            format!(
                "it is not where it was put there (byte {offset} of {}): the file was changed. If it still holds the \
                 event, put its bodies back with events restore",
                self.folder.join(name).display()
            )
        })
    }
}
