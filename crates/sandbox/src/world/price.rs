//! Prices: made, changed in what may change, switched off; never deleted. A lookup key is on one active price. It
//! must not know what is billed.

use std::sync::Arc;

use kernel::Currency;

use super::{Book, Refusal, product};
use crate::model::{Price, Product};

/// What a price is for.
pub(crate) enum Of {
    Product(String),
    /// A product made along with it, and its id if it was said.
    New(Option<String>, Box<Product>),
}

/// A price as asked for; id, product, name and time are given here. `take_key`: its lookup key is taken from the
/// price that has it.
pub(crate) fn create(book: &mut Book, of: Of, new: Price, take_key: bool) -> Result<Arc<Price>, Refusal> {
    refuse_key(book, new.lookup_key.as_deref(), "", take_key)?;
    let product = match of {
        Of::Product(id) => product::get(book, &id, "product")?,
        Of::New(id, new) => product::create(book, id, *new)?,
    };
    let id = book.id("price");
    take(book, new.lookup_key.as_deref(), &id);
    let price = Price {
        id: id.clone(),
        product: product.id.clone(),
        name: product.name.clone(),
        created_s: book.now_s(),
        ..new
    };
    let price = book.prices.put(&id, price);
    book.emit("price.created", &price);
    Ok(price)
}

pub(crate) fn get(book: &Book, id: &str, param: &str) -> Result<Arc<Price>, Refusal> {
    book.prices.get(id).cloned().ok_or_else(|| Refusal::missing("price", param, id))
}

pub(crate) fn update(
    book: &mut Book,
    old: &Arc<Price>,
    new: Price,
    take_key: bool,
) -> Result<Arc<Price>, Refusal> {
    if !new.active {
        refuse_default(book, old)?;
    }
    refuse_key(book, new.lookup_key.as_deref(), &old.id, take_key)?;
    if new.lookup_key != old.lookup_key
        && let Some(key) = &old.lookup_key
    {
        book.lookup_keys.remove(key);
    }
    take(book, new.lookup_key.as_deref(), &old.id);
    let price = book.prices.put(&old.id, new);
    book.emit_changed("price.updated", old, &price);
    Ok(price)
}

/// Stripe's own pages delete a price that nobody has used.
pub(crate) fn delete(book: &mut Book, old: &Arc<Price>) -> Result<(), Refusal> {
    refuse_default(book, old)?;
    let same = |price: &Price| price.id == old.id;
    let subscribed = book.subscriptions.newest().any(|row| row.items.iter().any(|item| same(&item.price)));
    let billed = || book.invoices.newest().any(|row| row.lines.iter().any(|line| same(&line.price)));
    let offered = || book.sessions.newest().any(|row| row.items.iter().any(|item| same(&item.price)));
    let waiting = || book.invoice_items.newest().any(|row| same(&row.price));
    if subscribed || billed() || offered() || waiting() {
        let message = "This price cannot be deleted because it has been used. Set `active` to false instead.";
        return Err(Refusal::request(message));
    }
    if let Some(key) = &old.lookup_key {
        book.lookup_keys.remove(key);
    }
    book.prices.remove(&old.id);
    book.emit("price.deleted", old);
    Ok(())
}

/// The price in the currency of what it is for: its own, or one of its options.
pub(crate) fn taken_in(price: &Arc<Price>, currency: Currency, param: &str) -> Result<Arc<Price>, Refusal> {
    if price.currency == currency {
        return Ok(Arc::clone(price));
    }
    price.in_currency(currency).map(Arc::new).ok_or_else(|| {
        let message = format!(
            "The price `{}` is in {} and has no option in {currency}, the currency of what it is for.",
            price.id, price.currency
        );
        Refusal::invalid(param, message)
    })
}

/// The price with that lookup key.
pub(crate) fn by_key<'a>(book: &'a Book, key: &str) -> Option<&'a Arc<Price>> {
    book.prices.get(book.lookup_keys.get(key)?)
}

/// Gives the key to that price; whoever had it has none any more.
fn take(book: &mut Book, key: Option<&str>, id: &str) {
    let Some(key) = key else { return };
    let before = book.lookup_keys.insert(key.to_owned(), id.to_owned());
    let loser = before.filter(|before| before != id).and_then(|before| book.prices.get(&before).cloned());
    if let Some(old) = loser {
        let price = book.prices.put(&old.id, Price { lookup_key: None, ..Price::clone(&old) });
        book.emit_changed("price.updated", &old, &price);
    }
}

fn refuse_key(book: &Book, key: Option<&str>, id: &str, take_key: bool) -> Result<(), Refusal> {
    let Some(owner) = key.and_then(|key| by_key(book, key)).filter(|owner| owner.id != id) else {
        return Ok(());
    };
    if take_key {
        return Ok(());
    }
    let key = key.unwrap_or_default();
    let message = format!("A price (`{}`) already uses that lookup key: {key}.", owner.id);
    Err(Refusal::invalid("lookup_key", message).code("resource_already_exists"))
}

fn refuse_default(book: &Book, price: &Price) -> Result<(), Refusal> {
    let product = book.products.get(&price.product);
    if product.is_some_and(|product| product.default_price.as_deref() == Some(price.id.as_str())) {
        let message = "This price cannot be archived because it is the default price of its product.";
        return Err(Refusal::invalid("active", message));
    }
    Ok(())
}
