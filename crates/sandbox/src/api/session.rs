//! `/v1/checkout/sessions`. It must not know how anybody pays.

use std::sync::Arc;

use kernel::Currency;

use super::billing::{PriceSaid, tax_rates};
use super::list::{Page, Span};
use super::params::Params;
use super::payment_intent::{USAGES, known_destination, known_kind};
use super::{Call, Method, Reply, Route, discounts};
use crate::model::{Mode, Session, TransferData};
use crate::render::{self, Frame, Version};
use crate::world::discount::Wanted;
use crate::world::session::{self, NewSession, Ordered};
use crate::world::{Book, Refusal, promotion_code};

const PATH: &str = "/v1/checkout/sessions";
const ONE: &str = "/v1/checkout/sessions/{}";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Post, path: PATH, handler: create },
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: ONE, handler: retrieve },
    Route { method: Method::Post, path: ONE, handler: update },
    Route { method: Method::Post, path: "/v1/checkout/sessions/{}/expire", handler: expire },
    Route { method: Method::Get, path: "/v1/checkout/sessions/{}/line_items", handler: line_items },
];

fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let version = call.version;
    let mode = match params.choice("mode", &["payment", "setup", "subscription"])? {
        None => return Err(params.absent("mode")),
        Some("payment") => Mode::Payment,
        Some("setup") => Mode::Setup,
        Some(_) => Mode::Subscription,
    };
    let usd = Currency::parse("usd").ok_or_else(|| params.absent("currency"))?;
    let mut new = Session { expires_s: 0, ..Session::blank("", mode, usd, 0) };
    let currency = params.currency("currency")?;
    let book = call.book()?;
    let said = items(&mut params, book)?;
    page(&mut params, version, &mut new)?;
    buyer(&mut params, &mut new)?;
    kinds(&mut params, version, &mut new)?;
    shipping(&mut params, book, &mut new)?;
    made(&mut params, &mut new)?;
    let wanted = discounts::read(&mut params, Version::DEFAULT)?.unwrap_or_default();
    if new.allow_codes.is_some() && !wanted.is_empty() {
        let message = "You may only specify one of these parameters: allow_promotion_codes, discounts.";
        return Err(Refusal::request(message));
    }
    params.finish()?;
    known_destination(call, new.transfer_data.as_ref())?;
    let book = call.book()?;
    new.discounts = wanted.iter().map(|wanted| named(book, wanted)).collect::<Result<_, _>>()?;
    let mut items = Vec::with_capacity(said.len());
    for (price, quantity, adjustable, tax_rates) in said {
        items.push(Ordered { price: price.get(book)?, quantity, adjustable, tax_rates });
    }
    Ok(Reply::Object(session::create(book, NewSession { session: new, currency, items })?.into()))
}

type Said = (PriceSaid, i64, Option<(i64, i64)>, Vec<Arc<crate::model::TaxRate>>);

fn items(params: &mut Params, book: &Book) -> Result<Vec<Said>, Refusal> {
    let mut items = Vec::new();
    for mut row in params.maps("line_items")?.unwrap_or_default() {
        let price = PriceSaid::read(&mut row, book)?.ok_or_else(|| row.absent("price"))?.sold()?;
        let quantity = row.at_least("quantity", 1)?.unwrap_or(1);
        let rates = tax_rates(&mut row, "tax_rates", book)?.unwrap_or_default();
        let mut adjustable = None;
        if let Some(mut map) = row.map("adjustable_quantity")? {
            let enabled = map.bool("enabled")?.ok_or_else(|| map.absent("enabled"))?;
            let least = map.at_least("minimum", 0)?.unwrap_or(0);
            let most = map.at_least("maximum", 1)?.unwrap_or(99);
            map.finish()?;
            adjustable = enabled.then_some((least, most));
        }
        row.finish()?;
        items.push((price, quantity, adjustable, rates));
    }
    Ok(items)
}

/// How the page looks and where it leads.
fn page(params: &mut Params, version: Version, new: &mut Session) -> Result<(), Refusal> {
    let hosted = if version.dahlia() { "hosted_page" } else { "hosted" };
    if let Some(ui) = params.text("ui_mode")?.filter(|ui| ui != hosted) {
        let message = format!("The ui_mode {ui} is not in this sandbox; use {hosted}.");
        return Err(Refusal::invalid("ui_mode", message));
    }
    new.success_url = Some(params.required("success_url")?);
    new.cancel_url = params.text("cancel_url")?;
    new.expires_s = params.at_least("expires_at", 1)?.unwrap_or(0);
    new.allow_codes = params.bool("allow_promotion_codes")?;
    new.locale = params.text("locale")?;
    new.submit_type = params.choice("submit_type", &["auto", "book", "donate", "pay", "subscribe"])?;
    let address = params.choice("billing_address_collection", &["auto", "required"])?;
    new.billing_address = address.unwrap_or("auto");
    new.ask_phone = enabled(params, "phone_number_collection")?;
    if enabled(params, "automatic_tax")? {
        let message = "Taxes are not worked out in this sandbox: name tax rates in line_items[0][tax_rates].";
        return Err(Refusal::invalid("automatic_tax[enabled]", message));
    }
    Ok(())
}

