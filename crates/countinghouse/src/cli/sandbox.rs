//! The command line of `sandbox`. It must not know what a sandbox does.

use clap::{Args, Subcommand};

#[derive(Args, Clone)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct SandboxArgs {
    #[command(subcommand)]
    pub(crate) verb: Option<SandboxVerb>,
    #[command(flatten)]
    pub(crate) open: SandboxOpen,
}

#[derive(Subcommand, Clone)]
pub(crate) enum SandboxVerb {
    /// Makes an event happen in a running sandbox, by the calls that lead to it
    #[command(
        after_help = "Examples:\n  countinghouse sandbox trigger invoice.paid\n  countinghouse sandbox trigger charge.dispute.created --at 127.0.0.1:12111\n  countinghouse sandbox trigger --list"
    )]
    Trigger {
        /// The event type, for example invoice.paid
        #[arg(value_name = "EVENT.TYPE", required_unless_present = "list")]
        event_type: Option<String>,
        /// Where the sandbox listens
        #[arg(long, default_value = "127.0.0.1:12111", value_name = "ADDR")]
        at: String,
        /// In live mode instead of test mode
        #[arg(long)]
        live: bool,
        /// Of this connected account instead of the own one
        #[arg(long, value_name = "acct_...")]
        account: Option<String>,
        /// Lists the event types that can be triggered
        #[arg(long)]
        list: bool,
    },
}

#[derive(Args, Clone)]
pub(crate) struct SandboxOpen {
    /// Where its API listens
    #[arg(long, default_value = "127.0.0.1:12111", value_name = "ADDR")]
    pub(crate) listen: String,
    /// The same seed and calls give the same objects
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Time begins at this date and stands still until it is moved: YYYY-MM-DD or RFC 3339
    #[arg(long, value_name = "DATE")]
    pub(crate) frozen: Option<String>,
    /// What goes wrong on purpose: mild, wild, or a list like duplicate=5%,lose=1%,api-500=2%
    #[arg(long, default_value = "none", value_name = "LIST")]
    pub(crate) chaos: String,
    /// Pauses before each further try of a delivery, in seconds [default: Stripe's, up to 3 days]
    #[arg(long, value_name = "S,S,...", value_delimiter = ',', value_parser = clap::value_parser!(i64).range(0..))]
    pub(crate) retries: Vec<i64>,
}
