//! The same bytes read from the same file, read into the same facts, and the same rows written into the same tables
//! with the same keys, as fast as the database takes them: `COPY` and one `INSERT ... SELECT` on PostgreSQL, a prepared insert
//! in large transactions on SQLite. No inbox, no order, no books.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use postgres::{Client, NoTls};
use rusqlite::types::Value as Cell;
use serde::{Deserialize, Serialize};
use store::db::Value;

use super::{feed, memory};

/// Events in one transaction.
const BATCH: usize = 20_000;

const TABLES: [(&str, &str); 2] = [
    ("fact", "book, kind, ref, at_s, event_ref, digest, rank, tracked, body, facts_version"),
    ("link", "book, from_kind, from_ref, to_kind, to_ref"),
];

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Plain {
    pub(crate) facts: i64,
    pub(crate) seconds: f64,
    pub(crate) peak_bytes: Option<u64>,
}

/// Rows of both tables.
type Rows = [Vec<Vec<Value>>; 2];

trait Table {
    fn write(&mut self, rows: &Rows) -> Result<()>;
    fn facts(&mut self) -> Result<i64>;
}

pub(super) fn write(url: &str, folder: &Path) -> Result<Plain> {
    // For the tables alone.
    drop(store::Db::open(url)?);
    let mut table: Box<dyn Table> = match url.strip_prefix("sqlite:") {
        Some(path) => Box::new(Sqlite::open(path)?),
        None => Box::new(Server::open(url)?),
    };
    memory::forget();
    let started = Instant::now();
    let mut reader = BufReader::with_capacity(1 << 18, File::open(folder.join(feed::EVENTS))?);
    let (mut line, mut rows, mut events) = (Vec::new(), Rows::default(), 0);
    let mut books = BTreeMap::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        let text = line.trim_ascii_end();
        let next = i64::try_from(books.len())? + 1;
        let book = *books.entry(facts::Envelope::parse(text)?.account).or_insert(next);
        let said = facts::normalise_event(text);
        rows[0].extend(store::fact::rows(book, &said.facts)?);
        rows[1].extend(store::link::rows(book, &said.links));
        line.clear();
        events += 1;
        if events % BATCH == 0 {
            table.write(&std::mem::take(&mut rows))?;
        }
    }
    table.write(&rows)?;
    let seconds = started.elapsed().as_secs_f64();
    Ok(Plain { facts: table.facts()?, seconds, peak_bytes: memory::peak_bytes() })
}

struct Sqlite(rusqlite::Connection);

impl Sqlite {
    fn open(path: &str) -> Result<Self> {
        let conn = rusqlite::Connection::open(path)?;
        conn.execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA cache_size = -64000; PRAGMA wal_autocheckpoint = 8000",
        )?;
        Ok(Self(conn))
    }
}

impl Table for Sqlite {
    fn write(&mut self, rows: &Rows) -> Result<()> {
        let transaction = self.0.transaction()?;
        for ((name, columns), rows) in TABLES.iter().zip(rows) {
            let marks = vec!["?"; columns.split(", ").count()].join(", ");
            let text = format!("INSERT INTO {name} ({columns}) VALUES ({marks}) ON CONFLICT DO NOTHING");
            let mut insert = transaction.prepare(&text)?;
            for row in rows {
                insert.execute(rusqlite::params_from_iter(row.iter().map(cell)))?;
            }
        }
        Ok(transaction.commit()?)
    }

    fn facts(&mut self) -> Result<i64> {
        Ok(self.0.query_row("SELECT count(*) FROM fact", [], |row| row.get(0))?)
    }
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::Int(number) => Cell::Integer(*number),
        Value::Text(text) => Cell::Text(text.clone()),
        _ => Cell::Null,
    }
}

struct Server(Client);

impl Server {
    fn open(url: &str) -> Result<Self> {
        let mut client = Client::connect(url, NoTls)?;
        for (name, _) in TABLES {
            client.batch_execute(&format!("CREATE TEMPORARY TABLE {name}_in (LIKE {name})"))?;
        }
        Ok(Self(client))
    }
}

impl Table for Server {
    fn write(&mut self, rows: &Rows) -> Result<()> {
        let mut transaction = self.0.transaction()?;
        for ((name, columns), rows) in TABLES.iter().zip(rows) {
            let mut copy = transaction.copy_in(&format!("COPY {name}_in ({columns}) FROM STDIN"))?;
            let mut text = String::new();
            for row in rows {
                text.clear();
                line(row, &mut text)?;
                copy.write_all(text.as_bytes())?;
            }
            copy.finish()?;
            let insert = format!("INSERT INTO {name} SELECT * FROM {name}_in ON CONFLICT DO NOTHING");
            transaction.batch_execute(&format!("{insert}; TRUNCATE {name}_in"))?;
        }
        Ok(transaction.commit()?)
    }

    fn facts(&mut self) -> Result<i64> {
        self.0.query_one("SELECT count(*) FROM fact", &[]).map(|row| row.get(0)).context("no count")
    }
}

/// A line as COPY reads it.
fn line(row: &[Value], text: &mut String) -> Result<()> {
    for (index, value) in row.iter().enumerate() {
        if index > 0 {
            text.push('\t');
        }
        match value {
            Value::Int(number) => write!(text, "{number}")?,
            Value::Text(field) => field.chars().for_each(|letter| match letter {
                '\\' => text.push_str("\\\\"),
                '\t' => text.push_str("\\t"),
                '\n' => text.push_str("\\n"),
                '\r' => text.push_str("\\r"),
                other => text.push(other),
            }),
            _ => text.push_str("\\N"),
        }
    }
    text.push('\n');
    Ok(())
}
