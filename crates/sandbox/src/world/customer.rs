//! Customers: made, changed, deleted (and still told apart from those that never were), their balance and tax ids.
//! It must not know what they buy.

use std::sync::Arc;

use kernel::Currency;

use super::clock::Job;
use super::discount::{self, Holder, Wanted};
use super::{Book, Refusal, subscription};
use crate::model::{Customer, CustomerBalanceTransaction, Discount, Meta, TaxId};

/// A customer as asked for, on its clock's time; id and time are given here.
pub(crate) fn create(
    book: &mut Book,
    new: Customer,
    wanted: Option<&Wanted>,
) -> Result<Arc<Customer>, Refusal> {
    let clock = new.test_clock.clone();
    if let Some(id) = clock.as_deref()
        && book.test_clocks.get(id).is_none()
    {
        return Err(Refusal::missing("test clock", "test_clock", id));
    }
    book.on(clock.as_deref(), |book| {
        let id = book.id("cus");
        let discount = wanted.map(|wanted| give(book, &id, wanted)).transpose()?;
        let invoice_prefix = match new.invoice_prefix.as_str() {
            "" => book.ids.token(8).to_ascii_uppercase(),
            own => own.to_owned(),
        };
        let discounted = discount.as_deref().cloned();
        let (id_of, created_s) = (id.clone(), book.now_s());
        let customer = Customer { id: id_of, created_s, invoice_prefix, discount: discounted, ..new };
        index(book, &customer);
        let customer = book.customers.put(&id, customer);
        book.emit("customer.created", &customer);
        if let Some(discount) = discount {
            discount::redeem(book, &discount);
            book.emit("customer.discount.created", &discount);
        }
        Ok(customer)
    })
}

fn give(book: &mut Book, id: &str, wanted: &Wanted) -> Result<Arc<Discount>, Refusal> {
    let currency = book.customers.get(id).and_then(|customer| customer.currency);
    discount::make(book, wanted, &Holder { customer: Some(id), currency, ..Holder::default() }, None)
}

/// One that was not deleted.
pub(crate) fn get(book: &Book, id: &str, param: &str) -> Result<Arc<Customer>, Refusal> {
    let found = book.customers.get(id).filter(|customer| !customer.deleted);
    found.cloned().ok_or_else(|| Refusal::missing("customer", param, id))
}

/// What a discount becomes in a change.
pub(crate) enum Discounted {
    Keep,
    None,
    New(Wanted),
}

pub(crate) fn update(
    book: &mut Book,
    old: &Arc<Customer>,
    new: Customer,
    discounted: &Discounted,
) -> Result<Arc<Customer>, Refusal> {
    book.on(old.test_clock.as_deref(), |book| {
        let given = match discounted {
            Discounted::New(wanted) => Some(give(book, &old.id, wanted)?),
            Discounted::Keep | Discounted::None => None,
        };
        let discount = match discounted {
            Discounted::Keep => old.discount.clone(),
            Discounted::None | Discounted::New(_) => given.as_deref().cloned(),
        };
        let new = Customer { discount, ..new };
        if new.email != old.email {
            index(book, &new);
        }
        let customer = book.customers.put(&old.id, new);
        book.emit_changed("customer.updated", old, &customer);
        let gone = old.discount.clone().filter(|_| customer.discount != old.discount);
        if let Some(given) = &given {
            discount::redeem(book, given);
        }
        match (gone, given) {
            // Stripe's word for a customer who is switched from one coupon to another.
            (Some(gone), Some(given)) => book.emit_changed("customer.discount.updated", gone, &given),
            (Some(gone), None) => book.emit("customer.discount.deleted", gone),
            (None, Some(given)) => book.emit("customer.discount.created", &given),
            (None, None) => {}
        }
        Ok(customer)
    })
}

/// Gone, with the subscriptions; what was paid stays.
pub(crate) fn delete(book: &mut Book, id: &str) -> Result<(), Refusal> {
    let old = get(book, id, "customer")?;
    book.on(old.test_clock.as_deref(), |book| {
        let mine = |row: &&Arc<crate::model::Subscription>| row.customer.as_deref() == Some(id);
        let running: Vec<_> = book.subscriptions.oldest().filter(mine).cloned().collect();
        for row in running.iter().filter(|row| !row.ended()) {
            subscription::cancel(book, row, subscription::Cancel::default())?;
        }
        book.emit("customer.deleted", &old);
        book.customers.put(id, Customer { deleted: true, ..Customer::clone(&old) });
        Ok(())
    })
}

/// Kinds of tax numbers that a register is asked about; it takes a minute.
const LOOKED_UP: [&str; 3] = ["eu_vat", "gb_vat", "au_abn"];
const LOOK_UP_S: i64 = 60;

/// What moved a balance.
pub(crate) struct Move {
    /// Stripe's word: `adjustment`, `applied_to_invoice`, ...
    pub(crate) kind: &'static str,
    /// Negative: credit to the customer.
    pub(crate) amount: i64,
    pub(crate) currency: Currency,
    pub(crate) invoice: Option<String>,
    pub(crate) credit_note: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) metadata: Meta,
}

impl Move {
    pub(crate) const fn new(kind: &'static str, amount: i64, currency: Currency) -> Self {
        let metadata = Meta::new();
        Self { kind, amount, currency, invoice: None, credit_note: None, description: None, metadata }
    }
}

