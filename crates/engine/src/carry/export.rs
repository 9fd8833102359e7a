//! `events export`: the inbox line by line, in order, a page in memory at a time. It must not know files.

use kernel::{Book, UnixMs};
use serde::Serialize;
use store::inbox::Skeleton;

use super::line;
use crate::house::{EngineError, House};

/// Rows in memory at once.
const PAGE: i64 = 500;

/// Which events. Everything that is left out means all.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    pub book: Option<Book>,
    /// Received then or later.
    pub from: Option<UnixMs>,
    /// Received before then.
    pub to: Option<UnixMs>,
    /// Of one of these types.
    pub types: Vec<String>,
}

impl Filter {
    fn wants(&self, skeleton: &Skeleton) -> bool {
        let row = &skeleton.row;
        self.book.as_ref().is_none_or(|book| *book == row.book)
            && self.from.is_none_or(|from| row.received_at >= from)
            && self.to.is_none_or(|to| row.received_at < to)
            && (self.types.is_empty() || self.types.contains(&row.event_type))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Exported {
    pub events: u64,
    /// Only of an export without a filter: what is in quarantine is in no book.
    pub quarantined: u64,
}

/// Where lines go, some at a time. What it fails with ends the export.
type Write<'a, E> = &'a mut dyn FnMut(&[u8]) -> Result<(), E>;

/// Writes what had been received when it began. `progress` hears how far of how many it is.
pub fn export<E: From<EngineError>>(
    house: &House,
    filter: &Filter,
    write: Write<'_, E>,
    progress: &mut dyn FnMut(i64, i64),
) -> Result<Exported, E> {
    let wrong = |why: store::StoreError| E::from(EngineError::from(why));
    let inbox = house.inbox();
    let head = inbox.head().map_err(wrong)?;
    let (mut done, mut after, mut lines) = (Exported::default(), 0, Vec::new());
    while after < head {
        let page = inbox.skeletons(after, PAGE.min(head - after)).map_err(wrong)?;
        let Some(last) = page.last() else { break };
        after = last.row.seq;
        let wanted: Vec<i64> =
            page.iter().filter(|row| filter.wants(row)).map(|wanted| wanted.row.seq).collect();
        if !wanted.is_empty() {
            lines.clear();
            let kept = inbox.kept(&wanted).map_err(wrong)?;
            kept.iter().for_each(|kept| line::write_event(kept, &mut lines));
            done.events += kept.len() as u64;
            write(&lines)?;
        }
        progress(after, head);
    }
    if *filter == Filter::default() {
        done.quarantined = quarantine(house, write)?;
    }
    Ok(done)
}

fn quarantine<E: From<EngineError>>(house: &House, write: Write<'_, E>) -> Result<u64, E> {
    let (mut count, mut after) = (0, 0);
    loop {
        let page = house.inbox().quarantined_after(after, PAGE);
        let page = page.map_err(|why| E::from(EngineError::from(why)))?;
        let Some(last) = page.last() else { return Ok(count) };
        after = last.id;
        count += page.len() as u64;
        let mut lines = Vec::new();
        page.iter().for_each(|kept| line::write_quarantined(kept, &mut lines));
        write(&lines)?;
    }
}
