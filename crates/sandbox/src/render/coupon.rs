//! A coupon: the same shape in every version.

use super::{Frame, finish};
use crate::json::Obj;
use crate::model::{Coupon, Duration, Off};

pub(super) fn render(coupon: &Coupon, frame: Frame) -> String {
    let (percent, amount, currency) = match coupon.off {
        Off::PercentBps(bps) => (Some(percent_text(bps)), None, None),
        Off::Amount(minor, currency) => (None, Some(minor), Some(currency)),
    };
    let (duration, months) = match coupon.duration {
        Duration::Once => ("once", None),
        Duration::Months(months) => ("repeating", Some(months)),
        Duration::Forever => ("forever", None),
    };
    let object = Obj::resource("coupon", &coupon.id)
        .opt_int("amount_off", amount)
        .int("created", coupon.created_s)
        .opt_str("currency", currency.as_ref().map(kernel::Currency::as_str))
        .str("duration", duration)
        .opt_int("duration_in_months", months)
        .bool("livemode", frame.livemode)
        .opt_int("max_redemptions", coupon.max_redemptions)
        .map("metadata", &coupon.metadata)
        .opt_str("name", coupon.name.as_deref())
        .opt_raw("percent_off", percent)
        .opt_int("redeem_by", coupon.redeem_by_s)
        .int("times_redeemed", coupon.times_redeemed)
        .bool("valid", coupon.valid);
    finish(object, frame)
}

/// `coupon.applies_to`, shown only when asked for.
pub(crate) fn applies_to(coupon: &Coupon) -> Option<String> {
    let products = coupon.products.iter().map(String::as_str);
    (!coupon.products.is_empty()).then(|| Obj::new().strs("products", products).close())
}

/// `coupon.currency_options`, shown only when asked for; the own currency is one of them.
pub(crate) fn amount_options(coupon: &Coupon) -> Option<String> {
    let Off::Amount(minor, currency) = coupon.off else { return None };
    let all = std::iter::once((currency, minor)).chain(coupon.currency_options.iter().copied());
    let options = all.fold(Obj::new(), |options, (currency, minor)| {
        options.obj(currency.as_str(), Obj::new().int("amount_off", minor))
    });
    Some(options.close())
}

/// Basis points as a JSON number of percent: `1250` is `12.5`, without a floating point on the way.
fn percent_text(bps: i64) -> String {
    let (whole, rest) = (bps / 100, bps % 100);
    if rest == 0 {
        return format!("{whole}.0");
    }
    let text = format!("{whole}.{rest:02}");
    text.trim_end_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn percentages_are_json_numbers() {
        for (bps, text) in [(1000, "10.0"), (1250, "12.5"), (3333, "33.33"), (5, "0.05"), (10_000, "100.0")] {
            assert_eq!(super::percent_text(bps), text);
        }
    }
}
