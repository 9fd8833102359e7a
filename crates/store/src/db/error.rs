//! What can go wrong with a database, sorted by what the caller should do about it. The text of an error
//! never carries an address, a password or a row's content.

use thiserror::Error;

#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum StoreError {
    /// Somebody else changed the same rows. Retried inside `Db::work`; seen outside when that gave up.
    #[error("another writer changed the same rows")]
    Conflict,
    /// The database, its writer or a queue has no room right now. Try again later.
    #[error("the database is busy")]
    Busy,
    /// No connection, or it broke. Of a commit it is then unknown whether it happened.
    #[error("the database cannot be reached, or the connection to it was lost")]
    Lost,
    /// The database refused a row; the constraint's name.
    #[error("refused by {0}")]
    Constraint(String),
    /// No space left on the device. Nothing was written; later it may work again.
    #[error("the disk is full")]
    Full,
    /// Reading or writing the file failed. What was written before is not to be trusted to be on disk,
    /// so nothing more is accepted until a restart has recovered from what really is there.
    #[error("the disk failed: {0}")]
    Io(String),
    #[error("the database file is damaged: {0}")]
    Corrupt(String),
    /// This database cannot be used as it is (wrong settings, newer than the program, no permission).
    #[error("{0}")]
    Unusable(String),
    /// A stored value is not what this program writes there.
    #[error("unreadable row: {0}")]
    Unreadable(String),
    /// A body is in an archive that cannot be read from here; the text says which, and what to do.
    #[error("{0}")]
    Archived(String),
    /// A statement is wrong: a mistake in this program.
    #[error("statement failed: {0}")]
    Statement(String),
}

impl StoreError {
    /// Whether the same work may succeed when it is simply done again.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Conflict | Self::Busy | Self::Lost)
    }

    /// Whether the file under the database can no longer be trusted by this process.
    #[must_use]
    pub const fn is_disk_failure(&self) -> bool {
        matches!(self, Self::Io(_) | Self::Corrupt(_))
    }
}
