//! Facts: versions of objects as Stripe described them. Only ever added; which version holds is decided
//! by the kernel's fold, here only the newest second is picked out.

use std::collections::BTreeMap;

use kernel::{Kind, ObjectKey, Observed, fact::FACTS_VERSION, hash::fnv1a};

use crate::db::value::to_json;
use crate::db::{Conflict, Put, Read, Row, Stmt, StoreError, Tx, Value, int, text};

pub(crate) const ALL: &[&Stmt] = &[&NEWEST, &BEFORE, &VERSIONS, &COUNT, &KNOWN, &OF_KIND, &MENTIONING];

const PUT: Put = Put {
    table: "fact",
    cols: &[
        int("book"),
        int("kind"),
        text("ref"),
        int("at_s"),
        text("event_ref"),
        int("digest"),
        int("rank"),
        text("tracked"),
        text("body"),
        int("facts_version"),
    ],
    conflict: Conflict::Ignore,
};

macro_rules! select {
    ($tail:literal) => {
        concat!("SELECT kind, ref, at_s, event_ref, rank, tracked, body FROM fact ", $tail)
    };
}

const NEWEST: Stmt = Stmt::new(
    "fact.newest",
    "SELECT f.kind, f.ref, f.at_s, f.event_ref, f.rank, f.tracked, f.body FROM {of_keys:fact kind ref at_s} \
     ORDER BY f.kind, f.ref, f.event_ref, f.digest",
);
const BEFORE: Stmt = Stmt::new(
    "fact.before",
    select!(
        "WHERE book = $1 AND kind = $2 AND ref = $3 AND at_s = \
         (SELECT max(g.at_s) FROM fact AS g WHERE g.book = $1 AND g.kind = $2 AND g.ref = $3 AND g.at_s < $4) \
         ORDER BY event_ref, digest"
    ),
);
const VERSIONS: Stmt = Stmt::new(
    "fact.versions",
    select!("WHERE book = $1 AND kind = $2 AND ref = $3 ORDER BY at_s, event_ref, digest"),
);
const COUNT: Stmt = Stmt::new("fact.count", "SELECT count(*) FROM fact");

const KNOWN: Stmt = Stmt::new(
    "fact.known",
    "SELECT (SELECT count(*) FROM (SELECT 1 FROM fact WHERE book = $1 AND kind = $2 AND ref = $3 LIMIT 1) AS a) + \
     (SELECT count(*) FROM (SELECT 1 FROM link WHERE book = $1 AND to_kind = $2 AND to_ref = $3 LIMIT 1) AS b)",
);
/// `replace` is the one substring test that both engines spell alike.
const MENTIONING: Stmt = Stmt::new(
    "fact.mentioning",
    "SELECT DISTINCT kind, ref FROM fact WHERE book = $1 AND kind {in:2} AND replace(lower(body), $3, '') <> lower(body) \
     ORDER BY kind, ref",
);
const OF_KIND: Stmt =
    Stmt::new("fact.of_kind", select!("WHERE book = $1 AND kind = $2 ORDER BY ref, at_s, event_ref, digest"));

/// Keeps the versions that are new and says how many were.
pub fn put(tx: &mut Tx<'_>, book: i64, facts: &[Observed]) -> Result<u64, StoreError> {
    tx.put(&PUT, rows(book, facts)?)
}

/// The rows that [`put`] writes, also for a benchmark that writes the same ones otherwise.
#[doc(hidden)]
pub fn rows(book: i64, facts: &[Observed]) -> Result<Vec<Vec<Value>>, StoreError> {
    let mut rows = Vec::with_capacity(facts.len());
    for fact in facts {
        let Observed { object, at_s, event_ref, rank, now, previous, body } = fact;
        let body = to_json(body)?;
        let tracked = match (now.as_slice(), previous.as_slice()) {
            ([], []) => String::new(),
            tracked => to_json(&tracked)?,
        };
        let digest = fnv1a(format!("{rank}{tracked}{body}").as_bytes()).cast_signed();
        let (kind, rank) = (object.kind.code(), i64::from(*rank));
        let row = args![book, kind, &object.id, *at_s, event_ref, digest, rank, tracked, body, FACTS_VERSION];
        rows.push(row.to_vec());
    }
    Ok(rows)
}

