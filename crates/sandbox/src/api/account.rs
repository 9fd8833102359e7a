//! `/v1/accounts`, `/v1/account` and `/v1/account_links`. It must not know what an account sells.

use super::list::{self, Page, Span};
use super::{Call, Method, Params, Reply, Route};
use crate::json::Obj;
use crate::model::{Account, Capability, Controller};
use crate::render;
use crate::world::{BookKey, Kind, Refusal, account};

const PATH: &str = "/v1/accounts";
const ONE: &str = "/v1/accounts/{}";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Get, path: "/v1/account", handler: own },
    Route { method: Method::Post, path: PATH, handler: create },
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: ONE, handler: retrieve },
    Route { method: Method::Post, path: ONE, handler: update },
    Route { method: Method::Delete, path: ONE, handler: delete },
    Route { method: Method::Post, path: "/v1/accounts/{}/reject", handler: reject },
    Route { method: Method::Get, path: "/v1/accounts/{}/capabilities", handler: capabilities },
    Route { method: Method::Get, path: "/v1/accounts/{}/capabilities/{}", handler: capability },
    Route { method: Method::Post, path: "/v1/account_links", handler: link },
];

const KINDS: &[&str] = &["custom", "express", "standard"];
const BUSINESS_TYPES: &[&str] = &["company", "government_entity", "individual", "non_profit"];
const LINK_S: i64 = 300;

fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let kind = params.choice("type", KINDS)?;
    let said = controller(&mut params)?;
    if kind.is_some() && said.is_some() {
        return Err(Refusal::request("You may only specify one of these parameters: controller, type."));
    }
    let country = params.text("country")?.unwrap_or_else(|| "US".into()).to_ascii_uppercase();
    let currency = params.currency("default_currency")?;
    let blank = Account {
        kind: kind.unwrap_or(if said.is_some() { "none" } else { "standard" }),
        controller: said.unwrap_or_else(|| Controller::of(kind.unwrap_or("standard"))),
        default_currency: currency.map_or_else(|| currency_of(&country), |currency| currency.to_string()),
        country,
        ..Account::blank("", 0)
    };
    let mut requested = Vec::new();
    for (name, wanted) in asked(&mut params)? {
        if wanted {
            requested.push(name);
        }
    }
    let new = fields(&mut params, blank)?;
    params.finish()?;
    refuse_connected(call)?;
    let livemode = call.book.livemode;
    Ok(Reply::Object(account::create(call.world, livemode, new, &requested)?.into()))
}

fn currency_of(country: &str) -> String {
    let known = [("CH", "chf"), ("GB", "gbp"), ("JP", "jpy"), ("US", "usd"), ("CA", "cad"), ("AU", "aud")];
    known.iter().find(|(name, _)| *name == country).map_or("eur", |(_, currency)| *currency).to_owned()
}

/// What may be said of an account at first and later.
fn fields(params: &mut Params, old: Account) -> Result<Account, Refusal> {
    let mut new = Account {
        email: params.change("email")?.on(old.email),
        business_type: params.choice("business_type", BUSINESS_TYPES)?.or(old.business_type),
        metadata: params.metadata_on(&old.metadata)?,
        ..old
    };
    if let Some(mut profile) = params.map("business_profile")? {
        new.business_name = profile.change("name")?.on(new.business_name);
        new.business_url = profile.change("url")?.on(new.business_url);
        profile.finish()?;
    }
    Ok(new)
}

/// `capabilities[transfers][requested]`.
fn asked(params: &mut Params) -> Result<Vec<(String, bool)>, Refusal> {
    let read = |(name, mut row): (String, Params)| {
        let wanted = row.bool("requested")?.ok_or_else(|| row.absent("requested"))?;
        row.finish()?;
        Ok((name, wanted))
    };
    params.named_maps("capabilities")?.into_iter().map(read).collect()
}

fn controller(params: &mut Params) -> Result<Option<Controller>, Refusal> {
    let Some(mut sent) = params.map("controller")? else { return Ok(None) };
    let mut rules = Controller::of("standard");
    let mut inner = |name: &str, field: &str, words: &[&'static str]| {
        let Some(mut map) = sent.map(name)? else { return Ok(None) };
        let word = map.choice(field, words)?;
        map.finish()?;
        Ok::<Option<&'static str>, Refusal>(word)
    };
    rules.fees_payer = inner("fees", "payer", &["account", "application"])?.unwrap_or(rules.fees_payer);
    rules.losses = inner("losses", "payments", &["application", "stripe"])?.unwrap_or(rules.losses);
    let dashboard = inner("stripe_dashboard", "type", &["express", "full", "none"])?;
    rules.dashboard = dashboard.unwrap_or(rules.dashboard);
    let collects = sent.choice("requirement_collection", &["application", "stripe"])?;
    rules.requirements = collects.unwrap_or(rules.requirements);
    sent.finish()?;
    Ok(Some(rules))
}

