//! What pages and the API list, one file per page: a statement and the row it gives. Reads only; whatever
//! decides or changes something belongs to the table's own file.

pub mod customer;
pub mod entries;
pub mod leakage;
pub mod overview;
pub mod partners;
pub mod payments;
pub mod sales;

use crate::db::Stmt;

/// Every statement of the pages.
pub(crate) const ALL: &[&Stmt] = &[
    &customer::OBJECTS,
    &customer::EVENTS,
    &entries::PAGE,
    &entries::POSTINGS,
    &leakage::COUNTS,
    &overview::TOTALS,
    &overview::MONTH,
    &overview::WAITING,
    &partners::TOTALS,
    &payments::PAGE,
    &sales::PAGE,
    &sales::PAGE_OF_PARTNER,
    &sales::PAGE_LEAKED,
];