fn enabled(params: &mut Params, name: &str) -> Result<bool, Refusal> {
    let Some(mut map) = params.map(name)? else { return Ok(false) };
    let enabled = map.bool("enabled")?.ok_or_else(|| map.absent("enabled"))?;
    map.finish()?;
    Ok(enabled)
}

fn buyer(params: &mut Params, new: &mut Session) -> Result<(), Refusal> {
    new.customer = params.text("customer")?;
    new.customer_email = params.text("customer_email")?;
    if new.customer.is_some() && new.customer_email.is_some() {
        let message = "You may only specify one of these parameters: customer, customer_email.";
        return Err(Refusal::request(message));
    }
    if let Some(creation) = params.choice("customer_creation", &["always", "if_required"])? {
        if new.mode != Mode::Payment {
            let message = "`customer_creation` can only be used in `payment` mode.";
            return Err(Refusal::invalid("customer_creation", message));
        }
        new.customer_creation = creation;
    }
    new.client_reference_id = params.text("client_reference_id")?;
    new.metadata = params.metadata()?;
    if let Some(collect) = params.choice("payment_method_collection", &["always", "if_required"])? {
        new.collect_method = collect;
    }
    if let Some(mut map) = params.map("customer_update")? {
        for name in ["address", "name", "shipping"] {
            map.choice(name, &["auto", "never"])?;
        }
        map.finish()?;
    }
    Ok(())
}

fn kinds(params: &mut Params, version: Version, new: &mut Session) -> Result<(), Refusal> {
    let name = if version.endive() { "allowed_payment_method_types" } else { "payment_method_types" };
    if let Some(types) = params.texts(name)? {
        new.method_types = types.iter().map(|text| known_kind(name, text)).collect::<Result<_, _>>()?;
    }
    Ok(())
}

fn shipping(params: &mut Params, book: &Book, new: &mut Session) -> Result<(), Refusal> {
    if let Some(mut map) = params.map("shipping_address_collection")? {
        new.ship_countries = map.texts("allowed_countries")?;
        map.finish()?;
    }
    for mut row in params.maps("shipping_options")?.unwrap_or_default() {
        let id = row.required("shipping_rate")?;
        row.finish()?;
        let rate = book.shipping_rates.get(&id).cloned();
        new.shipping_options
            .push(rate.ok_or_else(|| Refusal::missing("shipping rate", "shipping_rate", &id))?);
    }
    Ok(())
}

/// `payment_intent_data`, `subscription_data`, `setup_intent_data`, `invoice_creation`: of what is made.
fn made(params: &mut Params, new: &mut Session) -> Result<(), Refusal> {
    let only = |name: &str, mode: Mode| {
        let message = format!("You can not pass `{name}` in `{}` mode.", mode.as_str());
        Refusal::invalid(name, message)
    };
    if let Some(mut map) = params.map("payment_intent_data")? {
        if new.mode != Mode::Payment {
            return Err(only("payment_intent_data", new.mode));
        }
        new.made_description = map.text("description")?;
        new.made_metadata = map.metadata()?;
        new.manual_capture =
            map.choice("capture_method", &["automatic", "automatic_async", "manual"])? == Some("manual");
        new.setup_future_usage = map.choice("setup_future_usage", USAGES)?;
        new.application_fee = map.at_least("application_fee_amount", 0)?;
        new.on_behalf_of = map.text("on_behalf_of")?;
        if let Some(mut to) = map.map("transfer_data")? {
            let destination = to.required("destination")?;
            new.transfer_data = Some(TransferData { destination, amount: to.at_least("amount", 0)? });
            to.finish()?;
        }
        map.finish()?;
    }
    if let Some(mut map) = params.map("setup_intent_data")? {
        if new.mode != Mode::Setup {
            return Err(only("setup_intent_data", new.mode));
        }
        new.made_description = map.text("description")?;
        new.made_metadata = map.metadata()?;
        map.finish()?;
    }
    if let Some(map) = params.map("subscription_data")? {
        if new.mode != Mode::Subscription {
            return Err(only("subscription_data", new.mode));
        }
        subscription(map, new)?;
    }
    if let Some(mut map) = params.map("invoice_creation")? {
        let enabled = map.bool("enabled")?.ok_or_else(|| map.absent("enabled"))?;
        let (mut metadata, mut description) = (Vec::new(), None);
        if let Some(mut data) = map.map("invoice_data")? {
            metadata = data.metadata()?;
            description = data.text("description")?;
            data.finish()?;
        }
        map.finish()?;
        if enabled && new.mode != Mode::Payment {
            return Err(only("invoice_creation", new.mode));
        }
        new.invoice_creation = enabled.then_some((metadata, description));
    }
    Ok(())
}

