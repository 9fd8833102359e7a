//! Random lives by seed: whatever happens, the sums of every invoice hold (the identities Stripe documents),
//! credits never exceed debits, and balances add up.

use std::sync::Arc;

use super::{Hands, of, rate};
use crate::model::{
    Collection, Coupon, Customer, Discount, Duration, Invoice, InvoiceStatus, Off, Pause, Price,
    Subscription, TaxRate,
};
use crate::rng::Rng;
use crate::world::billing::Why;
use crate::world::credit_note::{self, NewCreditNote};
use crate::world::discount::Wanted;
use crate::world::invoice::{self, NewInvoice, NewLine, Pay};
use crate::world::invoice_item::{self, Cost, NewInvoiceItem};
use crate::world::subscription::{self, Cancel, ItemChange, NewItem, PaymentBehavior, Prorations, Update};

const SEEDS: u64 = 60;
const STEPS: usize = 60;

#[derive(Default)]
struct Seen {
    invoices: usize,
    prorated: usize,
    inclusive: usize,
    exclusive: usize,
    stacked: usize,
    on_balance: usize,
    negative: usize,
    credited: usize,
}

struct Play {
    hands: Hands,
    rng: Rng,
    prices: Vec<Arc<Price>>,
    coupons: Vec<Arc<Coupon>>,
    rates: Vec<Arc<TaxRate>>,
    customers: Vec<Arc<Customer>>,
    subscriptions: Vec<String>,
    /// Credit given by hand, by credit notes: what balances begin from.
    given: std::collections::BTreeMap<String, i64>,
}

impl Play {
    fn new(seed: u64) -> Self {
        let mut hands = Hands::new(seed);
        let mut prices = Vec::new();
        for unit in [999, 3_333, 10_007, 0] {
            prices.push(hands.price(unit, "month"));
        }
        prices.push(hands.price(24_001, "year"));
        prices.push(hands.price(777, "week"));
        let offs = [
            ("P33", Off::PercentBps(3_333), Duration::Forever),
            ("P10", Off::PercentBps(1_000), Duration::Months(3)),
            ("A500", Off::Amount(501, super::usd()), Duration::Forever),
            ("ONCE", Off::PercentBps(5_000), Duration::Once),
            ("ALL", Off::PercentBps(10_000), Duration::Once),
        ];
        let mut coupons = Vec::new();
        for (id, off, duration) in offs {
            let coupon = Coupon { duration, ..Coupon::blank(id, off, super::START_S) };
            coupons.push(hands.book().coupons.put(id, coupon));
        }
        let rates = vec![
            rate("txr_in20", 200_000, true),
            rate("txr_in7", 70_000, true),
            rate("txr_ex825", 82_500, false),
            rate("txr_ex1", 10_000, false),
        ];
        let mut customers = Vec::new();
        for _ in 0..4 {
            customers.push(hands.customer());
        }
        Self {
            hands,
            rng: Rng::new(seed ^ 0xb111),
            prices,
            coupons,
            rates,
            customers,
            subscriptions: Vec::new(),
            given: std::collections::BTreeMap::new(),
        }
    }

    fn below(&mut self, below: usize) -> usize {
        usize::try_from(self.rng.below(u64::try_from(below).expect("small"))).expect("small")
    }

    fn any_price(&mut self) -> Arc<Price> {
        let index = self.below(self.prices.len());
        Arc::clone(&self.prices[index])
    }

    fn any_rates(&mut self) -> Vec<Arc<TaxRate>> {
        let all = self.rates.clone();
        all.into_iter().filter(|_| self.rng.chance(300)).collect()
    }

    fn any_discounts(&mut self) -> Vec<Wanted> {
        let all = self.coupons.clone();
        all.iter().filter(|_| self.rng.chance(250)).map(|coupon| Wanted::Coupon(coupon.id.clone())).collect()
    }

    fn any_customer(&mut self) -> Arc<Customer> {
        let index = self.below(self.customers.len());
        let id = self.customers[index].id.clone();
        Arc::clone(self.hands.book().customers.get(&id).expect("there"))
    }

