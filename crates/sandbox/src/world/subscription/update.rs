//! Changes to a subscription: its items with their prorations, its trial and anchor, its plain fields. The
//! plan of a change is made without effect, so that a preview is the same thing. It must not know cards.

use std::sync::Arc;

use super::begin::{extras_in, latest, no_method};
use super::new::PaymentBehavior;
use super::plan::{Bill, Plan, plan};
use super::{Prorations, bill, change, discounts, end, pending, schedule_cancel, schedule_period, trial};
use crate::model::{
    Collection, InvoiceItem, InvoiceStatus, Meta, Object, Pause, Price, Subscription, TaxRate,
};
use crate::world::billing::Job;
use crate::world::discount::Wanted;
use crate::world::invoice::{self, Tried};
use crate::world::{Book, Refusal};

/// What becomes of one item (`id`), or a new one.
#[derive(Default)]
pub(crate) struct ItemChange {
    pub(crate) id: Option<String>,
    pub(crate) price: Option<Arc<Price>>,
    pub(crate) quantity: Option<i64>,
    pub(crate) deleted: bool,
    pub(crate) metadata: Option<Meta>,
    pub(crate) tax_rates: Option<Vec<Arc<TaxRate>>>,
    pub(crate) wanted: Option<Vec<Wanted>>,
}

/// What becomes different; `None`: as it was.
pub(crate) struct Update {
    pub(crate) items: Vec<ItemChange>,
    /// Billed once, with the change or else with the next period.
    pub(crate) extras: Vec<invoice::NewLine>,
    pub(crate) prorations: Prorations,
    pub(crate) proration_date_s: Option<i64>,
    pub(crate) anchor_now: bool,
    /// A trial until then; in the past or now: it ends.
    pub(crate) trial_end_s: Option<i64>,
    pub(crate) trial_without_method: Option<&'static str>,
    pub(crate) payment_behavior: PaymentBehavior,
    pub(crate) off_session: bool,
    pub(crate) cancel_at_period_end: Option<bool>,
    pub(crate) cancel_at_s: Option<Option<i64>>,
    pub(crate) cancellation: Option<(Option<String>, Option<&'static str>)>,
    pub(crate) collection: Option<Collection>,
    pub(crate) default_payment_method: Option<Option<String>>,
    pub(crate) default_tax_rates: Option<Vec<Arc<TaxRate>>>,
    pub(crate) description: Option<Option<String>>,
    pub(crate) wanted: Option<Vec<Wanted>>,
    pub(crate) metadata: Option<Meta>,
    pub(crate) pause: Option<Option<Pause>>,
    pub(crate) save_default_payment_method: Option<&'static str>,
}

impl Default for Update {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            extras: Vec::new(),
            prorations: Prorations::Create,
            proration_date_s: None,
            anchor_now: false,
            trial_end_s: None,
            trial_without_method: None,
            payment_behavior: PaymentBehavior::AllowIncomplete,
            off_session: false,
            cancel_at_period_end: None,
            cancel_at_s: None,
            cancellation: None,
            collection: None,
            default_payment_method: None,
            default_tax_rates: None,
            description: None,
            wanted: None,
            metadata: None,
            pause: None,
            save_default_payment_method: None,
        }
    }
}

pub(crate) fn update(
    book: &mut Book,
    old: &Arc<Subscription>,
    wanted: &Update,
) -> Result<Arc<Subscription>, Refusal> {
    if old.ended() {
        let message = "A canceled subscription can only update its cancellation_details and metadata.";
        return Err(Refusal::request(message));
    }
    book.on(old.test_clock.as_deref(), |book| {
        let mut plan = plan(book, old, wanted)?;
        plan.made.extend(extras(book, old, wanted)?);
        carry_out(book, old, wanted, plan)
    })
}

/// What is billed once beside the change: it waits for the next invoice, which may be the change's own.
fn extras(book: &mut Book, old: &Subscription, wanted: &Update) -> Result<Vec<InvoiceItem>, Refusal> {
    let lines = extras_in(wanted.extras.clone(), old.currency)?;
    let customer = old.customer.clone().unwrap_or_default();
    let item = |line: invoice::NewLine| InvoiceItem {
        quantity: line.quantity,
        amount: bill::priced(&line.price, line.quantity),
        description: Some(line.price.name.clone()),
        discountable: true,
        subscription: Some(old.id.clone()),
        period_s: old.period_s,
        test_clock: old.test_clock.clone(),
        ..InvoiceItem::blank(&book.id("ii"), &customer, line.price, book.now_s())
    };
    Ok(lines.into_iter().map(item).collect())
}

