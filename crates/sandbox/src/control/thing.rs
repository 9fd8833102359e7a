//! What is done to single objects outside of the API: a bank renews a card, Stripe's pages delete a price. It must
//! not know what they are for.

use super::Call;
use crate::json::Obj;
use crate::render::{self, Version};
use crate::world::{Refusal, payment_method, price};

/// A saved card gets another end, and another number if one is said.
pub(super) fn renew_card(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let key = call.key(&mut params)?;
    let last4 = params.text("last4")?;
    params.finish()?;
    if last4
        .as_ref()
        .is_some_and(|last4| last4.len() != 4 || !last4.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Err(Refusal::invalid("last4", "The last four digits of the new card: 1881."));
    }
    let id = call.captured.to_owned();
    let book = call.book(&key)?;
    let old = payment_method::get(book, &id, "payment_method")?;
    let line = book.line_of(old.customer.as_deref());
    let renewed = book.on(line.as_deref(), |book| payment_method::renew(book, &old, last4))?;
    Ok(render::json(&renewed.into(), Version::DEFAULT, key.livemode))
}

/// A price that nobody has used is gone.
pub(super) fn delete_price(call: &mut Call<'_>) -> Result<String, Refusal> {
    let mut params = call.params();
    let key = call.key(&mut params)?;
    params.finish()?;
    let id = call.captured.to_owned();
    let book = call.book(&key)?;
    let old = price::get(book, &id, "price")?;
    price::delete(book, &old)?;
    Ok(Obj::resource("price", &id).bool("deleted", true).close())
}
