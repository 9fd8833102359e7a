//! `replay [--verify | --as-of T | --subject ID]`, `diff`, `events replay`: the books again, of now or of then.

use engine::audit::{Change, again, past};
use engine::export::ExportOptions;

use super::{book, house, house_that_exists, reference, time};
use crate::cli::{Common, DiffArgs, ReplayArgs};
use crate::{Outcome, Stop, clock, output};

/// Rows printed one by one; `--json` has all of them.
const SHOWN: usize = 200;

pub(crate) fn run(common: &Common, args: &ReplayArgs) -> Outcome {
    let at = time(args.as_of.as_deref())?;
    match (&args.subject, at) {
        (Some(id), at) => subject(common, args, id, at.unwrap_or_else(clock::now)),
        (None, Some(at)) => as_of(common, args, at),
        (None, None) => whole(common, args.verify),
    }
}

fn whole(common: &Common, verify: bool) -> Outcome {
    let house = house_that_exists(common)?;
    let replayed = with_bar(|progress| engine::audit::replay(&house, clock::now(), progress))?;
    if common.json {
        output::print_json(&replayed)?;
    } else {
        for difference in replayed.differences.iter().take(40) {
            output::print(&format!("{difference}\n"))?;
        }
        let verdict = match (replayed.differences.is_empty(), replayed.level) {
            (true, _) => "the same books",
            (false, true) => "DIFFERENT books",
            (false, false) => "the live books were still at work",
        };
        output::print(&format!("{} events, {} rows: {verdict}\n", replayed.events, replayed.rows))?;
        mirror(&replayed)?;
        if !(replayed.level && replayed.mirror_level) {
            output::remark("note: the live books were not level; run `countinghouse events drain` first");
        }
    }
    if verify { verified(&replayed) } else { Ok(()) }
}

/// What differs while the live books are booking says nothing of them; nor does it say that they are right.
fn verified(replayed: &engine::audit::Replayed) -> Outcome {
    let rows = replayed.differences.len();
    let mirror = if replayed.mirror_level { replayed.mirror_differences.len() } else { 0 };
    if rows > 0 && !replayed.level {
        return Err(Stop::Found(format!(
            "{rows} rows differ, which says nothing: the live books were still booking when they were compared; run it again \
             when less comes in, or of a copy"
        )));
    }
    if rows + mirror > 0 {
        return Err(Stop::Found(format!("{rows} differing rows, {mirror} of Stripe's objects")));
    }
    Ok(())
}

/// The views follow when no money is to be done: while some of them wait to be written, that they differ says nothing.
fn mirror(replayed: &engine::audit::Replayed) -> Outcome {
    let rows = replayed.mirror_rows;
    if !replayed.mirror_level {
        return output::print(&format!(
            "{rows} rows of Stripe's objects: not compared, some wait to be written\n"
        ));
    }
    for difference in replayed.mirror_differences.iter().take(40) {
        output::print(&format!("{difference}\n"))?;
    }
    let verdict = if replayed.mirror_differences.is_empty() { "the same" } else { "DIFFERENT" };
    output::print(&format!("{rows} rows of Stripe's objects: {verdict}\n"))
}

type Progress<'a> = &'a mut dyn FnMut(i64, i64);

