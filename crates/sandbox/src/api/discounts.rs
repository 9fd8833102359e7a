//! `discounts[]` of whatever takes discounts, and the `coupon` and `promotion_code` parameters it replaced. It
//! must not know whether a discount may be given.

use super::Params;
use super::params::Change;
use crate::render::Version;
use crate::world::Refusal;
use crate::world::discount::Wanted;

/// What is asked for. `None`: nothing was said, an update leaves what is there; empty: none.
pub(crate) fn read(params: &mut Params, version: Version) -> Result<Option<Vec<Wanted>>, Refusal> {
    let list = list(params)?;
    if version.basil() {
        return Ok(list);
    }
    let old = [
        (params.change("coupon")?, Wanted::Coupon as fn(String) -> Wanted),
        (params.change("promotion_code")?, Wanted::PromotionCode),
    ];
    let said = old.iter().any(|(change, _)| *change != Change::Keep);
    let wanted = old.into_iter().filter_map(|(change, kind)| change.on(None).map(kind));
    let wanted: Vec<Wanted> = wanted.collect();
    if wanted.len() > 1 || (said && list.is_some()) {
        return Err(Refusal::request(
            "You may only specify one of these parameters: coupon, discounts, promotion_code.",
        ));
    }
    Ok(if said { Some(wanted) } else { list })
}

/// `discounts[0][coupon]`, and so on.
fn list(params: &mut Params) -> Result<Option<Vec<Wanted>>, Refusal> {
    let Some(rows) = params.maps("discounts")? else { return Ok(None) };
    rows.into_iter().map(one).collect::<Result<_, _>>().map(Some)
}

fn one(mut row: Params) -> Result<Wanted, Refusal> {
    let name = row.name("coupon");
    let named = [
        row.text("coupon")?.map(Wanted::Coupon),
        row.text("promotion_code")?.map(Wanted::PromotionCode),
        row.text("discount")?.map(Wanted::Discount),
    ];
    row.finish()?;
    let mut named = named.into_iter().flatten();
    match (named.next(), named.next()) {
        (Some(wanted), None) => Ok(wanted),
        _ => Err(Refusal::invalid(
            &name,
            "You must specify exactly one of coupon, discount or promotion_code in each discount.",
        )),
    }
}
