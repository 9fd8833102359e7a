//! The arithmetic of a sale as a person can check it with a pencil. It only writes down what was
//! computed elsewhere; it decides nothing.

use kernel::Currency;

use crate::due::{Amounts, Line, Reason};
use crate::products::Part;

fn line(label: &str, arithmetic: String, minor: i64) -> Line {
    Line { label: label.to_owned(), arithmetic, minor }
}

/// From the total to the base. Lines that would say `0` are left out.
pub(crate) fn of_amounts(it: &Amounts) -> Vec<Line> {
    let (total, net, paid) = (it.total_minor, it.net_total_minor, it.paid_minor);
    let mut lines = vec![
        line("total", format!("total = {total} {}", it.currency), total),
        line(
            "net",
            format!("net = {total} total - {} tax - {} shipping = {net}", it.tax_minor, it.shipping_minor),
            net,
        ),
        line("paid", format!("paid = {paid} of {total}"), paid),
    ];
    if it.refunded_minor != 0 {
        lines.push(line("refunded", format!("refunded = {}", it.refunded_minor), it.refunded_minor));
    }
    if it.disputed_minor != 0 {
        lines.push(line("disputed", format!("lost in disputes = {}", it.disputed_minor), it.disputed_minor));
    }
    let (left, base) = (it.remaining_minor, it.base_minor);
    if left != paid {
        let lost =
            format!("remaining = max(0, {paid} - {} - {}) = {left}", it.refunded_minor, it.disputed_minor);
        lines.push(line("remaining", lost, left));
    }
    let arithmetic = match total {
        1.. => format!("base = floor({left} x {net} / {total}) = {base}"),
        _ => format!("base = {base}, because the total is not above 0"),
    };
    lines.push(line("base", arithmetic, base));
    lines
}

pub(crate) fn rate(base: i64, rate_bps: i64, commission: i64) -> Line {
    let arithmetic = format!("commission = floor({base} x {rate_bps} / 10000) = {commission}");
    line("commission", arithmetic, commission)
}

pub(crate) fn fixed(minor: i64, it: &Amounts, commission: i64) -> Line {
    let (left, paid) = (it.remaining_minor, it.paid_minor);
    line("commission", format!("commission = floor({minor} x {left} / {paid}) = {commission}"), commission)
}

/// A fixed amount that this sale does not earn.
pub(crate) fn no_fixed(it: &Amounts, paid_in: Currency) -> Line {
    let why = if it.currency == paid_in {
        "the base is 0".to_owned()
    } else {
        format!("it is paid in {paid_in} only")
    };
    line("commission", format!("commission = 0, because {why}"), 0)
}

/// Each line's part of the base, then the sum that is rounded once.
pub(crate) fn several(parts: &[Part], commission: i64) -> Vec<Line> {
    let name =
        |part: &Part| part.line.as_ref().map_or_else(|| "lines not listed".to_owned(), ToString::to_string);
    let mut lines: Vec<Line> = parts
        .iter()
        .map(|part| {
            let arithmetic =
                format!("{} of the base is {}, at {} bps", part.base_minor, name(part), part.rate_bps);
            line("base of line", arithmetic, part.base_minor)
        })
        .collect();
    let products: Vec<String> =
        parts.iter().map(|part| format!("{} x {}", part.base_minor, part.rate_bps)).collect();
    let arithmetic = format!("commission = floor(({}) / 10000) = {commission}", products.join(" + "));
    lines.push(line("commission", arithmetic, commission));
    lines
}

pub(crate) fn refused(reason: Reason) -> Line {
    let why = match reason {
        Reason::BeforeStart => "the sale was before the program started",
        _ => "the partner was not active at the time of the sale",
    };
    line("commission", format!("commission = 0, because {why}"), 0)
}
