//! The true totals: what every partner is due for what happened in a book. Who owns a code and what a partner
//! earns come with the call.

use std::collections::BTreeMap;

use super::Call;
use crate::api::Params;
use crate::json::Obj;
use crate::oracle::{self, Due, Objects, Terms};
use crate::render::{self, Version};
use crate::world::Refusal;

pub(super) fn totals(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let key = call.key(&mut params)?;
    let terms = terms(&mut params)?;
    let sales = params.bool("sales")?.unwrap_or(false);
    params.finish()?;
    let mut objects = Objects::new();
    for (kind, rows) in call.book(&key)?.everything() {
        let shown = rows.iter().map(|row| render::json(row, Version::DEFAULT, key.livemode));
        objects.insert(kind, shown.filter_map(|json| serde_json::from_str(&json).ok()).collect());
    }
    let due = oracle::due(&objects, &terms);
    let mut sums: BTreeMap<(&str, &str), (i64, i64)> = BTreeMap::new();
    for row in due.iter() {
        if let Some(partner) = &row.partner {
            let (sales, commission) = sums.entry((partner, &row.currency)).or_default();
            *sales += 1;
            *commission += row.commission_minor;
        }
    }
    let sums = sums.into_iter().map(|((partner, currency), (sales, commission))| {
        Obj::new()
            .str("partner", partner)
            .str("currency", currency)
            .int("sales", sales)
            .int("commission_minor", commission)
            .close()
    });
    let totals = Obj::new().array("totals", sums);
    Ok(totals.when(sales, |totals| totals.array("sales", due.iter().map(shown))).close())
}

fn shown(row: &Due) -> String {
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
    let codes = codes.into_iter().flat_map(|(code, partner)| {
        // A code is known by its text in any case, a coupon by its id as it is.
        [(code.to_uppercase(), partner.clone()), (code, partner)]
    });
    let mut rates_bps = BTreeMap::new();
    for (partner, text) in params.named_texts("rates")? {
        let rate = text.parse().ok().filter(|rate| (0..=10_000).contains(rate));
        let message = format!("'{text}' is no rate: basis points, 0 to 10000.");
        rates_bps.insert(partner, rate.ok_or_else(|| Refusal::invalid("rates", message))?);
    }
    Ok(Terms { codes: codes.collect(), rates_bps, rate_bps })
}
