//! Makes a dictionary for stored bodies: the pieces of rendered events that most other events have as well, each
//! said once. Half of it in one line, half indented by two blanks, as Stripe sends its events.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use sandbox::Version;

const BYTES: usize = 32 << 10;
const PIECE_BYTES: usize = 400;
/// What is counted is every run of so many bytes.
const RUN_BYTES: usize = 8;
/// A run that fewer events have is somebody's id or name.
const EVENTS_MIN: u32 = 3;
const CUSTOMERS: u32 = 60;
const FIRST_S: i64 = 1_735_689_600;

#[derive(Args, Clone)]
pub(crate) struct DictionaryArgs {
    file: PathBuf,
}

pub(crate) fn run(args: &DictionaryArgs) -> Result<()> {
    let plain = events();
    let indented: Vec<Vec<u8>> = plain.iter().map(|body| indented(body)).collect();
    let mut all = pieces(&plain, BYTES / 2);
    all.extend(pieces(&indented, BYTES / 2));
    Ok(std::fs::write(&args.file, all)?)
}

/// Of the versions in use, in turn.
fn events() -> Vec<Vec<u8>> {
    let versions = &Version::ALL[1..6];
    let traffic = sandbox::traffic::year(99, 12, CUSTOMERS, FIRST_S);
    let rendered = traffic.history.iter().zip(versions.iter().cycle());
    rendered.filter_map(|(event, version)| sandbox::deliver(event, *version)).map(|one| one.body).collect()
}

fn runs(body: &[u8]) -> impl Iterator<Item = u64> + '_ {
    let number = |run: &[u8]| run.try_into().map_or(0, u64::from_le_bytes);
    body.windows(RUN_BYTES).map(number)
}

/// In how many events each run occurs.
fn counted(events: &[Vec<u8>]) -> HashMap<u64, u32> {
    let mut counts = HashMap::new();
    for body in events {
        for run in runs(body).collect::<HashSet<u64>>() {
            *counts.entry(run).or_insert(0) += 1;
        }
    }
    counts.retain(|_, count| *count >= EVENTS_MIN);
    counts
}

/// The best piece of each handful of events in turn, what is in it no longer counting for the next; the best come
/// last, where they can be looked back on the longest.
fn pieces(events: &[Vec<u8>], bytes: usize) -> Vec<u8> {
    let mut worth = counted(events);
    let handful = (events.len() * PIECE_BYTES / bytes).max(1);
    let (mut taken, mut total, mut barren) = (Vec::new(), 0, 0);
    for start in (0..events.len()).step_by(handful).cycle() {
        if total >= bytes || barren > events.len() {
            break;
        }
        let these = &events[start..events.len().min(start + handful)];
        match these.iter().filter_map(|body| best(body, &worth)).max_by_key(|(worth, _)| *worth) {
            Some((_, piece)) => {
                let piece = trimmed(piece, &worth);
                let gone: HashSet<u64> = runs(piece).collect();
                worth.retain(|run, _| !gone.contains(run));
                total += piece.len();
                taken.push(piece);
            }
            None => barren += 1,
        }
    }
    taken.reverse();
    let all = taken.concat();
    all[all.len().saturating_sub(bytes)..].to_vec()
}

/// The piece of this event whose different runs are worth most.
fn best<'a>(body: &'a [u8], worth: &HashMap<u64, u32>) -> Option<(u64, &'a [u8])> {
    let of = |run: u64| u64::from(worth.get(&run).copied().unwrap_or(0));
    let all: Vec<u64> = runs(body).collect();
    let width = PIECE_BYTES - RUN_BYTES + 1;
    let (mut inside, mut sum, mut best) = (HashMap::new(), 0, (0, 0));
    for (index, run) in all.iter().enumerate() {
        let count = inside.entry(*run).or_insert(0);
        sum += if *count == 0 { of(*run) } else { 0 };
        *count += 1;
        if let Some(left) = (index + 1).checked_sub(width) {
            if sum > best.0 {
                best = (sum, left);
            }
            let leaving = all[left];
            let count = inside.entry(leaving).or_insert(1);
            *count -= 1;
            sum -= if *count == 0 { of(leaving) } else { 0 };
        }
    }
    (best.0 > 0).then(|| (best.0, &body[best.1..best.1 + PIECE_BYTES]))
}

/// Without what is worth nothing at either end.
fn trimmed<'a>(piece: &'a [u8], worth: &HashMap<u64, u32>) -> &'a [u8] {
    let is_worth = |run: &u64| worth.contains_key(run);
    let first = runs(piece).position(|run| is_worth(&run)).unwrap_or(0);
    let last = runs(piece).collect::<Vec<_>>().iter().rposition(is_worth).unwrap_or(0);
    &piece[first..last + RUN_BYTES]
}

/// The same JSON with every member on a line of its own.
fn indented(body: &[u8]) -> Vec<u8> {
    let (mut out, mut depth, mut in_text, mut escaped) = (Vec::new(), 0, false, false);
    let line = |out: &mut Vec<u8>, depth: usize| {
        out.push(b'\n');
        out.extend(std::iter::repeat_n(b' ', 2 * depth));
    };
    for (index, byte) in body.iter().copied().enumerate() {
        match byte {
            _ if in_text => {
                in_text = escaped || byte != b'"';
                escaped = !escaped && byte == b'\\';
                out.push(byte);
            }
            b'{' | b'[' => {
                out.push(byte);
                if !body.get(index + 1).is_some_and(|next| b"}]".contains(next)) {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            b'}' | b']' => {
                if !body.get(index - 1).is_some_and(|before| b"{[".contains(before)) {
                    depth -= 1;
                    line(&mut out, depth);
                }
                out.push(byte);
            }
            b',' => {
                out.push(byte);
                line(&mut out, depth);
            }
            b':' => out.extend_from_slice(b": "),
            _ => {
                in_text = byte == b'"';
                out.push(byte);
            }
        }
    }
    out
}
