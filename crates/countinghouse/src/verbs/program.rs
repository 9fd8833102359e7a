//! `program start` and `attribute`: what an operator rules about the program or one sale.

use kernel::Book;
use kernel::operator::{Action, ManualScope};

use super::{book, handle, house, partner, reference, time};
use crate::cli::{AttributeArgs, Common, ProgramVerb};
use crate::{Outcome, Stop, output};

pub(crate) fn run(common: &Common, verb: ProgramVerb) -> Outcome {
    let ProgramVerb::Start { date, book: label, retroactive } = verb;
    let Some(at) = time(Some(&date))? else { return Ok(()) };
    let action = Action::ProgramStart { book: one_book(common, label.as_deref())?, at };
    partner::act(common, action, None, retroactive)
}

pub(crate) fn attribute(common: &Common, args: &AttributeArgs) -> Outcome {
    let Some(id) = reference(Some(&args.id))? else { return Ok(()) };
    let scope = match args.id.split('_').next() {
        Some("sub") => ManualScope::Subscription(id),
        Some("in" | "cs" | "pi") => ManualScope::Sale(id),
        _ => {
            return Err(Stop::Usage(format!(
                "'{}' is neither a sale (in_, cs_, pi_) nor a subscription (sub_)",
                args.id
            )));
        }
    };
    let partner_handle = if args.handle == "nobody" { None } else { Some(handle(&args.handle)?) };
    let book = one_book(common, args.book.as_deref())?;
    let heard_of = engine::explain::is_heard_of(&house(common)?, &book, &args.id)?;
    let label = book.label();
    let action = Action::Manual { book, scope, partner: partner_handle };
    partner::act(common, action, args.from.as_deref(), args.retroactive)?;
    if !heard_of {
        output::remark(&format!(
            "note: no fact names {} yet in the book {label}; recorded, it applies when it arrives",
            args.id
        ));
    }
    Ok(())
}

/// The book asked for, or the only one there is; live before any exists.
fn one_book(common: &Common, label: Option<&str>) -> Result<Book, Stop> {
    if let Some(book) = book(label)? {
        return Ok(book);
    }
    let books = engine::status::books(&house(common)?)?;
    match books.as_slice() {
        [] => Ok(Book::own(true)),
        [only] => Ok(only.clone()),
        several => {
            let labels: Vec<String> = several.iter().map(Book::label).collect();
            Err(Stop::Usage(format!(
                "there are several books ({}); say which with --book",
                labels.join(", ")
            )))
        }
    }
}
