//! The command line: every verb; flags are in `cli/`, examples in `examples.rs`. Names are a contract with users
//! (DESIGN.md section 8): add, never rename.

mod audit;
mod books;
mod carry;
mod code;
mod house;
mod operate;
mod partner;
mod sandbox;
mod setup;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use audit::{BackfillArgs, CatchUpArgs, ReconcileArgs};
pub(crate) use books::{DiffArgs, EventsVerb, ExplainArgs, Format, LedgerVerb, ReplayArgs, VerifyArgs};
pub(crate) use carry::{ArchiveArgs, ExportArgs, LogVerb};
pub(crate) use code::{AdoptArgs, CodeVerb, CreateArgs, DriftArgs, IntentsArgs, RotateArgs, TermsFlags};
pub(crate) use house::{DemoArgs, Role, ServeArgs};
pub(crate) use operate::{AlertsVerb, DiscardArgs, LeakageArgs, RetryArgs};
pub(crate) use partner::{AttributeArgs, Binds, PartnerVerb, ProgramVerb, RateArgs, StatusArgs, TermsVerb};
pub(crate) use sandbox::{SandboxArgs, SandboxOpen, SandboxVerb};
pub(crate) use setup::{ConfigVerb, WebhooksCheck, WebhooksSetup, WebhooksVerb};

use crate::observe::Format as LogFormat;

#[derive(Parser)]
#[command(
    name = "countinghouse",
    version,
    about = "A Stripe back office in one binary: webhooks become books that are always right.",
    after_help = "Examples:\n  countinghouse demo\n  countinghouse serve --database-url sqlite:countinghouse.db\n  \
countinghouse partner add anna --name 'Anna Smith' --email anna@example.com --rate-bps 1500\n  \
countinghouse code adopt anna --code ANNA20\n  countinghouse explain in_1PxyzAbc\n  \
countinghouse ledger export --format csv > ledger.csv\n\nExit codes: 0 fine, 1 found a difference or failure, 2 usage or configuration."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Args, Clone)]
pub(crate) struct Common {
    /// Where the books are: sqlite:PATH or postgres://USER@HOST/NAME [default: sqlite:countinghouse.db]
    #[arg(long, global = true, help_heading = "Options of every verb", value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// A configuration file [default: countinghouse.toml, if it is there]
    #[arg(long, global = true, help_heading = "Options of every verb", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Where archived bodies are: a folder, or one archive in it
    #[arg(long, global = true, help_heading = "Options of every verb", value_name = "DIR|FILE")]
    pub(crate) archive: Option<PathBuf>,
    /// Print JSON instead of tables
    #[arg(long, global = true, help_heading = "Options of every verb")]
    pub(crate) json: bool,
    /// How lines of the log are written to standard error [default: text]
    #[arg(long, global = true, help_heading = "Options of every verb", value_name = "FORMAT")]
    pub(crate) log_format: Option<LogFormat>,
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Everything at once, without a Stripe account: a year of a business played into a scratch database
    Demo(DemoArgs),
    /// The gate for webhooks, the workers and the console
    Serve(ServeArgs),
    /// A Stripe in a box: its API offline, with state, a clock and deliveries, for tests and trying out
    #[command(
        after_help = "Examples:\n  countinghouse sandbox\n  countinghouse sandbox --listen 127.0.0.1:12111 --seed 7\n  \
countinghouse sandbox --frozen 2026-01-01 --chaos mild\n  countinghouse sandbox trigger invoice.paid\n  curl http://127.0.0.1:12111/v1/coupons -u sk_test_x: -d percent_off=20"
    )]
    Sandbox(SandboxArgs),
    /// Partners: add, list, show, deactivate, activate
    #[command(subcommand)]
    Partner(PartnerVerb),
    /// Codes: make Stripe's promotion codes and coupons for partners, or give existing ones to them
    #[command(subcommand)]
    Code(CodeVerb),
    /// Terms: what a partner earns from when
    #[command(subcommand)]
    Terms(TermsVerb),
    /// The program as a whole
    #[command(subcommand)]
    Program(ProgramVerb),
    /// Attributes one sale or subscription by hand
    Attribute(AttributeArgs),
    /// Why a sale has its partner and its commission: candidates, rule, terms, arithmetic, entries, events
    Explain(ExplainArgs),
    /// The ledger: show, verify, export
    #[command(subcommand)]
    Ledger(LedgerVerb),
    /// Discounted sales that nobody earns on: how many of all discounted ones, and which
    Leakage(LeakageArgs),
    /// Events: list, show, drain; what is parked or in quarantine; export, import, archive
    #[command(subcommand)]
    Events(EventsVerb),
    /// The operator log, the other thing books are made of: export, import
    #[command(subcommand)]
    Log(LogVerb),
    /// Lists Stripe's events of the last 30 days, keeps those that were not delivered, and says how many had been
    CatchUp(CatchUpArgs),
    /// Lists everything Stripe has of an account into the inbox: the books it would have had all along
    Backfill(BackfillArgs),
    /// Compares what we hold with what Stripe has, field by field; exit 1 on any difference
    Reconcile(ReconcileArgs),
    /// Alerts: what is wrong now, what was; a test of the ways they go
    #[command(subcommand)]
    Alerts(AlertsVerb),
    /// Rebuilds the books from the inbox beside the live ones
    Replay(ReplayArgs),
    /// What changed in the books between two instants
    Diff(DiffArgs),
    /// Checks every invariant that can be checked by looking
    Verify(VerifyArgs),
    /// The endpoint at Stripe that sends events here: set it up, check it
    #[command(subcommand)]
    Webhooks(WebhooksVerb),
    /// The configuration: check it, or print it with secrets left out
    #[command(subcommand)]
    Config(ConfigVerb),
}

impl Verb {
    /// Whether it goes on by itself, with nobody to hear what it says.
    pub(crate) const fn is_server(&self) -> bool {
        matches!(self, Self::Serve(_))
    }
}
