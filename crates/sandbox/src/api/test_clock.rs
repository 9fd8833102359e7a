//! `/v1/test_helpers/test_clocks`. It must not know what an advance brings about.

use super::list::Page;
use super::{Call, Method, Reply, Route};
use crate::world::Refusal;
use crate::world::test_clock;

const PATH: &str = "/v1/test_helpers/test_clocks";
const ONE: &str = "/v1/test_helpers/test_clocks/{}";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Post, path: PATH, handler: create },
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: ONE, handler: retrieve },
    Route { method: Method::Delete, path: ONE, handler: delete },
    Route { method: Method::Post, path: "/v1/test_helpers/test_clocks/{}/advance", handler: advance },
];

fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let frozen_s = params.int("frozen_time")?.ok_or_else(|| params.absent("frozen_time"))?;
    let name = params.text("name")?;
    params.finish()?;
    Ok(Reply::Object(test_clock::create(call.book()?, frozen_s, name)?.into()))
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    Ok(Reply::Object(test_clock::get(call.book()?, &id)?.into()))
}

fn advance(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let to_s = params.int("frozen_time")?.ok_or_else(|| params.absent("frozen_time"))?;
    params.finish()?;
    let book = call.book()?;
    let clock = test_clock::get(book, &id)?;
    Ok(Reply::Object(test_clock::advance(book, &clock, to_s)?.into()))
}

fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    let book = call.book()?;
    let clock = test_clock::get(book, &id)?;
    test_clock::delete(book, &clock);
    Ok(Reply::Deleted { object: "test_helpers.test_clock", id })
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    params.finish()?;
    Ok(Reply::List(page.of("test clock", PATH, &call.book()?.test_clocks, |_| true)?))
}
