//! Reading what a subscription is to be, or to become: the same words in calls that make or change one and in
//! previews. It must not know what a change costs.

use super::Params;
use super::billing::{self, PriceSaid};
use crate::model::{Pause, Subscription};
use crate::render::Version;
use crate::world::subscription::{ItemChange, NewItem, NewSubscription, PaymentBehavior, Prorations, Update};
use crate::world::{Book, Refusal, invoice};

const FEEDBACK: &[&str] = &[
    "customer_service",
    "low_quality",
    "missing_features",
    "other",
    "switched_service",
    "too_complex",
    "too_expensive",
    "unused",
];
pub(super) fn payment_behavior(params: &mut Params) -> Result<PaymentBehavior, Refusal> {
    let words = ["allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete"];
    Ok(match params.choice("payment_behavior", &words)? {
        Some("default_incomplete") => PaymentBehavior::DefaultIncomplete,
        Some("error_if_incomplete") => PaymentBehavior::ErrorIfIncomplete,
        Some("pending_if_incomplete") => PaymentBehavior::PendingIfIncomplete,
        _ => PaymentBehavior::AllowIncomplete,
    })
}

pub(super) fn prorations(params: &mut Params) -> Result<Option<Prorations>, Refusal> {
    let said = params.choice("proration_behavior", &["create_prorations", "always_invoice", "none"])?;
    Ok(said.map(|said| match said {
        "always_invoice" => Prorations::AlwaysInvoice,
        "none" => Prorations::None,
        _ => Prorations::Create,
    }))
}

/// What a new subscription and its preview say alike. Inline prices are made last, when all is read.
pub(super) struct SaidSubscription {
    items: Vec<(PriceSaid, i64, Params)>,
    extras: Vec<(PriceSaid, i64)>,
    new: NewSubscription,
}

impl SaidSubscription {
    /// The customer's clock says what `now` and days mean.
    pub(super) fn read(
        params: &mut Params,
        book: &Book,
        customer: &str,
        version: Version,
    ) -> Result<Self, Refusal> {
        let clock = book.customers.get(customer).and_then(|customer| customer.test_clock.as_deref());
        let now_s = book.now_of(clock);
        let mut new = NewSubscription::blank("");
        let rows = params.maps("items")?.ok_or_else(|| params.absent("items"))?;
        let mut items = Vec::new();
        for mut row in rows {
            let price = PriceSaid::read(&mut row, book)?.ok_or_else(|| row.absent("price"))?;
            let quantity = row.at_least("quantity", 0)?.unwrap_or(1);
            items.push((price, quantity, row));
        }
        let extras = extras(params, book)?;
        new.wanted = super::discounts::read(params, version)?.unwrap_or_default();
        new.default_tax_rates = billing::tax_rates(params, "default_tax_rates", book)?.unwrap_or_default();
        new.trial_end_s = trial_end(params, now_s)?;
        new.trial_without_method = trial_settings(params)?.unwrap_or("create_invoice");
        new.anchor_s = params.int("billing_cycle_anchor")?;
        new.currency = params.currency("currency")?;
        new.cancel_at_s = params.int("cancel_at")?;
        new.cancel_at_period_end = params.bool("cancel_at_period_end")?.unwrap_or(false);
        new.collection = billing::collection(params)?.unwrap_or(new.collection);
        new.default_payment_method = params.text("default_payment_method")?;
        new.save_default_payment_method = payment_settings(params)?.unwrap_or("off");
        new.flexible = billing_mode(params, version)?;
        Ok(Self { items, extras, new })
    }

    pub(super) fn wanted(self, book: &mut Book, customer: &str) -> Result<NewSubscription, Refusal> {
        let Self { items, extras, mut new } = self;
        customer.clone_into(&mut new.customer);
        for (price, quantity, mut row) in items {
            let tax_rates = billing::tax_rates(&mut row, "tax_rates", book)?.unwrap_or_default();
            let metadata = row.metadata()?;
            let wanted = super::discounts::read(&mut row, Version::Dahlia20260729)?.unwrap_or_default();
            row.finish()?;
            let price = price.get(book)?;
            new.items.push(NewItem { metadata, tax_rates, wanted, ..NewItem::of(&price, quantity) });
        }
        new.extras = extra_lines(extras, book)?;
        Ok(new)
    }
}