    fn any_subscription(&mut self) -> Option<Arc<Subscription>> {
        let index = self.below(self.subscriptions.len().max(1));
        let id = self.subscriptions.get(index)?.clone();
        self.hands.book().subscriptions.get(&id).filter(|row| !row.ended()).cloned()
    }

    fn any_invoice(&mut self) -> Option<Arc<Invoice>> {
        let all: Vec<_> = self.hands.book().invoices.oldest().cloned().collect();
        let index = self.below(all.len().max(1));
        all.get(index).cloned()
    }

    fn step(&mut self) {
        match self.below(16) {
            0..=2 => self.begin(),
            3..=5 => self.change(),
            6 => self.end(),
            7 => self.item(),
            8 => self.manual(),
            9 => self.settle(),
            10 => self.credit(),
            11 => self.balance(),
            12 => self.card(),
            _ => {
                let days = i64::try_from(self.below(20)).expect("small");
                self.hands.days(days);
            }
        }
    }

    fn begin(&mut self) {
        let customer = self.any_customer();
        let price = self.any_price();
        let quantity = self.rng.between(1, 4);
        let mut new = of(&customer.id, &price, quantity);
        let second = self.any_price();
        if second.interval == price.interval && second.id != price.id {
            let quantity = self.rng.between(1, 3);
            let (tax_rates, wanted) = (self.any_rates(), self.any_discounts());
            new.items.push(NewItem { tax_rates, wanted, ..NewItem::of(&second, quantity) });
        }
        new.wanted = self.any_discounts();
        new.default_tax_rates = self.any_rates();
        let now_s = self.hands.book().now_s();
        if self.rng.chance(200) {
            new.trial_end_s = Some(now_s + 86_400 * self.rng.between(1, 20));
        } else if self.rng.chance(300) {
            new.anchor_s = Some(now_s + 86_400 * self.rng.between(1, 6));
            new.prorate = self.rng.chance(700);
        }
        if self.rng.chance(150) {
            new.collection = Collection::Send { days_until_due: 10 };
        }
        if self.rng.chance(200) {
            new.default_payment_method = Some(super::declines(&mut self.hands, &customer));
            new.payment_behavior = PaymentBehavior::ErrorIfIncomplete;
        }
        if let Ok(made) = subscription::create(self.hands.book(), new) {
            self.subscriptions.push(made.id.clone());
        }
    }

    fn change(&mut self) {
        let Some(old) = self.any_subscription() else { return };
        let mut wanted = Update {
            prorations: [Prorations::Create, Prorations::AlwaysInvoice, Prorations::None][self.below(3)],
            anchor_now: self.rng.chance(150),
            ..Update::default()
        };
        let item = &old.items[self.below(old.items.len())];
        let mut change = ItemChange { id: Some(item.id.clone()), ..ItemChange::default() };
        match self.below(4) {
            0 => change.quantity = Some(self.rng.between(1, 6)),
            1 => change.price = Some(self.any_price()),
            2 if old.items.len() > 1 => change.deleted = true,
            _ => {
                change.id = None;
                change.price = Some(self.any_price());
                change.tax_rates = Some(self.any_rates());
            }
        }
        wanted.items.push(change);
        if self.rng.chance(200) {
            wanted.wanted = Some(self.any_discounts());
        }
        if self.rng.chance(100) {
            wanted.trial_end_s = Some(old.period_s.0 + 86_400 * self.rng.between(1, 60));
        }
        if self.rng.chance(100) {
            let behavior = ["keep_as_draft", "mark_uncollectible", "void"][self.below(3)];
            wanted.pause = Some(self.rng.chance(600).then_some(Pause { behavior, resumes_at_s: None }));
        }
        let behaviors = [
            PaymentBehavior::AllowIncomplete,
            PaymentBehavior::PendingIfIncomplete,
            PaymentBehavior::ErrorIfIncomplete,
        ];
        wanted.payment_behavior = behaviors[self.below(3)];
        let preview = subscription::upcoming_invoice(self.hands.book(), &old, Some(&wanted));
        if let Ok(preview) = preview {
            check(&preview);
        }
        let _ = subscription::update(self.hands.book(), &old, &wanted);
    }

