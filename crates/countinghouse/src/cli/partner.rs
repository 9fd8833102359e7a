//! Flags of `partner`, `terms`, `program` and `attribute`: what an operator says. Names are a contract with users:
//! add, never rename.

use clap::{Args, Subcommand, ValueEnum};

#[derive(Args, Clone)]
pub(crate) struct RateArgs {
    /// Commission rate in basis points: 1500 is 15 %
    #[arg(long, value_name = "N", conflicts_with = "fixed_minor", value_parser = crate::rate::bps)]
    pub(crate) rate_bps: Option<i64>,
    /// Instead of a rate: an amount per sale, in minor units of --currency
    #[arg(long, value_name = "N", requires = "currency", value_parser = crate::rate::minor)]
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
