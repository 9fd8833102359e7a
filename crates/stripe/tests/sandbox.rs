//! The client against the sandbox: every call that both have, in every version, with and without mishaps.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use kernel::{Currency, Kind, Ref};
use sandbox::Version;
use sandbox::deliver::{Chaos, Retries};
use sandbox::serve::{Options as Opening, Sandbox};
use stripe::{
    ApiVersion, Base, Client, CouponChange, CouponFilter, Duration, IdempotencyKey, Key, Minimum, NewCoupon,
    NewPromotionCode, NewWebhookEndpoint, Options, Outside, PromotionCodeChange, PromotionCodeFilter,
    Reduction, RefusedKind, StripeError, WebhookEndpointChange,
};

/// Time passes by waiting only.
#[derive(Default)]
struct Still(AtomicI64);

impl Outside for Still {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn pause(&self, ms: u64) -> bool {
        self.0.fetch_add(ms.try_into().unwrap(), Ordering::SeqCst);
        true
    }

    fn chance(&self) -> u64 {
        0
    }
}

struct Box {
    address: String,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    served: Option<std::thread::JoinHandle<()>>,
}

impl Box {
    fn open(seed: u64, chaos: &str) -> Self {
        let chaos = Chaos::parse(chaos, seed).unwrap();
        let start_s = 1_767_225_600;
        let opening = Opening { seed, start_s, frozen: true, chaos, retries: Retries::default() };
        let sandbox = Arc::new(Sandbox::new(opening, Arc::new(|| 1_800_000_000)));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let served = std::thread::spawn(move || {
            runtime.block_on(sandbox::serve::serve(listener, sandbox, async { drop(stopped.await) }));
        });
        Self { address, stop: Some(stop), served: Some(served) }
    }

    fn client(&self, version: &str) -> Client {
        let options = Options {
            base: Base::parse(&self.address).unwrap(),
            version: ApiVersion::parse(version).unwrap(),
            tries_max: 8,
            ..Options::default()
        };
        Client::new(Key::parse("sk_test_box").unwrap(), &options, Arc::new(Still::default())).unwrap()
    }
}

impl Drop for Box {
    fn drop(&mut self) {
        drop(self.stop.take());
        drop(self.served.take().map(std::thread::JoinHandle::join));
    }
}

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse(text).unwrap()
}

fn percent(id: &str) -> NewCoupon {
    NewCoupon {
        id: Some(id.to_owned()),
        name: Some("Anna".to_owned()),
        reduction: Reduction::Percent { bps: 1_250 },
        duration: Duration::Repeating { months: 3 },
        max_redemptions: Some(9),
        redeem_by_s: None,
        products: Vec::new(),
        metadata: [("partner".to_owned(), "anna".to_owned())].into(),
    }
}

fn code(coupon: &str, text: &str) -> NewPromotionCode {
    NewPromotionCode {
        coupon: coupon.to_owned(),
        code: Some(text.to_owned()),
        metadata: [("partner".to_owned(), "anna".to_owned())].into(),
        ..NewPromotionCode::default()
    }
}

fn refused(outcome: Result<impl std::fmt::Debug, StripeError>) -> StripeError {
    outcome.unwrap_err()
}

#[test]
fn coupons_and_codes_are_made_found_changed_and_refused_in_every_version() {
    for version in Version::ALL.map(Version::api_version) {
        let opened = Box::open(1, "");
        let client = opened.client(version);
        let made = client.create_coupon(&percent("c_anna"), &key("1")).unwrap();
        assert_eq!((made.object.id.as_str(), made.replayed), ("c_anna", false), "{version}");
        let again = client.create_coupon(&percent("c_anna"), &key("1")).unwrap();
        assert_eq!((again.object, again.replayed), (made.object.clone(), true), "{version}");
        let other = refused(client.create_coupon(&percent("c_other"), &key("1")));
        assert_eq!(other.refusal().unwrap().kind, RefusedKind::Idempotency, "{version}");
        assert!(refused(client.create_coupon(&percent("c_anna"), &key("2"))).is_taken(), "{version}");
        assert!(refused(client.coupon("c_none")).is_missing(), "{version}");

        let read = client.coupon("c_anna").unwrap().object;
        assert_eq!((read.percent_off_bps, read.duration_in_months), (Some(1_250), Some(3)), "{version}");
        assert_eq!(read.metadata["partner"], "anna");
        let change = CouponChange { name: Some("A".into()), ..CouponChange::default() };
        assert_eq!(
            client.update_coupon("c_anna", &change, &key("3")).unwrap().object.name.as_deref(),
            Some("A")
        );
        assert_eq!(client.coupons(&CouponFilter::default()).count(), 1);

        let new = client.create_promotion_code(&code("c_anna", "ANNA20"), &key("4")).unwrap().object;
        assert_eq!((new.code.as_str(), new.coupon.as_deref()), ("ANNA20", Some("c_anna")), "{version}");
        let taken = refused(client.create_promotion_code(&code("c_anna", "anna20"), &key("5")));
        assert!(taken.is_taken(), "{version}: {taken}");
        let filter =
            PromotionCodeFilter { code: Some("ANNA20".into()), active: Some(true), ..Default::default() };
        let found: Vec<_> = client.promotion_codes(&filter).map(|item| item.unwrap().object.id).collect();
        assert_eq!(found, std::slice::from_ref(&new.id), "{version}");
        let off = PromotionCodeChange { active: Some(false), ..PromotionCodeChange::default() };
        assert!(!client.update_promotion_code(&new.id, &off, &key("6")).unwrap().object.active);
        assert_eq!(client.promotion_codes(&filter).count(), 0, "{version}");
        let stub = client.retrieve_explained(Kind::PromotionCode, &Ref::parse(&new.id).unwrap()).unwrap();
        assert_eq!((stub.object.object.as_str(), stub.object.livemode), ("promotion_code", Some(false)));
    }
}

