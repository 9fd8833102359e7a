//! Every page rendered with its sample, twice: with plain words, and with text that tries to get out.

use std::sync::atomic::Ordering;

use axum::http::StatusCode;

use askama::Template;

use super::customer::CustomerPage;
use super::event::EventPage;
use super::events::EventsPage;
use super::leakage::LeakagePage;
use super::overview::OverviewPage;
use super::parked::ParkedPage;
use super::partner::PartnerPage;
use super::partners::PartnersPage;
use super::payments::PaymentsPage;
use super::plain::{LoginPage, TroublePage};
use super::reconcile::ReconcilePage;
use super::sale::SalePage;
use super::sales::SalesPage;
use super::search::SearchPage;
use super::types::TypesPage;
use crate::testing::{Fixture, NOW, SECRET};

fn pages(odd: &str) -> Vec<(&'static str, String)> {
    let text = |page: &dyn Fn() -> Result<String, askama::Error>| page().expect("a page");
    vec![
        ("overview", text(&|| OverviewPage::sample(odd).render())),
        ("events", text(&|| EventsPage::sample(odd).render())),
        ("event", text(&|| EventPage::sample(odd).render())),
        ("leakage", text(&|| LeakagePage::sample(odd).render())),
        ("customer", text(&|| CustomerPage::sample(odd).render())),
        ("search", text(&|| SearchPage::sample(odd).render())),
        ("parked", text(&|| ParkedPage::sample(odd).render())),
        ("sales", text(&|| SalesPage::sample(odd).render())),
        ("sale", text(&|| SalePage::sample(odd).render())),
        ("partners", text(&|| PartnersPage::sample(odd).render())),
        ("partner", text(&|| PartnerPage::sample(odd).render())),
        ("types", text(&|| TypesPage::sample(odd).render())),
        ("reconcile", text(&|| ReconcilePage::sample(odd).render())),
        ("payments", text(&|| PaymentsPage::sample(odd).render())),
        ("login", text(&|| LoginPage { problem: odd.into() }.render())),
        ("trouble", text(&|| TroublePage { title: "Not found", message: odd, hint: odd }.render())),
    ]
}

#[test]
fn no_text_gets_out_of_its_place() {
    for odd in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</title></pre></textarea><svg onload=alert(1)>",
        "=cmd|' /C calc'!A0\u{202e}\t\r\n{{7*7}}",
    ] {
        for (name, html) in pages(odd) {
            assert!(!html.contains(odd) || !odd.contains(['<', '"', '\'']), "{name} lets out {odd}");
            assert!(
                !html.contains("<img") && !html.contains("<script>") && !html.contains("<svg onload"),
                "{name}"
            );
            assert!(!html.contains("onmouseover='"), "{name}");
        }
    }
}

#[test]
fn pages_keep_to_the_content_security_policy() {
    for (name, html) in pages("plain words") {
        for forbidden in
            [" style=", "<style", "javascript:", " onclick", " onload", " onsubmit", "http://", "https://"]
        {
            assert!(!html.contains(forbidden), "{name} has {forbidden}");
        }
        let scripts = html.matches("<script").count();
        assert_eq!(
            scripts,
            html.matches("<script src=\"/assets/").count(),
            "{name}: scripts only from files"
        );
    }
}

#[test]
fn pages_are_made_for_keyboard_and_screen_reader() {
    for (name, html) in pages("plain words") {
        assert!(html.contains("<html lang=\"en\">") && html.contains("<main"), "{name}");
        assert_eq!(html.matches("<h1").count(), 1, "{name}: one first heading");
        assert_eq!(html.matches("<table").count(), html.matches("<caption").count(), "{name}: captions");
        assert_eq!(html.matches("<th scope=").count(), html.matches("<th ").count(), "{name}: scopes");
        assert!(!html.contains("<th>"), "{name}: scopes");
        if !["login", "trouble"].contains(&name) {
            assert!(html.contains("class=\"skip\"") && html.contains("aria-current=\"page\""), "{name}");
        }
    }
}

#[test]
fn every_form_carries_its_token() {
    for (name, html) in pages("plain words") {
        let forms: Vec<&str> =
            html.split("<form").skip(1).filter(|form| form.contains("method=\"post\"")).collect();
        for form in forms {
            let form = form.split("</form>").next().unwrap_or_default();
            assert!(name == "login" || form.contains("name=\"form_token\" value=\"sample-token\""), "{name}");
        }
    }
}

