//! The JSON API. [`ROUTES`] is the one table: the router is built from it, and so is the OpenAPI
//! description, so neither can know an address that the other does not.

mod books;
mod codes;
mod events;
mod ledger;
mod look;
mod metrics;
mod openapi;
mod parked;
mod partners;
mod payments;
mod provision;
#[cfg(test)]
mod provision_tests;
mod sales;
mod schema;
mod terms;

use axum::routing::{get, post};

use crate::router::{Route, Verb};

/// A route and what the description says about it.
pub struct Documented {
    pub route: Route,
    pub summary: &'static str,
    /// Query parameters; those of the path are read off the path.
    pub query: &'static [Param],
    /// Name of the schema of the body; empty when none is read.
    pub takes: &'static str,
    /// Name of the schema of the answer.
    pub gives: &'static str,
    /// The answer is a list of `gives`.
    pub many: bool,
    /// It makes something at Stripe: 201, or 202 with the place where to look for what came of it.
    pub makes: bool,
}

/// A query parameter.
#[derive(Clone, Copy)]
pub struct Param {
    pub name: &'static str,
    /// `string`, `integer` or `boolean`.
    pub kind: &'static str,
    pub about: &'static str,
}

const fn text(name: &'static str, about: &'static str) -> Param {
    Param { name, kind: "string", about }
}

const fn number(name: &'static str, about: &'static str) -> Param {
    Param { name, kind: "integer", about }
}

const BOOK: Param = text("book", "live, test, acct_... or acct_...:test; all books when left out");
const LIMIT: Param = number("limit", "rows of a page, at most 500; 100 when left out");

macro_rules! get_route {
    ($path:literal, $handler:path, $summary:literal, $query:expr => $gives:literal, many: $many:literal) => {
        Documented {
            route: Route { method: Verb::Get, path: $path, handler: || get($handler) },
            summary: $summary,
            query: $query,
            takes: "",
            gives: $gives,
            many: $many,
            makes: false,
        }
    };
}

macro_rules! post_route {
    ($path:literal, $handler:path, $summary:literal, $takes:literal => $gives:literal, many: $many:literal) => {
        Documented {
            route: Route { method: Verb::Post, path: $path, handler: || post($handler) },
            summary: $summary,
            query: &[],
            takes: $takes,
            gives: $gives,
            many: $many,
            makes: false,
        }
    };
}

macro_rules! make_route {
    ($path:literal, $handler:path, $summary:literal, $takes:literal) => {
        Documented {
            makes: true,
            ..post_route!($path, $handler, $summary, $takes => "Intent", many: false)
        }
    };
}

