//! Reading the letter box: in order for the projector, by id for people, counted for the console.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Book, Ref, UnixMs};

use super::{Inbox, Source, account, book, codec, redelivery};
use crate::db::{Row, Stmt, StoreError, Value};

/// An event as it was received.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InboxRow {
    pub seq: i64,
    pub book: Book,
    pub event_ref: Ref,
    pub event_type: String,
    pub api_version: Option<String>,
    pub created_s: i64,
    pub received_at: UnixMs,
    pub source: Source,
    pub headers: String,
    pub body: Vec<u8>,
    pub body_hash: [u8; 32],
}

/// An event without its body, for lists.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventLine {
    pub seq: i64,
    pub book: Book,
    pub event_ref: Ref,
    pub event_type: String,
    pub api_version: Option<String>,
    pub created_s: i64,
    pub received_at: UnixMs,
    pub source: Source,
    pub deliveries: i64,
    /// Different bodies received under this event id; more than one is a conflict. A listed body is not counted:
    /// it is the same event in the version it was made in.
    pub bodies: i64,
    /// When the newest repeat came; `None` of what came once, or again only before times were kept.
    pub repeated_at: Option<UnixMs>,
}

/// Events received in one minute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Minute {
    pub starts_at: UnixMs,
    pub events: i64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stats {
    /// Events in the inbox.
    pub total: i64,
    pub last_received_at: Option<UnixMs>,
    /// Minutes without an event are left out. Oldest first.
    pub minutes: Vec<Minute>,
}

macro_rules! full_row {
    ($tail:literal) => {
        concat!(
            "SELECT seq, account, livemode, event_ref, event_type, api_version, created_s, received_at, source, \
             headers, body, body_hash, codec FROM inbox ",
            $tail
        )
    };
}

macro_rules! lines {
    ($tail:literal) => {
        concat!(
            "SELECT i.seq, i.account, i.livemode, i.event_ref, i.event_type, i.api_version, i.created_s, \
             i.received_at, i.source, k.deliveries, (SELECT count(*) FROM event_key o JOIN inbox b ON b.seq = o.seq \
             WHERE o.account = i.account AND o.livemode = i.livemode AND o.event_ref = i.event_ref \
             AND b.source <> 'list'), k.repeated_at FROM inbox i JOIN event_key k \
             ON k.account = i.account AND k.livemode = i.livemode AND k.event_ref = i.event_ref \
             AND k.body_hash = i.body_hash ",
            $tail
        )
    };
}

pub(super) const HEAD: Stmt = Stmt::new("inbox.head", "SELECT seq FROM inbox_head WHERE id = 1");
pub(super) const AFTER: Stmt = Stmt::new("inbox.after", full_row!("WHERE seq > $1 ORDER BY seq LIMIT $2"));
pub(super) const BY_SEQ: Stmt = Stmt::new("inbox.by_seq", full_row!("WHERE seq {in:1} ORDER BY seq"));
pub(super) const NUMBERS: Stmt =
    Stmt::new("inbox.numbers", "SELECT seq FROM event_key WHERE event_ref = $1 ORDER BY seq");
pub(super) const BY_REF: Stmt = Stmt::new(
    "inbox.by_ref",
    full_row!("WHERE seq IN (SELECT seq FROM event_key WHERE event_ref = $1) ORDER BY seq"),
);
pub(super) const BY_BOOK_AND_REF: Stmt = Stmt::new(
    "inbox.by_book_and_ref",
    full_row!(
        "WHERE seq IN (SELECT seq FROM event_key WHERE account = $1 AND livemode = $2 AND event_ref = $3) ORDER BY seq"
    ),
);
pub(super) const KNOWN: Stmt = Stmt::new(
    "inbox.known",
    "SELECT DISTINCT event_ref FROM event_key WHERE account = $1 AND livemode = $2 AND event_ref {in:3}",
);
pub(super) const ANSWER: Stmt = Stmt::new(
    "inbox.answer",
    "SELECT event_ref FROM event_key WHERE account = $1 AND livemode = $2 AND event_ref > $3 AND event_ref < $4 \
     AND seq > $5 ORDER BY event_ref LIMIT 1",
);
pub(super) const TYPES: Stmt = Stmt::new(
    "inbox.types",
    "SELECT k.event_ref, i.event_type FROM event_key k JOIN inbox i ON i.seq = k.seq \
     WHERE k.account = $1 AND k.livemode = $2 AND k.event_ref {in:3}",
);
pub(super) const PAGE: Stmt =
    Stmt::new("inbox.page", lines!("WHERE i.seq < $1 ORDER BY i.seq DESC LIMIT $2"));
