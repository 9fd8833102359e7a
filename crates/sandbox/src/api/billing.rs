//! What several billing resources read alike: prices named or given inline, tax rates, how invoices are
//! collected. It must not know which resource asks.

use std::sync::Arc;

use super::Params;
use crate::model::{Collection, Meta, Price, TaxRate};
use crate::world::price::{self, Of};
use crate::world::{Book, Refusal};

/// A price named (`price`, formerly `plan`) or to be made (`price_data`).
pub(super) enum PriceSaid {
    Named(Arc<Price>),
    Inline(Of, Box<Price>),
}

impl PriceSaid {
    pub(super) fn read(params: &mut Params, book: &Book) -> Result<Option<Self>, Refusal> {
        let name = params.name("price");
        let id = match params.text("price")? {
            Some(id) => Some(id),
            None => params.text("plan")?,
        };
        if let Some(id) = id {
            let price = book.prices.get(&id).cloned().ok_or_else(|| Refusal::missing("price", &name, &id))?;
            return Ok(Some(Self::Named(price)));
        }
        let Some(data) = params.map("price_data")? else { return Ok(None) };
        let (of, price) = super::price::inline(data)?;
        Ok(Some(Self::Inline(of, Box::new(price))))
    }

    /// A price that was named must still be on sale; one given inline is for this use only, and never is.
    pub(super) fn sold(self) -> Result<Self, Refusal> {
        match &self {
            Self::Named(price) if !price.active => {
                let id = &price.id;
                let message =
                    format!("The price specified is inactive. This field only accepts active prices: {id}.");
                Err(Refusal::invalid("line_items", message))
            }
            _ => Ok(self),
        }
    }

    /// The price, made if it was given inline.
    pub(super) fn get(self, book: &mut Book) -> Result<Arc<Price>, Refusal> {
        match self {
            Self::Named(price) => Ok(price),
            Self::Inline(of, price) => price::create(book, of, *price, false),
        }
    }
}

/// `tax_rates[]`: `None` when nothing was said.
pub(super) fn tax_rates(
    params: &mut Params,
    name: &str,
    book: &Book,
) -> Result<Option<Vec<Arc<TaxRate>>>, Refusal> {
    let Some(ids) = params.texts(name)? else { return Ok(None) };
    let path = params.name(name);
    let find =
        |id: &String| book.tax_rates.get(id).cloned().ok_or_else(|| Refusal::missing("tax rate", &path, id));
    ids.iter().filter(|id| !id.is_empty()).map(find).collect::<Result<_, _>>().map(Some)
}

/// `collection_method` and `days_until_due`.
pub(super) fn collection(params: &mut Params) -> Result<Option<Collection>, Refusal> {
    let method = params.choice("collection_method", &["charge_automatically", "send_invoice"])?;
    let days = params.at_least("days_until_due", 0)?;
    match (method, days) {
        (None | Some("charge_automatically"), Some(_)) => {
            let message = "You may only specify `days_until_due` if `collection_method` is `send_invoice`.";
            Err(Refusal::invalid("days_until_due", message))
        }
        (None, None) => Ok(None),
        (Some("send_invoice"), days) => Ok(Some(Collection::Send { days_until_due: days.unwrap_or(30) })),
        _ => Ok(Some(Collection::Automatic)),
    }
}

/// `metadata` of an update, if anything was said.
pub(super) fn metadata(params: &mut Params, old: &Meta) -> Result<Option<Meta>, Refusal> {
    if params.has("metadata") { params.metadata_on(old).map(Some) } else { Ok(None) }
}

/// A text of an update: unsaid, unset or set.
pub(super) fn text(params: &mut Params, name: &str) -> Result<Option<Option<String>>, Refusal> {
    use super::params::Change;
    Ok(match params.change(name)? {
        Change::Keep => None,
        Change::Unset => Some(None),
        Change::Set(text) => Some(Some(text)),
    })
}
