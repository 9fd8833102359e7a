//! Flags of `code`. Names are a contract with users: add, never rename.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub(crate) enum CodeVerb {
    /// Gives a code that exists in Stripe to a partner
    Adopt(AdoptArgs),
    /// Makes a promotion code, and its coupon, at Stripe and gives it to a partner. The same call twice makes one
    /// code; one that was killed goes on where it was
    Create(Box<CreateArgs>),
    /// A new code with an old one's coupon and terms; the old one ends once the new one works
    Rotate(RotateArgs),
    /// Makes a code inactive at Stripe and ends the partner's mapping
    Deactivate {
        /// The text as a customer types it, or a promo_ id
        code: String,
        /// Its book, when several have it
        #[arg(long)]
        book: Option<String>,
    },
    /// Compares our codes with Stripe's; exit 1 when they differ
    Drift(DriftArgs),
    /// What is being made at Stripe, and what was
    Intents(IntentsArgs),
    /// Ends a partner's mapping; at Stripe the code stays as it is
    End(AdoptArgs),
    /// Whose is which code, and what Stripe last said about it
    List {
        /// Only this partner's
        #[arg(long)]
        partner: Option<String>,
    },
    /// What Stripe says about a code: kind, amount, caps, counts
    Show {
        /// The text as a customer types it, a promo_ id or a coupon id
        code: String,
    },
}

#[derive(Args, Clone)]
pub(crate) struct AdoptArgs {
    /// The partner's handle
    pub(crate) handle: String,
    /// The code as a customer types it
    #[arg(long, value_name = "TEXT")]
    pub(crate) code: Option<String>,
    /// The promotion code's id: of one text, Stripe may have had several
    #[arg(long, value_name = "promo_...")]
    pub(crate) promotion_code: Option<String>,
    /// A coupon's id: every sale with it, whatever the code
    #[arg(long, value_name = "ID")]
    pub(crate) coupon: Option<String>,
    /// live, test, or acct_... for a connected account (acct_...:test for its test mode)
    #[arg(long)]
    pub(crate) book: Option<String>,
    /// When it takes effect [default: the first mapping is open to the past, a later one from now]
    #[arg(long, value_name = "T")]
    pub(crate) from: Option<String>,
    /// Change sales that are already booked
    #[arg(long)]
    pub(crate) retroactive: bool,
}

#[derive(Args, Clone)]
pub(crate) struct CreateArgs {
    /// The partner's handle; with --from-csv for rows that name none
    #[arg(required_unless_present = "from_csv")]
    pub(crate) handle: Option<String>,
    /// The code as a customer types it
    #[arg(long, value_name = "TEXT", required_unless_present = "from_csv", conflicts_with = "from_csv")]
    pub(crate) code: Option<String>,
    #[command(flatten)]
    pub(crate) terms: TermsFlags,
    /// Many codes: a file with a header (partner, code, and any of the flags' names); flags fill what a row leaves out
    #[arg(long, value_name = "FILE")]
    pub(crate) from_csv: Option<PathBuf>,
    /// Show what would be sent, and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Give up waiting for Stripe after this many seconds; it then goes on by itself under `serve`
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub(crate) wait_s: i64,
}

/// What a code takes off, and for whom.
#[derive(Args, Clone, Default)]
pub(crate) struct TermsFlags {
    /// Either a percentage: 10, 12.5
    #[arg(long, value_name = "PERCENT")]
    pub(crate) percent_off: Option<String>,
    /// or an amount in minor units of --currency: 500 is 5.00 usd
    #[arg(long, value_name = "MINOR", value_parser = crate::rate::minor)]
    pub(crate) amount_off: Option<i64>,
    /// The amount's currency: usd
    #[arg(long, value_name = "CODE")]
    pub(crate) currency: Option<String>,
    /// The amount in a further currency; may be repeated
    #[arg(long, value_name = "eur=450")]
    pub(crate) currency_option: Vec<String>,
    /// once, forever or repeating [default: once]
    #[arg(long)]
    pub(crate) duration: Option<String>,
    /// How many months a repeating discount lasts
    #[arg(long, value_name = "N")]
    pub(crate) months: Option<i64>,
    /// Only for this product; may be repeated
    #[arg(long, value_name = "prod_...")]
    pub(crate) product: Vec<String>,
    /// How often the code may be used in all
    #[arg(long, value_name = "N")]
    pub(crate) max_redemptions: Option<i64>,
    /// Until when: YYYY-MM-DD or RFC 3339
    #[arg(long, value_name = "T")]
    pub(crate) expires_at: Option<String>,
    /// Only for customers who have not bought before
    #[arg(long)]
    pub(crate) first_time_only: bool,
    /// Only for purchases from this amount on, in minor units of --minimum-currency
    #[arg(long, value_name = "MINOR", value_parser = crate::rate::minor)]
    pub(crate) minimum_amount: Option<i64>,
    /// The minimum's currency
    #[arg(long, value_name = "CODE")]
    pub(crate) minimum_currency: Option<String>,
    /// A coupon that is there; together with terms, one that many codes share and the first of them makes
    #[arg(long, value_name = "ID")]
    pub(crate) coupon: Option<String>,
    /// live, test, or acct_... for a connected account (acct_...:test for its test mode)
    #[arg(long)]
    pub(crate) book: Option<String>,
    /// When the mapping takes effect [default: a first one is open to the past]
    #[arg(long, value_name = "T")]
    pub(crate) from: Option<String>,
}

#[derive(Args, Clone)]
pub(crate) struct RotateArgs {
    /// The old code: its text, or its promo_ id
    pub(crate) old: String,
    /// The new code's text
    #[arg(long, value_name = "TEXT")]
    pub(crate) code: String,
    /// Its book, when several have it
    #[arg(long)]
    pub(crate) book: Option<String>,
    /// Give up waiting for Stripe after this many seconds
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub(crate) wait_s: i64,
}

#[derive(Args, Clone)]
pub(crate) struct DriftArgs {
    /// Mend what can be mended
    #[arg(long)]
    pub(crate) fix: bool,
    /// One book instead of every one with a key
    #[arg(long)]
    pub(crate) book: Option<String>,
}

#[derive(Args, Clone)]
pub(crate) struct IntentsArgs {
    /// One of them, with its steps
    pub(crate) id: Option<String>,
    /// Carry it out now, also when it was parked
    #[arg(long, requires = "id")]
    pub(crate) retry: bool,
    /// How many of the newest
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(crate) limit: i64,
}
