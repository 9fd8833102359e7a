//! Money between a platform and its connected accounts: transfers, what is taken back of them, and application
//! fees. It must not know what was sold.

use std::sync::Arc;

use kernel::Currency;

use super::Meta;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transfer {
    pub id: String,
    pub amount: i64,
    pub amount_reversed: i64,
    pub currency: Currency,
    pub description: Option<String>,
    /// The account that gets it.
    pub destination: String,
    /// The payment it is in that account's books.
    pub destination_payment: Option<String>,
    /// The charge it is taken from.
    pub source_transaction: Option<String>,
    pub transfer_group: Option<String>,
    pub balance_transaction: Option<String>,
    pub reversals: Vec<Arc<TransferReversal>>,
    pub metadata: Meta,
    pub created_s: i64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TransferReversal {
    pub id: String,
    pub amount: i64,
    pub currency: Currency,
    pub transfer: String,
    pub balance_transaction: Option<String>,
    /// The refund that asked for it.
    pub source_refund: Option<String>,
    pub metadata: Meta,
    pub created_s: i64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApplicationFee {
    pub id: String,
    /// Whose charge it is taken from.
    pub account: String,
    pub amount: i64,
    pub amount_refunded: i64,
    pub currency: Currency,
    /// In that account's books.
    pub charge: String,
    /// The platform's own charge behind it.
    pub originating_transaction: Option<String>,
    pub balance_transaction: Option<String>,
    pub created_s: i64,
}
