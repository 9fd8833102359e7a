//! `code create --from-csv`: every row is read and checked before the first call; then one after another, with a
//! report row each. Run again after a kill, it goes on where it was: rows that are done are done.

use std::collections::BTreeMap;
use std::path::Path;

use engine::deliver::ask::Asked;
use engine::deliver::{CodeAsk, begin};
use kernel::operator::Handle;
use serde::Serialize;
use store::intent::State;

use super::carry::{Desk, check_ready, refused};
use super::create::{read_flags, read_options, read_percent, rehearse};
use super::handle;
use crate::cli::{Common, CreateArgs};
use crate::{Outcome, Stop, clock, output};

/// One row, understood.
struct Row {
    line: u64,
    partner: Handle,
    asked: Asked,
}

#[derive(Serialize)]
struct Report {
    line: u64,
    partner: String,
    code: String,
    /// `made`, `there`, `refused`, `under_way`.
    result: &'static str,
    promotion_code: Option<String>,
    reason: Option<String>,
}

pub(super) fn run(common: &Common, args: &CreateArgs) -> Outcome {
    let path = args.from_csv.as_deref().unwrap_or(Path::new(""));
    let desk = Desk::open(common)?;
    let registry = desk.house.current_registry()?;
    let rows = read(path, args, &registry)?;
    if args.dry_run {
        let all: Vec<_> = rows.into_iter().map(|row| (row.partner, row.asked)).collect();
        return rehearse(common, &desk, &all);
    }
    let mut reports = Vec::with_capacity(rows.len());
    let bar = output::progress(rows.len() as u64, "codes");
    for row in &rows {
        reports.push(one(&desk, row, args.wait_s)?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    report(common, &reports)
}

/// A row's own trouble is its report; what stops every row stops here.
fn one(desk: &Desk, row: &Row, wait_s: i64) -> Result<Report, Stop> {
    let book = begin::book(&desk.house, &desk.stripe, row.asked.book.as_ref()).map_err(refused)?;
    check_ready(&desk.stripe, &book)?;
    let mut report = Report {
        line: row.line,
        partner: row.partner.to_string(),
        code: row.asked.code.text.clone(),
        result: "refused",
        promotion_code: None,
        reason: None,
    };
    let begun = match begin::create(&desk.house, &row.partner, &row.asked, &book, &Desk::asking()) {
        Ok(begun) => begun,
        Err(begin::BeginError::Engine(why)) => return Err(why.into()),
        Err(why) => {
            report.reason = Some(why.to_string());
            return Ok(report);
        }
    };
    let was_done = begun.intent.state == "done";
    let ran = desk.carry(&begun.intent.id, wait_s)?;
    report.result = match ran.state {
        State::Done if was_done => "there",
        State::Done => "made",
        State::Refused => "refused",
        State::Open | State::Parked => "under_way",
    };
    report.promotion_code = ran.intent.promotion_code;
    report.reason = ran.intent.reason;
    Ok(report)
}

fn report(common: &Common, reports: &[Report]) -> Outcome {
    if common.json {
        output::print_json(&reports)?;
    } else {
        let rows = reports.iter().map(|row| {
            vec![
                row.line.to_string(),
                row.partner.clone(),
                row.code.clone(),
                row.result.to_owned(),
                row.promotion_code.clone().unwrap_or_default(),
                row.reason.clone().unwrap_or_default(),
            ]
        });
        let header = ["line", "partner", "code", "result", "promotion code", "reason"];
        output::print_table(&header, &["line"], rows.collect())?;
    }
    let count = |result: &str| reports.iter().filter(|row| row.result == result).count();
    let (refused, under_way) = (count("refused"), count("under_way"));
    if refused + under_way == 0 {
        return Ok(());
    }
    Err(Stop::Found(format!(
        "{} made, {} were there, {refused} refused, {under_way} under way; run the same file again to go on",
        count("made"),
        count("there")
    )))
}

fn complain_all(path: &Path, wrong: &[String]) -> Outcome {
    if wrong.is_empty() {
        return Ok(());
    }
    let first: Vec<&str> = wrong.iter().take(20).map(String::as_str).collect();
    let more = wrong.len().saturating_sub(first.len());
    let more = if more > 0 { format!("\n... and {more} more") } else { String::new() };
    Err(Stop::Usage(format!("{}: nothing was made:\n{}{more}", path.display(), first.join("\n"))))
}

/// Every row, or every row's every trouble.
fn read(path: &Path, args: &CreateArgs, registry: &rules::Registry) -> Result<Vec<Row>, Stop> {
    let unreadable = |why: csv::Error| Stop::Usage(format!("{}: {why}", path.display()));
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(false).from_path(path).map_err(unreadable)?;
    let header = reader.headers().map_err(unreadable)?.clone();
    check_header(path, &header)?;
    let base = read_flags(&args.terms)?;
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    let mut seen: BTreeMap<(String, String), u64> = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, csv::Position::line);
        let cells: BTreeMap<&str, &str> =
            header.iter().zip(record.iter()).filter(|(_, cell)| !cell.is_empty()).collect();
        let asked = fill(base.clone(), &cells).and_then(|ask| ask.read(clock::now()));
        let partner = whose(&cells, args, registry);
        match (partner, asked) {
            (Ok(partner), Ok(asked)) => {
                let book = asked.book.as_ref().map(kernel::Book::label).unwrap_or_default();
                match seen.insert((book, asked.code.text.to_lowercase()), line) {
                    Some(before) => {
                        wrong.push(format!("line {line}: {} is on line {before} already", asked.code.text));
                    }
                    None => rows.push(Row { line, partner, asked }),
                }
            }
            (partner, asked) => {
                let both = [partner.err(), asked.err()].into_iter().flatten();
                wrong.extend(both.map(|why| format!("line {line}: {why}")));
            }
        }
    }
    complain_all(path, &wrong)?;
    Ok(rows)
}

