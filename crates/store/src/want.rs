//! Objects to be fetched from Stripe: for thin events, for versions whose order nothing tells, for lists that came
//! cut off. One row for an object however many ask for it; who fetches holds it until a time.

use kernel::{Kind, ObjectKey, Ref, UnixMs};

use crate::db::{Read, Row, Stmt, StoreError, Tx};

/// Why an object is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// A thin event names it.
    Thin,
    /// Versions of one second do not say which of them holds.
    Order,
    /// Only the first rows of its list came along.
    List,
}

/// What is to be fetched.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Target {
    Object(ObjectKey),
    /// An event of Stripe's v2 API, which says more when it is asked for.
    Event(Ref),
}

/// One that is due.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Want {
    pub book: i64,
    pub target: Target,
    pub why: Why,
    pub epoch: i64,
    pub attempts: i64,
    pub not_before: UnixMs,
    /// Why the newest attempt failed; empty while it rests after an answer that did not settle it.
    pub problem: Option<String>,
}

pub(crate) const ALL: &[&Stmt] =
    &[&ASK, &AGAIN, &ANY, &SETTLE, &DUE, &CLAIM, &ANSWERED, &RESTS, &FAILED, &COUNT, &OF];

/// Asked once is enough: until it is answered, more of the same changes nothing.
const ASK: Stmt = Stmt::new(
    "want.ask",
    "INSERT INTO want (book, kind, ref, why, epoch, attempts, not_before, problem) VALUES ($1, $2, $3, $4, 0, 0, 0, NULL) \
     ON CONFLICT (book, kind, ref) DO NOTHING",
);
/// A thin event is news: what is under way may have been answered before it, and what rests is due again. Who is at it
/// is left alone, and so is what cannot be had just now.
const AGAIN: Stmt = Stmt::new(
    "want.again",
    "INSERT INTO want (book, kind, ref, why, epoch, attempts, not_before, problem) VALUES ($1, $2, $3, 'thin', 0, 0, $4, NULL) \
     ON CONFLICT (book, kind, ref) DO UPDATE SET why = 'thin', epoch = want.epoch + 1, problem = NULLIF(want.problem, ''), \
     attempts = CASE WHEN want.problem = '' THEN 0 ELSE want.attempts END, \
     not_before = CASE WHEN want.problem = '' AND want.not_before > excluded.not_before THEN excluded.not_before \
     ELSE want.not_before END",
);
const ANY: Stmt =
    Stmt::new("want.any", "SELECT count(*) FROM (SELECT 1 FROM want WHERE book = $1 LIMIT 1) AS a");
const SETTLE: Stmt = Stmt::new(
    "want.settle",
    "DELETE FROM want WHERE book = $1 AND kind = $2 AND ref = $3 AND why IN ('order', 'list')",
);
const DUE: Stmt = Stmt::new(
    "want.due",
    "SELECT kind, ref, book, why, epoch, attempts, not_before, problem FROM want WHERE book {in:1} AND not_before <= $2 \
     ORDER BY not_before, book, kind, ref LIMIT $3",
);
const OF: Stmt = Stmt::new(
    "want.of",
    "SELECT kind, ref, book, why, epoch, attempts, not_before, problem FROM want WHERE book = $1 AND kind = $2 AND ref = $3",
);
const CLAIM: Stmt = Stmt::new(
    "want.claim",
    "UPDATE want SET not_before = $5, attempts = attempts + 1, problem = NULLIF(problem, '') \
     WHERE book = $1 AND kind = $2 AND ref = $3 AND not_before = $4",
);
const ANSWERED: Stmt =
    Stmt::new("want.answered", "DELETE FROM want WHERE book = $1 AND kind = $2 AND ref = $3 AND epoch = $4");
const RESTS: Stmt = Stmt::new(
    "want.rests",
    "UPDATE want SET not_before = $5, attempts = $6, problem = '' WHERE book = $1 AND kind = $2 AND ref = $3 AND epoch = $4",
);
const FAILED: Stmt = Stmt::new(
    "want.failed",
    "UPDATE want SET not_before = $4, attempts = $5, problem = $6 WHERE book = $1 AND kind = $2 AND ref = $3",
);
const COUNT: Stmt = Stmt::new("want.count", "SELECT count(*) FROM want");

/// Asks for objects, each once.
pub fn ask(tx: &mut Tx<'_>, book: i64, objects: &[(ObjectKey, Why)]) -> Result<(), StoreError> {
    for (object, why) in objects {
        tx.exec(&ASK, &args![book, object.kind.code(), &object.id, why.name()])?;
    }
    Ok(())
}

