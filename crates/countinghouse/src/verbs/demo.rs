//! `demo`: the main job without a Stripe account. A scratch database, the real server, and a traffic source
//! that plays a year of a plausible business in the sandbox's world and delivers it as truly signed HTTP calls.

mod source;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

use engine::House;
use engine::worker::{Bell, Workers};
use sandbox::traffic::{Traffic, year};
use sandbox::{Delivery, Poster};
use serde::Serialize;
use tokio::net::TcpListener;
use web::{AccessConfig, Listeners, Modes, Secret};

use super::{ledger, serve};
use crate::cli::{Common, DemoArgs};
use crate::{Outcome, Stop, clock, output};

/// Secrets of the two scratch endpoints. They guard nothing: the server listens for this run only.
const SECRET_TEST: &str = "whsec_demo_only_test";
const CONNECTIONS: usize = 8;
/// So many are named when the books and the source disagree.
const DIFFERING_SHOWN: usize = 10;
/// The demo's year begins here, so that a seed always plays the same one.
const STARTS: &str = "2025-01-01";

#[derive(Serialize)]
struct Summary {
    seed: u64,
    months: u32,
    customers: u32,
    deliveries: usize,
    events: i64,
    duplicates: i64,
    parked: i64,
    quarantined: i64,
    discount_unresolved: i64,
    unlinked_payments: i64,
    sales: i64,
    level: bool,
    ledger: Vec<ledger::Total>,
    /// Sales of which the books and the traffic source say different things; it works them out without our rules.
    differing_sales: usize,
    /// `true` when every sale and every total is the same.
    agrees_with_source: bool,
}

pub(crate) fn run(common: &Common, args: &DemoArgs) -> Outcome {
    let scratch = Scratch::new()?;
    let house = House::open(&scratch.url())?;
    let start_s = kernel::time::parse(STARTS).unwrap_or(0) / kernel::time::SECOND_MS;
    let traffic = year(args.seed, args.months, args.customers, start_s);
    set_up(common, &house, &traffic)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(play(common, args, &house, traffic))
}

async fn play(common: &Common, args: &DemoArgs, house: &House, traffic: Traffic) -> Outcome {
    let bell = Bell::default();
    let workers = Workers::start(house, 1, &clock::clock(), &bell);
    let secrets =
        Secret::parse_list(SECRET_TEST, Modes::Test, false).map_err(|why| Stop::Found(why.to_string()))?;
    let no_key: std::sync::Arc<dyn engine::deliver::Stripe> = std::sync::Arc::new(engine::deliver::NoKey);
    let (app, _slot) = serve::app(house, &no_key, &bell, secrets, AccessConfig::default())?;
    let (console, taken) = listen(args).await?;
    let address = console.local_addr()?;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(web::serve(Listeners { console, gate: None }, app, async {
        drop(stopped.await);
    }));
    if taken {
        output::remark(&format!("{} is in use; the console is at another port", args.listen));
    }
    let posted = {
        let house = house.clone();
        let (args, started) = (args.clone(), clock::now());
        tokio::task::spawn_blocking(move || {
            let summary = post_all(&house, &args, &traffic, address);
            (summary, clock::now() - started)
        })
        .await
    };
    let (summary, took_ms) = posted.map_err(|why| Stop::Found(why.to_string()))?;
    let summary = summary?;
    report(common, &summary, took_ms)?;
    if !args.once {
        output::remark(&format!(
            "\nThe console is at http://{address}/   (Ctrl-C ends the demo; nothing is kept)"
        ));
        serve::stop_signal().await;
    }
    drop(stop);
    drop(server.await);
    drop(workers);
    if summary.agrees_with_source && summary.level {
        Ok(())
    } else {
        Err(Stop::Found("the books do not agree with the traffic source".to_owned()))
    }
}

/// The address asked for, or any free port when it is taken (or not needed, with `--once`).
async fn listen(args: &DemoArgs) -> Result<(TcpListener, bool), Stop> {
    if args.once {
        return Ok((TcpListener::bind("127.0.0.1:0").await?, false));
    }
    match TcpListener::bind(&args.listen).await {
        Ok(listener) => Ok((listener, false)),
        Err(why) if why.kind() == std::io::ErrorKind::AddrInUse => {
            Ok((TcpListener::bind("127.0.0.1:0").await?, true))
        }
        Err(why) => Err(Stop::Usage(format!("cannot listen on {}: {why}", args.listen))),
    }
}

/// Partners, terms and codes, as an operator would have entered them.
fn set_up(common: &Common, house: &House, traffic: &Traffic) -> Outcome {
    for line in &traffic.setup {
        let request = engine::operate::Request {
            actor: "demo".to_owned(),
            effective_at: line.effective_at,
            action: line.action.clone(),
            retroactive: false,
        };
        engine::operate::operate(house, &request, clock::now()).map_err(|why| super::refused(common, why))?;
    }
    Ok(())
}

