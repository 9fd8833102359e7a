//! Lists of what has no life in the sandbox and was only triggered: schedules, reviews, credit grants, meters, portal
//! configurations. They can be listed and asked for, so that a client's lists of them can be tried; none can be made by a
//! call. And the active entitlements of a customer, of which there are none. It must not know what any of them means.

use super::list::Page;
use super::{Call, Method, Reply, Route, list};
use crate::model::Plain;
use crate::world::{Refusal, customer};

const SCHEDULES: &str = "/v1/subscription_schedules";
const REVIEWS: &str = "/v1/reviews";
const GRANTS: &str = "/v1/billing/credit_grants";
const METERS: &str = "/v1/billing/meters";
const CONFIGURATIONS: &str = "/v1/billing_portal/configurations";
const ENTITLEMENTS: &str = "/v1/entitlements/active_entitlements";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Get, path: SCHEDULES, handler: |call| all(call, SCHEDULES) },
    Route {
        method: Method::Get,
        path: "/v1/subscription_schedules/{}",
        handler: |call| one(call, SCHEDULES),
    },
    Route { method: Method::Get, path: REVIEWS, handler: |call| all(call, REVIEWS) },
    Route { method: Method::Get, path: "/v1/reviews/{}", handler: |call| one(call, REVIEWS) },
    Route { method: Method::Get, path: GRANTS, handler: |call| all(call, GRANTS) },
    Route { method: Method::Get, path: "/v1/billing/credit_grants/{}", handler: |call| one(call, GRANTS) },
    Route { method: Method::Get, path: METERS, handler: |call| all(call, METERS) },
    Route { method: Method::Get, path: "/v1/billing/meters/{}", handler: |call| one(call, METERS) },
    Route { method: Method::Get, path: CONFIGURATIONS, handler: |call| all(call, CONFIGURATIONS) },
    Route {
        method: Method::Get,
        path: "/v1/billing_portal/configurations/{}",
        handler: |call| one(call, CONFIGURATIONS),
    },
    Route { method: Method::Get, path: ENTITLEMENTS, handler: entitlements },
];

/// The object that a path lists.
const fn object(path: &str) -> &'static str {
    match path.as_bytes() {
        b"/v1/subscription_schedules" => "subscription_schedule",
        b"/v1/reviews" => "review",
        b"/v1/billing/credit_grants" => "billing.credit_grant",
        b"/v1/billing/meters" => "billing.meter",
        _ => "billing_portal.configuration",
    }
}

fn all(call: &mut Call<'_>, path: &'static str) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    params.finish()?;
    // Reviews are listed while they are open, and can be asked for ever after.
    let open = |row: &Plain| !row.fields.iter().any(|(name, value)| *name == "open" && value == "false");
    let object = object(path);
    let of = |row: &Plain| row.object == object && (object != "review" || open(row));
    Ok(Reply::List(page.of(object, path, &call.book()?.shelf, of)?))
}

fn one(call: &mut Call<'_>, path: &str) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let (id, object) = (call.path(0).to_owned(), object(path));
    let found = call.book()?.shelf.get(&id).filter(|row| row.object == object).cloned();
    Ok(Reply::Object(found.ok_or_else(|| Refusal::missing(object, "id", &id))?.into()))
}

fn entitlements(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    Page::read(&mut params)?;
    let customer = params.required("customer")?;
    params.finish()?;
    customer::get(call.book()?, &customer, "customer")?;
    Ok(Reply::Json(list::written(ENTITLEMENTS, std::iter::empty(), false)))
}
