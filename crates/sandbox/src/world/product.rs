//! Products: made, changed, deleted while no price hangs on them. It must not know what anything costs.

use std::sync::Arc;

use super::{Book, Refusal};
use crate::model::Product;

/// A product as asked for; its id is made if there is none, and its times are now.
pub(crate) fn create(book: &mut Book, id: Option<String>, new: Product) -> Result<Arc<Product>, Refusal> {
    let id = id.unwrap_or_else(|| book.id("prod"));
    if book.products.get(&id).is_some() {
        let message = format!("Product already exists with id: {id}");
        return Err(Refusal::invalid("id", message).code("resource_already_exists"));
    }
    let now_s = book.now_s();
    let product = Product { id: id.clone(), created_s: now_s, updated_s: now_s, ..new };
    let product = book.products.put(&id, product);
    book.emit("product.created", &product);
    Ok(product)
}

pub(crate) fn get(book: &Book, id: &str, param: &str) -> Result<Arc<Product>, Refusal> {
    book.products.get(id).cloned().ok_or_else(|| Refusal::missing("product", param, id))
}

pub(crate) fn update(book: &mut Book, old: &Arc<Product>, new: Product) -> Arc<Product> {
    if new == **old {
        return Arc::clone(old);
    }
    let product = book.products.put(&old.id, Product { updated_s: book.now_s(), ..new });
    book.emit_changed("product.updated", old, &product);
    product
}

pub(crate) fn delete(book: &mut Book, id: &str) -> Result<(), Refusal> {
    let product = get(book, id, "product")?;
    if book.prices.newest().any(|price| price.product == id) {
        let message = "This product cannot be deleted because it has one or more user-created prices.";
        return Err(Refusal::request(message));
    }
    book.products.remove(id);
    book.emit("product.deleted", &product);
    Ok(())
}
