//! The sandbox as a Stripe that can be listed, in process: calls in, events out, and a `Lister` over it that can fail
//! after so many pages.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use engine::audit::{Lister, Page};
use engine::fetch::{FetchFailure, Fetched, Fetcher};
use kernel::{Book, Kind, ObjectKey, Ref};
use sandbox::{Answer, Delivery, Method, Request, Version, World, answer, browse, deliver};
use serde_json::Value;
use serde_json::value::RawValue;

pub(crate) const VERSION: Version = Version::Dahlia20260729;

/// 2026-01-01.
pub(crate) const START_S: i64 = 1_767_225_600;

pub(crate) struct Stripe {
    world: Mutex<World>,
    /// Events that nobody is told of and no list shows.
    silent: Mutex<BTreeSet<String>>,
    /// Pages that are still answered; then the house is killed. Negative: as many as want.
    pub(crate) pages_left: AtomicI64,
    /// Pages that are refused for now before any is answered.
    pub(crate) away: AtomicI64,
    pub(crate) asked: AtomicI64,
    pub(crate) page_items: AtomicI64,
}

impl Stripe {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            world: Mutex::new(World::new(seed, START_S)),
            silent: Mutex::default(),
            pages_left: AtomicI64::new(-1),
            away: AtomicI64::new(0),
            asked: AtomicI64::new(0),
            page_items: AtomicI64::new(100),
        }
    }

    /// Lets somebody ask a world that lives elsewhere.
    pub(crate) fn lent(&self, world: &mut World, ask: impl FnOnce()) {
        std::mem::swap(world, &mut *self.world.lock().expect("a world"));
        ask();
        std::mem::swap(world, &mut *self.world.lock().expect("a world"));
    }

    pub(crate) fn now_s(&self) -> i64 {
        self.world.lock().expect("a world").now_s()
    }

    pub(crate) fn tick(&self, to_s: i64) {
        self.world.lock().expect("a world").tick(to_s);
    }

    /// Status and body of a call.
    pub(crate) fn call(&self, method: Method, path: &str, form: &str) -> (u16, Value) {
        let answer = self.answer(method, path, form);
        (answer.status, serde_json::from_str(&answer.body).expect("answers are JSON"))
    }

    fn answer(&self, method: Method, path: &str, form: &str) -> Answer {
        let (query, body) = if method == Method::Get { (form, "") } else { ("", form) };
        let request = Request {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            body: body.as_bytes().to_vec(),
            authorization: Some("Bearer sk_test_audit".into()),
            version: Some(VERSION.api_version().into()),
            idempotency_key: None,
            account: None,
        };
        answer(&mut self.world.lock().expect("a world"), &request)
    }

    /// What a buyer does on a page; `false` when it is refused.
    pub(crate) fn browse(&self, path: &str, form: &str) -> bool {
        let request = Request {
            method: Method::Post,
            path: path.to_owned(),
            query: String::new(),
            body: form.as_bytes().to_vec(),
            authorization: None,
            version: None,
            idempotency_key: None,
            account: None,
        };
        let answer = browse(&mut self.world.lock().expect("a world"), &request);
        answer.is_some_and(|answer| answer.status < 400)
    }

    /// What happened since the last time, as deliveries in the version of the account.
    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        let events = self.world.lock().expect("a world").take_events();
        events.iter().filter_map(|event| deliver(event, VERSION)).collect()
    }

    /// What happened since the last time was told to nobody. Says how much.
    pub(crate) fn hush(&self) -> usize {
        let events = self.world.lock().expect("a world").take_events();
        let count = events.len();
        self.silent.lock().expect("a set").extend(events.iter().map(|event| event.id.clone()));
        count
    }

    fn one(&self, object: &ObjectKey, query: &str) -> Result<Fetched, FetchFailure> {
        let (path, _) = listed(object.kind).ok_or(FetchFailure::Missing)?;
        let answer = self.answer(Method::Get, &format!("{path}/{}", object.id), query);
        match answer.status {
            200 => Ok(Fetched {
                body: answer.body.into_bytes(),
                api_version: VERSION.api_version().to_owned(),
                answered_at_s: Some(self.now_s()),
                livemode: Some(false),
            }),
            404 => Err(FetchFailure::Missing),
            _ => Err(FetchFailure::Refused(answer.body)),
        }
    }

    fn page(&self, path: &str, form: &str, after: Option<&Ref>) -> Result<Page, FetchFailure> {
        if self.pages_left.fetch_sub(1, Ordering::SeqCst) == 0 {
            return Err(FetchFailure::Closing);
        }
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.away.fetch_sub(1, Ordering::SeqCst) > 0 {
            return Err(FetchFailure::Later("it is away".to_owned()));
        }
        let limit = self.page_items.load(Ordering::SeqCst);
        let after = after.map(|id| format!("&starting_after={id}")).unwrap_or_default();
        let answer = self.answer(Method::Get, path, &format!("limit={limit}{form}{after}"));
        if answer.status != 200 {
            let missing = answer.body.contains("resource_missing");
            return Err(if missing { FetchFailure::Missing } else { FetchFailure::Refused(answer.body) });
        }
        #[derive(serde::Deserialize)]
        struct List {
            data: Vec<Box<RawValue>>,
            has_more: bool,
        }
        let list: List = serde_json::from_str(&answer.body).expect("a list");
        let items = list.data.iter().map(|item| item.get().as_bytes().to_vec()).collect();
        Ok(Page { items, more: list.has_more, answered_at_s: Some(self.now_s()) })
    }
}

impl Lister for Stripe {
    fn reaches(&self, _: &Book) -> bool {
        true
    }

