//! What subscribers and the shop do while a subscription runs: more or fewer seats, another plan, a code, an
//! extra, a card that fails and a better one, credit, the end. It must not know what it costs.

use std::sync::Arc;

use super::play::{Play, Todo};
use super::shop::{DAY_S, MONTH_S, Ware};
use crate::model::{InvoiceStatus, Subscription};

#[derive(Clone, Debug)]
pub(super) struct Later {
    pub(super) subscription: String,
    pub(super) what: What,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    /// Basic becomes Pro, Pro becomes Basic.
    Plan,
    Seats,
    /// A code on the running subscription, beside what it has.
    Code(usize),
    /// Its discounts are taken off again.
    CodeOff,
    /// Its metadata name a partner from now on.
    Named(&'static str),
    /// Something once, on an invoice of the subscription.
    Extra,
    BadCard,
    /// A better card, and the open invoice is paid with it.
    GoodCard(String),
    /// Credit on the customer's balance; below zero in the API's sign.
    Balance(i64),
    EndAtPeriod,
    EndNow,
}

/// Draws a new subscription's life, month by month, until it ends.
pub(super) fn draw(play: &mut Play, subscription: &Subscription) {
    let mut month_s = subscription.created_s;
    while month_s < play.end_s {
        let at_s = month_s + play.rng.between(DAY_S, MONTH_S - 1);
        let fate = play.rng.weighted(&[730, 35, 35, 14, 8, 20, 45, 30, 35, 12]);
        let what = match fate {
            0 => None,
            1 => Some(What::Plan),
            2 => Some(What::Seats),
            3 => Some(What::Code(play.code())),
            4 => Some(What::Named(play.partner())),
            5 => Some(What::Extra),
            6 => Some(What::BadCard),
            7 => Some(What::Balance(if play.rng.chance(800) { -700 } else { 150 })),
            8 => Some(What::EndAtPeriod),
            _ => Some(What::EndNow),
        };
        if let Some(what) = what {
            let ends = matches!(what, What::EndAtPeriod | What::EndNow);
            play.at(at_s, Todo::Later(Later { subscription: subscription.id.clone(), what }));
            if ends {
                return;
            }
        }
        month_s += MONTH_S;
    }
}

pub(super) fn act(play: &mut Play, later: Later) {
    let known = play.office.book().subscriptions.get(&later.subscription).cloned();
    let Some(subscription) = known.filter(|row| !row.ended()) else { return };
    match later.what {
        What::Plan => plan(play, &subscription),
        What::Seats => seats(play, &subscription),
        What::Code(code) => code_on(play, &subscription, code),
        What::CodeOff if subscription.discounts.is_empty() => {}
        What::CodeOff => {
            play.office.delete(&format!("/v1/subscriptions/{}/discount", subscription.id), "");
        }
        What::Named(partner) => {
            change(play, &subscription, &format!("metadata[partner_ref]={partner}"));
        }
        What::Extra => extra(play, &subscription),
        What::BadCard => drop(card(play, &subscription, "pm_card_chargeCustomerFail")),
        What::GoodCard(invoice) => {
            if card(play, &subscription, "pm_card_visa").is_some() {
                play.office.post(&format!("/v1/invoices/{invoice}/pay"), "");
            }
        }
        What::Balance(amount) => balance(play, &subscription, amount),
        What::EndAtPeriod => drop(change(play, &subscription, "cancel_at_period_end=true")),
        What::EndNow => {
            let prorate = play.rng.chance(500);
            let form = format!("prorate={prorate}&invoice_now={}", prorate && play.rng.chance(600));
            play.office.delete(&format!("/v1/subscriptions/{}", subscription.id), &form);
        }
    }
}

fn change(play: &mut Play, subscription: &Subscription, form: &str) -> Option<String> {
    play.office.post(&format!("/v1/subscriptions/{}", subscription.id), form)
}

fn prorations(play: &mut Play) -> &'static str {
    ["create_prorations", "always_invoice", "none"][play.rng.weighted(&[45, 45, 10])]
}

