//! `/v1/transfers` with their reversals, and `/v1/application_fees`. It must not know what was sold.

use super::list::{Page, Span};
use super::{Call, Method, Reply, Route};
use crate::model::{ApplicationFee, Transfer};
use crate::world::transfer::{self, NewTransfer};
use crate::world::{BookKey, Refusal};

const PATH: &str = "/v1/transfers";
const ONE: &str = "/v1/transfers/{}";
const REVERSALS: &str = "/v1/transfers/{}/reversals";
const FEES: &str = "/v1/application_fees";

pub(super) const ROUTES: &[Route] = &[
    Route { method: Method::Post, path: PATH, handler: create },
    Route { method: Method::Get, path: PATH, handler: list },
    Route { method: Method::Get, path: ONE, handler: retrieve },
    Route { method: Method::Post, path: ONE, handler: update },
    Route { method: Method::Post, path: REVERSALS, handler: reverse },
    Route { method: Method::Get, path: FEES, handler: fees },
    Route { method: Method::Get, path: "/v1/application_fees/{}", handler: fee },
];

fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let new = NewTransfer {
        currency: params.currency("currency")?.ok_or_else(|| params.absent("currency"))?,
        destination: params.required("destination")?,
        source_transaction: params.text("source_transaction")?,
        amount: params.at_least("amount", 1)?.ok_or_else(|| params.absent("amount"))?,
        transfer_group: params.text("transfer_group")?,
        description: params.text("description")?,
        metadata: params.metadata()?,
        application_fee: None,
    };
    params.finish()?;
    let there = BookKey { account: Some(new.destination.clone()), livemode: call.book.livemode };
    if call.world.book(&there).is_none() {
        return Err(Refusal::missing("destination", "destination", &new.destination));
    }
    Ok(Reply::Object(transfer::create(call.book()?, new).into()))
}

fn retrieve(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    Ok(Reply::Object(transfer::get(call.book()?, &id)?.into()))
}

fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let id = call.path(0).to_owned();
    let old = transfer::get(call.book()?, &id)?;
    let metadata = params.metadata_on(&old.metadata)?;
    let description = params.change("description")?.on(old.description.clone());
    params.finish()?;
    let book = call.book()?;
    let new = book.transfers.put(&id, Transfer { metadata, description, ..Transfer::clone(&old) });
    book.emit_changed("transfer.updated", &old, &new);
    Ok(Reply::Object(new.into()))
}

fn reverse(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let amount = params.at_least("amount", 1)?;
    let metadata = params.metadata()?;
    params.text("description")?;
    params.finish()?;
    let id = call.path(0).to_owned();
    let book = call.book()?;
    let old = transfer::get(book, &id)?;
    Ok(Reply::Object(transfer::reverse(book, &old, amount, None, metadata)?.into()))
}

fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let (destination, group) = (params.text("destination")?, params.text("transfer_group")?);
    let created = Span::read(&mut params, "created")?;
    params.finish()?;
    let of = |transfer: &Transfer| {
        destination.as_ref().is_none_or(|account| *account == transfer.destination)
            && (group.is_none() || transfer.transfer_group == group)
            && created.holds(transfer.created_s)
    };
    let book = call.book()?;
    Ok(Reply::List(page.of("transfer", PATH, &book.transfers, of)?))
}

fn fees(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut params = call.params();
    let page = Page::read(&mut params)?;
    let charge = params.text("charge")?;
    let created = Span::read(&mut params, "created")?;
    params.finish()?;
    let of = |fee: &ApplicationFee| {
        charge.as_ref().is_none_or(|charge| *charge == fee.charge) && created.holds(fee.created_s)
    };
    let book = call.book()?;
    Ok(Reply::List(page.of("application fee", FEES, &book.application_fees, of)?))
}

fn fee(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.params().finish()?;
    let id = call.path(0).to_owned();
    let found = call.book()?.application_fees.get(&id).cloned();
    Ok(Reply::Object(found.ok_or_else(|| Refusal::missing("application fee", "id", &id))?.into()))
}
