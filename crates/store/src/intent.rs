//! Intents: what is to be done at Stripe, written before the first call and kept for ever. What an intent says
//! and how far it has come is opaque here; this file keeps two executors from working on one at once.

use kernel::UnixMs;

use crate::db::{Read, Row, Stmt, StoreError, Tx};

/// Where an intent stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// To be worked on, now or later.
    Open,
    /// Not tried any more until somebody asks.
    Parked,
    Done,
    /// Ended without what was wanted; nothing is left behind at Stripe.
    Refused,
}

impl State {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Parked => "parked",
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        let known = [Self::Open, Self::Parked, Self::Done, Self::Refused];
        known
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| StoreError::Unreadable(format!("an intent in the state {text}")))
    }
}

/// An intent as it is written down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewIntent {
    pub id: String,
    pub book: i64,
    pub kind: &'static str,
    pub subject: String,
    pub partner: Option<String>,
    pub digest: String,
    pub request_key: Option<String>,
    pub params: String,
    pub progress: String,
    pub made_by: String,
    pub recorded_at: UnixMs,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IntentRow {
    pub id: String,
    pub book: i64,
    pub kind: String,
    pub subject: String,
    pub partner: Option<String>,
    pub digest: String,
    pub request_key: Option<String>,
    pub params: String,
    pub progress: String,
    pub state: State,
    pub reason: String,
    pub attempts: i64,
    pub next_try_at: UnixMs,
    pub lease_until: UnixMs,
    pub epoch: i64,
    pub made_by: String,
    pub recorded_at: UnixMs,
    pub finished_at: Option<UnixMs>,
}

/// What changes while an intent is worked on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing<'a> {
    pub state: State,
    pub progress: &'a str,
    pub reason: &'a str,
    pub next_try_at: UnixMs,
    pub lease_until: UnixMs,
    pub finished_at: Option<UnixMs>,
}

pub(crate) const ALL: &[&Stmt] =
    &[&ADD, &ONE, &OF_REQUEST, &OF_SUBJECT, &OF_DIGEST, &CLAIM, &SAVE, &DUE, &PAGE, &MADE, &CHANGES, &COUNTS];

const ADD: Stmt = Stmt::new(
    "intent.add",
    "INSERT INTO intent (id, book, kind, subject, partner, digest, request_key, params, progress, state, reason, \
     attempts, next_try_at, lease_until, epoch, made_by, recorded_at, finished_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', '', 0, $10, 0, 0, $11, $10, NULL)",
);
const ONE: Stmt = Stmt::new(
    "intent.one",
    "SELECT id, book, kind, subject, partner, digest, request_key, params, progress, state, reason, attempts, \
     next_try_at, lease_until, epoch, made_by, recorded_at, finished_at FROM intent WHERE id = $1",
);
const OF_REQUEST: Stmt = Stmt::new("intent.of_request", "SELECT id FROM intent WHERE request_key = $1");
const OF_SUBJECT: Stmt = Stmt::new(
    "intent.of_subject",
    "SELECT id FROM intent WHERE book = $1 AND subject = $2 AND state IN ('open', 'parked')",
);
const OF_DIGEST: Stmt =
    Stmt::new("intent.of_digest", "SELECT id FROM intent WHERE digest = $1 ORDER BY recorded_at, id");
const CLAIM: Stmt = Stmt::new(
    "intent.claim",
    "UPDATE intent SET state = 'open', lease_until = $3, epoch = epoch + 1, attempts = attempts + 1 \
     WHERE id = $1 AND state IN ('open', 'parked') AND (lease_until <= $2 OR lease_until > $4)",
);
const SAVE: Stmt = Stmt::new(
    "intent.save",
    "UPDATE intent SET state = $3, progress = $4, reason = $5, next_try_at = $6, lease_until = $7, \
     finished_at = $8 WHERE id = $1 AND epoch = $2 AND state = 'open'",
);
const DUE: Stmt = Stmt::new(
    "intent.due",
    "SELECT id FROM intent WHERE state = 'open' AND (next_try_at <= $1 OR next_try_at > $4) \
     AND (lease_until <= $1 OR lease_until > $4) AND book {in:3} ORDER BY next_try_at, id LIMIT $2",
);
const PAGE: Stmt = Stmt::new(
    "intent.page",
    "SELECT id, book, kind, subject, partner, digest, request_key, params, progress, state, reason, attempts, \
     next_try_at, lease_until, epoch, made_by, recorded_at, finished_at FROM intent \
     WHERE recorded_at < $1 OR (recorded_at = $1 AND id < $2) ORDER BY recorded_at DESC, id DESC LIMIT $3",
);
const MADE: Stmt = Stmt::new(
    "intent.made",
    "SELECT id, book, kind, subject, partner, digest, request_key, params, progress, state, reason, attempts, \
     next_try_at, lease_until, epoch, made_by, recorded_at, finished_at FROM intent \
     WHERE book = $1 AND kind IN ('code_create', 'code_rotate') ORDER BY recorded_at, id",
);
const CHANGES: Stmt = Stmt::new(
    "intent.changes",
    "SELECT id, book, kind, subject, partner, digest, request_key, params, progress, state, reason, attempts, \
     next_try_at, lease_until, epoch, made_by, recorded_at, finished_at FROM intent \
     WHERE book = $1 AND state IN ('open', 'parked') AND kind <> 'code_create' ORDER BY recorded_at, id",
);
const COUNTS: Stmt =
    Stmt::new("intent.counts", "SELECT state, count(*) FROM intent GROUP BY state ORDER BY state");

