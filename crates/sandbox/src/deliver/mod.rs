//! Who is told of what happened, when, and how often until it was taken: events become parcels, parcels are
//! tried until a receiver takes them or they are given up, every try is logged. Pure: sending is somebody
//! else's (`serve::courier`). It must not know sockets or the machine's clock.

mod address;
mod chaos;
mod log;
mod retry;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

pub use chaos::{Chaos, Mishap};
pub(crate) use log::{Attempt, Log, Outcome};
pub use retry::Retries;

use crate::model::ModelEvent;
use crate::render;
use crate::world::{BookKey, World};
use address::Address;

/// One event on its way to one endpoint.
#[derive(Clone)]
struct Parcel {
    serial: u64,
    event: Arc<ModelEvent>,
    to: Address,
    tries: usize,
    /// Made by chaos: not tried again, and nobody waits for it.
    copy: bool,
}

/// What is to be posted now. The secrets are those alive by the sandbox's clock.
pub(crate) struct Sending {
    pub(crate) ticket: u64,
    pub(crate) url: String,
    pub(crate) body: Vec<u8>,
    pub(crate) secrets: Vec<String>,
    /// Whatever the receiver answers, it is not heard.
    pub(crate) unheard: bool,
}

pub(crate) struct Deliveries {
    /// By when they are due, then by order; a copy comes after what it copies.
    queue: BTreeMap<(i64, u64, bool), Parcel>,
    /// By ticket: being sent.
    away: HashMap<u64, (Parcel, String)>,
    serial: u64,
    tickets: u64,
    pub(crate) retries: Retries,
    pub(crate) log: Log,
}

impl Deliveries {
    pub(crate) fn new(retries: Retries) -> Self {
        let (queue, away) = (BTreeMap::new(), HashMap::new());
        Self { queue, away, serial: 0, tickets: 0, retries, log: Log::default() }
    }

    /// Addresses everything that happened since the last time.
    pub(crate) fn collect(&mut self, world: &mut World, chaos: &mut Chaos) {
        for event in world.take_events() {
            for to in address::of(world, &event) {
                wait_for(world, &event);
                self.post(world.now_s(), chaos, &event, to);
            }
        }
    }

    /// Once more to every endpoint that listens, or to that one; says to how many.
    pub(crate) fn resend(&mut self, world: &mut World, event: &Arc<ModelEvent>, only: Option<&str>) -> usize {
        let to: Vec<Address> = address::of(world, event)
            .into_iter()
            .filter(|to| only.is_none_or(|id| to.endpoint_ref == id))
            .collect();
        for to in &to {
            self.serial += 1;
            self.enqueue(world.now_s(), event, to.clone(), true);
        }
        to.len()
    }

    fn post(&mut self, now_s: i64, chaos: &mut Chaos, event: &Arc<ModelEvent>, to: Address) {
        self.serial += 1;
        let serial = self.serial;
        if chaos.strikes(Mishap::Lose, serial) {
            self.log.add(Attempt::of(event, &to, 0, now_s, Outcome::Lost));
            return;
        }
        let due_s = chaos.due_s(now_s, serial);
        self.enqueue(due_s, event, to.clone(), false);
        if chaos.strikes(Mishap::Duplicate, serial) {
            self.enqueue(due_s, event, to, true);
        }
    }

    fn enqueue(&mut self, due_s: i64, event: &Arc<ModelEvent>, to: Address, copy: bool) {
        let parcel = Parcel { serial: self.serial, event: Arc::clone(event), to, tries: 0, copy };
        self.queue.insert((due_s, self.serial, copy), parcel);
    }

    /// Up to so many that are due, to be sent and then reported by `answered`.
    pub(crate) fn take_due(&mut self, world: &mut World, chaos: &mut Chaos, most: usize) -> Vec<Sending> {
        let now_s = world.now_s();
        let mut sendings = Vec::new();
        while sendings.len() < most {
            let Some(entry) = self.queue.first_entry().filter(|entry| entry.key().0 <= now_s) else { break };
            let parcel = entry.remove();
            if let Some(sending) = self.sending(world, chaos, parcel) {
                sendings.push(sending);
            }
        }
        sendings
    }