fn carry_out(
    book: &mut Book,
    old: &Arc<Subscription>,
    wanted: &Update,
    plan: Plan,
) -> Result<Arc<Subscription>, Refusal> {
    let Plan { subscription: mut new, made: entered, bill } = plan;
    let before = book.happened();
    let made: Vec<String> = entered.iter().map(|item| item.id.clone()).collect();
    for item in entered {
        end::enter_waiting(book, item);
    }
    let drawn = match bill {
        Bill::Later => None,
        Bill::Now(lines) => {
            let taken = bill::waiting(book, &new);
            let mut drawn = bill::draw(book, &new, "subscription_update", taken, lines);
            drawn.invoice.subscription_proration_date_s = wanted.proration_date_s;
            drawn.note_billed(&mut new.items);
            new.latest_invoice = Some(drawn.invoice.id.clone());
            Some(drawn)
        }
    };
    let new = change(book, old, new);
    discounts::tell_new(book, &old.discounts, &new);
    discounts::tell_gone(book, &old.discounts, &new);
    follow(book, old, &new);
    let Some(drawn) = drawn else { return Ok(new) };
    let draft = invoice::commit(book, drawn);
    if new.collection != Collection::Automatic {
        return latest(book, &new);
    }
    let open = invoice::open(book, &draft);
    if open.status != InvoiceStatus::Open {
        return latest(book, &new);
    }
    if wanted.payment_behavior == PaymentBehavior::DefaultIncomplete {
        invoice::expect_payment(book, &open);
        super::become_status(book, &new, "past_due");
        return latest(book, &new);
    }
    let tried = invoice::try_to_collect(book, &open, None, wanted.off_session);
    if !matches!(tried, Tried::Paid | Tried::Processing) {
        unpaid(book, old, wanted, &new, &open.id, &Undo { tried, made, before })?;
    }
    latest(book, &new)
}

/// What a change that is not paid for may have to take back.
struct Undo {
    tried: Tried,
    /// The invoice items it made.
    made: Vec<String>,
    /// How much had happened before it.
    before: usize,
}

/// The change was not paid for: it stays, waits, or is undone.
fn unpaid(
    book: &mut Book,
    old: &Arc<Subscription>,
    wanted: &Update,
    new: &Subscription,
    invoice_ref: &str,
    undo: &Undo,
) -> Result<(), Refusal> {
    let Undo { tried, made, before } = undo;
    let of_subscription = |object: &Object| matches!(object, Object::Subscription(_));
    match wanted.payment_behavior {
        PaymentBehavior::PendingIfIncomplete => {
            book.subscriptions.put(&old.id, Arc::clone(old));
            book.unsay(*before, of_subscription);
            pending::wait(book, old, new, invoice_ref);
            Ok(())
        }
        PaymentBehavior::ErrorIfIncomplete => {
            let open = invoice::get(book, invoice_ref, "invoice")?;
            let refusal =
                if *tried == Tried::NoMethod { no_method() } else { invoice::refusal(book, &open, tried) };
            book.subscriptions.put(&old.id, Arc::clone(old));
            invoice::undo(book, invoice_ref, made);
            book.unsay(*before, |object| {
                of_subscription(object) || matches!(object, Object::Invoice(_) | Object::InvoiceItem(_))
            });
            Err(refusal)
        }
        _ => Ok(()),
    }
}

/// What the change makes happen later.
fn follow(book: &mut Book, old: &Subscription, new: &Subscription) {
    if new.period_s.1 != old.period_s.1 {
        schedule_period(book, new);
    }
    if new.cancel_at_s != old.cancel_at_s {
        schedule_cancel(book, new);
    }
    if new.trial_s != old.trial_s && new.status == "trialing" {
        trial::schedule(book, new);
    }
    let resumes_at_s = new.pause.as_ref().and_then(|pause| pause.resumes_at_s);
    if let Some(at_s) = resumes_at_s.filter(|_| new.pause != old.pause) {
        book.schedule_billing(at_s, Job::ResumeCollection(new.id.clone()));
    }
}
