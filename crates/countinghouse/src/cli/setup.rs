//! Flags of `webhooks` and `config`: what has to be set up once. Names are a contract with users: add, never
//! rename.

use clap::{Args, Subcommand};

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
    /// Takes an address with another path: a proxy in front changes it to one that the gate has
    #[arg(long)]
    pub(crate) any_path: bool,
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
    /// Another path is no difference: a proxy in front changes it
    #[arg(long)]
    pub(crate) any_path: bool,
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
