//! `serve`: gate, workers and console in one process, until it is told to stop.

use std::sync::Arc;
use std::time::Duration;

use engine::House;
use engine::alert::Guard;
use engine::audit::Lister;
use engine::audit::catch_up::{CatchUpWorker, Plan};
use engine::deliver::Stripe;
use engine::deliver::courier::Courier;
use engine::fetch::{FetchWorker, Fetcher};
use engine::worker::{Bell, Workers};
use store::InboxWriter;
use tokio::net::TcpListener;
use web::access::Password;
use web::{AccessConfig, App, Limits, Listeners, Secret, Setup};

use crate::archives::Keeper;
use crate::cli::{Common, Role, ServeArgs};
use crate::config::Config;
use crate::letterbox::Slot;
use crate::outgoing::{Codes, Lists, Outgoing, Waits};
use crate::{Outcome, Stop, alerting, clock, observe, output};

/// How long calls begun by requests that were cut are waited for at the end.
const CALLS_LEFT: Duration = Duration::from_secs(1);

pub(crate) fn run(common: &Common, args: &ServeArgs) -> Outcome {
    let config = Config::read(common)?;
    remark_unread();
    let house = super::open(&config)?;
    let role = args.role.unwrap_or(config.role);
    let access = access(&config)?;
    let waits = Arc::new(Waits::default());
    let outgoing = Outgoing::new(&config.stripe, &waits)?;
    super::config::check_keys_aside(&outgoing);
    let bell = Bell::default();
    let workers = args.workers.unwrap_or(config.workers);
    let workers = (role != Role::Gate).then(|| Workers::start(&house, workers, &clock::clock(), &bell));
    let fetcher = (role != Role::Gate && !outgoing.is_empty()).then(|| {
        let fetcher: Arc<dyn Fetcher> = Arc::new(outgoing.clone());
        FetchWorker::start(&house, &fetcher, &clock::clock(), &bell)
    });
    let catch_up = (role != Role::Gate && !outgoing.is_empty()).then(|| {
        let lister: Arc<dyn Lister> = Arc::new(Lists::new(outgoing.clone(), Arc::clone(&waits)));
        let plan = Plan::of(outgoing.own().map(|(book, _)| book).collect());
        CatchUpWorker::start(&house, &lister, plan, &clock::clock(), &bell)
    });
    let stripe: Arc<dyn Stripe> = Arc::new(Codes::new(&config.stripe, &waits)?);
    let courier = (role != Role::Gate && !outgoing.is_empty())
        .then(|| Courier::start(&house, &stripe, &clock::clock(), &Bell::default()));
    let guard = (role != Role::Gate)
        .then(|| alerting::sinks(&config.alerts))
        .transpose()?
        .map(|sinks| Guard::start(&house, config.alerts.thresholds, sinks, &clock::clock()));
    let keeper = keeper(&house, &config, role);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(async {
        if role == Role::Worker {
            output::remark("keeping the books; stop with Ctrl-C");
            stop_signal().await;
            return Ok(());
        }
        if config.secrets.is_empty() {
            output::remark("note: no webhook secret is set, so every delivery will be refused; see: countinghouse config check");
        }
        let listeners = listen(&config, args).await?;
        let (app, slot) = app(&house, &stripe, &bell, config.secrets.clone(), access)?;
        let watched = Arc::clone(&slot);
        let until = async move {
            tokio::select! {
                () = stop_signal() => {}
                () = disk_failure(&watched) => {}
            }
        };
        web::serve(listeners, app, until).await?;
        match slot.writer.failed() {
            Some(why) => Err(Stop::Found(format!("the inbox cannot be written any more: {why}"))),
            None => Ok(()),
        }
    });
    waits.close();
    drop(fetcher);
    drop(catch_up);
    drop(courier);
    drop((guard, keeper));
    drop(workers);
    // Dropping it would wait for every call that a request began. One of Stripe that does not come back may take most of
    // a minute; what it did is found by its key.
    runtime.shutdown_timeout(CALLS_LEFT);
    served
}

/// Who archives old bodies, if that is wanted.
fn keeper(house: &House, config: &Config, role: Role) -> Option<Keeper> {
    let wanted = config.archive.clone().zip(config.retention_months);
    let (folder, months) = wanted.filter(|_| role != Role::Gate)?;
    Some(Keeper::start(house, folder, months))
}

/// A misspelt variable leaves its setting as it was, without a word otherwise.
fn remark_unread() {
    for unread in crate::config::unread_variables() {
        output::remark(&format!("note: {}", unread.words()));
    }
}

/// Takes the addresses, and says which they are.
async fn listen(config: &Config, args: &ServeArgs) -> Result<Listeners, Stop> {
    let listen = args.listen.as_ref().unwrap_or(&config.listen);
    let gate = match args.gate_listen.as_ref().or(config.gate_listen.as_ref()) {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    let console = bind(listen).await?;
    let at = console.local_addr()?;
    let deliveries = gate.as_ref().map_or(Ok(at), TcpListener::local_addr)?;
    output::remark(&format!("console   http://{at}/\nwebhooks  http://{deliveries}/api/webhooks/stripe"));
    Ok(Listeners { console, gate })
}

async fn bind(address: &str) -> Result<TcpListener, Stop> {
    TcpListener::bind(address).await.map_err(|why| {
        Stop::Usage(format!("cannot listen on {address}: {why}; choose another with --listen ADDR"))
    })
}

pub(crate) fn access(config: &Config) -> Result<AccessConfig, Stop> {
    let password = match &config.operator_password {
        Some(text) => Some(
            Password::parse(text)
                .map_err(|why| Stop::Usage(format!("COUNTINGHOUSE_OPERATOR_PASSWORD: {why}")))?,
        ),
        None => None,
    };
    Ok(AccessConfig { password, api_token: config.api_token.clone() })
}

/// Returns when the disk under the inbox has failed: after that nothing may be acknowledged by this process
/// again, and what really is on the disk is found out by a new one.
async fn disk_failure(slot: &Slot) {
    while slot.writer.failed().is_none() {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// The web room, wired to a house, and the slot its deliveries go through.
pub(crate) fn app(
    house: &House,
    stripe: &Arc<dyn Stripe>,
    bell: &Bell,
    secrets: Vec<Secret>,
    access: AccessConfig,
) -> Result<(App, Arc<Slot>), Stop> {
    let writer = InboxWriter::start(house.inbox().clone())?;
    let slot = Arc::new(Slot { writer, inbox: house.inbox().clone(), bell: bell.clone() });
    let setup = Setup {
        house: house.clone(),
        stripe: Arc::clone(stripe),
        letterbox: slot.clone(),
        clock: clock::clock(),
        secrets,
        access,
        limits: Limits::default(),
        sinks: observe::counts(),
    };
    let app = App::try_new(setup).map_err(|_| Stop::Found("the machine gives no random bytes".to_owned()))?;
    Ok((app, slot))
}

/// Ctrl-C or a polite termination.
pub(crate) async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = interrupt => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(_) => drop(interrupt.await),
        }
    }
    #[cfg(not(unix))]
    drop(interrupt.await);
}
