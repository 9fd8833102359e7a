//! Why something was not listed.

use kernel::Book;
use thiserror::Error;

use crate::fetch::FetchFailure;
use crate::house::EngineError;

#[derive(Debug, Error)]
pub enum ListFailure {
    #[error("book {book}: {why}")]
    Refused { book: String, why: String },
    /// Stripe cannot be asked now; what was listed so far is kept, and the next run goes on from there.
    #[error("book {book}: {why}; run it again, and it goes on from there")]
    Later { book: String, why: String },
    #[error("the program is ending; run it again, and it goes on from where it is")]
    Closing,
    #[error(transparent)]
    Engine(#[from] EngineError),
}

pub(crate) fn failed(book: &Book, why: FetchFailure) -> ListFailure {
    let book = book.label();
    match why {
        FetchFailure::Closing => ListFailure::Closing,
        FetchFailure::Later(why) => ListFailure::Later { book, why },
        FetchFailure::Refused(why) => ListFailure::Refused { book, why },
        FetchFailure::Missing => ListFailure::Refused { book, why: "Stripe has no such list".to_owned() },
    }
}
