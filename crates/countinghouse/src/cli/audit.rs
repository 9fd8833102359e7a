//! Flags of what compares the house with Stripe. It must not know what is compared.

use clap::Args;

#[derive(Args, Clone)]
pub(crate) struct CatchUpArgs {
    /// live, test, or acct_... for a connected account [default: every book that has a key]
    #[arg(long)]
    pub(crate) book: Option<String>,
    /// Give events that are younger than this so long to be delivered before they count as missing
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..=3600))]
    pub(crate) patience_s: i64,
    /// Instead: the delivery rate of the last rounds, as kept
    #[arg(long)]
    pub(crate) history: bool,
}

#[derive(Args, Clone)]
pub(crate) struct BackfillArgs {
    /// live, test, or acct_... for a connected account [default: every book that has a key]
    #[arg(long)]
    pub(crate) book: Option<String>,
    /// Only what it would come to: lists everything and keeps nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Args, Clone)]
pub(crate) struct ReconcileArgs {
    /// live, test, or acct_... for a connected account [default: every book that has a key]
    #[arg(long)]
    pub(crate) book: Option<String>,
    /// Take over what Stripe says, through the inbox
    #[arg(long)]
    pub(crate) fix: bool,
    /// Instead: the last report, as kept
    #[arg(long, conflicts_with = "fix")]
    pub(crate) last: bool,
    /// Instead: movements of the balance and payouts, and what does not add up
    #[arg(long, conflicts_with_all = ["fix", "last"])]
    pub(crate) money: bool,
}
