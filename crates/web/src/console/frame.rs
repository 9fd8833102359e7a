//! What surrounds every page: which book it is about, the navigation, the form token, what just happened.

use engine::{EngineError, House};
use kernel::{Book, UnixMs};

use super::show::{Moment, Pill, encode, moment, pill};
use crate::access::Asker;
use crate::error::Trouble;
use crate::state::App;

/// What a page knows before it asks the house.
#[derive(Clone)]
pub struct Scene {
    pub path: String,
    /// The book asked for, by its label.
    pub book: Option<String>,
    /// What just happened, by its code: see [`happened`].
    pub done: Option<String>,
    pub now: UnixMs,
    form_token: String,
    signed_in: bool,
}

impl Scene {
    pub fn new(app: &App, asker: &Asker, path: &str, book: Option<String>) -> Self {
        Self {
            path: path.to_owned(),
            book: book.filter(|label| !label.is_empty()),
            done: None,
            now: app.now(),
            form_token: asker.form_token().to_owned(),
            signed_in: matches!(asker, Asker::Session { .. }),
        }
    }

    /// Chooses the book: the one asked for, else the one with the newest facts.
    pub fn frame(self, house: &House) -> Result<Frame, Trouble> {
        let books = books(house)?;
        let chosen = match &self.book {
            Some(label) => {
                let wanted = Book::parse(label);
                let found = books.iter().find(|known| Some(&known.book) == wanted.as_ref());
                match (found, wanted) {
                    (Some(known), _) => Some(known.clone()),
                    // The own books exist before their first event.
                    (None, Some(book)) if book.account.is_none() => Some(KnownBook::empty(book)),
                    _ => return Err(Trouble::not_found("book")),
                }
            }
            None => books.iter().max_by_key(|known| known.newest_at).cloned(),
        };
        let is_level = engine::status::status(house, self.now)?.level;
        let chosen = chosen.unwrap_or_else(|| KnownBook::empty(Book::own(false)));
        Ok(Frame {
            path: self.path,
            books: books.iter().map(|known| known.book.label()).collect(),
            book: chosen.book.label(),
            known: chosen,
            now: moment(self.now),
            now_at: self.now,
            is_level,
            form_token: self.form_token,
            signed_in: self.signed_in,
            message: self.done.as_deref().map_or("", happened),
        })
    }
}

/// A book with its number in the store and its newest fact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownBook {
    pub book: Book,
    /// 0: nothing is stored about it yet.
    pub id: i64,
    pub newest_at: UnixMs,
}

impl KnownBook {
    pub(crate) const fn empty(book: Book) -> Self {
        Self { book, id: 0, newest_at: 0 }
    }
}

/// Every book of the house, live before test, own before connected ones.
pub(crate) fn books(house: &House) -> Result<Vec<KnownBook>, EngineError> {
    house.db().read(|read| -> Result<_, EngineError> {
        let mut books = Vec::new();
        for (id, book) in store::book::all(read)? {
            let newest_at = store::book::clock(read, id)?.saturating_mul(1000);
            books.push(KnownBook { book, id, newest_at });
        }
        books.sort_by(|left, right| {
            let key = |known: &KnownBook| (known.book.account.clone(), !known.book.livemode);
            key(left).cmp(&key(right))
        });
        Ok(books)
    })
}

/// The surroundings of one page, ready for the template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    pub path: String,
    pub books: Vec<String>,
    /// Label of the book the page is about.
    pub book: String,
    pub known: KnownBook,
    pub now: Moment,
    pub now_at: UnixMs,
    /// Nothing waits to be worked off: the figures say what the facts say.
    pub is_level: bool,
    pub form_token: String,
    pub signed_in: bool,
    pub message: &'static str,
}

pub struct NavItem {
    pub label: &'static str,
    pub href: String,
    pub current: bool,
}

/// Who the operator log names for what is done here.
pub(super) const ACTOR: &str = "console";

const NAV: [(&str, &str); 6] = [
    ("/", "Overview"),
    ("/sales", "Sales"),
    ("/partners", "Partners"),
    ("/events", "Events"),
    ("/payments", "Unlinked payments"),
    ("/reconcile", "Reconcile"),
];

impl Frame {
    #[must_use]
    pub fn nav(&self) -> Vec<NavItem> {
        let item = |(path, label): (&'static str, &'static str)| NavItem {
            label,
            href: format!("{path}{}", self.query()),
            current: self.path == path || (path != "/" && self.path.starts_with(&format!("{path}/"))),
        };
        NAV.into_iter().map(item).collect()
    }

    /// Keeps the book on every link: `?book=live`.
    #[must_use]
    pub fn query(&self) -> String {
        format!("?book={}", encode(&self.book))
    }

    #[must_use]
    pub const fn is_live(&self) -> bool {
        self.known.book.livemode
    }

    /// The instant the figures hold for: the newest fact of the book.
    #[must_use]
    pub fn as_of(&self) -> Moment {
        moment(self.known.newest_at)
    }

    #[must_use]
    pub fn level(&self) -> Pill {
        pill(if self.is_level { "level" } else { "catching up" })
    }

    #[must_use]
    pub const fn has_facts(&self) -> bool {
        self.known.newest_at > 0
    }

    /// For samples and for pages outside the books.
    #[must_use]
    pub fn sample(path: &str, book: &str) -> Self {
        let parsed = Book::parse(book).unwrap_or(Book::own(false));
        Self {
            path: path.to_owned(),
            books: vec!["live".into(), "test".into(), book.to_owned()],
            book: book.to_owned(),
            known: KnownBook { book: parsed, id: 1, newest_at: 1_767_225_600_000 },
            now: moment(1_767_225_660_000),
            now_at: 1_767_225_660_000,
            is_level: true,
            form_token: "sample-token".into(),
            signed_in: true,
            message: "",
        }
    }
}

/// What just happened, in words. A closed list: the address bar cannot make the page say anything else.
fn happened(code: &str) -> &'static str {
    match code {
        "partner_added" => "The partner was added.",
        "code_adopted" => "The code now belongs to this partner.",
        "terms_set" => "The new terms are on record.",
        "status_set" => "The partner's status was changed.",
        "retried" => "The event will be tried again in a moment.",
        "retried_all" => "They will be tried again in a moment.",
        "discarded" => "Given up. The operator log says who, when and why.",
        "nothing_parked" => "Nothing was parked any more; nothing was done.",
        _ => "",
    }
}
