//! The command line: every verb and flag; examples are in `examples.rs`. Names are a contract with users (DESIGN.md
//! section 8): add, never rename.

mod code;
mod sandbox;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use code::{AdoptArgs, CodeVerb, CreateArgs, DriftArgs, IntentsArgs, RotateArgs, TermsFlags};
pub(crate) use sandbox::{SandboxArgs, SandboxOpen, SandboxVerb};

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
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// A configuration file [default: countinghouse.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print JSON instead of tables
    #[arg(long, global = true)]
    pub(crate) json: bool,
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
    /// Events: list, show, retry, drain, import
    #[command(subcommand)]
    Events(EventsVerb),
    /// Rebuilds the books from the inbox beside the live ones
    Replay(ReplayArgs),
    /// Checks every invariant that can be checked by looking
    Verify(VerifyArgs),
    /// The endpoint at Stripe that sends events here: set it up, check it
    #[command(subcommand)]
    Webhooks(WebhooksVerb),
    /// The configuration: check it, or print it with secrets left out
    #[command(subcommand)]
    Config(ConfigVerb),
}

#[derive(Args, Clone)]
pub(crate) struct DemoArgs {
    /// Play the traffic, print the summary and exit
    #[arg(long)]
    pub(crate) once: bool,
    /// The same seed plays the same year
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// How many months of business to play
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=120))]
    pub(crate) months: u32,
    /// How many customers buy in that time
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) customers: u32,
    /// Where the console listens
    #[arg(long, default_value = "127.0.0.1:4242", value_name = "ADDR")]
    pub(crate) listen: String,
}

#[derive(Args, Clone)]
pub(crate) struct ServeArgs {
    /// Where the console (and the gate, unless it has its own) listens [default: 127.0.0.1:4242]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
    /// A port of its own for the webhook gate: then only this one takes deliveries
    #[arg(long, value_name = "ADDR")]
    pub(crate) gate_listen: Option<String>,
    /// What this instance does
    #[arg(long, value_enum)]
    pub(crate) role: Option<Role>,
    /// Projector threads
    #[arg(long, value_name = "N")]
    pub(crate) workers: Option<usize>,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// Takes webhooks and shows the console
    Gate,
    /// Keeps the books
    Worker,
    All,
}

#[derive(Args, Clone)]
pub(crate) struct RateArgs {
    /// Commission rate in basis points: 1500 is 15 %
    #[arg(long, value_name = "N", required_unless_present = "fixed_minor", conflicts_with = "fixed_minor", value_parser = crate::rate::bps)]
    pub(crate) rate_bps: Option<i64>,
    /// Instead of a rate: an amount per sale, in minor units of --currency
    #[arg(long, value_name = "N", requires = "currency")]
    pub(crate) fixed_minor: Option<i64>,
    /// The currency of --fixed-minor: usd, eur, ...
    #[arg(long, value_name = "CODE")]
    pub(crate) currency: Option<String>,
    /// The rate of one product instead of the general one; may be repeated
    #[arg(long, value_name = "prod_...=BPS")]
    pub(crate) product_rate: Vec<String>,
    /// Days after the payment until a commission is available
    #[arg(long, value_name = "DAYS", default_value_t = kernel::operator::HOLD_DAYS_DEFAULT)]
    pub(crate) hold_days: i64,
}

#[derive(Subcommand)]
pub(crate) enum PartnerVerb {
    /// Adds a partner
    Add {
        /// A short name, never reused: letters, digits, '-', '_', '.'
        handle: String,
        /// The name that people read
        #[arg(long)]
        name: String,
        /// Where the partner is written to
        #[arg(long)]
        email: String,
        #[command(flatten)]
        rate: RateArgs,
        /// Change booked sales that already name this partner
        #[arg(long)]
        retroactive: bool,
    },
    /// Every partner with terms and status
    List,
    /// One partner: terms, codes, totals
    Show {
        /// The partner's handle
        handle: String,
    },
    /// From now (or --from) on, sales keep the attribution but earn nothing
    Deactivate(StatusArgs),
    /// From now (or --from) on, sales earn again, without arrears
    Activate(StatusArgs),
}

#[derive(Args, Clone)]
pub(crate) struct StatusArgs {
    /// The partner's handle
    pub(crate) handle: String,
    /// When it takes effect: YYYY-MM-DD or RFC 3339 [default: now]
    #[arg(long, value_name = "T")]
    pub(crate) from: Option<String>,
    /// Change sales that are already booked
    #[arg(long)]
    pub(crate) retroactive: bool,
}

#[derive(ValueEnum, Clone, Copy)]
pub(crate) enum Binds {
    All,
    New,
}