/// The market it was sold in.
fn market(play: &Play, subscription: &Subscription) -> usize {
    let same = |market: &super::shop::Market| market.currency == subscription.currency.as_str();
    play.shop.markets.iter().position(same).unwrap_or(0)
}

fn plan(play: &mut Play, subscription: &Arc<Subscription>) {
    let market = market(play, subscription);
    let Some(item) = subscription.items.first() else { return };
    let Some(market) = play.shop.markets.get(market) else { return };
    let to = if item.price.id == market.price(Ware::Basic) { Ware::Pro } else { Ware::Basic };
    let form = format!("items[0][id]={}&items[0][price]={}", item.id, market.price(to));
    let form = format!("{form}&proration_behavior={}", prorations(play));
    change(play, subscription, &form);
}

fn seats(play: &mut Play, subscription: &Arc<Subscription>) {
    let Some(item) = subscription.items.first() else { return };
    let seats = play.rng.between(1, item.quantity + 3);
    let form = format!("items[0][id]={}&items[0][quantity]={seats}", item.id);
    let form = format!("{form}&proration_behavior={}", prorations(play));
    change(play, subscription, &form);
}

fn code_on(play: &mut Play, subscription: &Arc<Subscription>, code: usize) {
    let Some(id) = play.shop.code(code) else { return };
    let mut form = format!("discounts[0][promotion_code]={id}");
    for (index, discount) in subscription.discounts.iter().enumerate() {
        form.push_str(&format!("&discounts[{}][discount]={}", index + 1, discount.id));
    }
    change(play, subscription, &form);
    // A mistake, some find, often before the next invoice.
    if play.rng.chance(150) {
        let later = Later { subscription: subscription.id.clone(), what: What::CodeOff };
        play.within((1, MONTH_S), Todo::Later(later));
    }
}

/// Something once, with the plan's tax, billed and paid at once; of somebody who owes nothing.
fn extra(play: &mut Play, subscription: &Arc<Subscription>) {
    let book = play.office.book();
    let latest = subscription.latest_invoice.as_ref().and_then(|id| book.invoices.get(id));
    if latest.is_none_or(|invoice| invoice.status != InvoiceStatus::Paid) {
        return;
    }
    let Some(customer) = subscription.customer.clone() else { return };
    let index = market(play, subscription);
    let Some(market) = play.shop.markets.get(index) else { return };
    let of = format!("customer={customer}&subscription={}", subscription.id);
    let amount = market.unit_minor(Ware::SetUp);
    let taxes =
        subscription.items.iter().flat_map(|item| &item.tax_rates).chain(&subscription.default_tax_rates);
    let tax = taxes.map(|rate| format!("&tax_rates[0]={}", rate.id)).next().unwrap_or_default();
    let shipped = format!("&shipping_cost[shipping_rate]={}", market.shipping_rate);
    let item = format!("{of}&amount={amount}&currency={}{tax}", market.currency);
    let shipped = if play.rng.chance(600) { shipped } else { String::new() };
    if play.office.post("/v1/invoiceitems", &item).is_none() {
        return;
    }
    let Some(invoice) = play.office.post("/v1/invoices", &format!("{of}{shipped}")) else { return };
    play.office.post(&format!("/v1/invoices/{invoice}/pay"), "");
}

/// A new card for the subscription.
fn card(play: &mut Play, subscription: &Arc<Subscription>, token: &str) -> Option<String> {
    let customer = subscription.customer.as_ref()?;
    let path = format!("/v1/payment_methods/{token}/attach");
    let method = play.office.post(&path, &format!("customer={customer}"))?;
    change(play, subscription, &format!("default_payment_method={method}"))
}

fn balance(play: &mut Play, subscription: &Arc<Subscription>, part: i64) {
    let Some(customer) = subscription.customer.clone() else { return };
    let Some(price) = subscription.items.first().map(|item| &item.price) else { return };
    // So many thousandths of what one costs.
    let amount = price.unit_minor * part / 1000;
    let form = format!("amount={amount}&currency={}&description=Goodwill", subscription.currency);
    play.office.post(&format!("/v1/customers/{customer}/balance_transactions"), &form);
}
