//! Every page rendered with its sample, twice: with plain words, and with text that tries to get out.

use askama::Template;

use super::event::EventPage;
use super::events::EventsPage;
use super::overview::OverviewPage;
use super::partner::PartnerPage;
use super::partners::PartnersPage;
use super::payments::PaymentsPage;
use super::plain::{LoginPage, TroublePage};
use super::sale::SalePage;
use super::sales::SalesPage;

fn pages(odd: &str) -> Vec<(&'static str, String)> {
    let text = |page: &dyn Fn() -> Result<String, askama::Error>| page().expect("a page");
    vec![
        ("overview", text(&|| OverviewPage::sample(odd).render())),
        ("events", text(&|| EventsPage::sample(odd).render())),
        ("event", text(&|| EventPage::sample(odd).render())),
        ("sales", text(&|| SalesPage::sample(odd).render())),
        ("sale", text(&|| SalePage::sample(odd).render())),
        ("partners", text(&|| PartnersPage::sample(odd).render())),
        ("partner", text(&|| PartnerPage::sample(odd).render())),
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
