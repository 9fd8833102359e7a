//! `/v1/tax_rates`. It must not know what is taxed.

use super::list::{Page, Span};
use super::{Call, Method, Params, Reply, Route};
use crate::model::TaxRate;
use crate::world::{Refusal, rate};

const PATH: &str = "/v1/tax_rates";
const ONE: &str = "/v1/tax_rates/{}";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Post, path: PATH, handler: create },
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: ONE, handler: retrieve },
    Route { method: Method::Post, path: ONE, handler: update },
];

const TYPES: &[&str] = &[
    "amusement_tax",
    "communications_tax",
    "gst",
    "hst",
    "igst",
    "jct",
    "lease_tax",
    "pst",
    "qst",
    "retail_delivery_fee",
    "rst",
    "sales_tax",
    "service_tax",
    "vat",
];
const PPM_MAX: i64 = 1_000_000;

fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let rate_ppm = params.percent_ppm("percentage")?.ok_or_else(|| params.absent("percentage"))?;
    if rate_ppm > PPM_MAX {
        return Err(Refusal::invalid("percentage", "Percentage must be at most 100."));
    }
    let blank = TaxRate {
        id: String::new(),
        display_name: params.required("display_name")?,
        rate_ppm,
        inclusive: params.bool("inclusive")?.ok_or_else(|| params.absent("inclusive"))?,
        active: true,
        country: None,
        description: None,
        jurisdiction: None,
        state: None,
        tax_type: None,
        created_s: 0,
        metadata: Vec::new(),
    };
    let new = fields(&mut params, blank)?;
    params.finish()?;
    Ok(Reply::Object(rate::create_tax(call.book()?, new).into()))
}

fn fields(params: &mut Params, old: TaxRate) -> Result<TaxRate, Refusal> {
    Ok(TaxRate {
        display_name: params.text("display_name")?.unwrap_or_else(|| old.display_name.clone()),
        active: params.bool("active")?.unwrap_or(old.active),
        country: params.change("country")?.on(old.country),
        description: params.change("description")?.on(old.description),
        jurisdiction: params.change("jurisdiction")?.on(old.jurisdiction),
        state: params.change("state")?.on(old.state),
        tax_type: params.choice("tax_type", TYPES)?.map(str::to_owned).or(old.tax_type),
        metadata: params.metadata_on(&old.metadata)?,
        ..old
    })
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    Ok(Reply::Object(rate::tax(call.book()?, &id, "tax_rate")?.into()))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let old = rate::tax(call.book()?, &id, "tax_rate")?;
    let new = fields(&mut params, TaxRate::clone(&old))?;
    params.finish()?;
    Ok(Reply::Object(rate::update_tax(call.book()?, &old, new).into()))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let created = Span::read(&mut params, "created")?;
    let active = params.bool("active")?;
    let inclusive = params.bool("inclusive")?;
    params.finish()?;
    let keep = |row: &TaxRate| {
        created.holds(row.created_s)
            && active.is_none_or(|active| row.active == active)
            && inclusive.is_none_or(|inclusive| row.inclusive == inclusive)
    };
    Ok(Reply::List(page.of("tax rate", PATH, &call.book()?.tax_rates, keep)?))
}