/// `add_invoice_items`: things billed once, and how many of each.
fn extras(params: &mut Params, book: &Book) -> Result<Vec<(PriceSaid, i64)>, Refusal> {
    let mut extras = Vec::new();
    for mut row in params.maps("add_invoice_items")?.unwrap_or_default() {
        let price = PriceSaid::read(&mut row, book)?.ok_or_else(|| row.absent("price"))?;
        let quantity = row.at_least("quantity", 1)?.unwrap_or(1);
        row.finish()?;
        extras.push((price, quantity));
    }
    Ok(extras)
}

fn extra_lines(extras: Vec<(PriceSaid, i64)>, book: &mut Book) -> Result<Vec<invoice::NewLine>, Refusal> {
    let line = |(price, quantity): (PriceSaid, i64)| {
        let price = price.get(book)?;
        Ok(invoice::NewLine { price, quantity, tax_rates: Vec::new(), discounts: Vec::new() })
    };
    extras.into_iter().map(line).collect()
}

/// `trial_end` (a time or `now`) or `trial_period_days`.
fn trial_end(params: &mut Params, now_s: i64) -> Result<Option<i64>, Refusal> {
    let days = params.at_least("trial_period_days", 0)?.filter(|days| *days > 0);
    params.bool("trial_from_plan")?;
    let path = params.name("trial_end");
    let end_s = match params.text("trial_end")?.as_deref() {
        None => None,
        Some("now") => Some(now_s),
        Some(text) => {
            Some(text.parse().map_err(|_| Refusal::invalid(&path, format!("Invalid integer: {text}")))?)
        }
    };
    match (days, end_s) {
        (Some(_), Some(_)) => {
            let message = "You may only specify one of these parameters: trial_end, trial_period_days.";
            Err(Refusal::request(message))
        }
        (Some(days), None) => Ok(Some(now_s + days * 86_400)),
        (None, end_s) => Ok(end_s),
    }
}

fn trial_settings(params: &mut Params) -> Result<Option<&'static str>, Refusal> {
    let Some(mut settings) = params.map("trial_settings")? else { return Ok(None) };
    let mut end = settings.map("end_behavior")?.ok_or_else(|| settings.absent("end_behavior"))?;
    let said = end.choice("missing_payment_method", &["cancel", "create_invoice", "pause"])?;
    end.finish()?;
    settings.finish()?;
    Ok(said)
}

fn payment_settings(params: &mut Params) -> Result<Option<&'static str>, Refusal> {
    let Some(mut settings) = params.map("payment_settings")? else { return Ok(None) };
    let said = settings.choice("save_default_payment_method", &["off", "on_subscription"])?;
    settings.take("payment_method_options");
    settings.texts("payment_method_types")?;
    settings.finish()?;
    Ok(said)
}

/// `billing_mode[type]`, from basil on.
fn billing_mode(params: &mut Params, version: Version) -> Result<bool, Refusal> {
    if !version.basil() {
        return Ok(false);
    }
    let Some(mut mode) = params.map("billing_mode")? else { return Ok(false) };
    let kind = mode.choice("type", &["classic", "flexible"])?.ok_or_else(|| mode.absent("type"))?;
    mode.take("flexible");
    mode.finish()?;
    Ok(kind == "flexible")
}

/// Known, and without effect here.
pub(super) fn ignored(params: &mut Params) -> Result<(), Refusal> {
    for name in ["automatic_tax", "invoice_settings", "transfer_data"] {
        params.take(name);
    }
    for name in ["application_fee_percent", "on_behalf_of", "default_source"] {
        params.text(name)?;
    }
    params.text("currency")?;
    Ok(())
}

/// What a change and its preview say alike.
pub(super) struct SaidUpdate {
    prices: Vec<Option<PriceSaid>>,
    extras: Vec<(PriceSaid, i64)>,
    update: Update,
}

