//! `events export | import`: the inbox out of the house and in again.

use std::path::Path;

use engine::carry::export::{self, Filter};
use engine::import::{Import, ImportLine};

use super::{book, house, house_that_exists, reference, time};
use crate::archives::{self, Sink};
use crate::cli::{Common, ExportArgs};
use crate::{Outcome, Stop, clock, output};

pub(crate) fn export(common: &Common, args: &ExportArgs) -> Outcome {
    let filter = Filter {
        book: book(args.book.as_deref())?,
        from: time(args.from.as_deref())?,
        to: time(args.to.as_deref())?,
        types: args.types.clone(),
    };
    let house = house_that_exists(common)?;
    let mut sink = Sink::to(args.file.as_deref())?;
    let is_file = matches!(sink, Sink::File(_));
    let bar = output::progress(0, "exporting");
    let mut write = |lines: &[u8]| sink.page(lines).map_err(Stop::from);
    let written = export::export(&house, &filter, &mut write, &mut |done, of| {
        bar.set_length(u64::try_from(of).unwrap_or(0));
        bar.set_position(u64::try_from(done).unwrap_or(0));
    });
    bar.finish_and_clear();
    let done = written?;
    sink.finish()?;
    match (is_file, common.json) {
        (true, true) => output::print_json(&done),
        (true, false) => {
            output::print(&format!("{} events, {} of the quarantine\n", done.events, done.quarantined))
        }
        (false, _) => Ok(()),
    }
}

pub(crate) fn import(common: &Common, path: &Path, account: Option<&str>) -> Outcome {
    let account = reference(account)?;
    let house = house(common)?;
    let bar = output::progress(std::fs::metadata(path).map_or(0, |data| data.len()), "importing");
    let watched = bar.clone();
    let mut reader = archives::lines(path, move |file| watched.wrap_read(file))?;
    let mut import = Import::new(&house, account);
    let (mut line, mut number) = (Vec::new(), 0_u64);
    loop {
        number += 1;
        let wrong = |why| Stop::Found(format!("{}: line {number}: {why}", path.display()));
        if !archives::next_line(&mut reader, &mut line).map_err(wrong)? {
            break;
        }
        let what = match import.line(&line, clock::now())? {
            ImportLine::Refused(why) => format!("{why}; kept in quarantine"),
            ImportLine::Spoilt(why) => format!("{why}; not kept"),
            ImportLine::Taken | ImportLine::Blank => continue,
        };
        output::complain(&format!("{}: line {number}: {what}", path.display()));
    }
    let done = import.finish()?;
    bar.finish_and_clear();
    if common.json {
        output::print_json(&done)?;
    } else {
        let words =
            format!("{} new, {} known already, {} quarantined\n", done.new, done.known, done.quarantined);
        output::print(&words)?;
    }
    if done.quarantined > 0 {
        output::remark(
            "note: what is no event of Stripe's is in no book; see: countinghouse events quarantine",
        );
    }
    match done.refused {
        0 => Ok(()),
        lines => Err(Stop::Found(format!("{lines} line(s) are not what they say, and were not kept"))),
    }
}
