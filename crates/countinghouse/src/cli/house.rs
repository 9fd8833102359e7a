//! Flags of `demo` and `serve`: how the house is opened. Names are a contract with users: add, never rename.

use clap::{Args, ValueEnum};

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
