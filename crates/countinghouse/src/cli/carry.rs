//! Flags of what moves events and the operator log out of the house and in again. Names are a contract with users:
//! add, never rename.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Args, Clone)]
pub(crate) struct ExportArgs {
    /// Where to; compressed if it ends in .gz [default: standard output]
    pub(crate) file: Option<PathBuf>,
    /// live, test, or acct_... for a connected account (acct_...:test for its test mode)
    #[arg(long)]
    pub(crate) book: Option<String>,
    /// Only what was received then or later: YYYY-MM-DD or RFC 3339
    #[arg(long, value_name = "T")]
    pub(crate) from: Option<String>,
    /// Only what was received before then
    #[arg(long, value_name = "T")]
    pub(crate) to: Option<String>,
    /// Only this type, as invoice.paid; may be given several times
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) types: Vec<String>,
}

#[derive(Args, Clone)]
pub(crate) struct ArchiveArgs {
    /// Events received before then: YYYY-MM-DD or RFC 3339
    #[arg(long, value_name = "T")]
    pub(crate) before: String,
    /// An archive to be made (compressed if it ends in .gz), or a folder for archives [default: COUNTINGHOUSE_ARCHIVE_DIR]
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) to: Option<PathBuf>,
    /// Afterwards give the space back: on SQLite the inbox is written anew and deliveries wait meanwhile
    #[arg(long)]
    pub(crate) shrink: bool,
}

#[derive(Subcommand)]
pub(crate) enum LogVerb {
    /// Writes the operator log as lines of JSON
    Export {
        /// Where to; compressed if it ends in .gz [default: standard output]
        file: Option<PathBuf>,
    },
    /// Takes a whole log over, before any event is read
    Import {
        /// What `log export` wrote
        file: PathBuf,
    },
}