/// Asks for something that a thin event is about, not before a time.
pub fn again(tx: &mut Tx<'_>, book: i64, target: &Target, not_before: UnixMs) -> Result<(), StoreError> {
    let (kind, id) = target.key();
    tx.exec(&AGAIN, &args![book, kind, id, not_before]).map(drop)
}

/// Takes back what was wanted for an order or a list that is known now.
pub fn settle(tx: &mut Tx<'_>, book: i64, objects: &[ObjectKey]) -> Result<(), StoreError> {
    if objects.is_empty() || tx.one_int(&ANY, &args![book])? == 0 {
        return Ok(());
    }
    for object in objects {
        tx.exec(&SETTLE, &args![book, object.kind.code(), &object.id])?;
    }
    Ok(())
}

/// What may be fetched now in these books, the longest waiting first.
pub fn due(r: &mut Read<'_>, books: &[i64], now: UnixMs, limit: i64) -> Result<Vec<Want>, StoreError> {
    r.rows(&DUE, &args![books, now, limit])?.iter().map(want).collect()
}

pub fn of(r: &mut Read<'_>, book: i64, target: &Target) -> Result<Option<Want>, StoreError> {
    let (kind, id) = target.key();
    r.one(&OF, &args![book, kind, id])?.as_ref().map(want).transpose()
}

/// Takes it until `until`; false when somebody else was faster.
pub fn claim(tx: &mut Tx<'_>, want: &Want, until: UnixMs) -> Result<bool, StoreError> {
    let (kind, id) = want.target.key();
    Ok(tx.exec(&CLAIM, &args![want.book, kind, id, want.not_before, until])? == 1)
}

/// It was fetched, or there is no such thing. What was asked for meanwhile is due at once, which is said by `false`.
pub fn answered(tx: &mut Tx<'_>, want: &Want) -> Result<bool, StoreError> {
    let (kind, id) = want.target.key();
    let done = tx.exec(&ANSWERED, &args![want.book, kind, id, want.epoch])? == 1;
    if done { Ok(true) } else { due_at_once(tx, want).map(|()| false) }
}

/// It was fetched, and stays wanted until somebody finds it settled. What was asked for meanwhile is due at once.
pub fn rests(tx: &mut Tx<'_>, want: &Want, attempts: i64, not_before: UnixMs) -> Result<(), StoreError> {
    let (kind, id) = want.target.key();
    let rests = tx.exec(&RESTS, &args![want.book, kind, id, want.epoch, not_before, attempts])? == 1;
    if rests { Ok(()) } else { due_at_once(tx, want) }
}

fn due_at_once(tx: &mut Tx<'_>, want: &Want) -> Result<(), StoreError> {
    let (kind, id) = want.target.key();
    let nothing: Option<String> = None;
    tx.exec(&FAILED, &args![want.book, kind, id, 0_i64, 0_i64, nothing]).map(drop)
}

/// It could not be had now.
pub fn failed(
    tx: &mut Tx<'_>,
    want: &Want,
    attempts: i64,
    not_before: UnixMs,
    problem: &str,
) -> Result<(), StoreError> {
    let (kind, id) = want.target.key();
    tx.exec(&FAILED, &args![want.book, kind, id, not_before, attempts, problem]).map(drop)
}

/// Objects wanted, of all books.
pub fn count(r: &mut Read<'_>) -> Result<i64, StoreError> {
    r.one_int(&COUNT, &[])
}

impl Why {
    const fn name(self) -> &'static str {
        match self {
            Self::Thin => "thin",
            Self::Order => "order",
            Self::List => "list",
        }
    }
}

impl Target {
    fn key(&self) -> (i64, &Ref) {
        match self {
            Self::Object(key) => (i64::from(key.kind.code()), &key.id),
            Self::Event(id) => (0, id),
        }
    }
}

fn want(row: &Row) -> Result<Want, StoreError> {
    let id = row.reference(1)?;
    let target = match Kind::from_code(row.int(0)?) {
        Some(kind) => Target::Object(ObjectKey::new(kind, id)),
        None => Target::Event(id),
    };
    let why = match row.str(3)? {
        "order" => Why::Order,
        "list" => Why::List,
        _ => Why::Thin,
    };
    Ok(Want {
        book: row.int(2)?,
        target,
        why,
        epoch: row.int(4)?,
        attempts: row.int(5)?,
        not_before: row.int(6)?,
        problem: row.opt_text(7)?,
    })
}
