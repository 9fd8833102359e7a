//! The file: a year of several made-up businesses, one after the other, as lines of JSON, and what their operators
//! entered as an operator log. Several, so that a large file is made in little memory; each is a connected account of
//! its own, since they have coupons of the same names.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use kernel::operator::{Action, Logged};
use kernel::{Book, Ref};
use serde::{Deserialize, Serialize};

pub(super) const EVENTS: &str = "events.jsonl";
pub(super) const LOG: &str = "log.jsonl";

const FIRST_S: i64 = 1_735_689_600;
/// Customers of one business: some 50 deliveries each.
const CUSTOMERS: u32 = 500;
const DELIVERIES_PER_CUSTOMER: usize = 40;

/// What the file holds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Fed {
    pub(crate) lines: usize,
    pub(crate) bytes: u64,
}

pub(super) fn write(events: usize, folder: &Path) -> Result<Fed> {
    let mut out = BufWriter::new(File::create(folder.join(EVENTS))?);
    let mut log = Vec::new();
    let mut known = BTreeSet::new();
    let mut fed = Fed { lines: 0, bytes: 0 };
    for seed in 1.. {
        let wanted = events - fed.lines;
        if wanted == 0 {
            break;
        }
        let customers = u32::try_from(wanted.div_ceil(DELIVERIES_PER_CUSTOMER))?.min(CUSTOMERS);
        let traffic = sandbox::traffic::year(seed, 12, customers, FIRST_S);
        let account = format!("acct_bench{seed}");
        let book = Book { account: Ref::parse(&account), livemode: false };
        let entered = traffic
            .setup
            .iter()
            .filter_map(|line| Some((line.effective_at, in_book(&line.action, &book, &mut known)?)));
        log.extend(entered);
        let begin = format!("{{\"account\":\"{account}\",");
        for delivery in traffic.deliveries().take(wanted) {
            let rest = delivery.body.strip_prefix(b"{").context("a body is an object")?;
            for part in [begin.as_bytes(), rest, b"\n"] {
                out.write_all(part)?;
                fed.bytes += part.len() as u64;
            }
            fed.lines += 1;
        }
    }
    out.into_inner()?.sync_all()?;
    let mut out = BufWriter::new(File::create(folder.join(LOG))?);
    for (seq, (effective_at, action)) in (1_i64..).zip(log) {
        let recorded_at = FIRST_S * 1000;
        let line = Logged { seq, actor: "bench".to_owned(), effective_at, recorded_at, action };
        writeln!(out, "{}", serde_json::to_string(&line)?)?;
    }
    out.flush()?;
    Ok(fed)
}

/// The businesses have partners of the same names: each enters the house once, with its codes in every book.
fn in_book(action: &Action, book: &Book, known: &mut BTreeSet<String>) -> Option<Action> {
    match action {
        Action::PartnerAdd { handle, .. } => known.insert(handle.to_string()).then(|| action.clone()),
        Action::CodeMap(mapping) => {
            let mut mapping = mapping.clone();
            mapping.book = book.clone();
            Some(Action::CodeMap(mapping))
        }
        _ => None,
    }
}
