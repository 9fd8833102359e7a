//! The server's errors, sorted by what to do about them. Only its message is kept: the detail may carry a
//! row's content.

use crate::db::StoreError;

pub(in crate::db) fn classify(error: &postgres::Error, doing: &str) -> StoreError {
    let Some(db) = error.as_db_error() else {
        let broken =
            error.is_closed() || std::error::Error::source(error).is_some_and(|e| e.is::<std::io::Error>());
        return if broken { StoreError::Lost } else { StoreError::Statement(format!("{doing}: {error}")) };
    };
    let code = db.code().code();
    let text = || format!("{doing}: {} ({code})", db.message());
    match (&code[..2], code) {
        (_, "40001" | "40P01") => StoreError::Conflict,
        (_, "55P03" | "53300" | "57014") => StoreError::Busy,
        (_, "53100" | "53200") => StoreError::Full,
        (_, "XX001" | "XX002") => StoreError::Corrupt(text()),
        // 25P03: an idle transaction was ended; 57P01..: the server is going down or coming up.
        (_, "25P03") | ("08", _) | ("57", _) => StoreError::Lost,
        ("23", _) => StoreError::Constraint(db.constraint().unwrap_or_else(|| db.message()).to_owned()),
        ("28" | "3D" | "42", "28000" | "28P01" | "3D000" | "42501") | ("25", "25006") => {
            StoreError::Unusable(text())
        }
        ("58", _) => StoreError::Io(text()),
        _ => StoreError::Statement(text()),
    }
}
