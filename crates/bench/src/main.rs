//! How fast the house is: durable accepts and projection, on both engines, beside an empty handler on the
//! same server and a server that does the naive thing; and how fast a year goes by in the sandbox. Only ratios of one run mean something: a figure
//! alone says more about the disk. Run it with `cargo xtask bench [--quick] [--json]`.

#![expect(clippy::float_arithmetic, reason = "rates and ratios are for the eye")]
#![expect(clippy::print_stdout, reason = "the output is the point")]
#![expect(clippy::disallowed_methods, reason = "measuring asks what time it is")]

mod accept;
mod bodies;
mod dictionary;
mod driver;
mod import;
mod machine;
mod naive;
mod projection;
mod raw;
mod report;
mod servers;
mod spread;
mod year;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Parser, Subcommand, ValueEnum};

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(about = "Durable accepts and projection, beside an empty handler and a naive server")]
struct Cli {
    #[command(flatten)]
    args: BenchArgs,
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Subcommand)]
enum Part {
    /// The load driver, which the benchmark starts as a process of its own.
    #[command(hide = true)]
    Drive(driver::DriveArgs),
    /// Makes a dictionary for stored bodies (`crates/store/src/inbox/dictionary`).
    Dictionary(dictionary::DictionaryArgs),
    /// The steps of `--only import`, which the benchmark starts as processes of their own.
    #[command(subcommand, hide = true)]
    Import(import::ImportPart),
}

#[derive(Args, Clone)]
struct BenchArgs {
    /// A first impression: short points, one round, fewer events.
    #[arg(long)]
    quick: bool,
    /// Only this engine.
    #[arg(long, value_enum)]
    engine: Option<Engine>,
    /// Seconds measured per point.
    #[arg(long)]
    seconds: Option<f64>,
    /// Rounds; each measures every server once, in turn.
    #[arg(long)]
    rounds: Option<usize>,
    /// Connections at once, for example 1,16,64,256.
    #[arg(long, value_delimiter = ',', default_value = "1,16,64,256")]
    connections: Vec<usize>,
    /// Events in the inbox before projection is timed, and lines of the file that is imported (try 1000000).
    #[arg(long)]
    events: Option<usize>,
    /// Only this part.
    #[arg(long, value_enum)]
    only: Option<Only>,
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, ValueEnum)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Only {
    Accept,
    Project,
    /// Import from a file, booking, replay; beside COPY and bulk insert of the same facts.
    Import,
    /// The sandbox: a year of 10,000 subscriptions (1,000 with --quick).
    Year,
}

/// What is measured, after defaults.
pub(crate) struct Plan {
    pub(crate) engines: Vec<Engine>,
    pub(crate) connections: Vec<usize>,
    pub(crate) seconds: f64,
    pub(crate) rounds: usize,
    pub(crate) events: usize,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.part {
        Some(Part::Drive(args)) => driver::run(&args),
        Some(Part::Dictionary(args)) => dictionary::run(&args),
        Some(Part::Import(part)) => import::run(&part),
        None => bench(&cli.args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why:#}");
            ExitCode::FAILURE
        }
    }
}

fn bench(args: &BenchArgs) -> Result<()> {
    let engines = match args.engine {
        Some(engine) => vec![engine],
        None => vec![Engine::Sqlite, Engine::Postgres],
    };
    let plan = Plan {
        engines: engines.into_iter().filter(|engine| machine::has(*engine)).collect(),
        connections: args.connections.clone(),
        seconds: args.seconds.unwrap_or(if args.quick { 1.0 } else { 3.0 }),
        rounds: args.rounds.unwrap_or(if args.quick { 1 } else { 3 }),
        events: args.events.unwrap_or(if args.quick { 5_000 } else { 20_000 }),
    };
    let machine = machine::look()?;
    let wanted = |part| args.only.is_none_or(|only| only == part);
    let accept = if wanted(Only::Accept) { accept::measure(&plan)? } else { Vec::new() };
    let project = if wanted(Only::Project) { projection::measure(&plan)? } else { Vec::new() };
    let subscriptions = if args.quick { 1_000 } else { 10_000 };
    let year = if wanted(Only::Year) { Some(year::measure(subscriptions)?) } else { None };
    let imported = if wanted(Only::Import) { Some(import::measure(&plan)?) } else { None };
    let report = report::Report::new(machine, &plan, accept, project, year).with_import(imported);
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        println!("{}", report.text());
    }
    Ok(())
}