impl SaidUpdate {
    pub(super) fn read(
        params: &mut Params,
        book: &Book,
        old: &Subscription,
        version: Version,
    ) -> Result<Self, Refusal> {
        let mut update = Update::default();
        let mut prices = Vec::new();
        for row in params.maps("items")?.unwrap_or_default() {
            let (price, change) = item_change(row, book)?;
            prices.push(price);
            update.items.push(change);
        }
        update.prorations = prorations(params)?.unwrap_or_default();
        update.proration_date_s = params.int("proration_date")?;
        update.anchor_now = params.choice("billing_cycle_anchor", &["now", "unchanged"])? == Some("now");
        update.trial_end_s = trial_end(params, book.now_of(old.test_clock.as_deref()))?;
        update.trial_without_method = trial_settings(params)?;
        update.payment_behavior = payment_behavior(params)?;
        update.off_session = params.bool("off_session")?.unwrap_or(false);
        update.cancel_at_period_end = params.bool("cancel_at_period_end")?;
        update.cancel_at_s = cancel_at(params, old)?;
        update.cancellation = cancellation(params)?;
        update.collection = billing::collection(params)?;
        update.default_payment_method = billing::text(params, "default_payment_method")?;
        update.default_tax_rates = billing::tax_rates(params, "default_tax_rates", book)?;
        update.description = billing::text(params, "description")?;
        update.wanted = super::discounts::read(params, version)?;
        update.metadata = billing::metadata(params, &old.metadata)?;
        update.pause = pause_collection(params)?;
        update.save_default_payment_method = payment_settings(params)?;
        Ok(Self { prices, extras: Vec::new(), update })
    }

    /// What only a change takes, and its preview does not.
    pub(super) fn with_extras(mut self, params: &mut Params, book: &Book) -> Result<Self, Refusal> {
        self.extras = extras(params, book)?;
        Ok(self)
    }

    pub(super) fn get(self, book: &mut Book) -> Result<Update, Refusal> {
        let Self { prices, extras, mut update } = self;
        for (change, price) in update.items.iter_mut().zip(prices) {
            change.price = price.map(|price| price.get(book)).transpose()?;
        }
        update.extras = extra_lines(extras, book)?;
        Ok(update)
    }
}

fn item_change(mut row: Params, book: &Book) -> Result<(Option<PriceSaid>, ItemChange), Refusal> {
    let price = PriceSaid::read(&mut row, book)?;
    let change = ItemChange {
        id: row.text("id")?,
        price: None,
        quantity: row.at_least("quantity", 0)?,
        deleted: row.bool("deleted")?.unwrap_or(false),
        metadata: billing::metadata(&mut row, &Vec::new())?,
        tax_rates: billing::tax_rates(&mut row, "tax_rates", book)?,
        wanted: super::discounts::read(&mut row, Version::Dahlia20260729)?,
    };
    row.bool("clear_usage")?;
    row.finish()?;
    Ok((price, change))
}

/// A time, `min_period_end`, `max_period_end`, or nothing any more.
fn cancel_at(params: &mut Params, old: &Subscription) -> Result<Option<Option<i64>>, Refusal> {
    let path = params.name("cancel_at");
    let Some(said) = billing::text(params, "cancel_at")? else { return Ok(None) };
    Ok(Some(match said.as_deref() {
        None => None,
        Some("min_period_end" | "max_period_end") => Some(old.period_s.1),
        Some(text) => {
            let bad = |_| Refusal::invalid(&path, format!("Invalid integer: {text}"));
            Some(text.parse().map_err(bad)?)
        }
    }))
}

pub(super) type Said = (Option<String>, Option<&'static str>);

pub(super) fn cancellation(params: &mut Params) -> Result<Option<Said>, Refusal> {
    let Some(mut details) = params.map("cancellation_details")? else { return Ok(None) };
    let said = (details.text("comment")?, details.choice("feedback", FEEDBACK)?);
    details.finish()?;
    Ok(Some(said))
}

fn pause_collection(params: &mut Params) -> Result<Option<Option<Pause>>, Refusal> {
    if !params.has("pause_collection") {
        return Ok(None);
    }
    let Some(mut map) = params.map("pause_collection")? else { return Ok(Some(None)) };
    let behavior = map.choice("behavior", &["keep_as_draft", "mark_uncollectible", "void"])?;
    let behavior = behavior.ok_or_else(|| map.absent("behavior"))?;
    let resumes_at_s = map.int("resumes_at")?;
    map.finish()?;
    Ok(Some(Some(Pause { behavior, resumes_at_s })))
}
