//! `replay [--verify]`.

use super::house_that_exists;
use crate::cli::{Common, ReplayArgs};
use crate::{Outcome, Stop, clock, output};

pub(crate) fn run(common: &Common, args: &ReplayArgs) -> Outcome {
    let house = house_that_exists(common)?;
    let bar = output::progress(0, "replaying");
    let replayed = engine::audit::replay(&house, clock::now(), &mut |done, of| {
        bar.set_length(u64::try_from(of).unwrap_or(0));
        bar.set_position(u64::try_from(done).unwrap_or(0));
    })?;
    bar.finish_and_clear();
    if common.json {
        output::print_json(&replayed)?;
    } else {
        for difference in replayed.differences.iter().take(40) {
            output::print(&format!("{difference}\n"))?;
        }
        let verdict = if replayed.differences.is_empty() { "the same books" } else { "DIFFERENT books" };
        output::print(&format!("{} events, {} rows: {verdict}\n", replayed.events, replayed.rows))?;
        if !replayed.level {
            output::remark("note: the live books were not level; run `countinghouse events drain` first");
        }
    }
    if args.verify && !replayed.differences.is_empty() {
        return Err(Stop::Found(format!("{} differing rows", replayed.differences.len())));
    }
    Ok(())
}