    /// `None` when the endpoint is gone or no longer listens, or when chaos says that it cannot be reached.
    fn sending(&mut self, world: &mut World, chaos: &mut Chaos, parcel: Parcel) -> Option<Sending> {
        let endpoint = address::endpoint(world, &parcel.to).filter(|endpoint| !endpoint.disabled)?;
        let now_s = world.now_s();
        let pending = pending(world, &parcel.event);
        let event = parcel.to.as_seen(&parcel.event);
        let body = match endpoint.thin {
            true => render::thin(&event),
            false => render::deliver_pending(&event, parcel.to.version, pending)?.body,
        };
        self.tickets += 1;
        let ticket = self.tickets;
        let draw = parcel.serial.wrapping_mul(64).wrapping_add(u64::try_from(parcel.tries).unwrap_or(0));
        self.away.insert(ticket, (parcel, endpoint.url.clone()));
        if chaos.strikes(Mishap::Refuse, draw) {
            self.answered(world, ticket, Outcome::Failed("connection refused (chaos)".into()));
            return None;
        }
        Some(Sending {
            ticket,
            url: endpoint.url.clone(),
            body,
            secrets: endpoint.secrets_at(now_s).into_iter().map(str::to_owned).collect(),
            unheard: chaos.strikes(Mishap::Unanswered, draw),
        })
    }

    /// How a sending went: taken, to be tried again, or given up.
    pub(crate) fn answered(&mut self, world: &mut World, ticket: u64, outcome: Outcome) {
        let Some((mut parcel, url)) = self.away.remove(&ticket) else { return };
        let now_s = world.now_s();
        parcel.tries += 1;
        let taken = outcome.is_success();
        let livemode = parcel.to.book.livemode;
        let pause_s = if taken || parcel.copy { None } else { self.retries.pause_s(livemode, parcel.tries) };
        let mut attempt = Attempt::of(&parcel.event, &parcel.to, parcel.tries, now_s, outcome);
        attempt.url = url;
        attempt.next_s = pause_s.map(|pause_s| now_s.saturating_add(pause_s));
        if taken && !parcel.copy {
            taken_by_one(world, &parcel.event);
        }
        if let Some(next_s) = attempt.next_s {
            self.queue.insert((next_s, parcel.serial, parcel.copy), parcel);
        }
        self.log.add(attempt);
    }

    /// When the next parcel is due; `None`: nothing waits.
    pub(crate) fn next_due_s(&self) -> Option<i64> {
        self.queue.first_key_value().map(|((due_s, ..), _)| *due_s)
    }

    /// Whether nothing is being sent or due by then.
    pub(crate) fn settled(&self, now_s: i64) -> bool {
        self.away.is_empty() && self.next_due_s().is_none_or(|due_s| due_s > now_s)
    }

    /// How many wait for their time, and how many are being sent.
    pub(crate) fn waiting(&self) -> (usize, usize) {
        (self.queue.len(), self.away.len())
    }
}

fn book_of(event: &ModelEvent) -> BookKey {
    BookKey { account: event.account.clone(), livemode: event.livemode }
}

fn wait_for(world: &mut World, event: &ModelEvent) {
    if let Some(book) = world.book(&book_of(event)) {
        *book.undelivered.entry(event.id.clone()).or_default() += 1;
    }
}

fn taken_by_one(world: &mut World, event: &ModelEvent) {
    let Some(book) = world.book(&book_of(event)) else { return };
    if let Some(left) = book.undelivered.get_mut(&event.id) {
        *left = left.saturating_sub(1);
        if *left == 0 {
            book.undelivered.remove(&event.id);
        }
    }
}

fn pending(world: &mut World, event: &ModelEvent) -> usize {
    let book = world.book(&book_of(event));
    book.and_then(|book| book.undelivered.get(&event.id).copied()).unwrap_or(0)
}