/// Of each object all versions of its newest second, and where these do not say by themselves which of them
/// holds, those of the second before. Objects nothing is known of are left out.
pub fn newest_second(
    r: &mut Read<'_>,
    book: i64,
    keys: &[ObjectKey],
) -> Result<BTreeMap<ObjectKey, Vec<Observed>>, StoreError> {
    let mut found: BTreeMap<ObjectKey, Vec<Observed>> = BTreeMap::new();
    if keys.is_empty() {
        return Ok(found);
    }
    for row in r.rows(&NEWEST, &args![book, keys])? {
        let fact = read(&row)?;
        found.entry(fact.object.clone()).or_default().push(fact);
    }
    for (key, versions) in found.iter_mut().filter(|(_, versions)| kernel::fact::wants_past(versions)) {
        let at_s = versions.first().map_or(0, |version| version.at_s);
        for row in r.rows(&BEFORE, &args![book, key.kind.code(), &key.id, at_s])? {
            versions.push(read(&row)?);
        }
    }
    Ok(found)
}

/// Every version of one object, oldest first.
pub fn versions(r: &mut Read<'_>, book: i64, key: &ObjectKey) -> Result<Vec<Observed>, StoreError> {
    r.rows(&VERSIONS, &args![book, key.kind.code(), &key.id])?.iter().map(read).collect()
}

/// Facts of all books.
pub fn count(r: &mut Read<'_>) -> Result<i64, StoreError> {
    r.one_int(&COUNT, &[])
}

/// Whether anything has been said about an object, or at least named it.
pub fn known(r: &mut Read<'_>, book: i64, key: &ObjectKey) -> Result<bool, StoreError> {
    Ok(r.one_int(&KNOWN, &args![book, key.kind.code(), &key.id])? > 0)
}

/// Every version of every object of one kind. For kinds of which there are few (coupons, codes).
pub fn all_of_kind(
    r: &mut Read<'_>,
    book: i64,
    kind: Kind,
) -> Result<BTreeMap<ObjectKey, Vec<Observed>>, StoreError> {
    let mut found: BTreeMap<ObjectKey, Vec<Observed>> = BTreeMap::new();
    for row in r.rows(&OF_KIND, &args![book, kind.code()])? {
        let fact = read(&row)?;
        found.entry(fact.object.clone()).or_default().push(fact);
    }
    Ok(found)
}

/// Objects of these kinds one of whose facts contains a text, whatever its case. Reads every fact of the
/// book: for rare questions of operators only.
pub fn mentioning(
    r: &mut Read<'_>,
    book: i64,
    kinds: &[Kind],
    text: &str,
) -> Result<Vec<ObjectKey>, StoreError> {
    let codes: Vec<i64> = kinds.iter().map(|kind| i64::from(kind.code())).collect();
    let rows = r.rows(&MENTIONING, &args![book, codes, text.to_lowercase()])?;
    let key = |row: &Row| Ok(Kind::from_code(row.int(0)?).zip(Some(row.reference(1)?)));
    let keys: Vec<Option<(Kind, kernel::Ref)>> = rows.iter().map(key).collect::<Result<_, StoreError>>()?;
    Ok(keys.into_iter().flatten().map(|(kind, id)| ObjectKey { kind, id }).collect())
}

fn read(row: &Row) -> Result<Observed, StoreError> {
    let rank = u8::try_from(row.int(4)?).map_err(|_| StoreError::Unreadable("a fact's rank".into()))?;
    let (now, previous) = if row.str(5)?.is_empty() { Default::default() } else { row.json(5)? };
    Ok(Observed {
        object: row.object(0)?,
        at_s: row.int(2)?,
        event_ref: row.reference(3)?,
        rank,
        now,
        previous,
        body: row.json(6)?,
    })
}
