//! Connected accounts and events over the API.

#[allow(dead_code, reason = "shared by several tests, each using a part")]
#[path = "common/call.rs"]
mod call;

use call::{PLAIN, START_S, With, call, get, id, kinds, post, rows};
use sandbox::Method::{Delete, Get, Post};
use sandbox::World;

const ACCOUNTS: &str = "/v1/accounts";

#[test]
fn each_account_has_books_of_its_own() {
    let mut world = World::new(1, START_S);
    let form = "type=express&country=de&email=a@b.test&capabilities[transfers][requested]=true&metadata[partner]=anna";
    let made = post(&mut world, ACCOUNTS, form);
    assert_eq!(made["capabilities"]["transfers"], "inactive");
    assert_eq!((&made["default_currency"], &made["charges_enabled"]), (&"eur".into(), &false.into()));
    assert!(made["requirements"]["currently_due"].as_array().is_some_and(|due| !due.is_empty()));
    let account = id(&made);
    let theirs = With { account: Some(&account), ..PLAIN };
    post(&mut world, "/v1/coupons", "id=OURS&percent_off=10");
    let (status, _) = call(&mut world, Post, "/v1/coupons", "id=THEIRS&percent_off=20", theirs);
    assert_eq!(status, 200);
    for (coupon, with, expected) in
        [("OURS", PLAIN, 200), ("THEIRS", PLAIN, 404), ("THEIRS", theirs, 200), ("OURS", theirs, 404)]
    {
        let (status, body) = call(&mut world, Get, &format!("/v1/coupons/{coupon}"), "", with);
        assert_eq!(status, expected, "{coupon} {body}");
    }
    let (_, own) = call(&mut world, Get, "/v1/account", "", theirs);
    assert_eq!(id(&own), account);
    let live = With { key: "sk_live_a", account: Some(&account), ..PLAIN };
    assert_eq!(call(&mut world, Get, "/v1/account", "", live).0, 403, "made in test mode only");
}

#[test]
fn accounts_ask_for_more_are_refused_and_go() {
    let mut world = World::new(1, START_S);
    let form = "type=express&capabilities[transfers][requested]=true&metadata[partner]=anna";
    let account = id(&post(&mut world, ACCOUNTS, form));
    let one = format!("{ACCOUNTS}/{account}");
    let theirs = With { account: Some(&account), ..PLAIN };
    rows(
        &mut world,
        &[
            (Get, "/v1/account", "", 200, "/charges_enabled", "true"),
            (Get, ACCOUNTS, "", 200, "/data/0/metadata/partner", "\"anna\""),
            (Get, &format!("{one}/capabilities"), "", 200, "/data/0/status", "\"inactive\""),
            (
                Post,
                &one,
                "business_profile[name]=Anna&capabilities[card_payments][requested]=true",
                200,
                "/business_profile/name",
                "\"Anna\"",
            ),
            (Get, &format!("{one}/capabilities/card_payments"), "", 200, "/requested", "true"),
            (
                Post,
                ACCOUNTS,
                "type=express&controller[fees][payer]=account",
                400,
                "/error/type",
                "\"invalid_request_error\"",
            ),
            (
                Post,
                ACCOUNTS,
                "controller[stripe_dashboard][type]=none",
                200,
                "/controller/stripe_dashboard/type",
                "\"none\"",
            ),
            (
                Post,
                "/v1/account_links",
                &format!("account={account}&type=account_onboarding&refresh_url=a&return_url=b"),
                200,
                "/object",
                "\"account_link\"",
            ),
            (
                Post,
                &format!("{one}/reject"),
                "reason=fraud",
                200,
                "/requirements/disabled_reason",
                "\"rejected.fraud\"",
            ),
            (Get, "/v1/accounts/acct_none", "", 403, "/error/code", "\"account_invalid\""),
            (Delete, &one, "", 200, "/deleted", "true"),
        ],
    );
    assert_eq!(call(&mut world, Get, "/v1/account", "", theirs).0, 403);
}

