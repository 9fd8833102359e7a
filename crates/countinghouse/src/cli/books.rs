//! Flags of `explain`, `ledger`, `events`, `replay` and `verify`: what is read of the books. Names are a contract
//! with users: add, never rename.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{ArchiveArgs, DiscardArgs, ExportArgs, RetryArgs};

#[derive(Args, Clone)]
pub(crate) struct ExplainArgs {
    /// in_, cs_, pi_, ch_, re_ or dp_
    pub(crate) id: String,
    /// live, test, or acct_... for a connected account (acct_...:test for its test mode)
    #[arg(long)]
    pub(crate) book: Option<String>,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Csv,
    Beancount,
    Hledger,
}

#[derive(Subcommand)]
pub(crate) enum LedgerVerb {
    /// Totals by partner and currency
    Show {
        /// live, test, or acct_... for a connected account (acct_...:test for its test mode)
        #[arg(long)]
        book: Option<String>,
        /// Where each commission stands at this time [default: the newest fact of its book]
        #[arg(long, value_name = "T")]
        as_of: Option<String>,
    },
    /// Recomputes every position and checks every entry
    Verify {
        /// Also every stored body against its hash
        #[arg(long)]
        deep: bool,
    },
    /// The canonical export (json, csv) or the journal (beancount, hledger)
    Export {
        /// The canonical rows (json, csv) or the journal in a language of accounting
        #[arg(long, value_enum, default_value = "json")]
        format: Format,
        /// live, test, or acct_... for a connected account (acct_...:test for its test mode)
        #[arg(long)]
        book: Option<String>,
        /// Where each commission stands at this time [default: the newest fact of its book]
        #[arg(long, value_name = "T")]
        as_of: Option<String>,
    },
}

#[derive(Subcommand)]
pub(crate) enum EventsVerb {
    /// What Stripe delivered, newest first, and what became of it
    List {
        /// pending, waiting, done, parked, discarded or quarantined
        #[arg(long)]
        state: Option<String>,
        /// Only this type, as invoice.paid
        #[arg(long = "type", value_name = "TYPE")]
        event_type: Option<String>,
        /// How many
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// Only events before this sequence number (for the next page)
        #[arg(long, value_name = "SEQ")]
        before: Option<i64>,
    },
    /// One event: what it said, what became of it, and its body as received
    Show {
        /// evt_...
        id: String,
    },
    /// What is parked, by reason: how many, and since when
    Parked,
    /// Tries parked events again
    Retry(RetryArgs),
    /// Gives parked events up, with a word why; they stay in the inbox and nothing that is booked changes
    Discard(DiscardArgs),
    /// Signed bodies that fit no book, or one of them whole
    Quarantine {
        /// The number of one, as the list says it
        number: Option<i64>,
        /// How many
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// What applying an event again would change; a dry run unless told otherwise
    Replay {
        /// evt_...
        id: String,
        /// Apply it
        #[arg(long)]
        apply: bool,
    },
    /// Waits until nothing is pending and the books are level; works off the rest itself, and fetches what a key reaches
    Drain {
        /// Give up after this many seconds
        #[arg(long, default_value_t = 300)]
        timeout_s: u64,
    },
    /// Every event type that Stripe has: which are read and what they say, which are only kept and why
    Types {
        /// Thin types that have no snapshot twin, instead of snapshot types
        #[arg(long)]
        thin: bool,
        /// Only what an endpoint is subscribed to
        #[arg(long, conflicts_with = "thin")]
        subscribed: bool,
    },
    /// Writes the inbox as lines of JSON, one for each event with everything that is known of it
    Export(ExportArgs),
    /// Takes events from a file with one event, or one line of an export, per line; also compressed (gzip)
    Import {
        /// Stripe's events as JSON, one per line, also as EventBridge or Event Grid wrap them; or an export
        file: PathBuf,
        /// The connected account all of them belong to, when the events do not say
        #[arg(long, value_name = "acct_...")]
        account: Option<String>,
    },
    /// Moves the bodies of old events that are worked off into an archive; everything else of them stays
    Archive(ArchiveArgs),
    /// Puts bodies from an archive back into the inbox
    Restore {
        /// An archive, or an export that holds the bodies
        file: PathBuf,
    },
}

#[derive(Args, Clone)]
pub(crate) struct ReplayArgs {
    /// Compare the rebuilt books with the live ones; exit 1 on any difference
    #[arg(long, conflicts_with_all = ["as_of", "subject"])]
    pub(crate) verify: bool,
    /// Instead: the books as they stood at this time, from what had been received by then
    #[arg(long, value_name = "T")]
    pub(crate) as_of: Option<String>,
    /// Instead: why this sale stands as it does in the rebuilt books (at --as-of)
    #[arg(long, value_name = "ID")]
    pub(crate) subject: Option<String>,
    /// live, test, or acct_... for a connected account (acct_...:test for its test mode)
    #[arg(long)]
    pub(crate) book: Option<String>,
}

#[derive(Args, Clone)]
pub(crate) struct DiffArgs {
    /// The earlier instant: YYYY-MM-DD or RFC 3339
    #[arg(long, value_name = "T")]
    pub(crate) from: String,
    /// The later instant [default: now]
    #[arg(long, value_name = "T")]
    pub(crate) to: Option<String>,
    /// live, test, or acct_... for a connected account (acct_...:test for its test mode)
    #[arg(long)]
    pub(crate) book: Option<String>,
}

#[derive(Args, Clone)]
pub(crate) struct VerifyArgs {
    /// Also every stored body against its hash
    #[arg(long)]
    pub(crate) deep: bool,
}