/// Moves a customer's balance and says so.
pub(crate) fn add_to_balance(
    book: &mut Book,
    id: &str,
    moved: Move,
) -> Result<Arc<CustomerBalanceTransaction>, Refusal> {
    let old = get(book, id, "customer")?;
    if old.currency.is_some_and(|own| own != moved.currency) {
        let message = format!("The customer's currency is not {}.", moved.currency);
        return Err(Refusal::invalid("currency", message));
    }
    let done = book.on(old.test_clock.as_deref(), |book| self::moved(book, id, moved));
    done.ok_or_else(|| Refusal::invalid("amount", "The amount must not be zero."))
}

/// The same for what must not be refused; nothing when the amount is nothing.
pub(super) fn moved(book: &mut Book, id: &str, moved: Move) -> Option<Arc<CustomerBalanceTransaction>> {
    let old = book.customers.get(id).cloned().filter(|_| moved.amount != 0)?;
    let row = CustomerBalanceTransaction {
        id: book.id("cbtxn"),
        customer: id.to_owned(),
        kind: moved.kind,
        amount: moved.amount,
        ending_balance: old.balance.saturating_add(moved.amount),
        currency: moved.currency,
        invoice: moved.invoice,
        credit_note: moved.credit_note,
        checkout_session: None,
        description: moved.description,
        created_s: book.now_s(),
        metadata: moved.metadata,
    };
    let currency = old.currency.or(Some(row.currency));
    let new = Customer { balance: row.ending_balance, currency, ..Customer::clone(&old) };
    book.moves_of.entry(id.to_owned()).or_default().push(row.id.clone());
    let row = book.balance_moves.put(&row.id.clone(), row);
    let new = book.customers.put(id, new);
    book.emit_changed("customer.updated", &old, &new);
    Some(row)
}

/// What moved a customer's balance, the newest first.
pub(crate) fn balance_moves<'a>(
    book: &'a Book,
    id: &str,
) -> impl Iterator<Item = &'a Arc<CustomerBalanceTransaction>> {
    let ids = book.moves_of.get(id).map_or(&[][..], Vec::as_slice);
    ids.iter().rev().filter_map(|id| book.balance_moves.get(id))
}

pub(crate) fn add_tax_id(
    book: &mut Book,
    customer: &str,
    kind: String,
    value: String,
) -> Result<Arc<TaxId>, Refusal> {
    let owner = get(book, customer, "customer")?;
    let asked = LOOKED_UP.contains(&kind.as_str());
    let country = kind.split_once('_').map(|(country, _)| country.to_ascii_uppercase());
    let row = TaxId {
        id: book.id("txi"),
        customer: Some(customer.to_owned()),
        country: country.filter(|country| country.len() == 2 && country != "EU"),
        kind,
        value,
        verification: if asked { "pending" } else { "unavailable" },
        verified_name: None,
        created_s: book.now_s(),
    };
    let row = book.tax_ids.put(&row.id.clone(), row);
    book.tax_ids_of.entry(customer.to_owned()).or_default().push(row.id.clone());
    book.emit("customer.tax_id.created", &row);
    if asked {
        let id = row.id.clone();
        book.on(owner.test_clock.as_deref(), |book| {
            book.schedule(book.now_s() + LOOK_UP_S, Job::LookUpTaxId(id));
        });
    }
    Ok(row)
}

/// The register has answered: by the documented test numbers it knows the number, does not, or stays silent.
pub(super) fn looked_up(book: &mut Book, id: &str) {
    let Some(old) = book.tax_ids.get(id).cloned() else { return };
    let says = |number: &str| old.value.ends_with(number);
    if says("222222222") {
        return;
    }
    let owner = old.customer.as_ref().and_then(|id| book.customers.get(id));
    let name = owner.and_then(|owner| owner.name.clone());
    let known = !says("111111111");
    let new = TaxId {
        verification: if known { "verified" } else { "unverified" },
        verified_name: name.filter(|_| known),
        ..TaxId::clone(&old)
    };
    let new = book.tax_ids.put(id, new);
    book.emit_changed("customer.tax_id.updated", &old, &new);
}

pub(crate) fn delete_tax_id(book: &mut Book, customer: &str, id: &str) -> Result<(), Refusal> {
    let row = tax_id(book, customer, id)?;
    book.tax_ids.remove(id);
    if let Some(ids) = book.tax_ids_of.get_mut(customer) {
        ids.retain(|kept| kept != id);
    }
    book.emit("customer.tax_id.deleted", &row);
    Ok(())
}

pub(crate) fn tax_id(book: &Book, customer: &str, id: &str) -> Result<Arc<TaxId>, Refusal> {
    let found = book.tax_ids.get(id).filter(|row| row.customer.as_deref() == Some(customer));
    found.cloned().ok_or_else(|| Refusal::missing("tax_id", "id", id))
}

/// A customer's tax ids, the newest first.
pub(crate) fn tax_ids<'a>(book: &'a Book, customer: &str) -> impl Iterator<Item = &'a Arc<TaxId>> {
    let ids = book.tax_ids_of.get(customer).map_or(&[][..], Vec::as_slice);
    ids.iter().rev().filter_map(|id| book.tax_ids.get(id))
}

/// Customers with that address, the newest first.
pub(crate) fn by_email<'a>(book: &'a Book, email: &str) -> impl Iterator<Item = &'a Arc<Customer>> {
    let ids = book.emails.get(email).map_or(&[][..], Vec::as_slice);
    ids.iter().rev().filter_map(|id| book.customers.get(id))
}

fn index(book: &mut Book, customer: &Customer) {
    if let Some(email) = &customer.email {
        let ids = book.emails.entry(email.clone()).or_default();
        if !ids.contains(&customer.id) {
            ids.push(customer.id.clone());
        }
    }
}