#[test]
fn amounts_currencies_and_restrictions_arrive_as_meant() {
    let opened = Box::open(2, "");
    let client = opened.client(stripe::PINNED);
    let (eur, usd) = (Currency::parse("eur").unwrap(), Currency::parse("usd").unwrap());
    let reduction = Reduction::Amount { minor: 500, currency: eur, others: vec![(usd, 600)] };
    let coupon = NewCoupon { reduction, duration: Duration::Once, ..percent("c_fixed") };
    let made = client.create_coupon(&coupon, &key("1")).unwrap().object;
    assert_eq!((made.amount_off_minor, made.currency.as_deref()), (Some(500), Some("eur")));
    let restricted = NewPromotionCode {
        max_redemptions: Some(3),
        expires_at_s: Some(1_900_000_000),
        first_time_only: true,
        minimum: Some(Minimum { minor: 5_000, currency: eur, others: vec![(usd, 5_500)] }),
        ..code("c_fixed", "FIXED")
    };
    let made = client.create_promotion_code(&restricted, &key("2")).unwrap().object;
    assert!(made.restrictions.first_time_transaction);
    assert_eq!(made.restrictions.minimum_amount_minor, Some(5_000));
    assert_eq!((made.max_redemptions, made.expires_at_s), (Some(3), Some(1_900_000_000)));
}

#[test]
fn a_list_of_more_than_a_page_comes_whole_and_in_order() {
    let opened = Box::open(3, "");
    let client = opened.client(stripe::PINNED);
    let ids: Vec<String> = (0..230).map(|number| format!("c_{number:03}")).collect();
    for id in &ids {
        client.create_coupon(&percent(id), &key(id)).unwrap();
    }
    let mut found: Vec<String> =
        client.coupons(&CouponFilter::default()).map(|coupon| coupon.unwrap().object.id).collect();
    found.sort();
    assert_eq!(found, ids);
}

#[test]
fn webhook_endpoints_are_made_with_a_secret_told_once() {
    let opened = Box::open(4, "");
    let client = opened.client(stripe::PINNED);
    let new = NewWebhookEndpoint {
        url: "https://books.example/api/webhooks/stripe".into(),
        enabled_events: vec!["invoice.paid".into(), "refund.failed".into()],
        api_version: client.version().clone(),
        connect: false,
        description: Some("Countinghouse".into()),
        metadata: [("countinghouse_scope".to_owned(), "account".to_owned())].into(),
    };
    let made = client.create_webhook_endpoint(&new, &key("1")).unwrap().object;
    assert!(made.secret.as_ref().is_some_and(|secret| secret.reveal().starts_with("whsec_")));
    let again = client.create_webhook_endpoint(&new, &key("1")).unwrap().object;
    assert!(again.secret == made.secret, "a repeated answer tells it again");
    let read: Vec<_> = client.webhook_endpoints().map(|one| one.unwrap().object).collect();
    assert_eq!(read.len(), 1);
    assert_eq!((read[0].api_version.as_deref(), &read[0].secret), (Some(stripe::PINNED), &None));
    let change = WebhookEndpointChange {
        enabled_events: Some(vec!["invoice.paid".into()]),
        disabled: Some(true),
        ..WebhookEndpointChange::default()
    };
    let changed = client.update_webhook_endpoint(&made.id, &change, &key("2")).unwrap().object;
    assert_eq!((changed.status.as_str(), changed.enabled_events.len()), ("disabled", 1));
    client.delete_webhook_endpoint(&made.id).unwrap();
    client.delete_webhook_endpoint(&made.id).unwrap();
    assert_eq!(client.webhook_endpoints().count(), 0);
}

#[test]
fn whatever_goes_wrong_on_the_way_a_key_makes_one_object_or_none() {
    let (mut made, mut not, mut unknown) = (0, 0, 0);
    for seed in 0..20 {
        let chaos = "api-429=15%,api-500=10%,api-500-after=10%,api-reset=10%,api-timeout=15%";
        let opened = Box::open(seed, chaos);
        let client = opened.client(stripe::PINNED);
        let mut said: BTreeMap<String, Result<(), StripeError>> = BTreeMap::new();
        for number in 0..20 {
            let id = format!("c_{number:02}");
            let outcome = client.create_coupon(&percent(&id), &key(&id)).map(drop);
            said.insert(id, outcome);
        }
        // Reading is tried again like everything else.
        let there: Vec<String> = loop {
            let all: Result<Vec<_>, _> = client
                .coupons(&CouponFilter::default())
                .map(|item| item.map(|item| item.object.id))
                .collect();
            if let Ok(ids) = all {
                break ids;
            }
        };
        for (id, outcome) in said {
            let copies = there.iter().filter(|known| **known == id).count();
            match outcome {
                Ok(()) => {
                    assert_eq!(copies, 1, "seed {seed}: {id} was said to be made");
                    made += 1;
                }
                Err(StripeError::Unreachable { .. } | StripeError::RateLimited { .. }) => {
                    assert_eq!(copies, 0, "seed {seed}: {id} was said not to be made");
                    not += 1;
                }
                Err(why) => {
                    assert!(copies <= 1, "seed {seed}: {id} {why}");
                    unknown += 1;
                }
            }
        }
    }
    println!("400 intents: {made} made, {not} not made, {unknown} not known; 0 twice");
    assert!(made > 300, "the mishaps leave most calls to succeed: {made}");
}
