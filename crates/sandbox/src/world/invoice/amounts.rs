//! What discounts take off an invoice's lines and which taxes come on them: a line's own discounts first, then
//! the invoice's, each from what those before left; then taxes on what is left. It must not know where lines
//! come from.

use std::sync::Arc;

use kernel::Currency;

use crate::model::{Applied, Coupon, Discount, Invoice, Line, Off, Tax, TaxRate, ratio};

const WHOLE_PPM: i64 = 1_000_000;

/// Works out discounts and taxes of every line anew.
pub(crate) fn calculate(invoice: &mut Invoice) {
    let currency = invoice.currency;
    let whole = invoice_level(invoice);
    for line in &mut invoice.lines {
        line.taxes.clear();
        line.discounts.clear();
        for discount in line.own_discounts.clone() {
            let amount =
                if fits(&discount.coupon, line) { takes(&discount.coupon, currency, line.net()) } else { 0 };
            line.discounts.push(Applied { discount: discount.id.clone(), amount, item: true });
        }
    }
    for discount in &whole {
        spread(&mut invoice.lines, discount, currency);
    }
    for line in &mut invoice.lines {
        let rates = if line.tax_rates.is_empty() { &invoice.default_tax_rates } else { &line.tax_rates };
        let exempt = invoice.tax_exempt != "none";
        line.taxes = if exempt { Vec::new() } else { taxes(line.net(), rates) };
    }
}

/// The discounts of the invoice itself, without those of its lines.
pub(crate) fn invoice_level(invoice: &Invoice) -> Vec<Arc<Discount>> {
    let of_line =
        |id: &str| invoice.lines.iter().any(|line| line.own_discounts.iter().any(|own| own.id == id));
    invoice.discounts.iter().filter(|discount| !of_line(&discount.id)).cloned().collect()
}

/// All discounts of an invoice: its own, then those of its lines.
pub(crate) fn all_discounts(whole: Vec<Arc<Discount>>, lines: &[Line]) -> Vec<Arc<Discount>> {
    let mut all = whole;
    for own in lines.iter().flat_map(|line| &line.own_discounts) {
        if !all.iter().any(|known| known.id == own.id) {
            all.push(Arc::clone(own));
        }
    }
    all
}

fn spread(lines: &mut [Line], discount: &Discount, currency: Currency) {
    let left = |line: &Line| if fits(&discount.coupon, line) { line.net().max(0) } else { 0 };
    let weights: Vec<i64> = lines.iter().map(left).collect();
    let mut total = takes(&discount.coupon, currency, weights.iter().sum());
    if matches!(discount.coupon.off, Off::Amount(..)) {
        // Credits on the invoice count: an amount off never makes the invoice's sum less than nothing.
        total = total.min(lines.iter().map(Line::net).sum::<i64>().max(0));
    }
    let parts = kernel::apportion(total, &weights).unwrap_or_default();
    for (line, amount) in lines.iter_mut().zip(parts).filter(|(_, amount)| *amount != 0) {
        line.discounts.push(Applied { discount: discount.id.clone(), amount, item: false });
    }
}

fn fits(coupon: &Coupon, line: &Line) -> bool {
    line.discountable && coupon.covers(&line.price.product)
}

/// What a coupon takes off an amount in that currency; an amount in another currency takes nothing.
pub(crate) fn takes(coupon: &Coupon, currency: Currency, amount: i64) -> i64 {
    match coupon.off_in(currency) {
        None => 0,
        Some(Off::Amount(minor, _)) => minor.min(amount).max(0),
        Some(Off::PercentBps(_)) => coupon.takes(amount),
    }
}

/// The tax rows of an amount: rates within the price share what they contain, rates on top come on the rest.
pub(crate) fn taxes(net: i64, rates: &[Arc<TaxRate>]) -> Vec<Tax> {
    if rates.is_empty() {
        return Vec::new();
    }
    let within_ppm: i64 = rates.iter().filter(|rate| rate.inclusive).map(|rate| rate.rate_ppm).sum();
    let base = net - ratio(net, within_ppm, WHOLE_PPM + within_ppm);
    let weights: Vec<i64> = rates.iter().map(|rate| if rate.inclusive { rate.rate_ppm } else { 0 }).collect();
    let within = kernel::apportion((net - base).abs(), &weights).unwrap_or_default();
    let row = |(rate, within): (&Arc<TaxRate>, i64)| Tax {
        rate: rate.id.clone(),
        amount: if rate.inclusive { within * net.signum() } else { ratio(base, rate.rate_ppm, WHOLE_PPM) },
        inclusive: rate.inclusive,
        taxable: base,
    };
    rates.iter().zip(within).map(row).collect()
}
