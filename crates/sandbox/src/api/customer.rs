//! `/v1/customers`, with their balance, tax ids and discount. It must not know what they buy.

use std::sync::Arc;

use super::list::{Page, Span};
use super::{Call, Method, Params, Reply, Route, discounts};
use crate::json::Obj;
use crate::model::{Address, Customer, PaymentMethod, ShipTo};
use crate::render::{self, Frame, Version};
use crate::world::customer::{self, Discounted, Move};
use crate::world::discount::Wanted;
use crate::world::{Book, Refusal, payment_method};

const PATH: &str = "/v1/customers";
const ONE: &str = "/v1/customers/{}";
const MOVES: &str = "/v1/customers/{}/balance_transactions";
const TAX_IDS: &str = "/v1/customers/{}/tax_ids";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Post, path: PATH, handler: create },
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: ONE, handler: retrieve },
    Route { method: Method::Post, path: ONE, handler: update },
    Route { method: Method::Delete, path: ONE, handler: delete },
    Route { method: Method::Delete, path: "/v1/customers/{}/discount", handler: delete_discount },
    Route { method: Method::Post, path: MOVES, handler: move_balance },
    Route { method: Method::Get, path: MOVES, handler: moves },
    Route { method: Method::Get, path: "/v1/customers/{}/balance_transactions/{}", handler: one_move },
    Route { method: Method::Post, path: TAX_IDS, handler: add_tax_id },
    Route { method: Method::Get, path: TAX_IDS, handler: list_tax_ids },
    Route { method: Method::Get, path: "/v1/customers/{}/tax_ids/{}", handler: one_tax_id },
    Route { method: Method::Get, path: "/v1/tax_ids/{}", handler: any_tax_id },
    Route { method: Method::Delete, path: "/v1/customers/{}/tax_ids/{}", handler: delete_tax_id },
];

fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let wanted = discount(&mut params, call.version)?.and_then(|mut wanted| wanted.pop());
    let blank = Customer { invoice_prefix: String::new(), ..Customer::blank("", 0) };
    let balance = params.int("balance")?.unwrap_or(0);
    let test_clock = params.text("test_clock")?;
    let method = params.text("payment_method")?;
    let mut tax_ids = Vec::new();
    for mut row in params.maps("tax_id_data")?.unwrap_or_default() {
        tax_ids.push((row.required("type")?, row.required("value")?));
        row.finish()?;
    }
    let new = Customer { balance, test_clock, ..fields(&mut params, blank)? };
    params.finish()?;
    let book = call.book()?;
    let (new, method) = saved_along(book, new, method)?;
    let made = customer::create(book, new, wanted.as_ref())?;
    for (kind, value) in tax_ids {
        customer::add_tax_id(book, &made.id, kind, value)?;
    }
    if let Some(method) = method {
        payment_method::attach(book, &method, &made.id)?;
    }
    Ok(Reply::Object(made.into()))
}

/// A payment method named when the customer is made is saved to it; only that one may be its default.
fn saved_along(
    book: &mut Book,
    new: Customer,
    named: Option<String>,
) -> Result<(Customer, Option<Arc<PaymentMethod>>), Refusal> {
    let default = new.default_payment_method.clone();
    let Some(named) = named else {
        return default.map_or(Ok((new, None)), |id| Err(not_theirs(&id)));
    };
    let method = payment_method::resolve(book, &named)?;
    payment_method::savable(&method, "")?;
    let default_payment_method = match default {
        None => None,
        Some(id) if id == named || id == method.id => Some(method.id.clone()),
        Some(id) => return Err(not_theirs(&id)),
    };
    Ok((Customer { default_payment_method, ..new }, Some(method)))
}

fn not_theirs(id: &str) -> Refusal {
    let message = format!(
        "The customer does not have a payment method with the ID {id}. The payment method must be attached to \
         the customer."
    );
    Refusal::invalid("invoice_settings[default_payment_method]", message).code("resource_missing")
}

/// `coupon` and `promotion_code`, which customers have until acacia.
fn discount(params: &mut Params, version: Version) -> Result<Option<Vec<Wanted>>, Refusal> {
    if version.basil() || params.has("discounts") { Ok(None) } else { discounts::read(params, version) }
}