    fn end(&mut self) {
        let Some(old) = self.any_subscription() else { return };
        let how =
            Cancel { invoice_now: self.rng.chance(500), prorate: self.rng.chance(500), ..Cancel::default() };
        let _ = subscription::cancel(self.hands.book(), &old, how);
    }

    fn item(&mut self) {
        let customer = self.any_customer();
        let amount = self.rng.between(-2_000, 5_000);
        let new = NewInvoiceItem {
            customer: customer.id.clone(),
            cost: Cost::Amount(amount, super::usd()),
            description: None,
            discountable: None,
            wanted: self.any_discounts(),
            tax_rates: self.any_rates(),
            invoice: None,
            subscription: None,
            period_s: None,
            metadata: Vec::new(),
        };
        invoice_item::create(self.hands.book(), new).expect("an item");
    }

    fn manual(&mut self) {
        let customer = self.any_customer();
        let price = self.any_price();
        let line = NewLine {
            price,
            quantity: self.rng.between(1, 5),
            tax_rates: self.any_rates(),
            discounts: Vec::new(),
        };
        let new = NewInvoice {
            lines: vec![line],
            pending_items: self.rng.chance(500),
            auto_advance: self.rng.chance(500),
            wanted: self.any_discounts(),
            default_tax_rates: self.any_rates(),
            ..NewInvoice::blank(&customer.id)
        };
        invoice::create(self.hands.book(), new).expect("a draft");
    }

    fn settle(&mut self) {
        let Some(old) = self.any_invoice() else { return };
        let how = Pay { payment_method: None, out_of_band: self.rng.chance(400), off_session: true };
        let book = self.hands.book();
        let _ = match self.rng.below(4) {
            0 => invoice::finalize(book, &old),
            1 => invoice::void(book, &old),
            2 => invoice::mark_uncollectible(book, &old),
            _ => invoice::pay(book, &old, &how),
        };
    }

    fn credit(&mut self) {
        let Some(old) = self.any_invoice() else { return };
        let amount = self.rng.between(1, 3_000);
        let new = NewCreditNote {
            amount: Some(amount),
            invoice: Arc::clone(&old),
            lines: Vec::new(),
            reason: None,
            memo: None,
            refund_minor: None,
            refund_ref: None,
            balance_minor: Some(amount).filter(|_| old.status == InvoiceStatus::Paid),
            out_of_band_minor: None,
            metadata: Vec::new(),
        };
        if let Ok(note) = credit_note::create(self.hands.book(), &new) {
            let to_balance = note.balance.as_ref().map_or(0, |(_, amount)| *amount);
            *self.given.entry(note.customer.clone()).or_default() -= to_balance;
        }
    }

    fn balance(&mut self) {
        let customer = self.any_customer();
        let amount = self.rng.between(-3_000, 1_000);
        if customer.currency.is_some() {
            let why = Why { kind: "adjustment", currency: super::usd(), invoice: None, credit_note: None };
            self.hands.book().add_to_balance(&customer.id, amount, &why);
            *self.given.entry(customer.id.clone()).or_default() += amount;
        }
    }

    /// A subscription's card begins to decline, or pays again.
    fn card(&mut self) {
        let Some(old) = self.any_subscription() else { return };
        let customer = self.any_customer();
        let method = self.rng.chance(500).then(|| super::declines(&mut self.hands, &customer));
        let wanted = Update { default_payment_method: Some(method), ..Update::default() };
        let _ = subscription::update(self.hands.book(), &old, &wanted);
    }
}

