//! The books there are, and how far they are behind Stripe.

use axum::Json;
use axum::extract::State;
use engine::House;
use engine::status::Status;
use kernel::time;
use serde::Serialize;

use crate::change::read_book;
use crate::console::frame::{KnownBook, books};
use crate::error::Trouble;
use crate::state::App;

pub(super) async fn status(State(app): State<App>) -> Result<Json<Status>, Trouble> {
    let now = app.now();
    Ok(Json(app.ask(move |house| engine::status::status(house, now)).await?))
}

#[derive(Serialize)]
pub(super) struct BookLine {
    book: String,
    account: Option<String>,
    livemode: bool,
    /// The newest fact; what figures without `as_of` hold for.
    as_of: Option<String>,
}

pub(super) async fn list(State(app): State<App>) -> Result<Json<Vec<BookLine>>, Trouble> {
    let books = app.ask(books).await?;
    Ok(Json(books.iter().map(line).collect()))
}

fn line(known: &KnownBook) -> BookLine {
    BookLine {
        book: known.book.label(),
        account: known.book.account.as_ref().map(ToString::to_string),
        livemode: known.book.livemode,
        as_of: as_of(known),
    }
}

pub(super) fn as_of(known: &KnownBook) -> Option<String> {
    (known.newest_at > 0).then(|| time::rfc3339(known.newest_at))
}

/// The books a list is about: the one asked for (404 when unknown), or all.
pub(super) fn wanted(house: &House, label: Option<&str>) -> Result<Vec<KnownBook>, Trouble> {
    let all = books(house)?;
    let Some(label) = label.filter(|label| !label.is_empty()) else { return Ok(all) };
    let book = read_book(label)?;
    match all.into_iter().find(|known| known.book == book) {
        Some(known) => Ok(vec![known]),
        None if book.account.is_none() => Ok(vec![KnownBook::empty(book)]),
        None => Err(Trouble::not_found("book")),
    }
}

/// The one book a page is about: the one asked for, or the only one with facts.
pub(super) fn one(house: &House, label: Option<&str>) -> Result<KnownBook, Trouble> {
    let books = wanted(house, label)?;
    let with_facts: Vec<&KnownBook> = books.iter().filter(|known| known.newest_at > 0).collect();
    match (books.as_slice(), with_facts.as_slice()) {
        ([only], _) => Ok(only.clone()),
        (_, [only]) => Ok((*only).clone()),
        ([], _) => Ok(KnownBook::empty(kernel::Book::own(false))),
        _ => Err(Trouble::bad_input("there are several books", "say which with ?book=; see /api/v1/books")),
    }
}