/// Delivers everything over a few connections at once, as Stripe does, and waits until the books are level.
fn post_all(house: &House, args: &DemoArgs, traffic: &Traffic, address: SocketAddr) -> Result<Summary, Stop> {
    let deliveries: Vec<Delivery> = traffic.deliveries().collect();
    let bar = output::progress(deliveries.len() as u64, "delivering");
    let next = AtomicU64::new(0);
    let (failed, failures) = mpsc::channel::<String>();
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            let (next, failed, bar, deliveries) = (&next, failed.clone(), &bar, &deliveries);
            scope.spawn(move || {
                let mut poster = Poster::new(address, "/api/webhooks/stripe", SECRET_TEST);
                loop {
                    let index = usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap_or(usize::MAX);
                    let Some(delivery) = deliveries.get(index) else { break };
                    if let Err(why) = deliver(&mut poster, delivery) {
                        drop(failed.send(why));
                        break;
                    }
                    bar.inc(1);
                }
            });
        }
    });
    drop(failed);
    bar.finish_and_clear();
    if let Ok(why) = failures.recv() {
        return Err(Stop::Found(why));
    }
    settle(house)?;
    summary(house, args, traffic)
}

/// Posts one delivery; what is answered 503 is posted again, as Stripe would.
fn deliver(poster: &mut Poster, delivery: &Delivery) -> Result<(), String> {
    for _ in 0..50 {
        let status = poster
            .post(&delivery.body, clock::now() / kernel::time::SECOND_MS)
            .map_err(|why| format!("{}: {why}", delivery.event_ref))?;
        match status {
            200..=299 => return Ok(()),
            503 | 429 => std::thread::sleep(std::time::Duration::from_millis(100)),
            other => return Err(format!("{} was answered {other}", delivery.event_ref)),
        }
    }
    Err(format!("{} was not taken after 50 tries", delivery.event_ref))
}

/// Waits for the workers to bring the books level.
fn settle(house: &House) -> Outcome {
    let bar = output::progress(0, "booking");
    loop {
        let status = engine::status::status(house, clock::now())?;
        bar.set_length(u64::try_from(status.inbox_seq).unwrap_or(0));
        bar.set_position(u64::try_from(status.projected_seq).unwrap_or(0));
        if status.level {
            bar.finish_and_clear();
            return Ok(());
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

fn summary(house: &House, args: &DemoArgs, traffic: &Traffic) -> Result<Summary, Stop> {
    let status = engine::status::status(house, clock::now())?;
    let totals = ledger::totals(house, None, None)?;
    let rows = engine::export::export(house, &engine::export::ExportOptions::default())?.rows;
    let differing = source::differing(&rows, &traffic.oracle);
    for sale in differing.iter().take(DIFFERING_SHOWN) {
        output::remark(&format!("the traffic source says something else of {sale}"));
    }
    let deliveries = traffic.arrivals.len();
    Ok(Summary {
        seed: args.seed,
        months: args.months,
        customers: args.customers,
        deliveries,
        events: status.inbox_seq,
        duplicates: i64::try_from(deliveries).unwrap_or(0) - status.inbox_seq,
        parked: status.parked,
        quarantined: status.quarantined,
        discount_unresolved: status.discount_unresolved,
        unlinked_payments: status.unlinked_payments,
        sales: totals.iter().map(|total| total.sales).sum(),
        level: status.level,
        ledger: totals,
        differing_sales: differing.len(),
        agrees_with_source: differing.is_empty() && source::same_totals(&rows, &traffic.oracle),
    })
}

fn report(common: &Common, summary: &Summary, took_ms: i64) -> Outcome {
    if common.json {
        return output::print_json(summary);
    }
    output::print(&format!(
        "{} deliveries of {} events ({} duplicates) in {}.{:01} s; {} sales, {} parked, {} quarantined\n\
         the books {} what the traffic source worked out sale by sale\n\n",
        summary.deliveries,
        summary.events,
        summary.duplicates,
        took_ms / 1000,
        (took_ms % 1000) / 100,
        summary.sales,
        summary.parked,
        summary.quarantined,
        if summary.agrees_with_source { "agree with" } else { "DISAGREE with" }
    ))?;
    ledger::print_totals(summary.ledger.clone())
}

/// A directory of its own that is removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self, Stop> {
        let path =
            std::env::temp_dir().join(format!("countinghouse-demo-{}-{}", std::process::id(), clock::now()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.0.join("demo.db").display())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
