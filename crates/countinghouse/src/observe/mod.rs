//! What the house tells of its work: lines of a log, traces, errors. The rooms say things through `tracing`; only here is it decided
//! what of that leaves the process, and to whom. Off, an outlet costs nothing: no layer asks for what it would carry.

mod fields;
mod lines;
mod outlet;
mod panics;
mod post;
mod sentry;
mod settings;
mod traces;
mod words;

use std::io::{IsTerminal, Write};
use std::sync::{Arc, OnceLock};

use tracing::Level;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;
use tracing_subscriber::util::SubscriberInitExt;
use web::SinkCounts;

use crate::{Stop, clock};
use lines::Lines;
use outlet::{Outlet, Plan};
use post::Post;
use sentry::{Errors, Origin};
use settings::{SentrySettings, TraceSettings};
use traces::{Traces, Tree};

pub(crate) use lines::Format;
pub(crate) use settings::{Dump, Given, TelemetryFile};
pub(crate) use words::escaped;

/// As long as this lives, what is put into the outlets is sent. Its end tries what is left, for some seconds at most.
#[derive(Default)]
pub(crate) struct Observing {
    traces: Option<Outlet<Tree>>,
    errors: Option<Outlet<Vec<u8>>>,
}

type Layers = Vec<Box<dyn Layer<Registry> + Send + Sync>>;

static COUNTS: OnceLock<Vec<Arc<SinkCounts>>> = OnceLock::new();
static FORMAT: OnceLock<Format> = OnceLock::new();

/// How much was sent to the outside and how much was not, for `/metrics`.
pub(crate) fn counts() -> Vec<Arc<SinkCounts>> {
    COUNTS.get().cloned().unwrap_or_default()
}

/// Begins to listen to the rooms. Only a server (`serving`) has outlets: what a verb has to say it says to whoever called it.
pub(crate) fn start(given: &Given, serving: bool) -> Result<Observing, Stop> {
    let _ = FORMAT.set(given.format());
    let filter = given.filter().map_err(Stop::Usage)?;
    let mut layers: Layers = vec![Box::new(lines(given.format()).with_filter(filter))];
    let mut observing = Observing::default();
    let mut counts = Vec::new();
    if serving {
        if let Some(settings) = given.traces().map_err(Stop::Usage)? {
            observing.traces = send_traces(settings, &mut layers, &mut counts)?;
        }
        if let Some(settings) = given.sentry().map_err(Stop::Usage)? {
            observing.errors = send_errors(settings, &mut layers, &mut counts)?;
        }
    }
    let _ = COUNTS.set(counts);
    tracing_subscriber::registry().with(layers).init();
    panics::install();
    Ok(observing)
}

fn lines(format: Format) -> Lines {
    let colours = format == Format::Text && std::io::stderr().is_terminal();
    let out = Box::new(|line: &str| drop(std::io::stderr().write_all(line.as_bytes())));
    Lines { format, colours, clock: clock::now, out }
}

/// Something for whoever started the program, in the log's format.
pub(crate) fn remark(level: Level, words: &str) {
    let text = match FORMAT.get() {
        Some(Format::Json) => lines::remark_json(clock::now(), level, words),
        _ => format!("{words}\n"),
    };
    drop(std::io::stderr().write_all(text.as_bytes()));
}

const TRACES: Plan = Plan { room: 1024, batch: 256, linger_ms: 1_000 };

fn send_traces(
    settings: TraceSettings,
    layers: &mut Layers,
    counts: &mut Vec<Arc<SinkCounts>>,
) -> Result<Option<Outlet<Tree>>, Stop> {
    let TraceSettings { url, headers, timeout_ms, resource, sampler } = settings;
    let post = Post::new(url, headers, timeout_ms);
    let count = Arc::new(SinkCounts::new("otlp"));
    counts.push(Arc::clone(&count));
    let outlet =
        Outlet::start(count, TRACES, move |trees: &[Tree]| post.post(&traces::request(&resource, trees)));
    if let Some(outlet) = &outlet {
        let wanted = Targets::new().with_target(traces::TARGET, LevelFilter::TRACE);
        layers.push(Box::new(Traces::new(sampler, seed()?, outlet.slot()).with_filter(wanted)));
    }
    Ok(outlet)
}

const ERRORS: Plan = Plan { room: 64, batch: 1, linger_ms: 0 };
const ERROR_TIMEOUT_MS: u64 = 10_000;

fn send_errors(
    settings: SentrySettings,
    layers: &mut Layers,
    counts: &mut Vec<Arc<SinkCounts>>,
) -> Result<Option<Outlet<Vec<u8>>>, Stop> {
    let SentrySettings { dsn, environment } = settings;
    let headers = vec![
        ("content-type".to_owned(), "application/x-sentry-envelope".to_owned()),
        ("x-sentry-auth".to_owned(), dsn.auth),
    ];
    let post = Post::new(dsn.url, headers, ERROR_TIMEOUT_MS);
    let count = Arc::new(SinkCounts::new("sentry"));
    counts.push(Arc::clone(&count));
    let outlet = Outlet::start(count, ERRORS, move |reports: &[Vec<u8>]| post.post(&reports.concat()));
    if let Some(outlet) = &outlet {
        let errors = Errors::new(Origin { environment }, clock::now, seed()?, outlet.slot());
        layers.push(Box::new(errors.with_filter(LevelFilter::ERROR)));
    }
    Ok(outlet)
}

/// What makes this process's names of traces and reports its own.
fn seed() -> Result<[u8; 32], Stop> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| Stop::Found("the machine gives no random bytes".to_owned()))?;
    Ok(seed)
}
