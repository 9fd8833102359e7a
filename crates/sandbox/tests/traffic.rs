//! A year of traffic: the same bytes for a seed, arithmetic that holds in every invoice, JSON that parses,
//! disorder and duplicates that are really there, and an oracle that adds up.

use std::collections::{BTreeMap, BTreeSet};

use sandbox::traffic::year;
use sandbox::{Delivery, Invoice, Object, Traffic, Version};
use serde_json::Value;

const START_S: i64 = 1_767_225_600;

fn small() -> Traffic {
    year(42, 12, 120, START_S)
}

fn hash<'a>(bodies: impl Iterator<Item = &'a [u8]>) -> u64 {
    bodies
        .fold(0, |hash, body| kernel::hash::fnv1a(body) ^ hash.rotate_left(5).wrapping_mul(0x0100_0000_01b3))
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let all = |traffic: &Traffic| traffic.deliveries().collect::<Vec<Delivery>>();
    let (first, second) = (all(&small()), all(&small()));
    assert!(first == second);
    let bytes: usize = first.iter().map(|delivery| delivery.body.len()).sum();
    let seen = hash(first.iter().map(|delivery| delivery.body.as_slice()));
    println!("{} deliveries, {bytes} bytes, hash {seen:016x}", first.len());
    assert_ne!(small().arrivals, year(43, 12, 120, START_S).arrivals);
}

#[test]
fn the_identities_hold_in_every_invoice() {
    let mut count = 0;
    let cases = sandbox::cases::all().into_iter().flat_map(|case| case.steps).flat_map(|step| step.events);
    for event in small().history.into_iter().chain(cases) {
        let Object::Invoice(invoice) = event.object else { continue };
        check_model(&invoice);
        for version in Version::ALL {
            let body = sandbox::object(&Object::from(invoice.clone()), version, false);
            check_json(&serde_json::from_slice(&body).expect("valid JSON"), version, invoice.out_of_band);
        }
        count += 1;
    }
    println!("{count} invoices");
    assert!(count > 1000);
}

fn check_model(invoice: &Invoice) {
    let of_discounts: i64 = invoice.discounts.iter().map(|row| invoice.taken_by(&row.id)).sum();
    assert_eq!(of_discounts, invoice.discount(), "{}: every discount is named", invoice.id);
    assert_eq!(
        invoice.total(),
        invoice.lines.iter().map(|line| line.amount).sum::<i64>() - invoice.discount()
            + invoice.tax(false)
            + invoice.shipping_amount()
    );
}

fn int(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}

fn sum(rows: &Value, field: &str) -> i64 {
    rows.as_array().into_iter().flatten().map(|row| int(&row[field])).sum()
}

