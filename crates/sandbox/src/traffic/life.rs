//! One customer's life: how they come, what they buy, what goes wrong, when they leave. Chances are per
//! mille and were chosen to look like a small SaaS; every branch tells the oracle what it did.

use super::oracle::{Book, Owner};
use super::shop::{DAY_S, MONTH_S, Market, Shop};
use crate::history::{Bill, Checkout, History, OneOff, Payment, Sub};
use crate::model::Invoice;
use crate::rng::Rng;

struct World<'a> {
    h: &'a mut History,
    rng: &'a mut Rng,
    shop: &'a Shop,
    book: &'a mut Book,
}

pub(super) fn live(
    h: &mut History,
    rng: &mut Rng,
    shop: &Shop,
    book: &mut Book,
    (born_s, end_s): (i64, i64),
) {
    let mut world = World { h, rng, shop, book };
    let weights: Vec<u64> = shop.markets.iter().map(|market| market.weight).collect();
    let Some(market) = shop.markets.get(world.rng.weighted(&weights)) else { return };
    world.h.at_s(born_s);
    match world.rng.weighted(&[70, 10, 20]) {
        0 => world.monthly(market, end_s),
        1 => world.yearly(market, end_s),
        _ => world.one_off(market),
    }
}

impl World<'_> {
    /// The page a customer comes through, and who brought them.
    fn page(&mut self, page: Checkout) -> (Checkout, Option<Owner>) {
        let since_s = self.h.now_s();
        let partner = usize::try_from(self.rng.below(self.shop.codes.len() as u64)).unwrap_or(0);
        let owner = Some(Owner { partner, since_s });
        let (Some(code), Some(who)) = (self.shop.codes.get(partner), self.shop.partners.get(partner)) else {
            return (page, None);
        };
        match self.rng.weighted(&[40, 10, 6, 6, 38]) {
            0 => (page.code(code), owner),
            1 => (page.reference(who.handle), owner),
            2 => {
                let mut page = page;
                page.session_metadata = vec![("partner_ref".into(), who.handle.into())];
                (page, owner)
            }
            3 => (page.code(&self.shop.welcome), None),
            _ => (page, None),
        }
    }

    fn monthly(&mut self, market: &Market, end_s: i64) {
        let customer = self.h.customer();
        let price = if self.rng.chance(650) { &market.basic } else { &market.pro };
        let mut page = Checkout::of(price).customer(&customer);
        page.tax = market.tax;
        if self.rng.chance(180) {
            page = page.trial(14);
        }
        let (page, mut owner) = self.page(page);
        let trial = page.trial_days;
        let (mut sub, first) = self.h.subscribe(&page);
        self.book.payment(&first, owner);
        let mut due_s = self.h.now_s() + if trial > 0 { trial * DAY_S } else { MONTH_S };
        self.aftermath(first, due_s.min(end_s));
        while due_s < end_s {
            self.h.at_s(due_s);
            if self.rng.chance(35) {
                self.h.cancel(&mut sub);
                return;
            }
            if self.rng.chance(12) {
                self.late_code(&mut sub, &mut owner);
            }
            if !self.period(&mut sub, owner, end_s) {
                return;
            }
            if self.rng.chance(15) {
                self.upgrade(&mut sub, market, owner, due_s);
            }
            due_s += MONTH_S;
        }
    }

    /// Some partner's code on a running subscription: it attributes one that is nobody's, else nothing.
    fn late_code(&mut self, sub: &mut Sub, owner: &mut Option<Owner>) {
        let partner = usize::try_from(self.rng.below(self.shop.codes.len() as u64)).unwrap_or(0);
        let Some(code) = self.shop.codes.get(partner) else { return };
        self.h.add_code(sub, code);
        let since_s = self.h.now_s();
        owner.get_or_insert(Owner { partner, since_s });
    }

    /// One renewal; false when the subscription ended over it.
    fn period(&mut self, sub: &mut Sub, owner: Option<Owner>, end_s: i64) -> bool {
        let renewed_s = self.h.now_s();
        if self.rng.chance(8) {
            let invoice = self.h.renew_unpaid(sub);
            let due = invoice.amount_due();
            let paid = if due > 0 { self.h.pay_out_of_band(invoice) } else { self.h.pay(invoice) };
            self.book.payment(&paid, owner);
            return true;
        }
        if !self.rng.chance(35) {
            let paid = self.h.renew(sub);
            self.book.payment(&paid, owner);
            self.aftermath(paid, (renewed_s + MONTH_S).min(end_s));
            return true;
        }
        let mut invoice = self.h.renew_unpaid(sub);
        if invoice.amount_due() == 0 {
            let paid = self.h.pay(invoice);
            self.book.payment(&paid, owner);
            return true;
        }
        self.h.pay_fails(&mut invoice);
        self.h.later(3 * DAY_S);
        if self.rng.chance(800) {
            let paid = self.h.pay(invoice);
            self.book.payment(&paid, owner);
            return true;
        }
        self.gives_up(sub, invoice, owner);
        false
    }

    fn gives_up(&mut self, sub: &mut Sub, mut invoice: Invoice, owner: Option<Owner>) {
        self.h.pay_fails(&mut invoice);
        self.h.later(11 * DAY_S);
        if self.rng.chance(500) {
            self.h.void(&mut invoice);
        } else {
            self.h.uncollectible(&mut invoice);
        }
        self.book.invoice(&invoice, owner);
        self.h.cancel(sub);
    }

    /// Half a month of the old price back, half a month of the new one; or the other way round.
    fn upgrade(&mut self, sub: &mut Sub, market: &Market, owner: Option<Owner>, renewed_s: i64) {
        self.h.at_s(renewed_s + 15 * DAY_S);
        let old = sub.price().clone();
        let new = if old.id == market.basic.id { &market.pro } else { &market.basic };
        self.h.change_price(sub, new);
        let bill = Bill::of(-(old.unit_minor / 2), old.currency);
        let bill = sub.on(bill, "subscription_update").proration(new.unit_minor / 2);
        let invoice = self.h.invoice_on_balance(sub, bill);
        let paid = self.h.pay(invoice);
        self.book.payment(&paid, owner);
    }

    fn yearly(&mut self, market: &Market, end_s: i64) {
        let customer = self.h.customer();
        let mut page = Checkout::of(&market.yearly).customer(&customer);
        page.tax = market.tax;
        let (page, owner) = self.page(page);
        let (_, paid) = self.h.subscribe(&page);
        self.book.payment(&paid, owner);
        self.aftermath(paid, end_s);
    }

    fn one_off(&mut self, market: &Market) {
        let mut page = Checkout::of(&market.single);
        page.tax = market.tax;
        if self.rng.chance(500) {
            let customer = self.h.customer();
            page = page.customer(&customer);
            page.with_invoice = self.rng.chance(400);
        } else {
            page.asynchronous = self.rng.chance(120);
        }
        if self.rng.chance(100) && !page.with_invoice {
            page.shipping = market.single.unit_minor / 10;
        }
        let (page, owner) = self.page(page);
        let bought = self.h.buy(&page);
        if page.with_invoice {
            self.book.payment(&bought.payment, owner);
            let until_s = self.h.now_s() + MONTH_S;
            self.aftermath(bought.payment, until_s);
        } else {
            self.settled(bought, page.asynchronous, owner);
        }
    }

    fn settled(&mut self, mut bought: OneOff, slow: bool, owner: Option<Owner>) {
        if slow && bought.session.total() > 0 {
            self.h.later(4 * DAY_S);
            if self.rng.chance(850) {
                self.h.async_succeeds(&mut bought);
            } else {
                self.h.async_fails(&mut bought);
            }
        }
        self.book.one_off(&bought, owner);
        let until_s = self.h.now_s() + MONTH_S;
        self.aftermath(bought.payment, until_s);
    }

    /// What may still happen to a payment before `until_s`: nothing, mostly.
    fn aftermath(&mut self, payment: Payment, until_s: i64) {
        let Some(paid_s) = payment.charge.as_ref().map(|charge| charge.created_s) else { return };
        let at_s = paid_s + self.rng.between(DAY_S, 9 * DAY_S);
        let fate = self.rng.weighted(&[940, 35, 12, 6, 7]);
        if fate == 0 || at_s >= until_s {
            return;
        }
        self.h.at_s(at_s);
        match fate {
            1 => self.refund(payment),
            2 => self.dispute(payment),
            3 => self.credit_note(payment),
            _ => self.two_refunds(payment),
        }
    }

    fn refund(&mut self, mut payment: Payment) {
        let Some(whole) = payment.charge.as_ref().map(|charge| charge.amount) else { return };
        let amount = if self.rng.chance(400) { whole } else { self.rng.between(1, whole) };
        let mut refund = self.h.refund(&mut payment, amount);
        if self.rng.chance(80) {
            self.h.later(5 * DAY_S);
            self.h.refund_fails(&mut payment, &mut refund);
            return;
        }
        self.book.lost(&payment.sale, amount);
    }

    fn two_refunds(&mut self, mut payment: Payment) {
        let Some(whole) = payment.charge.as_ref().map(|charge| charge.amount) else { return };
        for part in [whole / 3, whole / 4] {
            if part > 0 {
                self.h.refund(&mut payment, part);
                self.book.lost(&payment.sale, part);
                self.h.later(DAY_S);
            }
        }
    }

    fn credit_note(&mut self, mut payment: Payment) {
        let Some(whole) = payment.charge.as_ref().map(|charge| charge.amount) else { return };
        let amount = self.rng.between(1, whole);
        // Without an invoice there is no note, but its refund is made all the same.
        self.h.credit_note_refunded(&mut payment, amount);
        self.book.lost(&payment.sale, amount);
    }

    fn dispute(&mut self, mut payment: Payment) {
        let Some(whole) = payment.charge.as_ref().map(|charge| charge.amount) else { return };
        let inquiry = self.rng.chance(300);
        let opened = if inquiry { "warning_needs_response" } else { "needs_response" };
        let Some(mut dispute) = self.h.dispute(&mut payment, whole, opened) else { return };
        self.h.later(6 * DAY_S);
        let answered = if inquiry { "warning_under_review" } else { "under_review" };
        self.h.dispute_becomes(&mut dispute, answered);
        self.h.later(20 * DAY_S);
        match (inquiry, self.rng.weighted(&[50, 35, 15])) {
            (true, _) => self.h.dispute_becomes(&mut dispute, "warning_closed"),
            (false, 0) => {
                self.h.dispute_becomes(&mut dispute, "lost");
                self.book.lost(&payment.sale, whole);
            }
            (false, 1) => self.h.dispute_becomes(&mut dispute, "won"),
            _ => {}
        }
    }
}