/// An invoice whose amounts cannot be calculated.
const POISON: &str = r#"{"id":"ID","object":"event","type":"invoice.paid","created":1767225600,"livemode":false,
    "data":{"object":{"id":"in_ID","object":"invoice","status":"paid","currency":"usd","total":9223372036854775807,
    "subtotal":9223372036854775807,"amount_paid":9223372036854775807,"amount_due":9223372036854775807,
    "created":1767225600,"total_discount_amounts":[{"amount":9223372036854775807,"discount":"di_1"}],"discounts":[],
    "lines":{"data":[]},"status_transitions":{"paid_at":1767225600}}}}"#;

/// A one-off of that amount; of nobody's when no partner is named.
fn bought(number: usize, currency: &str, minor: i64, partner: &str) -> String {
    format!(
        r#"{{"id":"evt_{number}","object":"event","type":"checkout.session.completed","livemode":false,
        "created":1767225600,"api_version":"2025-06-30.basil","data":{{"object":{{"id":"cs_{number}",
        "object":"checkout.session","mode":"payment","payment_status":"paid","status":"complete",
        "amount_total":{minor},"amount_subtotal":{minor},"currency":"{currency}","created":1767225600,
        "metadata":{{"partner_ref":"{partner}"}}}}}}}}"#
    )
}

