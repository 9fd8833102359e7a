//! The engine's errors, sorted by what to do about them.

use rusqlite::{ErrorCode, ffi};

use crate::db::StoreError;

pub(in crate::db) fn classify(error: &rusqlite::Error, doing: &str) -> StoreError {
    let rusqlite::Error::SqliteFailure(code, message) = error else {
        return StoreError::Statement(format!("{doing}: {error}"));
    };
    let text = || message.clone().unwrap_or_else(|| code.to_string());
    match code.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
            StoreError::Busy
        }
        ErrorCode::DiskFull => StoreError::Full,
        // The index of the log could not grow: that is a full disk, not a failing one.
        ErrorCode::SystemIoFailure if code.extended_code == ffi::SQLITE_IOERR_SHMSIZE => StoreError::Full,
        ErrorCode::SystemIoFailure => StoreError::Io(format!("{doing}: {}", text())),
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Corrupt(text()),
        ErrorCode::ConstraintViolation => StoreError::Constraint(constraint(&text())),
        ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
            StoreError::Unusable(format!("the database file cannot be written: {}", text()))
        }
        _ => StoreError::Statement(format!("{doing}: {}", text())),
    }
}

/// `CHECK constraint failed: posting_amount` -> `posting_amount`.
fn constraint(message: &str) -> String {
    message.rsplit_once("failed: ").map_or(message, |(_, name)| name).to_owned()
}