const COLUMNS: [&str; 18] = [
    "partner",
    "handle",
    "code",
    "percent_off",
    "amount_off",
    "currency",
    "currency_options",
    "duration",
    "months",
    "products",
    "max_redemptions",
    "expires_at",
    "first_time_only",
    "minimum_amount",
    "minimum_currency",
    "coupon",
    "book",
    "from",
];

fn check_header(path: &Path, header: &csv::StringRecord) -> Outcome {
    if let Some(unknown) = header.iter().find(|name| !COLUMNS.contains(name)) {
        return Err(Stop::Usage(format!(
            "{}: the column '{unknown}' is unknown; the first line names the columns, of these: {}",
            path.display(),
            COLUMNS.join(", ")
        )));
    }
    if !header.iter().any(|name| name == "code") {
        return Err(Stop::Usage(format!("{}: there is no column 'code'", path.display())));
    }
    Ok(())
}

fn whose(
    cells: &BTreeMap<&str, &str>,
    args: &CreateArgs,
    registry: &rules::Registry,
) -> Result<Handle, String> {
    let named = cells.get("partner").or(cells.get("handle")).copied().or(args.handle.as_deref());
    let named = named.ok_or("the row names no partner")?;
    let named = handle(named).map_err(|why| match why {
        Stop::Usage(why) | Stop::Found(why) => why,
    })?;
    if registry.partner(&named).is_some() { Ok(named) } else { Err(format!("there is no partner {named}")) }
}

/// The row's cells over the flags.
fn fill(mut ask: CodeAsk, cells: &BTreeMap<&str, &str>) -> Result<CodeAsk, String> {
    let text = |name: &str| cells.get(name).map(|cell| (*cell).to_owned());
    let minor = |name: &str| match cells.get(name) {
        Some(cell) => crate::rate::minor(cell).map(Some).map_err(|why| format!("{name}: {why}")),
        None => Ok(None),
    };
    let number = |name: &str| match cells.get(name) {
        Some(cell) => {
            cell.parse::<i64>().map(Some).map_err(|_| format!("{name}: '{cell}' is not a whole number"))
        }
        None => Ok(None),
    };
    ask.code = text("code");
    if let Some(percent) = cells.get("percent_off") {
        ask.percent_off_bps = Some(read_percent(percent)?);
    }
    ask.amount_off_minor = minor("amount_off")?.or(ask.amount_off_minor);
    ask.currency = text("currency").or(ask.currency);
    if let Some(options) = cells.get("currency_options") {
        ask.currency_options = read_options(options.split_whitespace())?;
    }
    ask.duration = text("duration").or(ask.duration);
    ask.months = number("months")?.or(ask.months);
    if let Some(products) = cells.get("products") {
        ask.products = products.split_whitespace().map(str::to_owned).collect();
    }
    ask.max_redemptions = number("max_redemptions")?.or(ask.max_redemptions);
    ask.expires_at = text("expires_at").or(ask.expires_at);
    ask.first_time_only = match cells.get("first_time_only").copied() {
        Some("true" | "yes" | "1") => true,
        Some("false" | "no" | "0") => false,
        Some(other) => return Err(format!("first_time_only: '{other}' is neither true nor false")),
        None => ask.first_time_only,
    };
    ask.minimum_amount_minor = minor("minimum_amount")?.or(ask.minimum_amount_minor);
    ask.minimum_currency = text("minimum_currency").or(ask.minimum_currency);
    ask.coupon = text("coupon").or(ask.coupon);
    ask.book = text("book").or(ask.book);
    ask.from = text("from").or(ask.from);
    Ok(ask)
}
