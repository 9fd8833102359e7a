//! Projected events per second: a year of realistic deliveries lies in the inbox, and the clock runs until
//! the books are level.

use std::time::Instant;

use anyhow::{Result, ensure};
use engine::operate::{Request, operate};
use engine::{House, project};
use kernel::Book;
use sandbox::Delivery;
use sandbox::traffic::Traffic;
use sha2::{Digest, Sha256};
use store::{Append, Source};

use crate::servers::{database, now_ms};
use crate::{Engine, Plan, machine};

/// One measurement.
pub(crate) struct Projected {
    pub(crate) engine: Engine,
    pub(crate) workers: usize,
    pub(crate) events: i64,
    pub(crate) seconds: f64,
    /// Processor time of this process (not of a database server).
    pub(crate) cpu_s: Option<f64>,
    /// Rows inserted, changed or deleted in the books; counted on SQLite (both engines write the same).
    pub(crate) writes: Option<u64>,
}

impl Projected {
    pub(crate) fn rate(&self) -> f64 {
        self.events as f64 / self.seconds
    }
}

const FIRST_S: i64 = 1_735_689_600;
/// A customer's year is some fifty deliveries.
const DELIVERIES_PER_CUSTOMER: usize = 40;
const APPEND_EVENTS: usize = 500;

pub(crate) fn measure(plan: &Plan) -> Result<Vec<Projected>> {
    let customers = u32::try_from(plan.events.div_ceil(DELIVERIES_PER_CUSTOMER))?;
    let traffic = sandbox::traffic::year(11, 12, customers, FIRST_S);
    let deliveries: Vec<Delivery> = traffic.deliveries().take(plan.events).collect();
    let mut measured = Vec::new();
    for round in 0..plan.rounds {
        for engine in &plan.engines {
            // One file has one writer: a second worker could only wait.
            let most = if *engine == Engine::Sqlite { 1 } else { 2 };
            for workers in 1..=most {
                eprintln!(
                    "projecting: round {} of {}, {}, {workers} worker(s)",
                    round + 1,
                    plan.rounds,
                    engine.name()
                );
                measured.push(once(*engine, workers, &traffic, &deliveries)?);
            }
        }
    }
    Ok(measured)
}

fn once(engine: Engine, workers: usize, traffic: &Traffic, deliveries: &[Delivery]) -> Result<Projected> {
    let database = database(engine)?;
    let house = House::open(&database.url)?;
    let now = now_ms();
    for line in &traffic.setup {
        let request = Request {
            actor: "bench".to_owned(),
            effective_at: line.effective_at,
            action: line.action.clone(),
            retroactive: false,
        };
        operate(&house, &request, now)?;
    }
    for chunk in deliveries.chunks(APPEND_EVENTS) {
        let batch: Vec<Append> = chunk.iter().map(|delivery| append(delivery, now)).collect::<Result<_>>()?;
        house.inbox().append(&batch)?;
    }
    let events = house.inbox().head()?;
    let before = house.db().row_writes();
    let used = machine::cpu_s();
    let started = Instant::now();
    std::thread::scope(|scope| -> Result<()> {
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(|| drain(&house, now))).collect();
        running.into_iter().try_for_each(|thread| match thread.join() {
            Ok(result) => result,
            Err(_) => anyhow::bail!("a worker panicked"),
        })
    })?;
    let seconds = started.elapsed().as_secs_f64();
    let cpu_s = machine::cpu_s().zip(used).map(|(after, before)| after - before);
    let writes = house.db().row_writes().zip(before).map(|(after, before)| after - before);
    let status = engine::status::status(&house, now)?;
    ensure!(status.level && status.parked == 0, "the books are not level: {status:?}");
    drop(house);
    Ok(Projected { engine, workers, events, seconds, cpu_s, writes })
}

/// Steps until the books are level: a worker that finds nothing may only have been overtaken.
fn drain(house: &House, now: i64) -> Result<()> {
    loop {
        project::drain(house, now)?;
        if engine::status::status(house, now)?.level {
            return Ok(());
        }
    }
}

fn append(delivery: &Delivery, received_at: i64) -> Result<Append> {
    let envelope = facts::Envelope::parse(&delivery.body)?;
    Ok(Append {
        book: Book { account: envelope.account, livemode: envelope.livemode },
        event_ref: envelope.id,
        event_type: envelope.event_type,
        api_version: envelope.api_version,
        created_s: envelope.created_s,
        received_at,
        source: Source::Webhook,
        headers: "{}".to_owned(),
        body: delivery.body.clone(),
        body_hash: Sha256::digest(&delivery.body).into(),
    })
}
