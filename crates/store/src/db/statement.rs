//! A statement: SQL that both engines understand, plus the few words the dialect expands.

/// Parameters are `$1`..`$n`. `{in:N}` tests membership in a list parameter, `{in_keys:N}` and
/// `{in_pairs:N}` that of a row `(a, b)`; `{of_keys:TABLE KIND REF}` is a source of rows `f` by key; `{for_share}` and `{for_update}` lock rows where an engine has
/// more than one writer. The name is unique in the crate and appears in errors.
#[derive(Debug)]
pub struct Stmt {
    pub name: &'static str,
    pub text: &'static str,
}

impl Stmt {
    #[must_use]
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text }
    }
}
