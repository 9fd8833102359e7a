//! A panic is a line of the log like any other failure: where it was, in which thread, and its words only if they were
//! written in the source, since what was put into them may be anything.

use std::panic::PanicHookInfo;

pub(super) fn install() {
    std::panic::set_hook(Box::new(say));
}

fn say(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(|at| format!("{}:{}", near(at.file()), at.line()));
    let thread = std::thread::current();
    let words = panic.payload().downcast_ref::<&'static str>().copied();
    tracing::error!(thread = thread.name(), place, error = words, "a thread panicked");
}

/// The end of a path: what is before it says where somebody keeps their files.
fn near(file: &str) -> String {
    let mut parts: Vec<&str> = file.rsplit(['/', '\\']).take(4).collect();
    parts.reverse();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use std::panic::{catch_unwind, set_hook, take_hook};

    use crate::observe::lines::Format;
    use crate::observe::lines::tests::written;

    #[test]
    fn a_panic_is_a_line_with_its_place_and_without_what_was_put_into_its_words() {
        let usual = take_hook();
        super::install();
        let lines = written(Format::Text, || {
            assert!(catch_unwind(|| panic!("plain words")).is_err());
            let private = "Anna Smith";
            assert!(catch_unwind(|| panic!("not {private}")).is_err());
        });
        set_hook(usual);
        assert_eq!(lines.lines().count(), 2, "{lines}");
        assert!(lines.contains("ERROR countinghouse::observe::panics: a thread panicked"), "{lines}");
        assert!(lines.contains("error=\"plain words\"") && !lines.contains("Anna"), "{lines}");
        assert_eq!(lines.matches(" place=countinghouse/src/observe/panics.rs:").count(), 2, "{lines}");
    }

    #[test]
    fn a_path_is_told_from_its_crate_on() {
        assert_eq!(super::near("/home/anna/.cargo/src/ureq-3/src/lib.rs"), "src/ureq-3/src/lib.rs");
        assert_eq!(super::near("crates/web/src/x.rs"), "crates/web/src/x.rs");
    }
}
