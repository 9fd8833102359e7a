//! `leakage`: discounted sales without a partner, as a number and as a list.

use engine::leakage::{Leakage, code_used, leakage};
use kernel::Book;
use serde::Serialize;
use store::read::sales::{Place, Wanted, page_leaked};

use super::{book, house};
use crate::cli::{Common, LeakageArgs};
use crate::{Outcome, output};

#[derive(Serialize)]
struct Answer {
    leakage: Vec<Leakage>,
    sales: Vec<Sale>,
}

#[derive(Serialize)]
struct Sale {
    #[serde(skip)]
    of: Book,
    book: String,
    sale: String,
    sale_at: String,
    code: Option<String>,
    reason: String,
    currency: String,
    net_sold_minor: i64,
}

pub(super) fn run(common: &Common, args: &LeakageArgs) -> Outcome {
    let house = house(common)?;
    super::remark_unless_level(&house)?;
    let only = book(args.book.as_deref())?;
    let figures = leakage(&house, only.as_ref())?;
    let mut sales = house.db().read(|read| -> Result<_, engine::EngineError> {
        let mut sales = Vec::new();
        for (id, book) in store::book::all(read)? {
            if only.as_ref().is_some_and(|only| *only != book) {
                continue;
            }
            let (place, limit) = (Place::start(), args.limit.clamp(1, 10_000));
            let wanted = Wanted { book: id, as_of: 0, partner: None, reason: None, place, limit };
            sales.extend(page_leaked(read, &wanted)?.into_iter().map(|row| Sale {
                of: book.clone(),
                book: book.label(),
                sale: row.sale,
                sale_at: kernel::time::rfc3339(row.sale_at),
                code: row.code,
                reason: row.reason,
                currency: row.currency,
                net_sold_minor: row.net_sold_minor,
            }));
        }
        Ok(sales)
    })?;
    for sale in sales.iter_mut().filter(|sale| sale.code.is_none() && sale.reason != "nobody") {
        sale.code = code_used(&house, &sale.of, &sale.sale)?;
    }
    if common.json {
        return output::print_json(&Answer { leakage: figures, sales });
    }
    let rows = figures.into_iter().map(|one| {
        let share = output::share(one.leakage_bps);
        let sold = output::money(one.net_sold_minor, &one.currency);
        let (discounted, without) = (one.discounted.to_string(), one.without_partner.to_string());
        vec![one.book, one.currency, discounted, without, share, sold]
    });
    let header = ["book", "currency", "discounted", "no partner", "leakage", "sold without"];
    output::print_table(&header, &["discounted", "no partner", "leakage", "sold without"], rows.collect())?;
    let rows = sales.into_iter().map(|sale| {
        let sold = output::money(sale.net_sold_minor, &sale.currency);
        vec![sale.book, sale.sale_at, sale.sale, sale.code.unwrap_or_default(), sale.reason, sold]
    });
    output::print_table(
        &["book", "sold", "sale", "code", "reason", "net sold"],
        &["net sold"],
        rows.collect(),
    )
}
