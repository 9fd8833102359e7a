//! The servers that are compared, all on the accept loop of the house: the house itself, one whose handler
//! only reads the body, and the naive one.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use axum::Router;
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use engine::House;
use store::{Append, Appended, InboxWriter, Source};
use testkit::TestDatabase;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use web::gate::{Delivery, Done, Kept, LetterBox, NotKept, Place};
use web::{AccessConfig, App, Limits, Modes, Secret, Setup};

use crate::Engine;
use crate::driver::{PATH, SECRET};
use crate::naive::Naive;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    /// Reads the body and answers.
    Empty,
    /// Appends the body to a synced file and answers.
    Raw,
    House(Engine),
    Naive(Engine),
}

/// A server that listens, on a database of its own.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    kept: Box<dyn Fn() -> Result<i64>>,
    _database: Option<TestDatabase>,
}

impl Server {
    pub(crate) fn start(runtime: &Runtime, kind: Kind) -> Result<Self> {
        match kind {
            Kind::Empty => Self::on(runtime, empty(), None, Box::new(|| Ok(0))),
            Kind::Raw => Self::on(runtime, crate::raw::router()?, None, Box::new(|| Ok(0))),
            Kind::House(engine) => {
                let database = database(engine)?;
                let house = House::open(&database.url)?;
                let router = web::router::combined(app(&house)?);
                Self::on(runtime, router, Some(database), Box::new(move || Ok(house.inbox().head()?)))
            }
            Kind::Naive(engine) => {
                let database = database(engine)?;
                let naive = Naive::open(engine, &database.url)?;
                let router = naive.router();
                Self::on(runtime, router, Some(database), Box::new(move || naive.kept()))
            }
        }
    }

    fn on(
        runtime: &Runtime,
        router: Router,
        database: Option<TestDatabase>,
        kept: Box<dyn Fn() -> Result<i64>>,
    ) -> Result<Self> {
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = runtime.spawn(web::serve_router(listener, router, Limits::default(), async {
            drop(stopped.await);
        }));
        Ok(Self { address, stop, serving, kept, _database: database })
    }

    /// Ends it and looks whether all that was accepted is there.
    pub(crate) fn end(self, runtime: &Runtime, accepted: u64) -> Result<()> {
        let Self { stop, serving, kept, _database: database, .. } = self;
        drop(stop);
        runtime.block_on(serving)?;
        if database.is_some() {
            let kept = kept()?;
            ensure!(kept == i64::try_from(accepted)?, "{accepted} were accepted, but {kept} are stored");
        }
        drop(kept);
        Ok(())
    }
}

pub(crate) fn database(engine: Engine) -> Result<TestDatabase> {
    match engine {
        Engine::Sqlite => Ok(TestDatabase::sqlite()),
        Engine::Postgres => TestDatabase::postgres().context("no PostgreSQL"),
    }
}

fn empty() -> Router {
    Router::new().route(PATH, post(async |body: Body| answer(read(body).await.is_ok())))
}

/// The whole body, bounded as at the gate.
pub(crate) async fn read(body: Body) -> Result<axum::body::Bytes> {
    Ok(axum::body::to_bytes(body, Limits::default().body_bytes_max).await?)
}

/// The words of the gate.
pub(crate) fn answer(accepted: bool) -> Response {
    if accepted {
        ([(header::CONTENT_TYPE, "application/json")], "{\"received\":true}").into_response()
    } else {
        StatusCode::BAD_REQUEST.into_response()
    }
}

pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The house's web room with its gate, wired as the binary wires it, without workers.
fn app(house: &House) -> Result<App> {
    let writer = InboxWriter::start(house.inbox().clone())?;
    let setup = Setup {
        house: house.clone(),
        stripe: Arc::new(engine::deliver::NoKey),
        letterbox: Arc::new(Slot(writer)),
        clock: Arc::new(now_ms),
        secrets: Secret::parse_list(SECRET, Modes::Test, false)?,
        access: AccessConfig::default(),
        limits: Limits::default(),
        sinks: Vec::new(),
    };
    match App::try_new(setup) {
        Ok(app) => Ok(app),
        Err(_) => bail!("the machine gives no random bytes"),
    }
}

struct Slot(InboxWriter);

impl LetterBox for Slot {
    fn submit(&self, delivery: Delivery, done: Done) {
        let Place::Inbox { book, envelope } = delivery.place else { return done(Err(NotKept)) };
        let append = Append {
            book,
            event_ref: envelope.id,
            event_type: envelope.event_type,
            api_version: envelope.api_version,
            created_s: envelope.created_s,
            received_at: delivery.received_at,
            source: Source::Webhook,
            headers: delivery.headers,
            body: delivery.body.to_vec(),
            body_hash: delivery.body_hash,
        };
        let kept = |appended| match appended {
            Appended::Duplicate { .. } => Kept::Duplicate,
            Appended::New { .. } | Appended::Conflict { .. } => Kept::New,
        };
        self.0.submit(append, Box::new(move |result| done(result.map(kept).map_err(|_| NotKept))));
    }
}
