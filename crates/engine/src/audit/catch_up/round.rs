//! One round over a book's list of events. A page is in the inbox before the round's position moves, so a kill
//! repeats at most a page. It must not know who asked for the round.

use std::collections::{BTreeMap, BTreeSet};

use facts::Envelope;
use kernel::time::SECOND_MS;
use kernel::{Book, Ref, UnixMs};
use sha2::{Digest, Sha256};
use store::catch_up::Run;
use store::inbox::Listed;
use store::{Append, Source};

use super::report::{Healed, Report};
use super::{LISTED_S, OVERLAP_S};
use crate::audit::lister::{Lister, Page};
use crate::audit::{ListFailure, failed};
use crate::fetch::FetchFailure;
use crate::house::House;

/// How a round is made.
pub struct Ask<'a> {
    /// `boot`, `silence`, `schedule` or `asked`.
    pub reason: &'a str,
    /// An event that is younger than this gets as long to be delivered before it counts as missing.
    pub patience_s: i64,
    pub clock: &'a dyn Fn() -> UnixMs,
}

/// More of them are counted and not named.
const HEALED_NAMED_MAX: usize = 1_000;

/// How often a round is begun anew because its place is not listed any more.
const ANEW_MAX: usize = 3;

/// Lists the book's events from where the last round ended, and keeps what is not here.
pub fn catch_up(
    house: &House,
    lister: &dyn Lister,
    book: &Book,
    ask: &Ask<'_>,
) -> Result<Report, ListFailure> {
    let mut round = Round { house, lister, book, ask, healed: Vec::new(), waited: false };
    let (left_open, mut run) = round.begin()?;
    round.finish(&mut run)?;
    if left_open {
        // It was begun by somebody who did not come to its end: what happened since is not in it.
        let earlier = run;
        (_, run) = round.begin()?;
        round.finish(&mut run)?;
        run.counts = sum(earlier.counts, run.counts);
        run.gap_s = earlier.gap_s.or(run.gap_s);
    }
    Ok(Report::new(book, &run, round.healed))
}

/// The same round before its first page: what it has counted is counted again, as far as it is still listed.
fn begun_anew(run: &Run) -> Run {
    Run {
        position: String::new(),
        asked_s: 0,
        counted: false,
        counts: store::catch_up::Counts::default(),
        gap_s: None,
        ..run.clone()
    }
}

fn sum(left: store::catch_up::Counts, right: store::catch_up::Counts) -> store::catch_up::Counts {
    store::catch_up::Counts {
        listed: left.listed + right.listed,
        received: left.received + right.received,
        missing: left.missing + right.missing,
        known: left.known + right.known,
    }
}

struct Round<'a> {
    house: &'a House,
    lister: &'a dyn Lister,
    book: &'a Book,
    ask: &'a Ask<'a>,
    healed: Vec<Healed>,
    waited: bool,
}

