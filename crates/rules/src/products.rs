//! Several rates on one sale: the base is allocated to the invoice's lines, each line earns at its
//! product's rate, and only the sum is rounded. It does not know refunds; the base has them in it.

use kernel::fact::{Invoice, InvoiceLine};
use kernel::operator::{RATE_BPS_MAX, Terms};
use kernel::{ArithmeticOverflow, Ref, apportion};

use crate::due::Amounts;
use crate::sale::sum;
use crate::view::SaleView;

pub(crate) enum Spread {
    One(i64),
    Several(Vec<Part>),
}

/// A line's part of the base. `line: None` is what Stripe did not list.
pub(crate) struct Part {
    pub(crate) line: Option<Ref>,
    pub(crate) base_minor: i64,
    pub(crate) rate_bps: i64,
}

/// Largest remainder on what each line sold net, ties by line id. A line of less than nothing has already
/// made the base smaller for all the others; it gets no part of it.
pub(crate) fn spread(
    view: &SaleView,
    amounts: &Amounts,
    terms: &Terms,
    general: i64,
    base: i64,
) -> Result<Spread, ArithmeticOverflow> {
    let Some(invoice) = view.invoice.as_ref().filter(|_| !terms.products.is_empty()) else {
        return Ok(Spread::One(general));
    };
    let mut lines: Vec<&InvoiceLine> = invoice.lines.iter().collect();
    lines.sort_by(|left, right| left.id.cmp(&right.id));
    let mut weighed = Vec::new();
    for line in lines {
        weighed.push((Some(line.id.clone()), net(line)?, rate_of(line, terms, general)));
    }
    weighed.extend(unlisted(invoice, amounts, &weighed)?.map(|net| (None, net, general)));
    // A line that sold nothing takes no part, so its rate is none of the sale's rates.
    let selling: Vec<_> = weighed.iter().filter(|(_, net, _)| *net > 0).collect();
    let selling = if selling.is_empty() { weighed.iter().collect() } else { selling };
    let Some((_, _, first)) = selling.first() else { return Ok(Spread::One(general)) };
    if selling.iter().all(|(_, _, rate_bps)| rate_bps == first) {
        return Ok(Spread::One(*first));
    }
    let weights: Vec<i64> = selling.iter().map(|(_, net, _)| (*net).max(0)).collect();
    let parts = selling.into_iter().zip(apportion(base, &weights)?);
    let part = |((line, _, rate_bps), base_minor): (&(Option<Ref>, i64, i64), i64)| Part {
        line: line.clone(),
        base_minor,
        rate_bps: *rate_bps,
    };
    Ok(Spread::Several(parts.map(part).collect()))
}

/// `floor(sum(base_i x bps_i) / 10000)`, rounded once.
pub(crate) fn commission(parts: &[Part]) -> Result<i64, ArithmeticOverflow> {
    let products = parts.iter().map(|part| i128::from(part.base_minor) * i128::from(part.rate_bps));
    let total: i128 = products.sum();
    i64::try_from(total.div_euclid(i128::from(RATE_BPS_MAX))).map_err(|_| ArithmeticOverflow)
}

/// What a line sold: without its discounts and the tax inside it.
fn net(line: &InvoiceLine) -> Result<i64, ArithmeticOverflow> {
    let without = line.amount_minor.checked_sub(line.discount_minor);
    without.and_then(|minor| minor.checked_sub(line.tax_inclusive_minor)).ok_or(ArithmeticOverflow)
}

fn rate_of(line: &InvoiceLine, terms: &Terms, general: i64) -> i64 {
    let special = terms.products.iter().find(|(product, _)| line.product.as_ref() == Some(product));
    special.map_or(general, |(_, rate_bps)| *rate_bps)
}

/// What the lines that came with the event leave over of the net total, when Stripe sent only the first.
fn unlisted(
    invoice: &Invoice,
    amounts: &Amounts,
    listed: &[(Option<Ref>, i64, i64)],
) -> Result<Option<i64>, ArithmeticOverflow> {
    if !invoice.lines_truncated {
        return Ok(None);
    }
    let known = sum(listed.iter().map(|(_, net, _)| *net))?;
    Ok(Some(amounts.net_total_minor.saturating_sub(known).max(0)))
}
