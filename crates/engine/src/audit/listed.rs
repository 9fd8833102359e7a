//! Objects of a page as rows of the inbox: named `ID@SECOND`, dated by Stripe's answer, like those that are fetched.
//! It must not know what a list is for.

use facts::Stub;
use kernel::time::SECOND_MS;
use kernel::{Book, Kind, ObjectKey, UnixMs};
use store::{Append, Source};

use super::ListFailure;
use super::lister::{Lister, Page};
use crate::fetch::{Fetched, as_delivery};

/// An object of a list.
pub(crate) struct Item {
    pub(crate) object: ObjectKey,
    pub(crate) row: Append,
}

/// The page's objects. One without an id, or of the other mode, stops the run: whatever answers there is not
/// Stripe's list of this book.
pub(crate) fn items(
    lister: &dyn Lister,
    book: &Book,
    kind: Kind,
    page: &Page,
    now: UnixMs,
) -> Result<Vec<Item>, ListFailure> {
    let refused = |why: String| ListFailure::Refused { book: book.label(), why };
    let at_s = page.answered_at_s.unwrap_or_else(|| now.div_euclid(SECOND_MS));
    let version = lister.api_version(book).unwrap_or_default();
    let item = |body: &Vec<u8>| {
        let no_id = || refused(format!("a listed {} has no id", kind.stripe_name()));
        let stub = Stub::parse(body).ok_or_else(no_id)?;
        if stub.livemode.is_some_and(|livemode| livemode != book.livemode) {
            return Err(refused(format!("{} is of the other mode", stub.id)));
        }
        let fetched = Fetched {
            body: body.clone(),
            api_version: version.clone(),
            answered_at_s: Some(at_s),
            livemode: stub.livemode,
        };
        // A capability is named by its account as well, so what it says of itself is asked.
        let said = facts::normalise_object(kind, Some(&version), at_s, &stub.id, body);
        let own = said.facts.into_iter().map(|fact| fact.object).find(|object| object.kind == kind);
        Ok(asked(book, own.unwrap_or_else(|| ObjectKey::new(kind, stub.id)), fetched, now))
    };
    page.items.iter().map(item).collect()
}

/// One that was asked for by its id, as if it had been listed.
pub(crate) fn asked(book: &Book, object: ObjectKey, fetched: Fetched, now: UnixMs) -> Item {
    let row = Append { source: Source::List, ..as_delivery(book, &object, fetched, now) };
    Item { object, row }
}