#[tokio::test]
async fn the_overview_names_every_currency_and_sums_whatever_there_is() {
    let fixture = Fixture::new();
    let add = r#"{"handle":"anna","name":"Anna","email":"a@b.c","rate_bps":10000}"#;
    assert_eq!(fixture.local("POST", "/api/v1/partners", add).await.status, StatusCode::OK);
    let huge = i64::MAX;
    let sales = [("usd", huge), ("usd", huge), ("eur", 100), ("gbp", 100), ("jpy", 100), ("kwd", 100)];
    for (number, (currency, minor)) in sales.into_iter().enumerate() {
        let body = bought(number, currency, minor, "anna");
        assert_eq!(fixture.deliver(SECRET, body.as_bytes()).await.status, StatusCode::OK);
    }
    fixture.settle();
    let few = fixture.local("GET", "/", "").await;
    assert_eq!(few.status, StatusCode::OK, "{}", few.text);
    assert!(few.text.contains("184,467,440,737,095,516.14"), "the sum of two largest amounts");
    assert_eq!(few.text.matches("<svg class=\"chart\"").count(), 3);
    assert!(few.text.contains("Not drawn: KWD, USD."), "{}", few.text);
    let all = fixture.local("GET", "/?book=test&charts=all", "").await;
    assert_eq!(all.text.matches("<svg class=\"chart\"").count(), 5);
    assert!(!all.text.contains("Not drawn"));
    for path in ["/partners", "/partners/anna", "/live/overview", "/api/v1/partners"] {
        let answer = fixture.local("GET", path, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn sales_are_listed_for_one_reason_where_a_card_leads_to_them() {
    let fixture = Fixture::new();
    for (number, partner) in ["anna", "", "anna"].into_iter().enumerate() {
        let body = bought(number, "usd", 100, partner);
        assert_eq!(fixture.deliver(SECRET, body.as_bytes()).await.status, StatusCode::OK);
    }
    let add = r#"{"handle":"anna","name":"Anna","email":"a@b.c","rate_bps":1000}"#;
    assert_eq!(fixture.local("POST", "/api/v1/partners", add).await.status, StatusCode::OK);
    fixture.settle();
    for (reason, sales) in [
        ("", &["cs_0", "cs_1", "cs_2"][..]),
        ("partner_ref", &["cs_0", "cs_2"]),
        ("nobody", &["cs_1"]),
        ("discount_unresolved", &[]),
    ] {
        for path in [format!("/sales?reason={reason}"), format!("/sales?partner=&reason={reason}")] {
            let page = fixture.local("GET", &path, "").await;
            for sale in ["cs_0", "cs_1", "cs_2"] {
                assert_eq!(page.text.contains(sale), sales.contains(&sale), "{path}: {sale}");
            }
        }
    }
    let leakage = fixture.local("GET", "/sales/leakage", "").await;
    assert!(leakage.text.contains("No sale of this book carries a discount yet"), "{}", leakage.text);
    let api = fixture.local("GET", "/api/v1/sales?reason=nobody", "").await;
    assert!(api.text.contains("cs_1") && !api.text.contains("cs_2"), "{}", api.text);
    for path in ["/sales?reason=odd", "/sales?partner=%00", "/api/v1/sales?reason=odd"] {
        assert!(fixture.local("GET", path, "").await.status.is_client_error(), "{path}");
    }
    let overview = fixture.local("GET", "/", "").await;
    assert!(overview.text.contains("/sales?book=test&amp;reason=discount_unresolved"), "{}", overview.text);
}

#[tokio::test]
async fn what_is_parked_is_tried_again_and_given_up_from_page_and_api() {
    let fixture = Fixture::new();
    for id in ["evt_a", "evt_b", "evt_c"] {
        assert_eq!(fixture.deliver(SECRET, POISON.replace("ID", id).as_bytes()).await.status, StatusCode::OK);
    }
    fixture.settle();
    let page = fixture.local("GET", "/events/parked?book=test", "").await;
    assert!(page.text.contains("amounts") && page.text.contains("/events/evt_a?book=test"), "{}", page.text);
    let token = page.text.split("name=\"form_token\" value=\"").nth(1).expect("a form");
    let token = token.split('"').next().expect("a value");

    let form = format!("form_token={token}&why=a+load+test");
    let given_up = fixture.local("POST", "/events/evt_a/discard?book=test", &form).await;
    assert_eq!(given_up.headers["location"], "/events/evt_a?book=test&done=discarded");
    let event = fixture.local("GET", "/events/evt_a?book=test&done=discarded", "").await;
    assert!(
        event.text.contains("a load test (console, ") && event.text.contains("Given up."),
        "{}",
        event.text
    );
    let again = fixture.local("POST", "/events/evt_b/retry?book=test", &form).await;
    assert_eq!(again.headers["location"], "/events/evt_b?book=test&done=retried");
    fixture.settle();

    for (path, body, answer) in [
        ("/api/v1/events/retry", r#"{"all":true}"#, r#"{"retried":2}"#),
        ("/api/v1/events/evt_c/discard", r#"{"why":"a test"}"#, r#"{"discarded":1}"#),
        ("/api/v1/events/evt_c/discard", r#"{"why":"a test"}"#, r#"{"discarded":0}"#),
    ] {
        let got = fixture.local("POST", path, body).await;
        assert_eq!((got.status, got.text.as_str()), (StatusCode::OK, answer), "{path}");
        fixture.settle();
    }
    for (path, body) in [
        ("/api/v1/events/retry", "{}"),
        ("/api/v1/events/discard", r#"{"reason":"amounts"}"#),
        ("/api/v1/events/discard", r#"{"reason":"amounts","why":" "}"#),
    ] {
        let refused = fixture.local("POST", path, body).await;
        assert!(refused.status.is_client_error(), "{path} {body}: {}", refused.text);
    }
    let reason = format!("form_token={token}&why=rest&reason=amounts%3A");
    let none = fixture.local("POST", "/events/parked/discard", &reason).await;
    assert_eq!(none.headers["location"], "/events/parked?book=&done=nothing_parked");
    let groups = fixture.local("GET", "/api/v1/events/parked", "").await;
    assert!(groups.text.contains(r#""code":"amounts","events":1,"oldest":"evt_b""#), "{}", groups.text);
}

#[tokio::test]
async fn what_is_personal_in_a_body_is_shown_by_a_form_alone_and_that_is_on_record() {
    let fixture = Fixture::new();
    let body = r#"{"id":"evt_1","object":"event","type":"customer.created","livemode":false,"created":1767225600,
        "api_version":"2025-06-30.basil","data":{"object":{"id":"cus_1","object":"customer","email":"canary@example.com",
        "name":"Canary","address":{"line1":"Canary Way"},"created":1767225600}}}"#;
    assert_eq!(fixture.deliver(SECRET, body.as_bytes()).await.status, StatusCode::OK);
    fixture.settle();
    let page = fixture.local("GET", "/events/evt_1?book=test", "").await;
    assert!(!page.text.to_lowercase().contains("canary") && page.text.contains("(hidden)"), "{}", page.text);
    assert!(
        page.text.contains("delivered by Stripe, stored") && page.text.contains("cus_1"),
        "{}",
        page.text
    );
    let token = page.text.split("name=\"form_token\" value=\"").nth(1).expect("a form");
    let token = token.split('"').next().expect("a value");
    let followed = fixture.local("GET", "/events/evt_1/body?book=test", "").await;
    assert_eq!(followed.status, StatusCode::METHOD_NOT_ALLOWED, "no address shows it");
    let forged = fixture.local("POST", "/events/evt_1/body?book=test", "form_token=x").await;
    assert!(forged.status.is_client_error() && !forged.text.contains("Canary"));
    let form = format!("form_token={token}");
    let whole = fixture.local("POST", "/events/evt_1/body?book=test", &form).await;
    assert!(whole.text.contains("canary@example.com") && whole.text.contains("Canary Way"), "{}", whole.text);
    let page = fixture.local("GET", "/events/evt_1?book=test", "").await;
    assert!(page.text.contains("shown unredacted to console"), "{}", page.text);
    let found = fixture.local("GET", "/search?book=test&q=CANARY%40example.com", "").await;
    assert_eq!(found.headers["location"], "/sales/customer/cus_1?book=test");
    let found = fixture.local("POST", "/api/v1/search", r#"{"text":"canary@example.com"}"#).await;
    assert_eq!(found.text, r#"[{"what":"customer","id":"cus_1","book":"test"}]"#);
    let types = fixture.local("GET", "/events/types?book=test", "").await;
    assert!(types.text.contains("2025-06-30.basil"), "{}", types.text);
}

#[tokio::test]
async fn an_events_page_shows_when_the_same_bytes_came_again_and_when_others_did() {
    let fixture = Fixture::new();
    let said = |name: &str| {
        format!(
            r#"{{"id":"evt_1","object":"event","type":"customer.created","livemode":false,"created":1767225600,
            "data":{{"object":{{"id":"cus_1","object":"customer","created":1767225600,"description":"{name}"}}}}}}"#
        )
    };
    for (second, name) in [(1, "a"), (2, "a"), (3, "b"), (4, "a")] {
        fixture.now.store(NOW + second * 1000, Ordering::SeqCst);
        assert_eq!(fixture.deliver(SECRET, said(name).as_bytes()).await.status, StatusCode::OK);
    }
    fixture.settle();
    let page = fixture.local("GET", "/events/evt_1?book=test", "").await.text;
    let (first, second) = page.split_once("id=\"body-2\"").expect("two bodies");
    let mut rest = first;
    for words in [
        "delivered by Stripe, stored",
        "delivered by Stripe again, the same bytes (delivery 2)",
        "another body came under this id, delivered by Stripe",
        "delivered by Stripe again, the same bytes (delivery 3)",
        "now: its facts are in the books",
    ] {
        let (before, after) = rest.split_once(words).unwrap_or_else(|| panic!("{words}: {page}"));
        let line = before.rsplit_once("<li>").map_or("", |(_, line)| line);
        assert!(words.starts_with("now") || line.contains(" 00:00:0"), "{words} has a time: {page}");
        rest = after;
    }
    assert!(
        second.contains("another body came under") && !second.contains("again, the same bytes"),
        "{page}"
    );
    let one: serde_json::Value =
        serde_json::from_str(&fixture.local("GET", "/api/v1/events/evt_1", "").await.text).expect("JSON");
    let delivered = serde_json::json!([
        {"delivery": 1, "received_at": "2026-01-01T00:00:01Z", "source": "webhook"},
        {"delivery": 2, "received_at": "2026-01-01T00:00:02Z", "source": "webhook"},
        {"delivery": 3, "received_at": "2026-01-01T00:00:04Z", "source": "webhook"},
    ]);
    assert_eq!((&one[0]["delivered"], &one[0]["repeated_at"]), (&delivered, &delivered[2]["received_at"]));
    assert_eq!(
        (&one[1]["repeated_at"], one[1]["delivered"].as_array().map(Vec::len)),
        (&serde_json::Value::Null, Some(1))
    );
}

#[tokio::test]
async fn every_metric_is_explained_in_the_manual_and_no_other() {
    let fixture = Fixture::new();
    let poison = POISON.replace("ID", "evt_a");
    let discounted = r#"{"id":"evt_1","object":"event","type":"invoice.paid","livemode":false,"created":1767225600,
        "api_version":"2025-06-30.basil","data":{"object":{"id":"in_1","object":"invoice","currency":"usd",
        "status":"paid","total":900,"subtotal":1000,"amount_paid":900,"amount_due":900,"created":1767225600,
        "total_discount_amounts":[{"amount":100,"discount":"di_1"}],"discounts":["di_1"],
        "status_transitions":{"paid_at":1767225600},"lines":{"data":[],"has_more":false}}}}"#;
    for body in [poison.as_str(), discounted] {
        assert_eq!(fixture.deliver(SECRET, body.as_bytes()).await.status, StatusCode::OK);
    }
    fixture.settle();
    engine::alert::watch(
        &fixture.house,
        &engine::alert::Thresholds::default(),
        &["hook"],
        crate::testing::NOW,
    )
    .expect("looked");
    let metrics = fixture.local("GET", "/metrics", "").await.text;
    for line in [
        "countinghouse_parked{reason=\"amounts\"} 1",
        "countinghouse_alert_open{rule=\"parked\",book=\"\"} 1",
        "countinghouse_alert_messages{sink=\"hook\",state=\"open\"} 1",
        "countinghouse_sales_discounted_without_partner{book=\"test\",currency=\"usd\"} 1",
        "countinghouse_book_newest_event_timestamp_seconds{book=\"test\"} 1767225600",
        "countinghouse_events_projected_total 2",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line}: {metrics}");
    }
    let manual = include_str!("../../../../docs/operating.md");
    let explained: std::collections::BTreeSet<&str> =
        manual.split('`').filter(|word| word.starts_with("countinghouse_") && !word.contains(' ')).collect();
    // What only shows after a round of catch-up, or once something is made at Stripe.
    let rare = ["countinghouse_delivery_rate_bps", "countinghouse_delivery_missing", "countinghouse_intents"];
    let names = metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    let shown: std::collections::BTreeSet<&str> = names.chain(rare).collect();
    assert_eq!(shown, explained);
}

#[tokio::test]
async fn whatever_a_person_has_in_hand_leads_to_its_page_and_a_customer_has_one_story() {
    let fixture = Fixture::new();
    let add = r#"{"handle":"anna","name":"Anna","email":"anna@example.com","rate_bps":1000}"#;
    assert_eq!(fixture.local("POST", "/api/v1/partners", add).await.status, StatusCode::OK);
    let invoice = r#"{"id":"evt_1","object":"event","type":"invoice.paid","livemode":false,"created":1767225600,
        "api_version":"2025-06-30.basil","data":{"object":{"id":"in_1","object":"invoice","currency":"usd",
        "customer":"cus_1","status":"paid","total":1000,"subtotal":1000,"amount_paid":1000,"amount_due":1000,
        "created":1767225600,"status_transitions":{"paid_at":1767225600},"discounts":[],
        "lines":{"data":[],"has_more":false}}}}"#;
    let subscription = r#"{"id":"evt_2","object":"event","type":"customer.subscription.created","livemode":false,
        "created":1767225601,"api_version":"2025-06-30.basil","data":{"object":{"id":"sub_1","object":"subscription",
        "customer":"cus_1","status":"active","currency":"usd","created":1767225601,"start_date":1767225601,
        "items":{"data":[]}}}}"#;
    for body in [invoice, subscription] {
        assert_eq!(fixture.deliver(SECRET, body.as_bytes()).await.status, StatusCode::OK);
    }
    fixture.settle();
    for (asked, leads_to) in [
        ("evt_1", "/events/evt_1?book=test"),
        ("in_1", "/sales/in_1?book=test"),
        ("cus_1", "/sales/customer/cus_1?book=test"),
        (" sub_1 ", "/sales/customer/cus_1?book=test"),
        ("Anna", "/partners/anna?book=test"),
        ("ANNA@example.com", "/partners/anna?book=test"),
    ] {
        let path = format!("/search?book=test&q={}", super::show::encode(asked));
        let answer = fixture.local("GET", &path, "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{asked}: {}", answer.text);
        assert_eq!(answer.headers["location"], leads_to, "{asked}");
    }
    for nothing in ["/search", "/search?q=", "/events/search?q=in_2", "/search?q=%00", "/search?q=%27--"] {
        let answer = fixture.local("GET", nothing, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{nothing}: {}", answer.text);
    }
    let story = fixture.local("GET", "/sales/customer/cus_1?book=test", "").await.text;
    for part in [
        "/sales/in_1?book=test",
        "sub_1",
        "/events/evt_1?book=test",
        "/events/evt_2?book=test",
        "10.00",
        "invoice.paid",
        "customer.subscription.created",
    ] {
        assert!(story.contains(part), "{part}: {story}");
    }
    let event = fixture.local("GET", "/events/evt_1?book=test", "").await.text;
    assert!(event.contains("q=in_1\">invoice in_1</a>"), "what it is about can be looked up: {event}");
    let unknown = fixture.local("GET", "/sales/customer/cus_2?book=test", "").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}