fn with_bar<T>(
    work: impl FnOnce(Progress<'_>) -> Result<T, engine::EngineError>,
) -> Result<T, engine::EngineError> {
    let bar = output::progress(0, "replaying");
    let done = work(&mut |done, of| {
        bar.set_length(u64::try_from(of).unwrap_or(0));
        bar.set_position(u64::try_from(done).unwrap_or(0));
    });
    bar.finish_and_clear();
    done
}

fn as_of(common: &Common, args: &ReplayArgs, at: kernel::UnixMs) -> Outcome {
    let options = ExportOptions { as_of: None, book: book(args.book.as_deref())? };
    let house = house_that_exists(common)?;
    let then = with_bar(|progress| past::books_at(&house, at, &options, clock::now(), progress))?;
    if common.json {
        return output::print_json(&then);
    }
    let rows = then
        .rows
        .iter()
        .take(SHOWN)
        .map(|row| {
            vec![
                row.book().label(),
                row.sale_at.clone(),
                row.sale.clone(),
                row.partner.clone().unwrap_or_else(|| "-".into()),
                row.reason.clone(),
                output::money(row.net_minor, &row.currency),
                output::money(row.commission_minor, &row.currency),
            ]
        })
        .collect();
    let header = ["book", "sold", "sale", "partner", "because", "net", "commission"];
    output::print_table(&header, &["net", "commission"], rows)?;
    more(then.rows.len());
    output::print(&format!("{} events, {} rows\n", then.events, then.rows.len()))
}

fn subject(common: &Common, args: &ReplayArgs, id: &str, at: kernel::UnixMs) -> Outcome {
    if engine::explain::parse_id(id).is_none() {
        return Err(super::explain::no_sale(id));
    }
    let book = book(args.book.as_deref())?;
    let house = house_that_exists(common)?;
    let found = with_bar(|progress| past::subject_at(&house, at, book.as_ref(), id, clock::now(), progress))?;
    if found.is_empty() {
        return Err(Stop::Found(format!("no event had mentioned {id} by then")));
    }
    super::explain::print(common, &found)
}

pub(crate) fn diff(common: &Common, args: &DiffArgs) -> Outcome {
    let from = time(Some(&args.from))?.unwrap_or_default();
    let to = time(args.to.as_deref())?.unwrap_or_else(clock::now);
    let options = ExportOptions { as_of: None, book: book(args.book.as_deref())? };
    let house = house_that_exists(common)?;
    let changed = with_bar(|progress| past::diff(&house, (from, to), &options, clock::now(), progress))?;
    print(common, &changed)?;
    if changed.is_empty() { Ok(()) } else { Err(Stop::Found(format!("{} row(s) differ", changed.len()))) }
}

pub(crate) fn event(common: &Common, id: &str, apply: bool) -> Outcome {
    let unknown = || super::events::not_received(id);
    let named = reference(Some(id))?.ok_or_else(unknown)?;
    let house = house(common)?;
    let now = clock::now();
    let changed = if apply {
        again::apply_event(&house, &named, now)?
    } else {
        again::replay_event(&house, &named, now)?
    };
    let changed = changed.ok_or_else(unknown)?;
    print(common, &changed)?;
    match (apply, changed.is_empty()) {
        (true, true) => output::remark("note: it was applied again, and no sale changed"),
        (true, false) => {}
        (false, true) => {
            output::remark("note: a dry run; nothing was written, and with --apply no sale would change");
        }
        (false, false) => output::remark("note: a dry run; nothing was written. --apply does it"),
    }
    Ok(())
}

fn print(common: &Common, changed: &[Change]) -> Outcome {
    if common.json {
        return output::print_json(&changed);
    }
    let rows = changed.iter().take(SHOWN).map(row).collect();
    let header = ["book", "sale", "partner", "", "commission before", "and after", "fields"];
    output::print_table(&header, &["commission before", "and after"], rows)?;
    more(changed.len());
    Ok(())
}

fn more(rows: usize) {
    if rows > SHOWN {
        output::remark(&format!("note: the first {SHOWN} are shown; --json has all"));
    }
}

fn row(change: &Change) -> Vec<String> {
    let field = |field: &engine::audit::Field| format!("{}: {} -> {}", field.name, field.before, field.after);
    vec![
        change.book.clone(),
        change.sale.clone(),
        change.partner.clone().unwrap_or_else(|| "-".into()),
        change.what.to_owned(),
        output::money(change.commission_before_minor, &change.currency),
        output::money(change.commission_after_minor, &change.currency),
        change.fields.iter().map(field).collect::<Vec<_>>().join("\n"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn books_that_were_at_work_are_neither_called_different_nor_verified() {
        for (rows, level, views, views_level, said) in [
            (0, true, 0, true, None),
            (0, false, 0, false, None),
            (2, true, 0, true, Some("2 differing rows, 0 of")),
            (2, false, 0, true, Some("still booking")),
            (0, true, 3, true, Some("0 differing rows, 3 of")),
            (0, true, 3, false, None),
        ] {
            let differing = |count| vec!["a row".to_owned(); count];
            let replayed = engine::audit::Replayed {
                events: 9,
                rows: 9,
                differences: differing(rows),
                level,
                mirror_rows: 9,
                mirror_differences: differing(views),
                mirror_level: views_level,
            };
            let outcome = verified(&replayed).err().map(|stop| match stop {
                Stop::Found(why) | Stop::Usage(why) => why,
            });
            match (outcome, said) {
                (None, None) => {}
                (Some(why), Some(said)) => assert!(why.contains(said), "{why}"),
                (outcome, said) => panic!("{outcome:?} instead of {said:?}"),
            }
        }
    }
}
