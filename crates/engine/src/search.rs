//! What an id, a code or an address that somebody has in hand leads to, in any book, and one customer's whole story.
//! Customers' addresses are not kept in the books: they are found by what is made of one (`address.rs`).

use std::collections::BTreeSet;

use kernel::{Book, Kind, ObjectKey, Ref};
use store::Read;
use store::read::customer::ObjectLine;

use crate::house::{EngineError, House};
use crate::project::walk::read_closure;

/// Where something was found.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Hit {
    Event { id: String },
    Sale { id: String, book: Book },
    Customer { id: String, book: Book },
    Partner { handle: String },
}

/// Everything that `text` is a name of, each once.
pub fn find(house: &House, text: &str) -> Result<Vec<Hit>, EngineError> {
    let text = text.trim();
    let mut hits = BTreeSet::new();
    let Some(id) = Ref::parse(text) else { return Ok(Vec::new()) };
    if !house.inbox().numbers(&id)?.is_empty() || !house.inbox().quarantine_find(text)?.is_empty() {
        hits.insert(Hit::Event { id: text.to_owned() });
    }
    for explained in crate::explain::explain(house, None, text)? {
        if let (Some(book), Some(id)) = (Book::parse(&explained.book), explained.sale) {
            hits.insert(Hit::Sale { id, book });
        }
    }
    for (book, object) in crate::address::find(house, text)? {
        let id = object.id.to_string();
        hits.insert(match object.kind {
            Kind::Customer => Hit::Customer { id, book },
            _ => Hit::Sale { id, book },
        });
    }
    house.db().read(|read| -> Result<(), EngineError> {
        let registry = house.registry(read)?;
        let partners = registry.partners().filter(|partner| partner.email.eq_ignore_ascii_case(text));
        hits.extend(partners.map(|partner| Hit::Partner { handle: partner.handle.to_string() }));
        hits.extend(registry.partner_by_hint(text).map(|handle| Hit::Partner { handle: handle.to_string() }));
        let codes = registry.mappings().filter(|mapping| {
            let names = [mapping.promotion_code.as_ref(), mapping.coupon.as_ref()];
            mapping.code.as_ref().is_some_and(|code| code.eq_ignore_ascii_case(text))
                || names.into_iter().flatten().any(|name| *name == id)
        });
        hits.extend(codes.map(|mapping| Hit::Partner { handle: mapping.partner.to_string() }));
        for (book_id, book) in store::book::all(read)? {
            let customers = customers(read, book_id, &id)?.into_iter();
            hits.extend(customers.map(|id| Hit::Customer { id, book: book.clone() }));
        }
        Ok(())
    })?;
    Ok(hits.into_iter().collect())
}

/// The customer of this id, or of the subscription of this id.
fn customers(read: &mut Read<'_>, book_id: i64, id: &Ref) -> Result<Vec<String>, EngineError> {
    let customer = ObjectKey::new(Kind::Customer, id.clone());
    if store::fact::known(read, book_id, &customer)?
        || !store::link::to_keys(read, book_id, std::slice::from_ref(&customer))?.is_empty()
    {
        return Ok(vec![id.to_string()]);
    }
    let subscription = ObjectKey::new(Kind::Subscription, id.clone());
    let named = store::link::from_keys(read, book_id, &[subscription])?;
    Ok(named
        .into_iter()
        .filter(|link| link.to.kind == Kind::Customer)
        .map(|link| link.to.id.to_string())
        .collect())
}

/// Everything of one customer, each part in the order of time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Story {
    pub objects: Vec<ObjectLine>,
    pub events: Vec<Told>,
    /// There is more than is told.
    pub cut: bool,
}

/// An event that told of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    pub id: String,
    /// Of what was fetched or listed, the kind of object.
    pub event_type: String,
    /// Stripe's time, in seconds.
    pub at_s: i64,
}

/// How many objects, and how many events, a story tells of.
const STORY_MAX: i64 = 500;

/// `None`: this book has heard nothing of such a customer.
pub fn story(house: &House, book: &Book, id: &Ref) -> Result<Option<Story>, EngineError> {
    let found = house.db().read(|read| -> Result<_, EngineError> {
        let Some(book_id) = store::book::known(read, book)? else { return Ok(None) };
        let customer = ObjectKey::new(Kind::Customer, id.clone());
        let namers = store::link::to_keys(read, book_id, std::slice::from_ref(&customer))?;
        if namers.is_empty() && !store::fact::known(read, book_id, &customer)? {
            return Ok(None);
        }
        let first: Vec<ObjectKey> = namers.into_iter().map(|link| link.from).collect();
        let mut keys = read_closure(read, book_id, &first)?.keys;
        keys.insert(customer);
        keys.extend(first);
        let keys: Vec<ObjectKey> = keys.into_iter().collect();
        let objects = store::read::customer::objects(read, book_id, &keys, STORY_MAX)?;
        let events = store::read::customer::events(read, book_id, &keys, STORY_MAX)?;
        Ok(Some((objects, events)))
    })?;
    let Some((objects, events)) = found else { return Ok(None) };
    let cut = [objects.len(), events.len()].into_iter().any(|rows| rows as i64 >= STORY_MAX);
    let refs: Vec<String> = events.iter().map(|(id, _)| id.clone()).collect();
    let mut types = house.inbox().types(book, &refs)?;
    let told =
        |(id, at_s): (String, i64)| Told { event_type: types.remove(&id).unwrap_or_default(), id, at_s };
    Ok(Some(Story { objects, events: events.into_iter().map(told).collect(), cut }))
}
