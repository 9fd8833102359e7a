//! The invariants that the database itself can check (I8, I16, I17, I18 of RELIABILITY.md), each a query
//! whose every row is a fault. Nothing here repairs anything.

use crate::db::{Read, Stmt, StoreError};

/// Something that must not be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// `I16`, ...
    pub invariant: &'static str,
    pub what: String,
}

/// Checks whose rows are faults: the invariant, what a row means (`{}` are its columns), the query.
const CHECKS: &[(&str, &str, &Stmt)] = &[
    ("I18", "subject {}, account {}, partner '{}', {}: position {} but postings say {}", &POSITIONS),
    ("I18", "the positions in {} sum to {}, not to 0", &UNBALANCED),
    ("I16", "entry {} has no posting", &EMPTY_ENTRIES),
    ("I16", "posting {}/{} moves {} from account {} to {}", &ODD_POSTINGS),
    ("I16", "posting {}/{} belongs to no entry", &LOST_POSTINGS),
    ("I17", "subject {} is at rev {} but has {} entries, the last of rev {}", &REVS),
    ("I17", "entry {} belongs to no subject", &LOST_ENTRIES),
    ("I17", "the operator log has {} lines up to {}, its head says {}", &OPERATOR_GAPS),
    ("I8", "inbox row {} is listed as retried or parked but lies beyond the projected {}", &WORK_AHEAD),
];

pub(crate) const ALL: &[&Stmt] = &[
    &POSITIONS,
    &UNBALANCED,
    &EMPTY_ENTRIES,
    &ODD_POSTINGS,
    &LOST_POSTINGS,
    &REVS,
    &LOST_ENTRIES,
    &OPERATOR_GAPS,
    &WORK_AHEAD,
];

// Sums are made of two halves: a sum of amounts need not fit into 64 bits where each amount does.
const POSITIONS: Stmt = Stmt::new(
    "verify.positions",
    "WITH posted AS (SELECT e.subject, p.account, p.partner, p.currency, \
     CAST(sum(p.minor / 1000000000) * 1000000000 + sum(p.minor % 1000000000) AS BIGINT) AS minor \
     FROM posting_side p JOIN entry e ON e.id = p.entry GROUP BY e.subject, p.account, p.partner, p.currency) \
     SELECT coalesce(s.subject, p.subject), coalesce(s.account, p.account), coalesce(s.partner, p.partner), \
     coalesce(s.currency, p.currency), coalesce(s.minor, 0), coalesce(p.minor, 0) \
     FROM position s FULL OUTER JOIN posted p ON p.subject = s.subject AND p.account = s.account \
     AND p.partner = s.partner AND p.currency = s.currency \
     WHERE coalesce(s.minor, 0) <> coalesce(p.minor, 0) ORDER BY 1, 2, 3, 4 LIMIT 1000",
);
const UNBALANCED: Stmt = Stmt::new(
    "verify.unbalanced",
    "SELECT currency, CAST(sum(minor / 1000000000) * 1000000000 + sum(minor % 1000000000) AS TEXT) FROM position \
     GROUP BY currency HAVING sum(minor / 1000000000) * 1000000000 + sum(minor % 1000000000) <> 0 ORDER BY currency",
);
const EMPTY_ENTRIES: Stmt = Stmt::new(
    "verify.empty_entries",
    "SELECT id FROM entry e WHERE NOT EXISTS (SELECT 1 FROM posting p WHERE p.entry = e.id) ORDER BY id LIMIT 1000",
);
const ODD_POSTINGS: Stmt = Stmt::new(
    "verify.odd_postings",
    "SELECT entry, line, amount_minor, credit, debit FROM posting WHERE amount_minor <= 0 OR debit = credit \
     ORDER BY entry, line LIMIT 1000",
);
const LOST_POSTINGS: Stmt = Stmt::new(
    "verify.lost_postings",
    "SELECT entry, line FROM posting p WHERE NOT EXISTS (SELECT 1 FROM entry e WHERE e.id = p.entry) \
     ORDER BY entry, line LIMIT 1000",
);
const REVS: Stmt = Stmt::new(
    "verify.revs",
    "SELECT s.id, s.rev, count(e.id), coalesce(max(e.rev), 0) FROM subject s LEFT JOIN entry e ON e.subject = s.id \
     GROUP BY s.id, s.rev HAVING s.rev <> count(e.id) OR s.rev <> coalesce(max(e.rev), 0) ORDER BY s.id LIMIT 1000",
);
const LOST_ENTRIES: Stmt = Stmt::new(
    "verify.lost_entries",
    "SELECT id FROM entry e WHERE NOT EXISTS (SELECT 1 FROM subject s WHERE s.id = e.subject AND s.book = e.book) \
     ORDER BY id LIMIT 1000",
);
const OPERATOR_GAPS: Stmt = Stmt::new(
    "verify.operator_gaps",
    "SELECT l.lines, l.last, h.seq FROM operator_head h CROSS JOIN \
     (SELECT count(*) AS lines, coalesce(max(seq), 0) AS last FROM operator_log) AS l \
     WHERE h.id = 1 AND (l.lines <> h.seq OR l.last <> h.seq)",
);
const WORK_AHEAD: Stmt = Stmt::new(
    "verify.work_ahead",
    "SELECT w.seq, c.value FROM work w CROSS JOIN cursor c WHERE c.name = 'projected' AND w.seq > c.value \
     ORDER BY w.seq LIMIT 1000",
);

/// Every fault there is (at most a thousand of each kind). Empty when all is well.
pub fn faults(r: &mut Read<'_>) -> Result<Vec<Fault>, StoreError> {
    let mut faults = Vec::new();
    for (invariant, meaning, stmt) in CHECKS {
        for row in r.rows(stmt, &[])? {
            faults.push(Fault { invariant, what: row.fill(meaning) });
        }
    }
    faults.extend(missing_triggers(r)?);
    Ok(faults)
}

/// The tables that must refuse changes, and what enforces it still does.
fn missing_triggers(r: &mut Read<'_>) -> Result<Vec<Fault>, StoreError> {
    let stmt = Stmt::new("verify.triggers", r.dialect().triggers_in_force());
    let mut guarded = Vec::new();
    for row in r.rows(&stmt, &[])? {
        guarded.push(row.text(0)?);
    }
    Ok(["operator_log", "entry", "posting"]
        .into_iter()
        .filter(|table| !guarded.iter().any(|name| name == table))
        .map(|table| Fault { invariant: "I17", what: format!("nothing makes {table} append-only any more") })
        .collect())
}