#[test]
fn an_accounts_events_are_its_own() {
    let mut world = World::new(1, START_S);
    let account = id(&post(&mut world, ACCOUNTS, "type=standard"));
    post(&mut world, &format!("{ACCOUNTS}/{account}"), "metadata[a]=b");
    let events = world.take_events();
    let told: Vec<_> = events.iter().map(|event| (event.kind, event.account.as_deref())).collect();
    assert_eq!(told, [("account.updated", Some(account.as_str()))]);
    assert!(events[0].cause.is_some(), "the platform's call made it");
    let theirs = With { account: Some(&account), ..PLAIN };
    let (_, listed) = call(&mut world, Get, "/v1/events", "", theirs);
    assert_eq!(listed["data"][0]["account"], account);
    assert_eq!(get(&mut world, "/v1/events", "")["data"].as_array().map(Vec::len), Some(0));
}

#[test]
fn events_are_listed_by_type_time_and_cursor() {
    let mut world = World::new(1, START_S);
    post(&mut world, "/v1/coupons", "id=A&percent_off=10");
    post(&mut world, "/v1/products", "id=pro&name=Pro");
    world.tick(START_S + 10);
    post(&mut world, "/v1/coupons/A", "name=Ten");
    let all = get(&mut world, "/v1/events", "");
    let ids: Vec<String> =
        all["data"].as_array().expect("rows").iter().map(|event| event["id"].to_string()).collect();
    let plain: Vec<String> = ids.iter().map(|id| id.trim_matches('"').to_owned()).collect();
    assert_eq!(ids.len(), 3);
    rows(
        &mut world,
        &[
            (Get, "/v1/events", "type=coupon.*", 200, "/data/1/type", "\"coupon.created\""),
            (Get, "/v1/events", "type=coupon.*&limit=1", 200, "/has_more", "true"),
            (Get, "/v1/events", "types[]=product.created&types[]=price.created", 200, "/data/0/id", &ids[1]),
            (Get, "/v1/events", "types[]=product.created", 200, "/data/1", "-"),
            (Get, "/v1/events", "type=a&types[]=b", 400, "/error/type", "\"invalid_request_error\""),
            (Get, "/v1/events", &format!("created[gt]={START_S}"), 200, "/data/1", "-"),
            (Get, "/v1/events", &format!("ending_before={}", plain[2]), 200, "/data/1/id", &ids[1]),
            (Get, "/v1/events", &format!("starting_after={}", plain[0]), 200, "/data/0/id", &ids[1]),
            (Get, "/v1/events", "starting_after=evt_none", 400, "/error/code", "\"resource_missing\""),
            (Get, "/v1/events", "delivery_success=false", 200, "/data/0", "-"),
            (Get, "/v1/events", "delivery_success=true", 200, "/data/2/id", &ids[2]),
            (Get, &format!("/v1/events/{}", plain[0]), "", 200, "/data/previous_attributes/name", "null"),
            (Get, "/v1/events/evt_none", "", 404, "/error/code", "\"resource_missing\""),
        ],
    );
    world.tick(START_S + 32 * 86_400);
    assert_eq!(get(&mut world, "/v1/events", "")["data"].as_array().map(Vec::len), Some(0));
}

#[test]
fn what_is_not_there_yet_says_so() {
    let mut world = World::new(1, START_S);
    let rows = [
        ("/v1/payment_links", "Payment links are not in this sandbox yet."),
        ("/v1/billing_portal/sessions", "The customer portal is not in this sandbox yet."),
        ("/v1/nonsense", "Unrecognized request URL (GET: /v1/nonsense)."),
    ];
    for (path, words) in rows {
        let (status, body) = call(&mut world, Get, path, "", PLAIN);
        let message = body["error"]["message"].as_str().unwrap_or_default();
        assert!(status == 404 && message.ends_with(words), "{path}: {body}");
    }
    assert!(kinds(&mut world).is_empty());
}