/// Writes one down, to be worked on at once.
pub fn add(tx: &mut Tx<'_>, new: &NewIntent) -> Result<(), StoreError> {
    let NewIntent {
        id,
        book,
        kind,
        subject,
        partner,
        digest,
        request_key,
        params,
        progress,
        made_by,
        recorded_at,
    } = new;
    let (partner, request_key) = (partner.as_deref(), request_key.as_deref());
    let row = args![
        id,
        *book,
        *kind,
        subject,
        partner,
        digest,
        request_key,
        params,
        progress,
        *recorded_at,
        made_by
    ];
    tx.expect(&ADD, &row, 1)
}

pub fn one(r: &mut Read<'_>, id: &str) -> Result<Option<IntentRow>, StoreError> {
    r.one(&ONE, &args![id])?.as_ref().map(read).transpose()
}

/// The intent that a caller's own key made.
pub fn of_request(r: &mut Read<'_>, request_key: &str) -> Result<Option<IntentRow>, StoreError> {
    match r.one(&OF_REQUEST, &args![request_key])? {
        Some(row) => one(r, row.str(0)?),
        None => Ok(None),
    }
}

/// The one that is not finished and about this code, if there is one.
pub fn of_subject(r: &mut Read<'_>, book: i64, subject: &str) -> Result<Option<IntentRow>, StoreError> {
    match r.one(&OF_SUBJECT, &args![book, subject])? {
        Some(row) => one(r, row.str(0)?),
        None => Ok(None),
    }
}

/// Ids of all that ever asked for the same, the oldest first.
pub fn of_digest(r: &mut Read<'_>, digest: &str) -> Result<Vec<String>, StoreError> {
    r.rows(&OF_DIGEST, &args![digest])?.iter().map(|row| row.text(0)).collect()
}

/// No lease and no pause reaches further. What does was written before the clock was set back, and counts as over:
/// otherwise it would hold for as long as the clock was ahead. (Two hours: clocks of several machines differ by less.)
const fn sane_until(now: UnixMs) -> UnixMs {
    now.saturating_add(AHEAD_MS_MAX)
}

const AHEAD_MS_MAX: i64 = 2 * 3_600_000;

/// Takes it for the caller alone until `lease_until`; `None` while somebody else has it, or when it is finished.
pub fn claim(
    tx: &mut Tx<'_>,
    id: &str,
    now: UnixMs,
    lease_until: UnixMs,
) -> Result<Option<IntentRow>, StoreError> {
    let claimed = tx.exec(&CLAIM, &args![id, now, lease_until, sane_until(now)])? == 1;
    if claimed { one(tx, id) } else { Ok(None) }
}

/// Writes where it stands. `false`: the lease went to somebody else meanwhile, and nothing was written.
pub fn save(tx: &mut Tx<'_>, id: &str, epoch: i64, standing: &Standing<'_>) -> Result<bool, StoreError> {
    let Standing { state, progress, reason, next_try_at, lease_until, finished_at } = standing;
    let row = args![id, epoch, state.as_str(), *progress, *reason, *next_try_at, *lease_until, *finished_at];
    Ok(tx.exec(&SAVE, &row)? == 1)
}

/// Ids of those of these books that are to be worked on now and that nobody has.
pub fn due(r: &mut Read<'_>, now: UnixMs, limit: i64, books: &[i64]) -> Result<Vec<String>, StoreError> {
    r.rows(&DUE, &args![now, limit, books, sane_until(now)])?.iter().map(|row| row.text(0)).collect()
}

/// Newest first, from before (`recorded_at`, `id`) on.
pub fn page(r: &mut Read<'_>, before: (UnixMs, &str), limit: i64) -> Result<Vec<IntentRow>, StoreError> {
    r.rows(&PAGE, &args![before.0, before.1, limit])?.iter().map(read).collect()
}

/// Those of a book that make codes, whatever came of them, the oldest first.
pub fn made(r: &mut Read<'_>, book: i64) -> Result<Vec<IntentRow>, StoreError> {
    r.rows(&MADE, &args![book])?.iter().map(read).collect()
}

/// Those of a book that are not finished and change codes that exist, the oldest first.
pub fn changes(r: &mut Read<'_>, book: i64) -> Result<Vec<IntentRow>, StoreError> {
    r.rows(&CHANGES, &args![book])?.iter().map(read).collect()
}

/// How many there are in each state that has any.
pub fn counts(r: &mut Read<'_>) -> Result<Vec<(State, i64)>, StoreError> {
    r.rows(&COUNTS, &[])?.iter().map(|row| Ok((State::parse(row.str(0)?)?, row.int(1)?))).collect()
}

fn read(row: &Row) -> Result<IntentRow, StoreError> {
    Ok(IntentRow {
        id: row.text(0)?,
        book: row.int(1)?,
        kind: row.text(2)?,
        subject: row.text(3)?,
        partner: row.opt_text(4)?,
        digest: row.text(5)?,
        request_key: row.opt_text(6)?,
        params: row.text(7)?,
        progress: row.text(8)?,
        state: State::parse(row.str(9)?)?,
        reason: row.text(10)?,
        attempts: row.int(11)?,
        next_try_at: row.int(12)?,
        lease_until: row.int(13)?,
        epoch: row.int(14)?,
        made_by: row.text(15)?,
        recorded_at: row.int(16)?,
        finished_at: row.opt_int(17)?,
    })
}
