//! `log export` and `log import`: the operator log, line by line. A log is taken over into a house that has read no
//! event yet, and continues the one that is there; so a line never comes too late for what it decides.

use kernel::operator::Logged;
use serde::Serialize;

use crate::house::{EngineError, House};
use crate::operate;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Imported {
    pub new: u64,
    /// Lines that were here already, word for word.
    pub known: u64,
}

/// Every line, oldest first.
pub fn export(house: &House) -> Result<Vec<Logged>, EngineError> {
    Ok(house.db().read(|read| store::operator::since(read, 0))?)
}

/// One line as text, without its end.
pub fn write(logged: &Logged) -> Result<String, EngineError> {
    serde_json::to_string(logged).map_err(EngineError::unreadable("operator log"))
}

/// The error says what is wrong with the line.
pub fn read(line: &str) -> Result<Logged, String> {
    serde_json::from_str(line).map_err(|why| format!("not a line of an operator log: {why}"))
}

/// Takes a whole log over, all of it or nothing.
pub fn import(house: &House, lines: &[Logged]) -> Result<Imported, EngineError> {
    for (expected, line) in (1_i64..).zip(lines) {
        if line.seq != expected {
            return Err(EngineError::Usage(format!(
                "line {expected} has the number {}: a log begins with 1 and has no gaps; export it again",
                line.seq
            )));
        }
    }
    house.db().work(|tx| {
        store::operator::head_locked(tx)?;
        let known = store::operator::since(tx, 0)?;
        if let Some((ours, theirs)) = known.iter().zip(lines).find(|(ours, theirs)| ours != theirs) {
            return Err(EngineError::Usage(format!(
                "line {} says something else here ({}, {}) than in the file ({}, {}): these are two logs; import into \
                 an empty database",
                ours.seq,
                ours.actor,
                kernel::time::rfc3339(ours.recorded_at),
                theirs.actor,
                kernel::time::rfc3339(theirs.recorded_at)
            )));
        }
        let new = lines.get(known.len()..).unwrap_or_default();
        if !new.is_empty() && store::work::projected(tx)? > 0 {
            return Err(EngineError::Usage(
                "the books here have read events already, and the log decides what they say: import the log first, \
                 into an empty database, then the events"
                    .to_owned(),
            ));
        }
        operate::carry_over(tx, house, new)?;
        Ok(Imported { new: new.len() as u64, known: known.len().min(lines.len()) as u64 })
    })
}
