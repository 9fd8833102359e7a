//! The log: one line for each thing said, as text for people or as JSON for programs, with only what the list of fields
//! lets through. It must not know where the lines end up.

use std::fmt::Write as _;

use kernel::time;
use serde::{Deserialize, Serialize};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::fields::{Kept, Value, is_ours};
use super::words::escaped;

/// How lines are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    #[default]
    Text,
    Json,
}

/// Where lines go.
pub(super) type Out = Box<dyn Fn(&str) + Send + Sync>;

pub(super) struct Lines {
    pub(super) format: Format,
    pub(super) colours: bool,
    pub(super) clock: fn() -> kernel::UnixMs,
    pub(super) out: Out,
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let about = event.metadata();
        if !is_ours(about.target()) {
            return;
        }
        let mut kept = Kept::default();
        event.record(&mut kept);
        let at = time::rfc3339((self.clock)());
        (self.out)(&match self.format {
            Format::Text => text(&at, *about.level(), about.target(), &kept, self.colours),
            Format::Json => json(&at, *about.level(), about.target(), &kept),
        });
    }
}

fn text(at: &str, level: Level, room: &str, kept: &Kept, colours: bool) -> String {
    let (on, off) = if colours { (colour(level), "\x1b[0m") } else { ("", "") };
    let mut line = format!("{at} {on}{level:>5}{off} {room}: {}", kept.message);
    for (name, value) in &kept.fields {
        // Writing to a text cannot fail.
        let _ = match value {
            Value::Number(number) => write!(line, " {name}={number}"),
            Value::Flag(flag) => write!(line, " {name}={flag}"),
            Value::Text(text) if text.contains([' ', '"', '=']) => write!(line, " {name}={}", quoted(text)),
            Value::Text(text) => write!(line, " {name}={}", escaped(text)),
        };
    }
    if kept.dropped > 0 {
        let _ = write!(line, " dropped={}", kept.dropped);
    }
    line.push('\n');
    line
}

const fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        Level::DEBUG => "\x1b[34m",
        Level::TRACE => "\x1b[35m",
    }
}

fn json(at: &str, level: Level, room: &str, kept: &Kept) -> String {
    let mut line = said(at, level, room, &kept.message);
    for (name, value) in &kept.fields {
        let _ = match value {
            Value::Number(number) => write!(line, ",\"{name}\":{number}"),
            Value::Flag(flag) => write!(line, ",\"{name}\":{flag}"),
            Value::Text(text) => write!(line, ",\"{name}\":{}", quoted(text)),
        };
    }
    if kept.dropped > 0 {
        let _ = write!(line, ",\"dropped\":{}", kept.dropped);
    }
    line.push_str("}\n");
    line
}

fn said(at: &str, level: Level, room: &str, message: &str) -> String {
    format!(
        "{{\"at\":{},\"level\":\"{level}\",\"room\":{},\"message\":{}",
        quoted(at),
        quoted(room),
        quoted(message)
    )
}

/// A remark to whoever started the program, as lines of a log in JSON.
pub(super) fn remark_json(at: kernel::UnixMs, level: Level, words: &str) -> String {
    let at = time::rfc3339(at);
    words.lines().map(|line| said(&at, level, "countinghouse", line) + "}\n").collect()
}

/// As JSON writes a text; signs that are not seen are escaped before.
fn quoted(text: &str) -> String {
    serde_json::to_string(&escaped(text)).unwrap_or_else(|_| "\"\"".to_owned())
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    /// What is written when `say` says something.
    pub(in crate::observe) fn written(format: Format, say: impl FnOnce()) -> String {
        let heard = Arc::new(Mutex::new(String::new()));
        let ear = Arc::clone(&heard);
        let out: Out = Box::new(move |line| ear.lock().expect("sound").push_str(line));
        let lines = Lines { format, colours: false, clock: || 1_767_225_600_123, out };
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), say);
        heard.lock().expect("sound").clone()
    }

    fn odd_things() {
        let private = "anna@example.com";
        tracing::warn!(
            book = "test",
            status = 503_u16,
            error = "a\nb \"x y\"",
            email = private,
            "it\r\nfailed"
        );
        tracing::info!(target: "hyper::proto", error = private, "said by somebody else");
        tracing::error!(event = private, route = ?("a", 1), count = "many", %private, "held back");
    }

    #[test]
    fn a_line_holds_what_is_on_the_list_and_nothing_else() {
        let room = "countinghouse::observe::lines::tests";
        assert_eq!(
            written(Format::Text, odd_things),
            format!(
                "2026-01-01T00:00:00.123Z  WARN {room}: it\\u{{d}}\\u{{a}}failed book=test status=503 \
                 error=\"a\\\\u{{a}}b \\\"[withheld]\\\"\" dropped=1\n\
                 2026-01-01T00:00:00.123Z ERROR {room}: held back event=[withheld] route=[withheld] dropped=2\n"
            )
        );
        let lines = written(Format::Json, odd_things);
        assert_eq!(lines.lines().count(), 2);
        assert_eq!(
            lines.lines().next(),
            Some(
                format!(
                    "{{\"at\":\"2026-01-01T00:00:00.123Z\",\"level\":\"WARN\",\"room\":\"{room}\",\
                     \"message\":\"it\\\\u{{d}}\\\\u{{a}}failed\",\"book\":\"test\",\"status\":503,\
                     \"error\":\"a\\\\u{{a}}b \\\"[withheld]\\\"\",\"dropped\":1}}"
                )
                .as_str()
            )
        );
        for line in lines.lines() {
            serde_json::from_str::<serde::de::IgnoredAny>(line).expect("JSON");
        }
    }

    #[test]
    fn remarks_are_lines_too() {
        let lines = remark_json(0, Level::INFO, "one\ntwo \"2\"");
        assert_eq!(lines.lines().count(), 2);
        assert!(lines.ends_with("\"message\":\"two \\\"2\\\"\"}\n"), "{lines}");
    }
}