    fn events(&self, _: &Book, from_s: i64, after: Option<&Ref>) -> Result<Page, FetchFailure> {
        let from = if from_s > 0 { format!("&created[gte]={from_s}") } else { String::new() };
        let mut page = self.page("/v1/events", &from, after)?;
        let silent = self.silent.lock().expect("a set");
        page.items.retain(|item| {
            let event: Value = serde_json::from_slice(item).expect("JSON");
            !silent.contains(event["id"].as_str().unwrap_or_default())
        });
        Ok(page)
    }

    fn objects(&self, _: &Book, kind: Kind, after: Option<&Ref>) -> Result<Page, FetchFailure> {
        let (path, more) = listed(kind).ok_or(FetchFailure::Missing)?;
        self.page(path, more, after)
    }

    fn objects_of(
        &self,
        _: &Book,
        kind: Kind,
        of: &ObjectKey,
        after: Option<&Ref>,
    ) -> Result<Page, FetchFailure> {
        let (path, more) = listed(kind).ok_or(FetchFailure::Missing)?;
        let id = &of.id;
        match (kind, of.kind) {
            (Kind::Customer | Kind::Subscription, Kind::TestClock) => {
                self.page(path, &format!("{more}&test_clock={id}"), after)
            }
            (Kind::PaymentMethod, _) => {
                self.page(&format!("/v1/customers/{id}/payment_methods"), more, after)
            }
            (Kind::TaxId, _) => self.page(&format!("/v1/customers/{id}/tax_ids"), more, after),
            _ => Err(FetchFailure::Missing),
        }
    }

    fn carried(&self, _: &Book, payout: &Ref, after: Option<&Ref>) -> Result<Page, FetchFailure> {
        self.page("/v1/balance_transactions", &format!("&payout={payout}"), after)
    }

    fn object(&self, _: &Book, object: &ObjectKey) -> Result<Fetched, FetchFailure> {
        self.one(object, "")
    }

    fn api_version(&self, _: &Book) -> Option<String> {
        Some(VERSION.api_version().to_owned())
    }

    fn pause(&self, _: u64) -> bool {
        true
    }
}

/// What a key may ask for where events leave something open: with what explains an object's discounts.
impl Fetcher for Stripe {
    fn reaches(&self, _: &Book) -> bool {
        true
    }

    fn fetch(&self, _: &Book, object: &ObjectKey) -> Result<Fetched, FetchFailure> {
        let explained = match object.kind {
            Kind::Invoice => {
                "expand[]=discounts&expand[]=discounts.promotion_code&expand[]=lines.data.discounts\
                 &expand[]=total_discount_amounts.discount"
            }
            Kind::Session => "expand[]=total_details.breakdown",
            Kind::Subscription => "expand[]=discounts&expand[]=discounts.promotion_code",
            _ => "",
        };
        self.one(object, explained)
    }

    fn sessions(&self, _: &Book, subscription: &ObjectKey) -> Result<Vec<ObjectKey>, FetchFailure> {
        let only = format!("&subscription={}", subscription.id);
        let page = self.page("/v1/checkout/sessions", &only, None)?;
        let ids = page.items.iter().filter_map(|body| facts::Stub::parse(body));
        Ok(ids.map(|stub| ObjectKey::new(Kind::Session, stub.id)).collect())
    }
}

/// Where objects of a kind are listed, and what comes along.
fn listed(kind: Kind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        Kind::Invoice => (
            "/v1/invoices",
            "&expand[]=data.discounts&expand[]=data.lines.data.discounts\
             &expand[]=data.total_discount_amounts.discount",
        ),
        Kind::Session => ("/v1/checkout/sessions", ""),
        Kind::Subscription => {
            ("/v1/subscriptions", "&status=all&expand[]=data.discounts&expand[]=data.items.data.discounts")
        }
        Kind::Intent => ("/v1/payment_intents", ""),
        Kind::Charge => ("/v1/charges", ""),
        Kind::Refund => ("/v1/refunds", ""),
        Kind::Dispute => ("/v1/disputes", ""),
        Kind::InvoicePayment => ("/v1/invoice_payments", ""),
        Kind::CreditNote => ("/v1/credit_notes", ""),
        Kind::PromotionCode => ("/v1/promotion_codes", ""),
        Kind::Coupon => ("/v1/coupons", ""),
        Kind::Customer => ("/v1/customers", ""),
        Kind::BalanceTransaction => ("/v1/balance_transactions", ""),
        Kind::Payout => ("/v1/payouts", ""),
        Kind::Product => ("/v1/products", ""),
        Kind::Price => ("/v1/prices", ""),
        Kind::PaymentMethod => ("/v1/payment_methods", ""),
        Kind::SetupIntent => ("/v1/setup_intents", ""),
        Kind::Schedule => ("/v1/subscription_schedules", ""),
        Kind::Transfer => ("/v1/transfers", ""),
        Kind::ApplicationFee => ("/v1/application_fees", ""),
        Kind::Account => ("/v1/accounts", ""),
        Kind::FraudWarning => ("/v1/radar/early_fraud_warnings", ""),
        Kind::Review => ("/v1/reviews", ""),
        Kind::CreditGrant => ("/v1/billing/credit_grants", ""),
        Kind::Meter => ("/v1/billing/meters", ""),
        Kind::PortalConfiguration => ("/v1/billing_portal/configurations", ""),
        Kind::TaxId => ("/v1/tax_ids", ""),
        Kind::TestClock => ("/v1/test_helpers/test_clocks", ""),
        _ => return None,
    })
}
