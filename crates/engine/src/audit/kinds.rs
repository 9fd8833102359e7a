//! Which kinds of object a run goes through, and in which order: the table of `facts` (`registry/listing.rs`). It must
//! not know how a list is asked for; its path is in the `stripe` room.

use facts::Listing;
use kernel::{Book, Kind};

/// The kinds that Stripe lists for this book, what others are listed by first.
pub(crate) fn listed(book: &Book) -> impl Iterator<Item = Kind> {
    let test = !book.livemode;
    facts::LISTABLE.into_iter().filter_map(move |row| match row.listing {
        Listing::Nowhere(_) => None,
        Listing::OneInTestMode => test.then_some(row.kind),
        _ => Some(row.kind),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_that_books_depend_on_is_listed_whole() {
        for row in facts::LISTABLE.into_iter().filter(|row| crate::depends::needs_mark(row.kind)) {
            let whole = matches!(row.listing, Listing::One | Listing::OneAndClocks);
            assert_eq!(whole, row.kind != Kind::Discount, "{row:?}");
        }
    }

    #[test]
    fn live_books_have_no_test_clocks() {
        let has = |livemode| listed(&Book::own(livemode)).any(|kind| kind == Kind::TestClock);
        assert_eq!((has(true), has(false)), (false, true));
    }
}
