//! The account book: accounts, and entries that cannot be unbalanced. It knows nothing of partners'
//! terms, Stripe or SQL; a partner is only the name on a sub-account.

pub mod account;
pub mod entry;
pub mod position;

pub use account::Account;
pub use entry::{Entry, EntryError, Posting};
pub use position::{Position, PositionKey, Positions, difference};