/// The account whose books the call is about.
fn own(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.book.account.clone().unwrap_or_else(|| call.world.own_account().to_owned());
    Ok(Reply::Object(found(call, &id)?.into()))
}

/// The own account, of which nothing is unknown, or a connected one.
fn found(call: &Call<'_>, id: &str) -> Result<Account, Refusal> {
    if id != call.world.own_account() {
        return Ok(Account::clone(&*account::get(call.world, call.book.livemode, id)?));
    }
    Ok(Account {
        email: Some("owner@example.com".into()),
        details_submitted: true,
        charges_enabled: true,
        payouts_enabled: true,
        ..Account::blank(id, 0)
    })
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    Ok(Reply::Object(found(call, &id)?.into()))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let (id, livemode) = (call.path(0).to_owned(), call.book.livemode);
    let old = account::get(call.world, livemode, &id)?;
    let asked = asked(&mut params)?;
    let mut new = fields(&mut params, Account::clone(&old))?;
    params.finish()?;
    let now_s = call.book()?.now_s();
    for (name, wanted) in asked {
        let known = new.capabilities.iter_mut().find(|row| row.id == name);
        let requested_s = wanted.then_some(now_s);
        let status = if !wanted {
            "unrequested"
        } else if new.charges_enabled {
            "active"
        } else {
            "inactive"
        };
        match known {
            Some(row) if row.requested_s.is_some() == wanted => {}
            Some(row) => (row.requested_s, row.status) = (requested_s, status),
            None => new.capabilities.push(Capability {
                id: name,
                account: id.clone(),
                requested_s,
                status,
                currently_due: new.currently_due.clone(),
            }),
        }
    }
    Ok(Reply::Object(account::update(call.world, livemode, new)?.into()))
}

fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    refuse_connected(call)?;
    let id = call.path(0).to_owned();
    account::delete(call.world, call.book.livemode, &id)?;
    Ok(Reply::Deleted { object: "account", id })
}

fn reject(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let reason = params.choice("reason", &["fraud", "other", "terms_of_service"])?;
    let reason = match reason.ok_or_else(|| params.absent("reason"))? {
        "fraud" => "rejected.fraud",
        "other" => "rejected.other",
        _ => "rejected.terms_of_service",
    };
    params.finish()?;
    let (id, livemode) = (call.path(0).to_owned(), call.book.livemode);
    Ok(Reply::Object(account::restrict(call.world, livemode, &id, &[], reason)?.into()))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let created = Span::read(&mut params, "created")?;
    params.finish()?;
    refuse_connected(call)?;
    let book = call.book()?;
    Ok(Reply::List(page.of("account", PATH, &book.accounts, |row| created.holds(row.created_s))?))
}

fn capabilities(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    let frame = render::Frame { version: call.version, livemode: call.book.livemode };
    let account = found(call, &id)?;
    let rows = account.capabilities.into_iter().map(|row| render::rendered(&row.into(), frame));
    Ok(Reply::Json(list::written(&format!("/v1/accounts/{id}/capabilities"), rows, false)))
}

fn capability(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let (id, name) = (call.path(0).to_owned(), call.path(1).to_owned());
    let mut rows = found(call, &id)?.capabilities.into_iter();
    let row = rows.find(|row| row.id == name);
    row.map(|row| Reply::Object(row.into())).ok_or_else(|| Refusal::missing("capability", "id", &name))
}

/// Where an account's owner would tell about themselves. In this sandbox control does it:
/// `POST /_sandbox/accounts/{}/onboard`.
fn link(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = params.required("account")?;
    let kinds = ["account_onboarding", "account_update"];
    params.choice("type", &kinds)?.ok_or_else(|| params.absent("type"))?;
    params.required("refresh_url")?;
    params.required("return_url")?;
    params.choice("collect", &["currently_due", "eventually_due"])?;
    params.finish()?;
    account::get(call.world, call.book.livemode, &id)?;
    let book = call.book()?;
    let (now_s, token) = (book.now_s(), book.token(12));
    let link = Obj::new()
        .str("object", "account_link")
        .int("created", now_s)
        .int("expires_at", now_s + LINK_S)
        .str("url", &format!("https://connect.stripe.com/setup/s/{id}/{token}"));
    Ok(Reply::Json(link.close()))
}

/// Only the platform has connected accounts.
fn refuse_connected(call: &Call<'_>) -> Result<(), Refusal> {
    let BookKey { account: Some(_), .. } = call.book else { return Ok(()) };
    let message = "Only the platform can make, list or delete connected accounts: leave out Stripe-Account.";
    Err(Refusal::plain(400, Kind::InvalidRequest, message))
}
