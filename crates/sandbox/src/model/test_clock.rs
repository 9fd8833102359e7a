//! A test clock: a time line of its own for some customers. It must not know what happens on it.

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TestClock {
    pub id: String,
    pub name: Option<String>,
    pub frozen_s: i64,
    /// Where an advance under way is going; `None`: ready.
    pub target_s: Option<i64>,
    pub created_s: i64,
    pub deletes_after_s: i64,
}
