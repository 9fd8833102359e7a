//! Flags of the verbs that operate the house: what is parked, leakage, alerts.

use clap::{Args, Subcommand};

#[derive(Args, Clone)]
pub(crate) struct RetryArgs {
    /// evt_...
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// Everything parked for this reason: all of it, or its first word as `events parked` shows it
    #[arg(long, conflicts_with_all = ["ids", "all"])]
    pub(crate) reason: Option<String>,
    /// Everything that is parked
    #[arg(long, conflicts_with = "ids")]
    pub(crate) all: bool,
}

#[derive(Args, Clone)]
pub(crate) struct DiscardArgs {
    /// evt_...
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// Everything parked for this reason: all of it, or its first word as `events parked` shows it
    #[arg(long, conflicts_with = "ids")]
    pub(crate) reason: Option<String>,
    /// Why, in one line; it is kept in the operator log with your name
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: String,
}

#[derive(Args, Clone)]
pub(crate) struct LeakageArgs {
    /// live, test, or acct_... for a connected account (acct_...:test for its test mode)
    #[arg(long)]
    pub(crate) book: Option<String>,
    /// How many sales to list of each book, newest first
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: i64,
}

#[derive(Subcommand)]
pub(crate) enum AlertsVerb {
    /// What is wrong now
    List {
        /// Also what is over, newest first
        #[arg(long)]
        all: bool,
        /// How many
        #[arg(long, default_value_t = 50)]
        limit: i64,
    },
    /// Sends a test to every place that alerts go to; exit 1 if one cannot be reached
    Test,
}