/// Every address behind the guard.
pub const ROUTES: &[Documented] = &[
    get_route!("/api/v1/status", books::status, "How far the books are behind Stripe", &[] => "Status", many: false),
    get_route!("/api/v1/books", books::list, "The books of this house", &[] => "Book", many: true),
    get_route!("/api/v1/partners", partners::list, "Every partner, with totals per book and currency", &[BOOK] => "Partner", many: true),
    post_route!("/api/v1/partners", partners::add, "Add a partner; the first terms bind all sales", "PartnerAdd" => "PartnerAdded", many: false),
    get_route!("/api/v1/partners/{handle}", partners::one, "One partner", &[BOOK] => "Partner", many: false),
    post_route!("/api/v1/partners/{handle}/activate", partners::activate, "Earning resumes, without arrears", "Change" => "Done", many: false),
    post_route!("/api/v1/partners/{handle}/deactivate", partners::deactivate, "Attributions stay, nothing is earned meanwhile", "Change" => "Done", many: false),
    post_route!("/api/v1/partners/{handle}/codes/adopt", codes::adopt, "Give a code that exists in Stripe to this partner", "CodeAdopt" => "Adopted", many: true),
    make_route!(
        "/api/v1/partners/{handle}/codes",
        provision::create,
        "Make a promotion code, and its coupon, at Stripe for this partner; the same request, or the same Idempotency-Key, makes one",
        "CodeCreate"
    ),
    post_route!("/api/v1/partners/{handle}/terms", terms::set, "Set new terms", "TermsSet" => "Done", many: false),
    get_route!("/api/v1/codes", codes::list, "Every mapping of a code, with the time in which it holds", &[BOOK, text("partner", "a partner's handle")] => "Code", many: true),
    make_route!(
        "/api/v1/codes/{code}/rotate",
        provision::rotate,
        "A new code with this one's coupon and terms; this one ends once the new one works",
        "CodeRotate"
    ),
    make_route!(
        "/api/v1/codes/{code}/deactivate",
        provision::deactivate,
        "Make a code inactive at Stripe and end its mapping",
        "CodeDeactivate"
    ),
    get_route!("/api/v1/codes/drift", provision::drifted, "Our codes against Stripe's, asked now", &[text("book", "which book; needed once there are several")] => "Drift", many: false),
    get_route!("/api/v1/intents", provision::intents, "What is being made at Stripe and what was, newest first", &[LIMIT, text("before", "the last `id` of the page before")] => "Intent", many: true),
    get_route!("/api/v1/intents/{id}", provision::intent, "One intent with its steps", &[] => "Intent", many: false),
    get_route!("/api/v1/terms", terms::list, "Every version of every partner's terms", &[text("partner", "a partner's handle")] => "Terms", many: true),
    post_route!("/api/v1/program/start", terms::program_start, "Sales before this instant earn nothing", "ProgramStart" => "Done", many: false),
    get_route!("/api/v1/sales", sales::list, "Sales of a book, newest first", &[text("book", "which book; needed once there are several"), text("partner", "a partner's handle"), text("reason", "only sales that have this reason, as `discount_unresolved`"), LIMIT, text("before", "`next` of the page before")] => "SalesPage", many: false),
    get_route!("/api/v1/leakage", sales::leaked, "Discounted sales without a partner: their share per book and currency, and those of one book, newest first", &[text("book", "which book's sales; needed once there are several"), LIMIT, text("before", "`next` of the page before")] => "LeakagePage", many: false),
    get_route!("/api/v1/explain/{id}", sales::explained, "Whose a sale is and why, by the id of its invoice, session, intent, charge, refund or dispute", &[BOOK] => "Explanation", many: true),
    get_route!("/api/v1/payments/unlinked", payments::unlinked, "Payments that belong to no known sale, oldest first", &[text("book", "which book; needed once there are several"), LIMIT, text("after", "`next` of the page before")] => "UnlinkedPage", many: false),
    get_route!("/api/v1/ledger/export", ledger::export_rows, "The canonical export; other formats as text", &[text("format", "json, csv, beancount or hledger; json when left out"), BOOK, text("as_of", "an instant; moves only the buckets")] => "ExportRow", many: true),
    get_route!("/api/v1/ledger/entries", ledger::entries, "Journal entries of a book with their postings, in the order written", &[text("book", "which book; needed once there are several"), LIMIT, number("after", "`next` of the page before")] => "EntriesPage", many: false),
    get_route!("/api/v1/ledger/verify", ledger::verified, "Check the books against their own rules", &[Param { name: "deep", kind: "boolean", about: "also every stored body against its hash" }] => "Report", many: false),
    get_route!("/api/v1/events", events::listed, "Events, newest first; a search by type looks at 20000 events at once and says in `Link` where it goes on", &[text("state", "pending, done, parked, discarded or quarantined"), text("type", "an event type"), LIMIT, number("before", "only events with a smaller `seq`")] => "Event", many: true),
    get_route!("/api/v1/events/parked", parked::groups, "What is parked, by reason", &[] => "ParkedGroup", many: true),
    get_route!("/api/v1/events/types", look::types, "Every event type that is handled, and what of it has come in to a book", &[text("book", "which book; needed once there are several")] => "EventType", many: true),
    get_route!("/api/v1/reconcile", look::reconciled, "What the last reconciliation of a book found", &[text("book", "which book; needed once there are several")] => "ReconcileState", many: false),
    post_route!("/api/v1/search", look::search, "What an id, a code, or the e-mail address of a partner or a customer leads to", "Search" => "Found", many: true),
    post_route!("/api/v1/events/retry", parked::retry, "Try everything again that is parked, or what is parked for one reason", "ParkedRetry" => "Retried", many: false),
    post_route!("/api/v1/events/discard", parked::discard, "Give up what is parked for one reason; nothing that is booked changes", "ParkedDiscard" => "Discarded", many: false),
    post_route!("/api/v1/events/{id}/discard", parked::discard_one, "Give up a parked event; nothing that is booked changes", "EventDiscard" => "Discarded", many: false),
    get_route!("/api/v1/quarantine/{id}", parked::quarantined, "One body that fits no book, by its number in quarantine", &[] => "EventDetail", many: false),
    get_route!("/api/v1/events/{id}", events::one, "Every body received under this event id", &[] => "EventDetail", many: true),
    post_route!("/api/v1/events/{id}/retry", events::again, "Try a parked event again at once", "" => "Retried", many: false),
    get_route!("/api/v1/alerts", parked::alerts, "What is wrong now, or with `all` also what was, newest first", &[Param { name: "all", kind: "boolean", about: "also alerts that are over" }, LIMIT] => "Alert", many: true),
    get_route!("/metrics", metrics::text, "Counters and gauges for Prometheus", &[] => "Text", many: false),
];

/// Without a guard: the description itself, which tells nothing about the books.
pub const OPEN_ROUTES: [Route; 1] =
    [Route { method: Verb::Get, path: "/api/openapi.json", handler: || get(openapi::answer) }];

/// Who the operator log names for what comes in here.
const ACTOR: &str = "api";

/// A page's length as asked for, within bounds.
fn page_rows(limit: Option<i64>) -> i64 {
    limit.unwrap_or(100).clamp(1, 500)
}

#[cfg(test)]
mod tests {
    use super::openapi::document;
    use super::*;

    #[test]
    fn the_description_has_every_route_and_no_other() {
        let document = document();
        let mut described: Vec<String> = Vec::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for method in item.as_object().expect("methods").keys() {
                described.push(format!("{method} {path}"));
            }
        }
        let mut routed: Vec<String> = Vec::new();
        let gate = crate::gate::PATHS.iter().map(|path| (Verb::Post, *path));
        let open = OPEN_ROUTES.iter().map(|route| (route.method, route.path));
        let health = [(Verb::Get, "/healthz"), (Verb::Get, "/readyz")];
        for (method, path) in
            ROUTES.iter().map(|r| (r.route.method, r.route.path)).chain(gate).chain(open).chain(health)
        {
            routed.push(format!("{} {path}", if method == Verb::Get { "get" } else { "post" }));
        }
        described.sort();
        routed.sort();
        assert_eq!(described, routed);
    }

    #[test]
    fn every_schema_named_is_described() {
        let document = document();
        let schemas = document["components"]["schemas"].as_object().expect("schemas");
        for route in ROUTES {
            for name in [route.takes, route.gives].into_iter().filter(|name| !["", "Text"].contains(name)) {
                assert!(schemas.contains_key(name), "{name} of {}", route.route.path);
            }
        }
        let text = serde_json::to_string(&document).expect("text");
        for reference in text.split("#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap_or_default();
            assert!(schemas.contains_key(name), "{name} is referred to");
        }
    }
}
