//! One file per verb: read the arguments, ask the engine, print the answer.

mod alerts;
mod archive;
mod backfill;
mod carry;
mod catch_up;
mod code;
mod config;
mod demo;
mod drain;
mod events;
mod explain;
mod leakage;
mod ledger;
mod log;
mod money;
mod parked;
mod partner;
mod program;
mod purchase;
mod reconcile;
mod replay;
mod sandbox;
mod serve;
mod terms;
mod webhooks;

use engine::{EngineError, House};
use kernel::operator::Handle;
use kernel::{Book, UnixMs};
use rules::registry::OperatorError;
use store::StoreError;

use crate::cli::{Cli, Common, Verb};
use crate::config::Config;
use crate::{Outcome, Stop};

pub(crate) fn run(cli: Cli) -> Outcome {
    let common = cli.common;
    match cli.verb {
        Verb::Demo(args) => demo::run(&common, &args),
        Verb::Serve(args) => serve::run(&common, &args),
        Verb::Sandbox(args) => sandbox::run(&common, args),
        Verb::Partner(verb) => partner::run(&common, verb),
        Verb::Code(verb) => code::run(&common, verb),
        Verb::Terms(verb) => terms::run(&common, verb),
        Verb::Program(verb) => program::run(&common, verb),
        Verb::Attribute(args) => program::attribute(&common, &args),
        Verb::Explain(args) => explain::run(&common, &args),
        Verb::Ledger(verb) => ledger::run(&common, verb),
        Verb::Leakage(args) => leakage::run(&common, &args),
        Verb::Events(verb) => events::run(&common, verb),
        Verb::Log(verb) => log::run(&common, verb),
        Verb::Backfill(args) => backfill::run(&common, &args),
        Verb::Reconcile(args) => reconcile::run(&common, &args),
        Verb::CatchUp(args) => catch_up::run(&common, &args),
        Verb::Alerts(verb) => alerts::run(&common, &verb),
        Verb::Replay(args) => replay::run(&common, &args),
        Verb::Diff(args) => replay::diff(&common, &args),
        Verb::Verify(args) => ledger::verify(&common, args.deep),
        Verb::Webhooks(verb) => webhooks::run(&common, verb),
        Verb::Config(verb) => config::run(&common, verb),
    }
}

/// Opens the books the configuration names.
fn house(common: &Common) -> Result<House, Stop> {
    let config = Config::read(common)?;
    open(&config)
}

/// The same for a check: an empty database made by the check itself would pass it, in every wrong folder.
fn house_that_exists(common: &Common) -> Result<House, Stop> {
    let config = Config::read(common)?;
    if let Some(path) = config.database_url.strip_prefix("sqlite:")
        && !std::path::Path::new(path).exists()
    {
        return Err(Stop::Usage(format!(
            "there is no database at {path}; start the server once, or name the right one with --database-url"
        )));
    }
    open(&config)
}

fn open(config: &Config) -> Result<House, Stop> {
    let house = House::open(&config.database_url);
    let with_archive = |house: House| match &config.archive {
        Some(path) => house.with_archive(std::sync::Arc::new(crate::archives::Bodies::at(path))),
        None => house,
    };
    house.map(with_archive).map_err(|why| {
        let url = crate::config::without_password(&config.database_url);
        if matches!(why, EngineError::Store(StoreError::Lost)) {
            return Stop::Usage(format!(
                "cannot open {url}: no server answers there. Is PostgreSQL running, and do host and port of the \
                 address lead to it from this machine?"
            ));
        }
        Stop::Usage(format!("cannot open {url}: {why}"))
    })
}

fn no_partner(wanted: &Handle) -> Stop {
    Stop::Found(format!("there is no partner '{wanted}'; see: countinghouse partner list"))
}

/// Whoever reads figures hears that more is coming.
fn remark_unless_level(house: &House) -> Result<(), Stop> {
    if !engine::status::status(house, crate::clock::now())?.level {
        remark_not_level();
    }
    Ok(())
}

fn remark_not_level() {
    crate::output::remark(
        "note: the books are not level yet (events are still being worked off); see: countinghouse events drain",
    );
}

fn handle(text: &str) -> Result<Handle, Stop> {
    Handle::parse(text).ok_or_else(|| {
        Stop::Usage(format!(
            "'{text}' is not a handle: 1 to 64 letters, digits, '-', '_' or '.', and not the word nobody"
        ))
    })
}

fn book(text: Option<&str>) -> Result<Option<Book>, Stop> {
    text.map(|text| {
        Book::parse(text).ok_or_else(|| {
            Stop::Usage(format!("'{text}' is not a book: live, test, acct_... or acct_...:test"))
        })
    })
    .transpose()
}

fn time(text: Option<&str>) -> Result<Option<UnixMs>, Stop> {
    text.map(|text| {
        kernel::time::parse(text)
            .ok_or_else(|| Stop::Usage(format!("'{text}' is not a time: YYYY-MM-DD or 2026-11-20T21:57:00Z")))
    })
    .transpose()
}

fn reference(text: Option<&str>) -> Result<Option<kernel::Ref>, Stop> {
    text.map(|text| kernel::Ref::parse(text).ok_or_else(|| Stop::Usage(format!("'{text}' is not an id"))))
        .transpose()
}

/// Who is at the keyboard, for the operator log.
#[expect(clippy::disallowed_methods, reason = "the operator's name is asked for here only")]
fn actor() -> String {
    std::env::var("COUNTINGHOUSE_ACTOR")
        .or_else(|_| std::env::var("USER"))
        .or_else(|_| std::env::var("LOGNAME"))
        .unwrap_or_else(|_| "cli".to_owned())
}

/// What the caller did wrong is a wrong use, everything else a failure.
fn usage_or_found(why: EngineError) -> Stop {
    match why {
        EngineError::Usage(words) => Stop::Usage(words),
        other => other.into(),
    }
}

/// A refused operator action as an exit; a preview of changes is printed first, as a table or as JSON.
fn refused(common: &Common, why: engine::operate::OperateError) -> Stop {
    use engine::operate::OperateError;
    match why {
        OperateError::WouldChange(ref changes) if common.json => {
            let _ = crate::output::print_json(&serde_json::json!({ "changes": changes }));
            Stop::Found(why.to_string())
        }
        OperateError::WouldChange(ref changes) => {
            let rows = changes
                .iter()
                .take(50)
                .map(|change| {
                    vec![
                        change.book.clone(),
                        change.sale.clone(),
                        change.partner_before.clone().unwrap_or_else(|| "-".into()),
                        change.partner_after.clone().unwrap_or_else(|| "-".into()),
                        crate::output::money(change.commission_before_minor, &change.currency),
                        crate::output::money(change.commission_after_minor, &change.currency),
                    ]
                })
                .collect();
            let header = ["book", "sale", "partner", "would be", "commission", "would be "];
            let _ = crate::output::print_table(&header, &["commission", "would be "], rows);
            Stop::Found(why.to_string())
        }
        OperateError::Engine(why) => why.into(),
        OperateError::Refused(OperatorError::HandleUnknown { .. }) => Stop::Found(why.to_string()),
        other => Stop::Usage(other.to_string()),
    }
}