/// What may be said of a customer at first and later.
fn fields(params: &mut Params, old: Customer) -> Result<Customer, Refusal> {
    let exempt = params.choice("tax_exempt", &["exempt", "none", "reverse"])?;
    let mut new = Customer {
        email: params.change("email")?.on(old.email),
        name: params.change("name")?.on(old.name),
        business_name: params.change("business_name")?.on(old.business_name),
        individual_name: params.change("individual_name")?.on(old.individual_name),
        description: params.change("description")?.on(old.description),
        phone: params.change("phone")?.on(old.phone),
        address: if params.has("address") { address(params, "address")? } else { old.address },
        shipping: if params.has("shipping") { ship_to(params)? } else { old.shipping },
        invoice_prefix: params.text("invoice_prefix")?.unwrap_or(old.invoice_prefix),
        preferred_locales: params.texts("preferred_locales")?.unwrap_or(old.preferred_locales),
        tax_exempt: exempt.unwrap_or(old.tax_exempt),
        metadata: params.metadata_on(&old.metadata)?,
        ..old
    };
    if new.email.as_deref().is_some_and(|email| !email.contains('@')) {
        let message = format!("Invalid email address: {}", new.email.unwrap_or_default());
        return Err(Refusal::invalid("email", message).code("email_invalid"));
    }
    if let Some(mut settings) = params.map("invoice_settings")? {
        new.default_payment_method =
            settings.change("default_payment_method")?.on(new.default_payment_method);
        new.invoice_footer = settings.change("footer")?.on(new.invoice_footer);
        if let Some(rows) = settings.maps("custom_fields")? {
            new.invoice_fields = rows.into_iter().map(pair).collect::<Result<_, _>>()?;
        }
        settings.finish()?;
    }
    Ok(new)
}

fn pair(mut row: Params) -> Result<(String, String), Refusal> {
    let pair = (row.required("name")?, row.required("value")?);
    row.finish()?;
    Ok(pair)
}

/// An address, wherever one is said; an empty one is none.
pub(crate) fn address(params: &mut Params, name: &str) -> Result<Option<Address>, Refusal> {
    let Some(mut sent) = params.map(name)? else { return Ok(None) };
    let address = Address {
        city: sent.text("city")?,
        country: sent.text("country")?.map(|country| country.to_ascii_uppercase()),
        line1: sent.text("line1")?,
        line2: sent.text("line2")?,
        postal_code: sent.text("postal_code")?,
        state: sent.text("state")?,
    };
    sent.finish()?;
    Ok(Some(address))
}

/// `shipping`, wherever it is said.
pub(crate) fn ship_to(params: &mut Params) -> Result<Option<ShipTo>, Refusal> {
    let Some(mut sent) = params.map("shipping")? else { return Ok(None) };
    let to = ShipTo {
        name: sent.required("name")?,
        phone: sent.text("phone")?,
        address: address(&mut sent, "address")?.ok_or_else(|| sent.absent("address"))?,
    };
    sent.finish()?;
    Ok(Some(to))
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    let found = call.book()?.customers.get(&id).cloned();
    found
        .map(|customer| Reply::Object(customer.into()))
        .ok_or_else(|| Refusal::missing("customer", "id", &id))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let old = customer::get(call.book()?, &id, "id")?;
    let wanted = discount(&mut params, call.version)?;
    let balance = params.int("balance")?;
    let new = fields(&mut params, Customer::clone(&old))?;
    params.finish()?;
    let default = new.default_payment_method.as_ref();
    if let Some(id) = default.filter(|_| new.default_payment_method != old.default_payment_method) {
        let method = payment_method::get(call.book()?, id, "invoice_settings[default_payment_method]")?;
        if method.customer.as_deref() != Some(old.id.as_str()) {
            return Err(not_theirs(id));
        }
    }
    let discounted = match wanted {
        None => Discounted::Keep,
        Some(mut wanted) => wanted.pop().map_or(Discounted::None, Discounted::New),
    };
    let book = call.book()?;
    let mut done = customer::update(book, &old, new, &discounted)?;
    if let Some(amount) = balance.map(|balance| balance - done.balance).filter(|amount| *amount != 0) {
        let currency = done.currency.or_else(|| kernel::Currency::parse("usd"));
        if let Some(currency) = currency {
            customer::add_to_balance(book, &id, Move::new("adjustment", amount, currency))?;
            done = customer::get(book, &id, "id")?;
        }
    }
    Ok(Reply::Object(done.into()))
}

fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    customer::delete(call.book()?, &id)?;
    Ok(Reply::Deleted { object: "customer", id })
}

fn delete_discount(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    let book = call.book()?;
    let old = customer::get(book, &id, "customer")?;
    let discount =
        old.discount.as_ref().ok_or_else(|| Refusal::missing("active discount for customer", "id", &id))?;
    let gone = discount.id.clone();
    customer::update(book, &old, Customer::clone(&old), &Discounted::None)?;
    Ok(Reply::Json(Obj::resource("discount", &gone).bool("deleted", true).str("customer", &id).close()))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let created = Span::read(&mut params, "created")?;
    let email = params.text("email")?;
    let clock = params.text("test_clock")?;
    params.finish()?;
    let keep = |row: &Customer| {
        !row.deleted
            && created.holds(row.created_s)
            && row.test_clock == clock
            && (email.is_none() || row.email == email)
    };
    let book = call.book()?;
    Ok(Reply::List(match &email {
        Some(email) => page.of_rows(PATH, customer::by_email(book, email), keep),
        None => page.of("customer", PATH, &book.customers, keep)?,
    }))
}

fn move_balance(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let amount = params.int("amount")?.ok_or_else(|| params.absent("amount"))?;
    let currency = params.currency("currency")?.ok_or_else(|| params.absent("currency"))?;
    let moved = Move {
        description: params.text("description")?,
        metadata: params.metadata()?,
        ..Move::new("adjustment", amount, currency)
    };
    params.finish()?;
    Ok(Reply::Object(customer::add_to_balance(call.book()?, &id, moved)?.into()))
}

fn moves(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let created = Span::read(&mut params, "created")?;
    params.finish()?;
    let id = call.path(0).to_owned();
    let book = call.book()?;
    customer::get(book, &id, "customer")?;
    let url = MOVES.replace("{}", &id);
    Ok(Reply::List(
        page.of_rows(&url, customer::balance_moves(book, &id), |row| created.holds(row.created_s)),
    ))
}

fn one_move(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let (customer, id) = (call.path(0).to_owned(), call.path(1).to_owned());
    let found = call.book()?.balance_moves.get(&id).filter(|row| row.customer == customer).map(Arc::clone);
    found
        .map(|row| Reply::Object(row.into()))
        .ok_or_else(|| Refusal::missing("customer balance transaction", "id", &id))
}

fn add_tax_id(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let (kind, value) = (params.required("type")?, params.required("value")?);
    params.finish()?;
    Ok(Reply::Object(customer::add_tax_id(call.book()?, &id, kind, value)?.into()))
}

fn list_tax_ids(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    params.finish()?;
    let id = call.path(0).to_owned();
    let book = call.book()?;
    customer::get(book, &id, "customer")?;
    Ok(Reply::List(page.of_rows(&TAX_IDS.replace("{}", &id), customer::tax_ids(book, &id), |_| true)))
}

fn one_tax_id(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let (customer, id) = (call.path(0).to_owned(), call.path(1).to_owned());
    Ok(Reply::Object(customer::tax_id(call.book()?, &customer, &id)?.into()))
}

/// By its own id, whoever has it.
fn any_tax_id(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    let found = call.book()?.tax_ids.get(&id).cloned();
    Ok(Reply::Object(found.ok_or_else(|| Refusal::missing("tax ID", "id", &id))?.into()))
}

fn delete_tax_id(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let (customer, id) = (call.path(0).to_owned(), call.path(1).to_owned());
    customer::delete_tax_id(call.book()?, &customer, &id)?;
    Ok(Reply::Deleted { object: "tax_id", id })
}

/// `tax_ids`.
pub(super) fn tax_ids(book: &Book, id: &str, frame: Frame) -> Option<String> {
    let rows = customer::tax_ids(book, id).map(|row| render::rendered(&row.into(), frame));
    Some(listed(&TAX_IDS.replace("{}", id), &rows.collect::<Vec<String>>()))
}

/// A list within an object, as it is shown when asked for.
pub(crate) fn listed(url: &str, rows: &[String]) -> String {
    Obj::new().str("object", "list").array("data", rows).bool("has_more", false).str("url", url).close()
}
