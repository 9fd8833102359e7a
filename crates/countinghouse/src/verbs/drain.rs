//! `events drain`: works off what is pending, fetches what can be fetched, and says what still waits and why. Works
//! beside a running server or without one: every step is a transaction that either may do.

use std::sync::Arc;
use std::time::Duration;

use engine::fetch::{Fetcher, Fetching, Waits};
use engine::status::Status;
use engine::{EngineError, House};
use kernel::UnixMs;
use serde::Serialize;

use crate::cli::Common;
use crate::config::Config;
use crate::outgoing::Outgoing;
use crate::{Outcome, Stop, clock, output};

/// How often it is looked whether a snapshot has come.
const SNAPSHOT_LOOK: Duration = Duration::from_millis(250);

/// Level is what the books are to what is known; what is not known yet is said beside it.
#[derive(Serialize)]
struct Drained {
    #[serde(flatten)]
    status: Status,
    /// Sales whose discount Stripe has not explained yet, by book and reason.
    waits: Vec<Waits>,
    /// Thin events whose object is not here yet.
    thin_waiting: i64,
}

pub(super) fn run(common: &Common, timeout_s: u64) -> Outcome {
    let config = Config::read(common)?;
    let house = super::open(&config)?;
    let outgoing = Outgoing::once(&config.stripe, &Arc::new(crate::outgoing::Waits::default()))?;
    let fetcher = (!outgoing.is_empty()).then_some(&outgoing as &dyn Fetcher);
    let until =
        clock::now().saturating_add(i64::try_from(timeout_s).unwrap_or(i64::MAX / 2000).saturating_mul(1000));
    let status = loop {
        let status = level(&house, until)?;
        match fetcher {
            // What an answer names may have to be fetched in turn.
            Some(fetcher) if fetch(&house, fetcher, until)? > 0 => {}
            // A thin event leaves its snapshot some seconds to come before its object is asked for.
            Some(fetcher) if clock::now() < until && engine::fetch::soon(&house, fetcher, clock::now())? => {
                std::thread::sleep(SNAPSHOT_LOOK);
            }
            _ => break status,
        }
    };
    let waits = engine::fetch::waits(&house, fetcher)?;
    let drained = Drained { status, waits, thin_waiting: engine::fetch::thin_waiting(&house)? };
    if common.json {
        return output::print_json(&drained);
    }
    let Drained { status, waits, thin_waiting } = &drained;
    output::print(&format!("level: {} events, {} parked\n", status.projected_seq, status.parked))?;
    if status.parked > 0 {
        output::remark("note: what is parked waits for a person; see: countinghouse events parked");
    }
    for Waits { book, sales, why } in waits {
        output::print(&format!(
            "book {book}: {sales} sale(s) wait for Stripe to explain a discount: {why}\n"
        ))?;
    }
    if *thin_waiting > 0 {
        output::print(&format!(
            "{thin_waiting} thin event(s) wait for their object: see events list --state waiting\n"
        ))?;
    }
    Ok(())
}

/// Until no event is pending, no mark is left, and the readable rows of Stripe's objects are written.
fn level(house: &House, until: UnixMs) -> Result<Status, Stop> {
    loop {
        // Beside a server that is hard at work the one writer may be taken for long: then it does the work.
        let progress = match engine::project::step(house, clock::now()) {
            Err(EngineError::Store(store::StoreError::Busy)) => engine::project::Progress::default(),
            other => other?,
        };
        let status = engine::status::status(house, clock::now())?;
        let rows_written = engine::project::mirror_level(house)?;
        if status.level && rows_written {
            return Ok(status);
        }
        if clock::now() >= until {
            let rows = if rows_written { "" } else { ", and rows of Stripe's objects to be written" };
            return Err(Stop::Found(format!(
                "still {} pending events and {} marks{rows}; run it again, or give it longer with --timeout-s",
                status.pending, status.marks
            )));
        }
        if progress.idle() {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Once through all sales that wait and all objects that are wanted; says how many objects are in the inbox now. What is
/// claimed by a server, or was tried in vain just now, is left to it.
fn fetch(house: &House, fetcher: &dyn Fetcher, until: UnixMs) -> Result<usize, Stop> {
    let (mut fetching, mut fetched) = (Fetching::default(), 0);
    while clock::now() < until {
        let looked = fetching.round(house, fetcher, &clock::now)?;
        fetched += looked.fetched;
        if looked.waiting == 0 {
            break;
        }
    }
    Ok(fetched)
}
