//! The true totals: what every partner is due for what happened in a book. Who owns a code and what a partner
//! earns come with the call.

use std::collections::BTreeMap;

use super::Call;
use crate::api::Params;
use crate::json::Obj;
use crate::oracle::{self, Due, Terms};
use crate::world::Refusal;

pub(super) fn totals(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let key = call.key(&mut params)?;
    let terms = terms(&mut params)?;
    let sales = params.bool("sales")?.unwrap_or(false);
    params.finish()?;
    let objects = oracle::shown(&call.book(&key)?.everything(), key.livemode);
    let due = oracle::due(&objects, &terms);
    let sums = oracle::totals(&due).into_iter().map(|total| {
        Obj::new()
            .str("partner", &total.partner)
            .str("currency", &total.currency)
            .int("sales", i64::try_from(total.sales).unwrap_or(i64::MAX))
            .int("commission_minor", total.commission_minor)
            .close()
    });
    let totals = Obj::new().array("totals", sums);
    Ok(totals.when(sales, |totals| totals.array("sales", due.iter().map(row_shown))).close())
}

fn row_shown(row: &Due) -> String {
    Obj::new()
        .str("sale", &row.sale)
        .opt_str("partner", row.partner.as_deref())
        .str("currency", &row.currency)
        .int("total_minor", row.total_minor)
        .int("paid_minor", row.paid_minor)
        .int("lost_minor", row.lost_minor)
        .int("net_minor", row.base_minor)
        .int("commission_minor", row.commission_minor)
        .close()
}

/// `codes[ANNA20]=anna&rates[anna]=1500&rate_bps=2000`.
fn terms(params: &mut Params) -> Result<Terms, Refusal> {
    let rate_bps = params.at_least("rate_bps", 0)?.unwrap_or(0);
    let codes = params.named_texts("codes")?;
    let mut rates_bps = BTreeMap::new();
    for (partner, text) in params.named_texts("rates")? {
        let rate = text.parse().ok().filter(|rate| (0..=10_000).contains(rate));
        let message = format!("'{text}' is no rate: basis points, 0 to 10000.");
        rates_bps.insert(partner, rate.ok_or_else(|| Refusal::invalid("rates", message))?);
    }
    Ok(Terms::said(codes, rates_bps, rate_bps))
}
