//! Schemas of scratch books: made, kept while they are wanted, and removed, also those that a killed process
//! left behind. It must not know what is in them.

use super::{Connection, Pool, classify};
use crate::db::StoreError;

/// A schema that is somebody's: a transaction stays open for as long and holds a lock on its name. A lock of
/// the transaction, not of the session, so a pooler between us cannot lose it; it reads nothing, so it keeps
/// no old rows alive.
pub(in crate::db) struct Kept {
    pub(in crate::db) name: String,
    keeper: Connection,
}

const KEEP: &str =
    "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0";
/// Ours alone: other people's schemas may be called anything.
const LEFT: &str = "SELECT nspname::text FROM pg_namespace \
                    WHERE nspname ~ '^scratch_[0-9a-f]{32}$' AND pg_has_role(nspowner, 'USAGE') ORDER BY nspname";

impl Pool {
    /// An empty schema. Its name is locked before anybody can see it.
    pub(in crate::db) fn make_schema(&self) -> Result<Kept, StoreError> {
        let wrong = |error| classify(&error, "schema");
        let mut keeper = Connection::open(self.server(), None)?;
        let name = "SELECT 'scratch_' || replace(gen_random_uuid()::text, '-', '')";
        let name: String = keeper.client.query_one(name, &[]).map_err(wrong)?.get(0);
        keeper.batch(KEEP)?;
        // In the simple protocol: a query of the extended one would stay open with its snapshot, and with it every
        // row version that dies until the transaction ends.
        keeper.batch(&format!("SELECT pg_advisory_xact_lock(hashtextextended('{name}', 0))"))?;
        let mut lease = self.take()?;
        lease.get().batch(&format!("CREATE SCHEMA {name}"))?;
        lease.done();
        Ok(Kept { name, keeper })
    }

    pub(in crate::db) fn drop_schema(&self, kept: &mut Kept) -> Result<(), StoreError> {
        let mut lease = self.take()?;
        lease.get().batch(&format!("DROP SCHEMA {} CASCADE", kept.name))?;
        lease.done();
        kept.keeper.batch("ROLLBACK")
    }

    /// Removes the schemas that nobody keeps any more; says which.
    pub(in crate::db) fn sweep_schemas(&self) -> Result<Vec<String>, StoreError> {
        let wrong = |error| classify(&error, "schema");
        let mut lease = self.take()?;
        let mut removed = Vec::new();
        for row in lease.get().client.query(LEFT, &[]).map_err(wrong)? {
            let name: String = row.get(0);
            let mut transaction = lease.get().client.transaction().map_err(wrong)?;
            let lock = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))";
            if transaction.query_one(lock, &[&name]).map_err(wrong)?.get(0) {
                transaction.batch_execute(&format!("DROP SCHEMA IF EXISTS {name} CASCADE")).map_err(wrong)?;
                transaction.commit().map_err(wrong)?;
                removed.push(name);
            }
        }
        lease.done();
        Ok(removed)
    }
}
