//! `log export | import`: the operator log out of the house and into another.

use std::io::BufRead;
use std::path::Path;

use engine::carry::log;

use super::{house, house_that_exists, usage_or_found};
use crate::archives::{self, Sink};
use crate::cli::{Common, LogVerb};
use crate::{Outcome, Stop, output};

pub(crate) fn run(common: &Common, verb: LogVerb) -> Outcome {
    match verb {
        LogVerb::Export { file } => export(common, file.as_deref()),
        LogVerb::Import { file } => import(common, &file),
    }
}

fn export(common: &Common, file: Option<&Path>) -> Outcome {
    let lines = log::export(&house_that_exists(common)?)?;
    let mut text = String::new();
    for line in &lines {
        text.push_str(&log::write(line)?);
        text.push('\n');
    }
    let mut sink = Sink::to(file)?;
    sink.page(text.as_bytes())?;
    let is_file = matches!(sink, Sink::File(_));
    sink.finish()?;
    match (is_file, common.json) {
        (true, true) => output::print_json(&serde_json::json!({ "lines": lines.len() })),
        (true, false) => output::print(&format!("{} lines\n", lines.len())),
        (false, _) => Ok(()),
    }
}

fn import(common: &Common, path: &Path) -> Outcome {
    let mut lines = Vec::new();
    for (number, line) in archives::lines(path, |file| file)?.lines().enumerate() {
        let line = line?;
        if !line.trim().is_empty() {
            let wrong = |why| Stop::Usage(format!("{}: line {}: {why}", path.display(), number + 1));
            lines.push(log::read(&line).map_err(wrong)?);
        }
    }
    let done = log::import(&house(common)?, &lines).map_err(usage_or_found)?;
    if common.json {
        return output::print_json(&done);
    }
    output::print(&format!("{} new, {} known already\n", done.new, done.known))
}