impl Round<'_> {
    /// The open round, and whether it had begun already.
    fn begin(&self) -> Result<(bool, Run), ListFailure> {
        let now = (self.ask.clock)();
        let begun = self.house.db().work(|tx| -> Result<_, crate::EngineError> {
            let book = store::book::id(tx, self.book)?;
            let open = store::catch_up::open(tx, book)?.is_some();
            Ok((open, store::catch_up::begin(tx, book, self.ask.reason, now, OVERLAP_S)?))
        })?;
        Ok(begun)
    }

    fn finish(&mut self, run: &mut Run) -> Result<(), ListFailure> {
        let mut anew = 0;
        while run.finished_at.is_none() {
            let after = Ref::parse(&run.position);
            let to = match self.lister.events(self.book, run.from_s, after.as_ref()) {
                // The event that the position names is no longer listed.
                Err(FetchFailure::Missing) if after.is_some() && anew < ANEW_MAX => {
                    anew += 1;
                    begun_anew(run)
                }
                page => self.take(run, &page.map_err(|why| failed(self.book, why))?)?,
            };
            let moved = self.house.db().work(|tx| -> Result<_, crate::EngineError> {
                Ok(store::catch_up::advance(tx, &run.position, &to)?)
            })?;
            *run = if moved { to } else { self.as_it_stands(run)? };
        }
        Ok(())
    }

    /// Somebody else moved it: the round as it is now.
    fn as_it_stands(&self, run: &Run) -> Result<Run, ListFailure> {
        let found = self.house.db().read(|read| -> Result<_, crate::EngineError> {
            let open = store::catch_up::open(read, run.book)?.filter(|open| open.id == run.id);
            Ok(match open {
                Some(open) => Some(open),
                None => {
                    store::catch_up::history(read, run.book, 20)?.into_iter().find(|one| one.id == run.id)
                }
            })
        })?;
        found.ok_or_else(|| ListFailure::Later {
            book: self.book.label(),
            why: "another process finished this round long ago; try again".to_owned(),
        })
    }

    /// Keeps what the page has and the inbox has not; the round as it is after that.
    fn take(&mut self, run: &Run, page: &Page) -> Result<Run, ListFailure> {
        let mut to = run.clone();
        let now = (self.ask.clock)();
        let now_s = page.answered_at_s.unwrap_or_else(|| now.div_euclid(SECOND_MS));
        let events = self.read(page, now)?;
        if run.asked_s == 0 {
            to.asked_s = now_s;
            to.gap_s = self.gap(run, now_s)?;
            if let Some(newest) = events.first() {
                (to.newest_ref, to.newest_s) = (newest.event_ref.to_string(), newest.created_s);
            }
        }
        let wanted: Vec<Append> =
            events.iter().filter(|event| should_come(&event.event_type)).cloned().collect();
        self.wait_for_deliveries(&wanted, now_s)?;
        let stands =
            self.house.inbox().append_listed(self.book, &wanted).map_err(crate::EngineError::from)?;
        let stands: BTreeMap<&Ref, Listed> =
            wanted.iter().map(|event| &event.event_ref).zip(stands).collect();
        let told = self.told(run.book, &wanted)?;
        for event in &events {
            to.counted |= !run.before_ref.is_empty() && event.event_ref.as_str() == run.before_ref;
            if let Some(stands) = stands.get(&event.event_ref) {
                self.count(&mut to, event, *stands, told.contains(&event.event_ref));
            }
        }
        if let Some(last) = events.last() {
            to.position = last.event_ref.to_string();
        }
        // Without progress the same page would come for ever.
        if !page.more || to.position == run.position {
            to.finished_at = Some((self.ask.clock)());
        }
        Ok(to)
    }

    /// Those of which a thin event was delivered: an endpoint that is sent such events is not sent the listed ones.
    fn told(&self, book: i64, events: &[Append]) -> Result<BTreeSet<Ref>, ListFailure> {
        let refs: Vec<String> = events.iter().map(|event| event.event_ref.to_string()).collect();
        let told = self
            .house
            .db()
            .read(|read| -> Result<_, crate::EngineError> { Ok(store::thin::told(read, book, &refs)?) })?;
        let seqs: Vec<i64> = told.iter().map(|(_, seq)| *seq).collect();
        let lines = self.house.inbox().lines(&seqs).map_err(crate::EngineError::from)?;
        let pushed: BTreeSet<i64> =
            lines.iter().filter(|line| line.source == Source::Webhook).map(|line| line.seq).collect();
        Ok(told.into_iter().filter(|(_, seq)| pushed.contains(seq)).map(|(event, _)| event).collect())
    }

    fn count(&mut self, to: &mut Run, event: &Append, stands: Listed, told: bool) {
        let counts = &mut to.counts;
        match stands {
            Listed::New { .. } if told => counts.received += 1,
            Listed::New { .. } => {
                counts.missing += 1;
                if self.healed.len() < HEALED_NAMED_MAX {
                    self.healed.push(Healed::new(event));
                }
            }
            _ if to.counted => return,
            Listed::Pushed => counts.received += 1,
            Listed::Here(_) if told => counts.received += 1,
            // Kept by this round before it was killed, or by another one at the same page.
            Listed::Here(Source::List) => counts.missing += 1,
            Listed::Here(_) => counts.known += 1,
        }
        counts.listed += 1;
    }

    /// What Stripe no longer lists of the time since the last round looked.
    fn gap(&self, run: &Run, now_s: i64) -> Result<Option<(i64, i64)>, ListFailure> {
        let last = self
            .house
            .db()
            .read(|read| -> Result<_, crate::EngineError> { Ok(store::catch_up::last(read, run.book)?) })?;
        let oldest_s = now_s.saturating_sub(LISTED_S);
        Ok(last.map(|last| (last.asked_s, oldest_s)).filter(|(from_s, to_s)| from_s < to_s))
    }

    /// The page's events as rows of the inbox. One that cannot be read, or is of another book, stops the round:
    /// whatever answers there is not Stripe's list of this book.
    fn read(&self, page: &Page, now: UnixMs) -> Result<Vec<Append>, ListFailure> {
        let refused = |why: String| ListFailure::Refused { book: self.book.label(), why };
        let row = |body: &Vec<u8>| {
            let envelope = Envelope::parse(body).map_err(|why| refused(format!("a listed event: {why}")))?;
            let other_account = envelope.account.is_some() && envelope.account != self.book.account;
            if envelope.livemode != self.book.livemode || other_account {
                return Err(refused(format!("{} is an event of another book", envelope.id)));
            }
            Ok(Append {
                book: self.book.clone(),
                event_ref: envelope.id,
                event_type: envelope.event_type,
                api_version: envelope.api_version,
                created_s: envelope.created_s,
                received_at: now,
                source: Source::List,
                headers: "{}".to_owned(),
                body: body.clone(),
                body_hash: Sha256::digest(body).into(),
            })
        };
        page.items.iter().map(row).collect()
    }

    /// Once a round, before anything young is called missing: it may be on its way.
    fn wait_for_deliveries(&mut self, events: &[Append], now_s: i64) -> Result<(), ListFailure> {
        let youngest_s = now_s.saturating_sub(self.ask.patience_s);
        let young: Vec<Ref> = events
            .iter()
            .filter(|event| event.created_s > youngest_s)
            .map(|event| event.event_ref.clone())
            .collect();
        if self.waited || self.ask.patience_s == 0 || young.is_empty() {
            return Ok(());
        }
        let missing = self.house.inbox().missing(self.book, &young).map_err(crate::EngineError::from)?;
        if missing.is_empty() {
            return Ok(());
        }
        self.waited = true;
        let ms = u64::try_from(self.ask.patience_s.saturating_mul(SECOND_MS)).unwrap_or(0);
        if self.lister.pause(ms) { Ok(()) } else { Err(ListFailure::Closing) }
    }
}

/// Whether an event of this type should have come.
pub(in crate::audit) fn should_come(event_type: &str) -> bool {
    facts::subscribed().any(|name| name == event_type)
}
