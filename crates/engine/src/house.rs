//! The house: a store and the registry folded from its operator log. Cheap to clone, shared by threads.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use kernel::UnixMs;
use rules::Registry;
use store::{Db, Inbox, StoreError};
use thiserror::Error;

use crate::project::Lanes;

/// What can go wrong below the rim. Bad input is never among it: that becomes notes and reasons.
#[derive(Debug, Error)]
pub enum EngineError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The closure of links grew while its subjects were being locked: start over with these.
    #[error("the books changed while they were being read")]
    Grew(Vec<kernel::ObjectKey>),
    /// Stored text of our own could not be read back: the database was changed by somebody else.
    #[error("stored {what} cannot be read: {why}")]
    Unreadable { what: &'static str, why: String },
    /// The inbox was restored from an older copy than the books, or is another one.
    #[error(
        "the inbox ends at event {head}, but the books have worked off {projected}: it is older than the books or \
         not theirs. Restore the inbox that belongs to these books (for SQLite: the file ending in .inbox), or move \
         the books away to rebuild them from the inbox"
    )]
    InboxBehind { head: i64, projected: i64 },
    #[error("{0}")]
    Usage(String),
}

impl EngineError {
    pub(crate) fn unreadable(what: &'static str) -> impl FnOnce(serde_json::Error) -> Self {
        move |why| Self::Unreadable { what, why: why.to_string() }
    }
}

#[derive(Clone)]
pub struct House {
    db: Db,
    inbox: Inbox,
    registry: Arc<Mutex<Arc<Registry>>>,
    lanes: Arc<Lanes>,
    /// The hash of the first body of the inbox, once there is one.
    first_hash: Arc<OnceLock<[u8; 32]>>,
    /// What was received later is not applied.
    until: UnixMs,
}

impl House {
    /// Opens (and if needed creates or migrates) the database at `url`: `sqlite:PATH` or `postgres://...`.
    pub fn open(url: &str) -> Result<Self, EngineError> {
        let house = Self::new(Db::open(url)?);
        house.check_inbox()?;
        Ok(house)
    }

    /// Refuses an inbox that is older than the books: new events would get numbers the books take for done,
    /// and be lost without a sign.
    fn check_inbox(&self) -> Result<(), EngineError> {
        // In this order: a projector beside us moves the cursor only up to what the inbox already holds.
        let projected = self.db.read(store::work::projected)?;
        let head = self.inbox.head()?;
        if head < projected {
            return Err(EngineError::InboxBehind { head, projected });
        }
        Ok(())
    }

    #[must_use]
    pub fn new(db: Db) -> Self {
        let inbox = db.inbox();
        let first_hash = Arc::default();
        Self { db, inbox, registry: Arc::default(), lanes: Arc::default(), first_hash, until: UnixMs::MAX }
    }

    /// The same house; bodies that are away are read from there.
    #[must_use]
    pub fn with_archive(&self, archive: Arc<dyn store::inbox::Archive>) -> Self {
        Self { inbox: self.inbox.with_archive(archive), ..self.clone() }
    }

    /// The same inbox with other books: for rebuilding beside the live ones.
    #[must_use]
    pub fn with_db(&self, db: Db) -> Self {
        Self {
            db,
            inbox: self.inbox.clone(),
            registry: Arc::default(),
            lanes: Arc::default(),
            first_hash: self.first_hash.clone(),
            until: UnixMs::MAX,
        }
    }

    /// The same, as if nothing had been received after `until`: for scratch books of an earlier instant.
    #[must_use]
    pub(crate) fn until(&self, until: UnixMs) -> Self {
        Self { until, ..self.clone() }
    }

    /// Whether a row received then is to be applied.
    pub(crate) const fn applies(&self, received_at: UnixMs) -> bool {
        received_at <= self.until
    }

    #[must_use]
    pub const fn db(&self) -> &Db {
        &self.db
    }

    pub(crate) fn lanes(&self) -> &Lanes {
        &self.lanes
    }

    #[must_use]
    pub const fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// Of the first body that was ever received, asked once.
    pub(crate) fn first_hash(&self) -> Result<Option<[u8; 32]>, EngineError> {
        if let Some(hash) = self.first_hash.get() {
            return Ok(Some(*hash));
        }
        let found = self.inbox.first_hash()?;
        Ok(found.map(|hash| *self.first_hash.get_or_init(|| hash)))
    }

    /// The operator log folded up to what this transaction sees. Only new lines are read.
    pub fn registry(&self, read: &mut store::Read<'_>) -> Result<Arc<Registry>, EngineError> {
        let cached = self.registry.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let news = store::operator::since(read, cached.seq())?;
        if news.is_empty() {
            return Ok(cached);
        }
        let mut registry = (*cached).clone();
        for logged in &news {
            registry.apply(logged);
        }
        let registry = Arc::new(registry);
        let mut slot = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.seq() < registry.seq() {
            *slot = registry.clone();
        }
        Ok(registry)
    }

    /// The same, in a snapshot of its own.
    pub fn current_registry(&self) -> Result<Arc<Registry>, EngineError> {
        self.db.read(|read| self.registry(read))
    }
}