#[derive(Subcommand)]
pub(crate) enum TermsVerb {
    /// A new version of a partner's terms
    Set {
        /// The partner's handle
        handle: String,
        #[command(flatten)]
        rate: RateArgs,
        /// Which sales it binds: all from then on, or only those attributed from then on
        #[arg(long = "for", value_enum)]
        binds: Binds,
        /// When the version begins: YYYY-MM-DD or RFC 3339 [default: now]
        #[arg(long, value_name = "T")]
        from: Option<String>,
        /// Change sales that are already booked
        #[arg(long)]
        retroactive: bool,
    },
    /// Every version of a partner's terms
    Show {
        /// The partner's handle
        handle: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum ProgramVerb {
    /// Sales before this date attribute but earn nothing
    Start {
        /// YYYY-MM-DD or RFC 3339
        date: String,
        /// live, test, or acct_... for a connected account (acct_...:test for its test mode)
        #[arg(long)]
        book: Option<String>,
        /// Change sales that are already booked
        #[arg(long)]
        retroactive: bool,
    },
}

#[derive(Args, Clone)]
pub(crate) struct AttributeArgs {
    /// A sale (in_, cs_, pi_) or a subscription (sub_)
    pub(crate) id: String,
    /// The partner's handle, or `nobody`
    pub(crate) handle: String,
    /// live, test, or acct_... for a connected account (acct_...:test for its test mode)
    #[arg(long)]
    pub(crate) book: Option<String>,
    /// When it takes effect: YYYY-MM-DD or RFC 3339 [default: open to the past]
    #[arg(long, value_name = "T")]
    pub(crate) from: Option<String>,
    /// Change sales that are already booked
    #[arg(long)]
    pub(crate) retroactive: bool,
}

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
        /// pending, done, parked or quarantined
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
    /// Tries a parked event again
    Retry {
        /// evt_...
        id: String,
    },
    /// Waits until nothing is pending and the books are level; works off the rest itself
    Drain {
        /// Give up after this many seconds
        #[arg(long, default_value_t = 300)]
        timeout_s: u64,
    },
    /// Takes events from a file with one event (or one exported row) per line
    Import {
        /// Stripe's events as JSON, one per line
        file: PathBuf,
        /// The connected account all of them belong to, when the events do not say
        #[arg(long, value_name = "acct_...")]
        account: Option<String>,
    },
}

#[derive(Args, Clone)]
pub(crate) struct ReplayArgs {
    /// Compare the rebuilt books with the live ones; exit 1 on any difference
    #[arg(long)]
    pub(crate) verify: bool,
}

#[derive(Args, Clone)]
pub(crate) struct VerifyArgs {
    /// Also every stored body against its hash
    #[arg(long)]
    pub(crate) deep: bool,
}

#[derive(Subcommand)]
pub(crate) enum WebhooksVerb {
    /// Makes the endpoint with exactly the types that are read, or brings the one at this address to it
    #[command(
        after_help = "The signing secret goes into the secrets file (COUNTINGHOUSE_SECRETS_FILE, default \
countinghouse.secrets), where `serve` finds it. The key needs Webhook Endpoints: Write for this alone.\n\nExample:\n  \
STRIPE_API_KEY_TEST=rk_test_... countinghouse webhooks setup --url https://books.example.com/api/webhooks/stripe"
    )]
    Setup(WebhooksSetup),
    /// What differs from what it should be; exit 1 if anything does
    Check(WebhooksCheck),
}

#[derive(Args, Clone)]
pub(crate) struct WebhooksSetup {
    /// Where Stripe reaches the gate: https://.../api/webhooks/stripe
    #[arg(long, value_name = "URL")]
    pub(crate) url: String,
    /// live or test [default: the one that has a key]
    #[arg(long)]
    pub(crate) book: Option<String>,
    /// For the events of connected accounts instead of the own one
    #[arg(long)]
    pub(crate) connect: bool,
    /// Makes a new endpoint and then removes the one at this address: for another version, or a lost secret
    #[arg(long)]
    pub(crate) replace: bool,
    /// Prints the signing secret instead of writing it to the secrets file
    #[arg(long)]
    pub(crate) print_secret: bool,
}

#[derive(Args, Clone)]
pub(crate) struct WebhooksCheck {
    /// The endpoint at this address [default: those made by setup, and those that lead to our paths]
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// live or test [default: the one that has a key]
    #[arg(long)]
    pub(crate) book: Option<String>,
    /// The endpoint for connected accounts
    #[arg(long)]
    pub(crate) connect: bool,
}

#[derive(Subcommand)]
pub(crate) enum ConfigVerb {
    /// Says what is set, what is missing, and what that means
    #[command(
        after_help = "Examples:\n  countinghouse config check\n  countinghouse config check --session cs_test_a1B2c3"
    )]
    Check {
        /// Instead: whether this purchase would attribute, to whom, and if not why. Fetched, not written
        #[arg(long, value_name = "cs_...|in_...")]
        session: Option<String>,
        /// The book it is in [default: what the id says, else the one that has a key]
        #[arg(long, requires = "session")]
        book: Option<String>,
    },
    /// Prints the configuration in force, secrets left out
    Dump,
}
