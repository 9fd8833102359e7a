//! `/v1/products`. It must not know what anything costs.

use super::list::{Page, Span};
use super::params::decimal;
use super::{Call, Method, Params, Reply, Route, price};
use crate::model::Product;
use crate::world::Refusal;
use crate::world::price::Of;
use crate::world::{price as prices, product};

const PATH: &str = "/v1/products";
const ONE: &str = "/v1/products/{}";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Post, path: PATH, handler: create },
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: ONE, handler: retrieve },
    Route { method: Method::Post, path: ONE, handler: update },
    Route { method: Method::Delete, path: ONE, handler: delete },
];

fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = params.text("id")?;
    let name = params.required("name")?;
    let new = fields(&mut params, Product::blank("", &name, 0))?;
    params.choice("type", &["good", "service"])?;
    let default = params.map("default_price_data")?;
    let default = default.map(|data| price::data(data, "currency")).transpose()?;
    params.finish()?;
    let book = call.book()?;
    let product = product::create(book, id, new)?;
    let Some(default) = default else { return Ok(Reply::Object(product.into())) };
    let made = prices::create(book, Of::Product(product.id.clone()), default, false)?;
    let whole = Product { default_price: Some(made.id.clone()), ..Product::clone(&product) };
    Ok(Reply::Object(product::update(book, &product, whole).into()))
}

/// What may be said of a product at first and later.
fn fields(params: &mut Params, old: Product) -> Result<Product, Refusal> {
    let features = |rows: Vec<Params>| -> Result<Vec<String>, Refusal> {
        let read = |mut row: Params| {
            let name = row.required("name")?;
            row.finish()?;
            Ok(name)
        };
        rows.into_iter().map(read).collect()
    };
    Ok(Product {
        name: params.text("name")?.unwrap_or_else(|| old.name.clone()),
        active: params.bool("active")?.unwrap_or(old.active),
        description: params.change("description")?.on(old.description),
        images: params.texts("images")?.unwrap_or(old.images),
        marketing_features: params
            .maps("marketing_features")?
            .map(features)
            .transpose()?
            .unwrap_or(old.marketing_features),
        package: package(params)?.or(old.package),
        shippable: params.bool("shippable")?.or(old.shippable),
        statement_descriptor: params.change("statement_descriptor")?.on(old.statement_descriptor),
        tax_code: params.change("tax_code")?.on(old.tax_code),
        unit_label: params.change("unit_label")?.on(old.unit_label),
        url: params.change("url")?.on(old.url),
        metadata: params.metadata_on(&old.metadata)?,
        ..old
    })
}

fn package(params: &mut Params) -> Result<Option<[String; 4]>, Refusal> {
    let Some(mut sent) = params.map("package_dimensions")? else { return Ok(None) };
    let mut number = |name: &str| {
        let text = sent.required(name)?;
        if decimal(&text, 2).is_some() {
            Ok(text)
        } else {
            Err(Refusal::invalid(&sent.name(name), format!("Invalid decimal: {text}")))
        }
    };
    let numbers = [number("height")?, number("length")?, number("weight")?, number("width")?];
    sent.finish()?;
    Ok(Some(numbers))
}

/// The fields of `product_data`, within a price.
pub(super) fn data(mut data: Params) -> Result<Of, Refusal> {
    let id = data.text("id")?;
    let name = data.required("name")?;
    let blank = Product::blank("", &name, 0);
    let new = Product {
        active: data.bool("active")?.unwrap_or(true),
        description: data.text("description")?,
        images: data.texts("images")?.unwrap_or_default(),
        statement_descriptor: data.text("statement_descriptor")?,
        tax_code: data.text("tax_code")?,
        unit_label: data.text("unit_label")?,
        metadata: data.metadata()?,
        ..blank
    };
    data.finish()?;
    Ok(Of::New(id, Box::new(new)))
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    Ok(Reply::Object(product::get(call.book()?, &id, "id")?.into()))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let book = call.book()?;
    let old = product::get(book, &id, "id")?;
    let default = params.change("default_price")?;
    let new = fields(&mut params, Product::clone(&old))?;
    params.finish()?;
    let default_price = default.on(old.default_price.clone());
    if let Some(id) = default_price.as_deref().filter(|id| old.default_price.as_deref() != Some(id)) {
        let price = prices::get(book, id, "default_price")?;
        if price.product != old.id || !price.active {
            let message = format!("The price {id} is not an active price of this product.");
            return Err(Refusal::invalid("default_price", message));
        }
    }
    Ok(Reply::Object(product::update(book, &old, Product { default_price, ..new }).into()))
}

fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    product::delete(call.book()?, &id)?;
    Ok(Reply::Deleted { object: "product", id })
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let created = Span::read(&mut params, "created")?;
    let active = params.bool("active")?;
    let shippable = params.bool("shippable")?;
    let ids = params.texts("ids")?;
    let url = params.text("url")?;
    params.choice("type", &["good", "service"])?;
    params.finish()?;
    let keep = |row: &Product| {
        created.holds(row.created_s)
            && active.is_none_or(|active| row.active == active)
            && shippable.is_none_or(|shippable| row.shippable == Some(shippable))
            && ids.as_ref().is_none_or(|ids| ids.contains(&row.id))
            && (url.is_none() || row.url == url)
    };
    Ok(Reply::List(page.of("product", PATH, &call.book()?.products, keep)?))
}
