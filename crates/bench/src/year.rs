//! How fast time goes by in the sandbox: a year of subscriptions, through its API, with every event taken. The
//! hash is of what happened: the same figure means the same year. It must not know the house.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use sandbox::{Method, Request, World, answer};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const START_S: i64 = 1_767_225_600;
const DAY_S: i64 = 86_400;
const DAYS: usize = 365;
/// Everybody has begun by then.
const BEGIN_DAYS: usize = 30;
const CARD: &str = "payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa";
const PLAN: &str = "currency=usd&unit_amount=2000&recurring[interval]=month&product_data[name]=Chat";

#[derive(Serialize)]
pub(crate) struct Year {
    subscriptions: usize,
    events: usize,
    seconds: f64,
    per_s: f64,
    /// Of every event's id, type, time and object, in order.
    hash: String,
}

pub(crate) fn measure(subscriptions: usize) -> Result<Year> {
    let mut world = World::new(1, START_S);
    let begun = Instant::now();
    let (mut events, mut hash) = (0, Sha256::new());
    let plan = made(&mut world, "/v1/prices", PLAN)?;
    for day in 0..DAYS {
        let today = if day < BEGIN_DAYS { share(subscriptions, day) } else { 0 };
        for _ in 0..today {
            let customer = made(&mut world, "/v1/customers", CARD)?;
            let form = format!("customer={customer}&items[0][price]={plan}");
            made(&mut world, "/v1/subscriptions", &form)?;
        }
        world.tick(world.now_s() + DAY_S);
        for event in world.take_events() {
            events += 1;
            hash.update(event.id.as_bytes());
            hash.update(event.kind.as_bytes());
            hash.update(event.created_s.to_be_bytes());
            hash.update(event.object.id().as_bytes());
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    let hash = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Ok(Year { subscriptions, events, seconds, per_s: events as f64 / seconds, hash })
}

/// How many begin on that day.
const fn share(subscriptions: usize, day: usize) -> usize {
    subscriptions * (day + 1) / BEGIN_DAYS - subscriptions * day / BEGIN_DAYS
}

#[derive(Deserialize)]
struct Made {
    id: String,
}

/// A call that must work; the id of what it made.
fn made(world: &mut World, path: &str, form: &str) -> Result<String> {
    let request = Request {
        method: Method::Post,
        path: path.to_owned(),
        query: String::new(),
        body: form.as_bytes().to_vec(),
        authorization: Some("Bearer sk_test_year".to_owned()),
        version: None,
        idempotency_key: None,
        account: None,
    };
    let answer = answer(world, &request);
    ensure!(answer.status == 200, "{path} {form}: {}", answer.body);
    let body: Made =
        serde_json::from_str(&answer.body).with_context(|| format!("{path} has made nothing"))?;
    Ok(body.id)
}

impl Year {
    pub(crate) fn text(&self) -> String {
        format!(
            "{:<24}{:>10}{:>12}{:>14}{:>22}\n{:<24}{:>10}{:>12.1}{:>14.0}{:>22}\n",
            "sandbox",
            "events",
            "seconds",
            "events/s",
            "hash of the events",
            format!("a year of {}", self.subscriptions),
            self.events,
            self.seconds,
            self.per_s,
            self.hash
        )
    }
}
