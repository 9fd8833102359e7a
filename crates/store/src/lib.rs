//! Where the house keeps things: every SQL statement, both engines, migrations and transactions.
//!
//! [`db`] is the seam over the two engines, [`inbox`] the letter box, and then there is one file per table
//! family of the books. Amounts, rule outputs and entry lines cross this wall as integers and opaque
//! JSON: the store must not know what a commission is, what Stripe's JSON looks like, or what time it is.

#[macro_use]
pub mod db;

pub mod address;
pub mod alert;
pub mod book;
pub mod catch_up;
pub mod claim;
pub mod discarded;
pub mod entry;
pub mod fact;
pub mod fetch;
pub mod inbox;
pub mod intent;
pub mod link;
pub mod listing;
pub mod mark;
pub mod mirror;
pub mod note;
pub mod operator;
pub mod people;
pub mod position;
pub mod read;
pub mod reconcile;
pub mod retention;
pub mod rhythm;
pub mod sale;
pub mod seen;
pub mod subject;
pub mod thin;
pub mod unlinked;
pub mod verify;
pub mod want;
pub mod work;

pub use db::{Db, Read, StoreError, Tx};
pub use inbox::{Append, Appended, Inbox, InboxWriter, Source};

/// Every statement of the crate, so that a test can prepare each one on both engines.
#[must_use]
pub fn statements() -> Vec<&'static db::Stmt> {
    let families: [&[&'static db::Stmt]; 23] = [
        book::ALL,
        catch_up::ALL,
        claim::ALL,
        entry::ALL,
        fact::ALL,
        fetch::ALL,
        inbox::ALL,
        inbox::QUARANTINE,
        intent::ALL,
        link::ALL,
        listing::ALL,
        mark::ALL,
        mark::RANGE,
        mirror::ALL,
        note::ALL,
        operator::ALL,
        people::ALL,
        position::ALL,
        reconcile::ALL,
        sale::ALL,
        subject::ALL,
        unlinked::ALL,
        verify::ALL,
    ];
    let mut all: Vec<&'static db::Stmt> = families.concat();
    all.extend(address::ALL);
    all.extend(alert::ALL);
    all.extend(discarded::ALL);
    all.extend(mirror::statements());
    all.extend(thin::ALL);
    all.extend(want::ALL);
    all.extend(retention::ALL);
    all.extend(rhythm::ALL);
    all.extend(seen::ALL);
    all.extend(work::ALL);
    all.extend(read::ALL);
    all
}