// No index on the type: the gate would pay for it with each delivery. The span is the caller's, and bounded.
pub(super) const PAGE_OF_TYPE: Stmt = Stmt::new(
    "inbox.page_of_type",
    lines!("WHERE i.seq < $1 AND i.seq >= $2 AND i.event_type = $3 ORDER BY i.seq DESC LIMIT $4"),
);
pub(super) const LINES: Stmt = Stmt::new("inbox.lines", lines!("WHERE i.seq {in:1} ORDER BY i.seq DESC"));
pub(super) const MINUTES: Stmt = Stmt::new(
    "inbox.minutes",
    "SELECT received_at / 60000 AS minute, count(*) FROM inbox WHERE received_at >= $1 \
     GROUP BY received_at / 60000 ORDER BY minute",
);
pub(super) const LAST: Stmt = Stmt::new("inbox.last", "SELECT max(received_at) FROM inbox");
pub(super) const COUNT_UNTIL: Stmt =
    Stmt::new("inbox.count_until", "SELECT count(*) FROM inbox WHERE received_at <= $1");
pub(super) const FIRST: Stmt = Stmt::new("inbox.first", "SELECT body_hash FROM inbox WHERE seq = 1");
pub(super) const SHAPE: Stmt = Stmt::new(
    "inbox.shape",
    "SELECT (SELECT seq FROM inbox_head WHERE id = 1), count(*), coalesce(max(seq), 0), \
     (SELECT count(*) FROM event_key) FROM inbox",
);

impl Inbox {
    /// The number of the last event; 0 of an empty inbox.
    pub fn head(&self) -> Result<i64, StoreError> {
        self.engine.read(|r| r.one_int(&HEAD, &[]))
    }

    /// The hash of the first body that was ever received; `None` of an empty inbox.
    pub fn first_hash(&self) -> Result<Option<[u8; 32]>, StoreError> {
        self.engine.read(|r| r.one(&FIRST, &[])?.map(|row| row.hash(0)).transpose())
    }

    /// How many events had been received by then.
    pub fn count_until(&self, at: UnixMs) -> Result<i64, StoreError> {
        self.engine.read(|r| r.one_int(&COUNT_UNTIL, &args![at]))
    }

    /// The events after `after_seq`, in order, at most `limit`.
    pub fn read(&self, after_seq: i64, limit: i64) -> Result<Vec<InboxRow>, StoreError> {
        self.full(&AFTER, &args![after_seq, limit])
    }

    /// These events, in order of their numbers.
    pub fn rows(&self, seqs: &[i64]) -> Result<Vec<InboxRow>, StoreError> {
        self.full(&BY_SEQ, &args![seqs])
    }

    /// Every body received under this event id, in any book.
    pub fn find(&self, event_ref: &Ref) -> Result<Vec<InboxRow>, StoreError> {
        self.full(&BY_REF, &args![event_ref])
    }

    /// The numbers of the rows that [`Inbox::find`] reads, for who does not want their bodies.
    pub fn numbers(&self, event_ref: &Ref) -> Result<Vec<i64>, StoreError> {
        let rows = self.engine.read(|r| r.rows(&NUMBERS, &args![event_ref]))?;
        rows.iter().map(|row| row.int(0)).collect()
    }

    pub fn find_in(&self, of: &Book, event_ref: &Ref) -> Result<Vec<InboxRow>, StoreError> {
        self.full(&BY_BOOK_AND_REF, &args![account(of), of.livemode, event_ref])
    }

    /// Which of these events are not here. What is listed or fetched has other bytes than what was
    /// delivered, so it must be asked before it is appended, or it would look like a conflict.
    pub fn missing(&self, of: &Book, refs: &[Ref]) -> Result<Vec<Ref>, StoreError> {
        let asked: Vec<String> = refs.iter().map(|event| event.as_str().to_owned()).collect();
        let known: BTreeSet<String> = self.engine.read(|r| {
            let rows = r.rows(&KNOWN, &args![account(of), of.livemode, asked.clone()])?;
            rows.iter().map(|row| row.text(0)).collect::<Result<_, StoreError>>()
        })?;
        Ok(refs.iter().filter(|event| !known.contains(event.as_str())).cloned().collect())
    }

    /// What was fetched or listed of an object, dated after `after_s` (unix seconds) and received after `seq`: such a row is
    /// named after the object and the second of the answer.
    pub fn answer(&self, of: &Book, id: &Ref, after_s: i64, seq: i64) -> Result<Option<Ref>, StoreError> {
        // Seconds have as many digits until 2286, and '@' is followed by 'A'.
        let (first, last) = (format!("{id}@{after_s:010}"), format!("{id}A"));
        let args = args![account(of), of.livemode, first, last, seq];
        self.engine.read(|r| r.one(&ANSWER, &args)?.map(|row| row.reference(0)).transpose())
    }

    /// The types of these events, by id; what is not here is left out.
    pub fn types(&self, of: &Book, refs: &[String]) -> Result<BTreeMap<String, String>, StoreError> {
        self.engine.read(|r| {
            let rows = r.rows(&TYPES, &args![account(of), of.livemode, refs.to_vec()])?;
            rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
        })
    }

    /// The newest events before `before_seq` (`i64::MAX`: the newest of all), newest first, without bodies.
    pub fn page(&self, before_seq: i64, limit: i64) -> Result<Vec<EventLine>, StoreError> {
        self.engine.read(|r| r.rows(&PAGE, &args![before_seq, limit])?.iter().map(line).collect())
    }

