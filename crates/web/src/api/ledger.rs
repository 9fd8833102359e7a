//! The books for other programs: the canonical export, the journal, and the check of both.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use engine::House;
use engine::audit::{Report, verify};
use engine::export::{ExportOptions, JournalStyle, books_with_rows, export, to_csv, to_journal, to_json};
use kernel::{Book, time};
use ledger::Account;
use serde::{Deserialize, Serialize};
use store::read::entries::{EntryLine, page};

use super::{books, page_rows};
use crate::change::{read_book, read_time_if};
use crate::error::Trouble;
use crate::extract::Params;
use crate::state::App;

#[derive(Deserialize)]
pub(super) struct ExportQuery {
    format: Option<String>,
    book: Option<String>,
    as_of: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Csv,
    Journal(JournalStyle),
}

impl Format {
    fn read(text: &str) -> Result<Self, Trouble> {
        match text {
            "json" => Ok(Self::Json),
            "csv" => Ok(Self::Csv),
            "beancount" => Ok(Self::Journal(JournalStyle::Beancount)),
            "hledger" => Ok(Self::Journal(JournalStyle::Hledger)),
            _ => Err(Trouble::bad_input("there is no such format", "json, csv, beancount or hledger")),
        }
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Journal(_) => "text/plain; charset=utf-8",
        }
    }
}

pub(super) async fn export_rows(
    State(app): State<App>,
    Params(query): Params<ExportQuery>,
) -> Result<Response, Trouble> {
    let format = Format::read(query.format.as_deref().unwrap_or("json"))?;
    let book = query.book.as_deref().filter(|label| !label.is_empty()).map(read_book).transpose()?;
    let options = ExportOptions { as_of: read_time_if(query.as_of.as_deref())?, book };
    let (text, level) = app.ask(move |house| exported(house, &options, format)).await?;
    let level = if level { "true" } else { "false" };
    let headers = [(header::CONTENT_TYPE.as_str(), format.content_type()), ("x-countinghouse-level", level)];
    Ok((headers, text).into_response())
}

fn exported(house: &House, options: &ExportOptions, format: Format) -> Result<(String, bool), Trouble> {
    let export = export(house, options)?;
    if format == Format::Json {
        return Ok((to_json(&export.rows)?, export.level));
    }
    let books = books_with_rows(&export.rows);
    if options.book.is_none() && books.len() > 1 {
        let hint = "say which with ?book=; see /api/v1/books";
        return Err(Trouble::bad_input("this format holds one book, and there are several", hint));
    }
    let text = match format {
        Format::Journal(style) => {
            let book = options.book.clone().or_else(|| books.into_iter().next());
            to_journal(house, &book.unwrap_or(Book::own(false)), style)?
        }
        Format::Csv | Format::Json => to_csv(&export.rows)?,
    };
    Ok((text, export.level))
}

#[derive(Deserialize)]
pub(super) struct EntriesQuery {
    book: Option<String>,
    limit: Option<i64>,
    after: Option<i64>,
}

#[derive(Serialize)]
pub(super) struct Page {
    book: String,
    entries: Vec<Entry>,
    next: Option<i64>,
}

#[derive(Serialize)]
struct Entry {
    id: i64,
    sale: String,
    rev: i64,
    recorded_at: String,
    sale_at: String,
    reason: String,
    terms_version: Option<i64>,
    postings: Vec<Posting>,
}

#[derive(Serialize)]
struct Posting {
    debit: String,
    credit: String,
    partner: String,
    currency: String,
    amount_minor: i64,
}

pub(super) async fn entries(
    State(app): State<App>,
    Params(query): Params<EntriesQuery>,
) -> Result<Json<Page>, Trouble> {
    let limit = page_rows(query.limit);
    let answer = app.ask(move |house| -> Result<_, Trouble> {
        let known = books::one(house, query.book.as_deref())?;
        let after = query.after.unwrap_or(0);
        let rows = house
            .db()
            .read(|read| -> Result<_, engine::EngineError> { Ok(page(read, known.id, after, limit)?) })?;
        let next = rows.last().filter(|_| rows.len() as i64 == limit).map(|row| row.id);
        Ok(Page { book: known.book.label(), entries: rows.into_iter().map(entry).collect(), next })
    });
    Ok(Json(answer.await?))
}

fn entry(row: EntryLine) -> Entry {
    let account = |code: i64| {
        Account::from_code(code).map_or_else(|| code.to_string(), |account| account.path().to_owned())
    };
    let postings = row.postings.into_iter().map(|posting| Posting {
        debit: account(posting.debit),
        credit: account(posting.credit),
        partner: posting.partner,
        currency: posting.currency,
        amount_minor: posting.amount_minor,
    });
    Entry {
        id: row.id,
        sale: row.sale,
        rev: row.rev,
        recorded_at: time::rfc3339(row.recorded_at),
        sale_at: time::rfc3339(row.sale_at),
        reason: row.reason,
        terms_version: row.terms_version,
        postings: postings.collect(),
    }
}

#[derive(Deserialize)]
pub(super) struct VerifyQuery {
    #[serde(default)]
    deep: bool,
}

pub(super) async fn verified(
    State(app): State<App>,
    Params(query): Params<VerifyQuery>,
) -> Result<Json<Report>, Trouble> {
    Ok(Json(app.ask(move |house| verify(house, query.deep)).await?))
}
