//! Money adds up: movements to net, payouts to what they carried, and our charges and refunds to movements. What does
//! not is named.

use engine::audit::money::{Money, money};
use engine::audit::{Lister, Page};
use engine::fetch::{FetchFailure, Fetched};
use kernel::{Book, Kind, ObjectKey, Ref};

use crate::business::{Business, book};
use crate::stripe::Stripe;
use crate::world::{NOW, World};

fn look(world: &World, lister: &dyn Lister) -> Money {
    money(&world.house, lister, &book(), NOW).expect("listed")
}

fn told(world: &World, stripe: &Stripe, seed: u64) {
    Business::open(stripe, seed).days(45);
    world.receive(&stripe.deliveries());
    world.drain();
}

#[test]
fn a_months_money_adds_up_to_the_cent() {
    for (seed, world) in (1..).zip(World::each()) {
        let stripe = Stripe::new(seed);
        told(&world, &stripe, seed);
        let seen = look(&world, &stripe);
        assert_eq!(seen.exceptions, [], "{}", world.engine);
        let sums = &seen.sums[0];
        println!("{}: {sums:?}", world.engine);
        let parts = sums.gross_minor - sums.fees_minor - sums.refunds_minor - sums.disputes_minor;
        assert_eq!(parts + sums.other_minor, sums.net_minor);
        assert!(sums.gross_minor > 0 && sums.fees_minor > 0 && sums.payouts > 5, "{sums:?}");
    }
}

/// Stripe, with one text in its lists replaced by another.
struct Altered<'a>(&'a Stripe, Kind, String, String);

impl Altered<'_> {
    fn page(&self, kind: Kind, page: Page) -> Page {
        let Self(_, of, from, to) = self;
        let alter = |item: Vec<u8>| match kind == *of {
            true => String::from_utf8_lossy(&item).replace(from, to).into_bytes(),
            false => item,
        };
        Page { items: page.items.into_iter().map(alter).collect(), ..page }
    }
}

impl Lister for Altered<'_> {
    fn reaches(&self, book: &Book) -> bool {
        self.0.reaches(book)
    }

    fn events(&self, book: &Book, from_s: i64, after: Option<&Ref>) -> Result<Page, FetchFailure> {
        self.0.events(book, from_s, after)
    }

    fn objects(&self, book: &Book, kind: Kind, after: Option<&Ref>) -> Result<Page, FetchFailure> {
        Ok(self.page(kind, self.0.objects(book, kind, after)?))
    }

    fn objects_of(
        &self,
        book: &Book,
        kind: Kind,
        of: &ObjectKey,
        after: Option<&Ref>,
    ) -> Result<Page, FetchFailure> {
        self.0.objects_of(book, kind, of, after)
    }

    fn carried(&self, book: &Book, payout: &Ref, after: Option<&Ref>) -> Result<Page, FetchFailure> {
        Ok(self.page(Kind::BalanceTransaction, self.0.carried(book, payout, after)?))
    }

    fn object(&self, book: &Book, object: &ObjectKey) -> Result<Fetched, FetchFailure> {
        self.0.object(book, object)
    }

    fn api_version(&self, book: &Book) -> Option<String> {
        self.0.api_version(book)
    }

    fn pause(&self, ms: u64) -> bool {
        self.0.pause(ms)
    }
}

#[test]
fn whatever_does_not_add_up_is_named() {
    let (stripe, world) = (Stripe::new(3), World::sqlite());
    told(&world, &stripe, 3);
    let first = |path: &str, more: &str| {
        let (_, list) = stripe.call(sandbox::Method::Get, path, &format!("limit=100{more}"));
        let rows = list["data"].as_array().expect("rows").clone();
        rows.into_iter().next_back().expect("one")
    };
    let row = first("/v1/balance_transactions", "&type=charge");
    let (charge, net) = (row["source"].as_str().expect("an id"), row["net"].as_i64().expect("net"));
    let payout = first("/v1/payouts", "");
    let (amount, po) = (payout["amount"].as_i64().expect("an amount"), payout["id"].as_str().expect("an id"));
    let altered = |kind, from: String, to: String| {
        let seen = look(&world, &Altered(&stripe, kind, from, to));
        let whats: std::collections::BTreeSet<&str> = seen.exceptions.iter().map(|one| one.what).collect();
        whats.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(
        altered(Kind::BalanceTransaction, format!("\"{charge}\""), "\"ch_never\"".into()),
        ["charge_without_transaction", "source_unknown"]
    );
    let wrong = altered(Kind::BalanceTransaction, format!("\"net\":{net},"), format!("\"net\":{},", net + 1));
    assert!(wrong.contains(&"net_differs") && wrong.contains(&"payout_differs"), "{wrong:?}");
    assert_eq!(
        altered(Kind::Payout, format!("\"amount\":{amount},"), format!("\"amount\":{},", amount + 1)),
        ["payout_differs"],
        "{po}"
    );
}