    /// Those of one type among the events from `from_seq` up to before `before_seq`, newest first.
    pub fn page_of_type(
        &self,
        before_seq: i64,
        from_seq: i64,
        event_type: &str,
        limit: i64,
    ) -> Result<Vec<EventLine>, StoreError> {
        let args = args![before_seq, from_seq, event_type, limit];
        self.engine.read(|r| r.rows(&PAGE_OF_TYPE, &args)?.iter().map(line).collect())
    }

    /// These events without bodies, newest first.
    pub fn lines(&self, seqs: &[i64]) -> Result<Vec<EventLine>, StoreError> {
        self.engine.read(|r| r.rows(&LINES, &args![seqs])?.iter().map(line).collect())
    }

    /// How busy the letter box was since `since`.
    pub fn stats(&self, since: UnixMs) -> Result<Stats, StoreError> {
        self.engine.read(|r| {
            let minute = |row: &Row| Ok(Minute { starts_at: row.int(0)? * 60_000, events: row.int(1)? });
            Ok(Stats {
                total: r.one_int(&HEAD, &[])?,
                last_received_at: r.one(&LAST, &[])?.map(|row| row.opt_int(0)).transpose()?.flatten(),
                minutes: r
                    .rows(&MINUTES, &args![since])?
                    .iter()
                    .map(minute)
                    .collect::<Result<_, StoreError>>()?,
            })
        })
    }

    /// What is wrong with the shape of the inbox: gaps, rows without a key, repeats of nothing. Empty when all is well.
    pub fn faults(&self) -> Result<Vec<String>, StoreError> {
        let (shape, odd) = self.engine.read(|r| -> Result<_, StoreError> {
            Ok((r.one(&SHAPE, &[])?, r.one_int(&redelivery::ODD, &[])?))
        })?;
        let Some(row) = shape else { return Ok(Vec::new()) };
        let (head, rows, last, keys) = (row.int(0)?, row.int(1)?, row.int(2)?, row.int(3)?);
        let fits = head == rows && head == last && head == keys;
        let fault = || {
            format!("inbox: head {head}, {rows} rows, last {last}, {keys} event keys: all should be equal")
        };
        let mut faults = if fits { Vec::new() } else { vec![fault()] };
        if odd > 0 {
            faults.push(format!("inbox: {odd} repeated deliveries have a time but were not counted"));
        }
        Ok(faults)
    }

    fn full(&self, stmt: &Stmt, args: &[Value]) -> Result<Vec<InboxRow>, StoreError> {
        // Bodies are unpacked, and looked for in archives, when the database is not waited for any more.
        let rows = self.engine.read(|r| r.rows(stmt, args))?;
        rows.iter().map(|row| self.row(row)).collect()
    }

    pub(super) fn row(&self, row: &Row) -> Result<InboxRow, StoreError> {
        Ok(InboxRow { body: self.body(row)?, ..bare(row)? })
    }

    /// An error says which row it is: everything else in the inbox can still be read.
    fn body(&self, row: &Row) -> Result<Vec<u8>, StoreError> {
        if row.int(12)? == codec::AWAY {
            return self.body_away(&bare(row)?, row.blob(10)?);
        }
        codec::unpack(row.int(12)?, row.blob(10)?).map_err(|error| match error {
            StoreError::Unreadable(why) => {
                let seq = row.int(0).unwrap_or_default();
                let id = row.str(3).unwrap_or_default();
                StoreError::Unreadable(format!("event {id} (inbox {seq}): {why}"))
            }
            other => other,
        })
    }
}

pub(super) fn source(row: &Row, index: usize) -> Result<Source, StoreError> {
    Source::parse(row.str(index)?)
        .ok_or_else(|| StoreError::Unreadable("an unknown source of an event".into()))
}

/// Everything of a row but its body.
pub(super) fn bare(row: &Row) -> Result<InboxRow, StoreError> {
    Ok(InboxRow {
        seq: row.int(0)?,
        book: book(row.str(1)?, row.flag(2)?),
        event_ref: row.reference(3)?,
        event_type: row.text(4)?,
        api_version: row.opt_text(5)?,
        created_s: row.int(6)?,
        received_at: row.int(7)?,
        source: source(row, 8)?,
        headers: row.text(9)?,
        body: Vec::new(),
        body_hash: row.hash(11)?,
    })
}

fn line(row: &Row) -> Result<EventLine, StoreError> {
    Ok(EventLine {
        seq: row.int(0)?,
        book: book(row.str(1)?, row.flag(2)?),
        event_ref: row.reference(3)?,
        event_type: row.text(4)?,
        api_version: row.opt_text(5)?,
        created_s: row.int(6)?,
        received_at: row.int(7)?,
        source: source(row, 8)?,
        deliveries: row.int(9)?,
        bodies: row.int(10)?,
        repeated_at: row.opt_int(11)?,
    })
}
