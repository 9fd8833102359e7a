//! A tax rate: the same shape in every version.

use super::{Frame, finish};
use crate::json::Obj;
use crate::model::TaxRate;

pub(super) fn render(rate: &TaxRate, frame: Frame) -> String {
    let percent = percent_text(rate.rate_ppm);
    let object = Obj::resource("tax_rate", &rate.id)
        .bool("active", rate.active)
        .opt_str("country", rate.country.as_deref())
        .int("created", rate.created_s)
        .opt_str("description", rate.description.as_deref())
        .str("display_name", &rate.display_name)
        .raw("effective_percentage", &percent)
        .nulls("flat_amount")
        .bool("inclusive", rate.inclusive)
        .opt_str("jurisdiction", rate.jurisdiction.as_deref())
        .nulls("jurisdiction_level")
        .bool("livemode", frame.livemode)
        .map("metadata", &rate.metadata)
        .raw("percentage", &percent)
        .str("rate_type", "percentage")
        .opt_str("state", rate.state.as_deref())
        .opt_str("tax_type", rate.tax_type.as_deref());
    finish(object, frame)
}

fn percent_text(ppm: i64) -> String {
    let (whole, rest) = (ppm / 10_000, ppm % 10_000);
    let text = format!("{whole}.{rest:04}");
    let text = text.trim_end_matches('0');
    if text.ends_with('.') { format!("{text}0") } else { text.to_owned() }
}
