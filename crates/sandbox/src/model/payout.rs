//! A payout: money of the Stripe balance on its way to the account's bank. It must not know which movements it is
//! made of.

use kernel::Currency;

use super::Meta;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Payout {
    pub id: String,
    pub amount: i64,
    pub currency: Currency,
    /// When it is expected at the bank.
    pub arrival_s: i64,
    /// Made by the schedule, not by a call.
    pub automatic: bool,
    /// `standard`, `instant`.
    pub method: &'static str,
    /// `pending`, `in_transit`, `paid`, `failed`, `canceled`.
    pub status: &'static str,
    /// Its movements can be listed (`reconciliation_status`).
    pub reconciled: bool,
    /// `account_closed`, ... and what the bank says of it.
    pub failure: Option<(&'static str, &'static str)>,
    pub balance_transaction: Option<String>,
    /// The movement that put the money back.
    pub failure_balance_transaction: Option<String>,
    pub description: Option<String>,
    pub statement_descriptor: Option<String>,
    pub metadata: Meta,
    pub created_s: i64,
}