/// STRIPE.md section 6.2, item 4, read from the JSON alone.
fn check_json(json: &Value, version: Version, out_of_band: bool) {
    let lines = json["lines"]["data"].as_array().cloned().unwrap_or_default();
    let of_lines: i64 = lines.iter().map(|line| sum(&line["discount_amounts"], "amount")).sum();
    assert_eq!(sum(&json["total_discount_amounts"], "amount"), of_lines);
    let rows = if version.basil() { &json["total_taxes"] } else { &json["total_tax_amounts"] };
    let tax = sum(rows, "amount");
    let inclusive: i64 = rows
        .as_array()
        .into_iter()
        .flatten()
        .filter(|row| row["inclusive"] == true || row["tax_behavior"] == "inclusive")
        .map(|row| int(&row["amount"]))
        .sum();
    assert_eq!(int(&json["total"]), int(&json["total_excluding_tax"]) + tax);
    let own: Vec<&str> = lines
        .iter()
        .flat_map(|line| line["discounts"].as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .collect();
    let of_items: i64 = lines
        .iter()
        .flat_map(|line| line["discount_amounts"].as_array().into_iter().flatten())
        .filter(|row| own.contains(&row["discount"].as_str().unwrap_or_default()))
        .map(|row| int(&row["amount"]))
        .sum();
    let amounts: i64 = lines.iter().map(|line| int(&line["amount"])).sum();
    assert_eq!(int(&json["subtotal"]), amounts - of_items);
    let of_invoice = of_lines - of_items;
    let shipping = int(&json["amount_shipping"]);
    assert_eq!(int(&json["total_excluding_tax"]), int(&json["subtotal"]) - of_invoice + shipping - inclusive);
    let credited = int(&json["pre_payment_credit_notes_amount"]);
    let due = (int(&json["total"]) + int(&json["starting_balance"])).max(0) - credited;
    assert_eq!(int(&json["amount_due"]), due);
    assert_eq!(int(&json["amount_remaining"]), due - int(&json["amount_paid"]));
    if json["status"] == "paid" && (version.basil() || !out_of_band) {
        assert_eq!(int(&json["amount_paid"]), due);
    }
}

#[test]
fn every_delivery_is_a_whole_event() {
    let traffic = small();
    let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for delivery in traffic.deliveries() {
        let event: Value = serde_json::from_slice(&delivery.body).expect("valid JSON");
        assert_eq!(event["id"], delivery.event_ref.as_str());
        assert_eq!(event["type"], delivery.event_type);
        assert_eq!(event["created"], delivery.created_s);
        assert_eq!(event["api_version"], delivery.version.api_version());
        assert_eq!(event["livemode"], delivery.livemode);
        let data = &event["data"]["object"];
        // A preview has no id before clover.
        let named = data["id"].is_string() || delivery.event_type == "invoice.upcoming";
        assert!(named && data["object"].is_string(), "{}", delivery.event_type);
        let seen = kinds.entry(delivery.event_type).or_default();
        *seen = (seen.0 + 1, seen.1 + delivery.body.len());
    }
    for (kind, (count, bytes)) in &kinds {
        println!("{count:6} {kind} of {} bytes", bytes / count);
    }
    let (count, bytes) = kinds["invoice.paid"];
    assert!(bytes / count > 2500, "an invoice event is several kB");
}

#[test]
fn the_street_duplicates_and_disorders() {
    let traffic = small();
    assert_eq!(
        traffic.deliveries().count(),
        traffic.arrivals.len(),
        "every planned delivery exists in its version"
    );
    let distinct: BTreeSet<usize> = traffic.arrivals.iter().map(|planned| planned.event).collect();
    assert_eq!(distinct.len(), traffic.history.len(), "nothing is lost");
    assert!(traffic.arrivals.len() > distinct.len(), "something comes twice");
    let order: Vec<usize> = traffic.arrivals.iter().map(|planned| planned.event).collect();
    assert!(order.windows(2).any(|pair| pair[0] > pair[1] + 10), "something comes late");
    let ids: BTreeSet<&str> = traffic.history.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids.len(), traffic.history.len());
}

/// Invoices that were paid, checkouts without an invoice that were completed, and payments that carry a reference
/// and belong to neither: each as the last event about it shows it.
fn sales(traffic: &Traffic) -> BTreeSet<String> {
    let mut last: BTreeMap<&str, &Object> = BTreeMap::new();
    for event in &traffic.history {
        last.insert(event.object.id(), &event.object);
    }
    let of_session: BTreeSet<&str> = last
        .values()
        .filter_map(|object| match object {
            Object::Session(session) => session.intent.as_deref(),
            _ => None,
        })
        .collect();
    let is_sale = |object: &&&Object| match object {
        Object::Invoice(invoice) => invoice.paid_s.is_some(),
        Object::Session(session) => {
            session.invoice.is_none() && session.subscription.is_none() && session.status == "complete"
        }
        Object::Intent(intent) => {
            let refers = intent.metadata.iter().any(|(name, _)| name == "partner_ref");
            refers && intent.invoice.is_none() && !of_session.contains(intent.id.as_str())
        }
        _ => false,
    };
    last.values().filter(is_sale).map(|object| object.id().to_owned()).collect()
}

#[test]
fn the_oracle_knows_every_sale_and_adds_up() {
    let traffic = small();
    let rows: BTreeSet<String> = traffic.oracle.rows.iter().map(|row| row.sale.clone()).collect();
    assert_eq!(rows, sales(&traffic));
    assert_eq!(rows.len(), traffic.oracle.rows.len(), "one row for each");
    for total in &traffic.oracle.totals {
        println!(
            "{:6} {} {:>9} from {} sales",
            total.partner, total.currency, total.commission_minor, total.sales
        );
        let of = |row: &&sandbox::traffic::Due| {
            row.partner.as_ref() == Some(&total.partner) && row.currency == total.currency
        };
        let sum: i64 = traffic.oracle.rows.iter().filter(of).map(|row| row.commission_minor).sum();
        assert_eq!(sum, total.commission_minor);
    }
    assert!(traffic.oracle.totals.len() >= 12);
    assert!(traffic.oracle.rows.iter().all(|row| (0..=row.paid_minor).contains(&row.commission_minor)));
}

#[test]
fn a_large_year_is_made_in_no_time() {
    let traffic = year(7, 12, 500, START_S);
    let (count, bytes) =
        traffic.deliveries().fold((0usize, 0usize), |sum, row| (sum.0 + 1, sum.1 + row.body.len()));
    println!("{} events, {count} deliveries, {bytes} bytes", traffic.history.len());
    assert!(count > 20_000);
}