/// The identities of one invoice's sums.
fn check(invoice: &Invoice) {
    let id = &invoice.id;
    let lines: i64 = invoice.lines.iter().map(|line| line.amount).sum();
    let of = |item: bool| -> i64 {
        let applied = invoice.lines.iter().flat_map(|line| &line.discounts);
        applied.filter(|applied| applied.item == item).map(|applied| applied.amount).sum()
    };
    assert_eq!(invoice.subtotal(), lines - of(true), "{id} subtotal");
    assert_eq!(invoice.total_excluding_tax(), invoice.subtotal() - of(false) - invoice.tax(true), "{id} net");
    let tax = invoice.tax(true) + invoice.tax(false);
    assert_eq!(invoice.total(), invoice.total_excluding_tax() + tax, "{id} total");
    let taken: i64 = invoice.discounts.iter().map(|row: &Arc<Discount>| invoice.taken_by(&row.id)).sum();
    assert_eq!(taken, of(true) + of(false), "{id} every discount is named once");
    let due = (invoice.total() + invoice.starting_balance).max(0) - invoice.credited_before;
    assert!(!invoice.carried || (1..50).contains(&due), "{id} is carried: {due}");
    let due = if invoice.carried { 0 } else { due };
    assert_eq!(invoice.amount_due(), due, "{id} due");
    assert_eq!(invoice.amount_remaining(), due - invoice.paid, "{id} remaining");
    let rows: i64 = invoice.tax_rows().iter().map(|row| row.amount).sum();
    assert_eq!(rows, tax, "{id} tax rows");
    for line in &invoice.lines {
        let left = line.net();
        assert!(line.amount < 0 || (0..=line.amount).contains(&left), "{id} {}: {left}", line.id);
        for applied in &line.discounts {
            assert!(applied.amount >= 0 && (line.discountable || applied.amount == 0), "{id} {applied:?}");
        }
        let within = line.tax(true);
        assert!(within.abs() <= left.abs(), "{id}: tax within more than there is");
    }
    assert!(invoice.amount_due() >= 0 && invoice.amount_remaining() >= 0, "{id} owes nothing back");
    if invoice.status == InvoiceStatus::Paid {
        assert_eq!(invoice.amount_remaining(), 0, "{id} is paid");
    }
}

fn count(invoice: &Invoice, seen: &mut Seen) {
    seen.invoices += 1;
    seen.prorated += usize::from(invoice.lines.iter().any(|line| line.proration));
    seen.inclusive += usize::from(invoice.tax(true) != 0);
    seen.exclusive += usize::from(invoice.tax(false) != 0);
    seen.stacked +=
        usize::from(invoice.discounts.iter().filter(|row| invoice.taken_by(&row.id) > 0).count() > 1);
    seen.on_balance += usize::from(invoice.starting_balance != 0);
    seen.negative += usize::from(invoice.total() < 0);
    seen.credited += usize::from(invoice.credited + invoice.credited_before > 0);
}

/// Each customer's balance is what was given and what final invoices used or made.
fn check_balances(play: &mut Play) {
    for customer in play.customers.clone() {
        let given = play.given.get(&customer.id).copied().unwrap_or(0);
        let book = play.hands.book();
        let final_ = |invoice: &&Arc<Invoice>| {
            invoice.customer.as_ref() == Some(&customer.id)
                && !matches!(invoice.status, InvoiceStatus::Draft | InvoiceStatus::Void)
        };
        let moved: i64 = book
            .invoices
            .oldest()
            .filter(final_)
            .map(|row| row.ending_balance() - row.starting_balance)
            .sum();
        let balance = book.customers.get(&customer.id).expect("there").balance;
        assert_eq!(balance, given + moved, "{}", customer.id);
    }
}

#[test]
fn the_sums_of_every_invoice_hold_whatever_happens() {
    let mut seen = Seen::default();
    for seed in 0..SEEDS {
        let mut play = Play::new(seed);
        for _ in 0..STEPS {
            play.step();
        }
        let all: Vec<Arc<Invoice>> = play.hands.book().invoices.oldest().cloned().collect();
        for invoice in &all {
            check(invoice);
            count(invoice, &mut seen);
        }
        check_balances(&mut play);
    }
    println!(
        "{} invoices: {} with prorations, {} with tax within, {} with tax on top, {} with several discounts, {} on a balance, {} negative, {} credited",
        seen.invoices,
        seen.prorated,
        seen.inclusive,
        seen.exclusive,
        seen.stacked,
        seen.on_balance,
        seen.negative,
        seen.credited
    );
    for some in [
        seen.prorated,
        seen.inclusive,
        seen.exclusive,
        seen.stacked,
        seen.on_balance,
        seen.negative,
        seen.credited,
    ] {
        assert!(some > 50, "too few of something");
    }
}
