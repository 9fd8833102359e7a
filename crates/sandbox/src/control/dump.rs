//! The whole state of a book as the newest known API version shows it, or only its counts.

use super::Call;
use crate::json::Obj;
use crate::render::{self, Version};
use crate::world::Refusal;

pub(super) fn state(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let key = call.key(&mut params)?;
    let counts = params.bool("counts")?.unwrap_or(false);
    let version = match params.text("version")? {
        Some(text) => Version::at(&text)
            .ok_or_else(|| Refusal::invalid("version", format!("Invalid API version: {text}")))?,
        None => Version::DEFAULT,
    };
    params.finish()?;
    let book = call.book(&key)?;
    let events = i64::try_from(book.events.len()).unwrap_or(i64::MAX);
    let mut shown = Obj::new();
    for (kind, objects) in book.everything() {
        shown = if counts {
            shown.int(kind, i64::try_from(objects.len()).unwrap_or(i64::MAX))
        } else {
            shown.array(kind, objects.iter().map(|object| render::json(object, version, key.livemode)))
        };
    }
    Ok(Obj::new()
        .opt_str("account", key.account.as_deref())
        .bool("livemode", key.livemode)
        .int("events", events)
        .obj("objects", shown)
        .close())
}