fn subscription(mut map: Params, new: &mut Session) -> Result<(), Refusal> {
    new.made_description = map.text("description")?;
    new.made_metadata = map.metadata()?;
    new.trial_days = map.at_least("trial_period_days", 1)?;
    new.trial_end_s = map.int("trial_end")?;
    if new.trial_days.is_some() && new.trial_end_s.is_some() {
        let message = "You may only specify one of these parameters: trial_end, trial_period_days.";
        return Err(Refusal::request(message));
    }
    if let Some(mut settings) = map.map("trial_settings")? {
        if let Some(mut end) = settings.map("end_behavior")? {
            let what = end.choice("missing_payment_method", &["cancel", "create_invoice", "pause"])?;
            end.finish()?;
            new.trial_without_method = what.unwrap_or(new.trial_without_method);
        }
        settings.finish()?;
    }
    map.finish()
}

/// Coupon and promotion code of a wanted discount.
fn named(book: &Book, wanted: &Wanted) -> Result<(String, Option<String>), Refusal> {
    match wanted {
        Wanted::Coupon(id) => {
            crate::world::coupon::get(book, id, "discounts[0][coupon]")?;
            Ok((id.clone(), None))
        }
        Wanted::PromotionCode(id) => {
            let code = promotion_code::get(book, id, "discounts[0][promotion_code]")?;
            Ok((code.coupon.id.clone(), Some(id.clone())))
        }
        Wanted::Discount(_) => {
            Err(Refusal::invalid("discounts", "Only coupons and promotion codes can be given here."))
        }
    }
}

fn known(call: &mut Call<'_>) -> Result<Arc<Session>, Refusal> {
    let id = call.path(0).to_owned();
    session::get(call.book()?, &id, "session")
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    Ok(Reply::Object(known(call)?.into()))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let old = known(call)?;
    let metadata = params.metadata_on(&old.metadata)?;
    params.finish()?;
    let new = Session { metadata, ..Session::clone(&old) };
    Ok(Reply::Object(session::put(call.book()?, new).into()))
}

fn expire(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let old = known(call)?;
    let book = call.book()?;
    let line = book.line_of(old.customer.as_deref());
    book.on(line.as_deref(), |book| Ok(Reply::Object(session::expire(book, &old)?.into())))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let (customer, intent) = (params.text("customer")?, params.text("payment_intent")?);
    let subscription = params.text("subscription")?;
    let status = params.choice("status", &["open", "complete", "expired"])?;
    let created = Span::read(&mut params, "created")?;
    params.finish()?;
    let of = |session: &Session| {
        (customer.is_none() || session.customer == customer)
            && (intent.is_none() || session.intent == intent)
            && (subscription.is_none() || session.subscription == subscription)
            && status.is_none_or(|status| status == session.status)
            && created.holds(session.created_s)
    };
    let book = call.book()?;
    Ok(Reply::List(page.of("checkout.session", PATH, &book.sessions, of)?))
}

fn line_items(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    params.at_least("limit", 1)?;
    params.finish()?;
    let frame = Frame { version: call.version, livemode: call.book.livemode };
    let session = known(call)?;
    Ok(Reply::Json(listed(&session, frame)))
}

fn listed(session: &Session, frame: Frame) -> String {
    let rows: Vec<String> =
        session.items.iter().map(|item| render::session_item(item, session, frame)).collect();
    render::sublist(&format!("/v1/checkout/sessions/{}/line_items", session.id), &rows)
}

/// `total_details.breakdown`; a session that only sets up has none.
pub(super) fn breakdown_of(book: &Book, id: &str, frame: Frame) -> Option<String> {
    let session = book.sessions.get(id).filter(|session| session.mode != Mode::Setup)?;
    let sums = session::breakdown(book, session);
    let rate = |id: &String| book.tax_rates.get(id).cloned();
    let taxes = sums.taxes.into_iter().filter_map(|tax| Some((rate(&tax.rate)?, tax)));
    Some(render::breakdown(&sums.discounts, &taxes.collect::<Vec<_>>(), frame))
}

/// `line_items`.
pub(super) fn items_of(book: &Book, id: &str, frame: Frame) -> Option<String> {
    book.sessions.get(id).map(|session| listed(session, frame))
}
