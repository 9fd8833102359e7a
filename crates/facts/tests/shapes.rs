//! One object in the shape of each API version gives one and the same fact; and what that fact says is
//! checked once, against the rules of the money page.

mod common;

use std::collections::BTreeMap;

use kernel::fact::{DisputeStatus, Invoice, InvoiceStatus, Link, PaymentStatus, Session};
use kernel::{Body, Kind, Normalised, NoteCode, ObjectKey, Ref};

fn read(text: &str) -> Normalised {
    let named = Kind::ALL
        .into_iter()
        .find(|kind| text.lines().any(|line| line == format!(r#" "object": "{}","#, kind.stripe_name())));
    common::object(named.expect("a kind"), text)
}

fn fixture(path: &str) -> Normalised {
    let found = common::fixtures().into_iter().find(|(name, _)| name == path);
    read(&found.expect("a fixture").1)
}

fn invoice(path: &str) -> Invoice {
    let found = fixture(path);
    let Some(Body::Invoice(invoice)) = found.facts.into_iter().next().map(|fact| fact.body) else {
        panic!("no invoice in {path}");
    };
    *invoice
}

fn session_of(text: &str) -> Session {
    let found = common::object(Kind::Session, text);
    let Some(Body::Session(session)) = found.facts.first().map(|fact| fact.body.clone()) else {
        panic!("no session: {found:?}");
    };
    *session
}

fn key(kind: Kind, id: &str) -> ObjectKey {
    ObjectKey::new(kind, Ref::parse(id).expect("an id"))
}

fn links(found: &Normalised, from: Kind, to: Kind) -> Vec<&str> {
    let between = |link: &&Link| link.from.kind == from && link.to.kind == to;
    found.links.iter().filter(between).map(|link| link.to.id.as_str()).collect()
}

#[test]
fn one_object_in_the_shape_of_each_version_is_one_and_the_same_fact() {
    let mut first: BTreeMap<String, (String, Body)> = BTreeMap::new();
    for (name, text) in common::fixtures() {
        let folder = name.split('/').next().expect("a folder").to_owned();
        let found = read(&text);
        let allowed = |code| matches!(code, NoteCode::ListTruncated);
        assert!(found.notes.iter().all(|note| allowed(note.code)), "{name}: {:?}", found.notes);
        let body = found.facts.first().unwrap_or_else(|| panic!("{name}: no fact")).body.clone();
        let (other, expected) = first.entry(folder).or_insert_with(|| (name.clone(), body.clone()));
        assert_eq!(body, *expected, "{name} differs from {other}");
    }
    assert_eq!(first.len(), 16);
}

#[test]
fn no_version_loses_a_link_that_a_later_one_has() {
    for (folder, from, to, expected) in [
        ("invoice", Kind::Invoice, Kind::Subscription, vec!["sub_1"]),
        ("invoice", Kind::Invoice, Kind::Discount, vec!["di_inv", "di_item"]),
        ("invoice", Kind::Invoice, Kind::Customer, vec!["cus_1"]),
        ("session", Kind::Session, Kind::Intent, vec!["pi_1"]),
        ("session", Kind::Session, Kind::PromotionCode, vec!["promo_1"]),
        ("payment_intent", Kind::Intent, Kind::Charge, vec!["ch_1"]),
        ("charge", Kind::Charge, Kind::Intent, vec!["pi_1"]),
        ("refund", Kind::Refund, Kind::Charge, vec!["ch_1"]),
        ("refund", Kind::Refund, Kind::Intent, vec!["pi_1"]),
        ("dispute", Kind::Dispute, Kind::Charge, vec!["ch_1"]),
        ("credit_note", Kind::CreditNote, Kind::Invoice, vec!["in_1"]),
        ("credit_note", Kind::CreditNote, Kind::Refund, vec!["re_1"]),
        ("invoice_payment", Kind::InvoicePayment, Kind::Intent, vec!["pi_1"]),
        ("promotion_code", Kind::PromotionCode, Kind::Coupon, vec!["TEN"]),
        ("discount", Kind::Discount, Kind::Coupon, vec!["TEN"]),
        ("discount", Kind::Discount, Kind::PromotionCode, vec!["promo_1"]),
        ("discount", Kind::Subscription, Kind::Discount, vec!["di_1"]),
        ("discount", Kind::Customer, Kind::Discount, vec!["di_1"]),
        ("customer", Kind::Customer, Kind::Discount, vec!["di_c"]),
        ("subscription", Kind::Subscription, Kind::Discount, vec!["di_1", "di_item"]),
        ("subscription", Kind::Subscription, Kind::Invoice, vec!["in_1"]),
    ] {
        for (name, text) in common::fixtures() {
            if name.starts_with(&format!("{folder}/")) {
                assert_eq!(links(&read(&text), from, to), expected, "{name}");
            }
        }
    }
}

#[test]
fn before_basil_invoices_intents_and_charges_name_each_other() {
    let found = fixture("invoice/2024-12-18.acacia.json");
    assert_eq!(links(&found, Kind::Invoice, Kind::Intent), ["pi_1"]);
    assert_eq!(links(&found, Kind::Invoice, Kind::Charge), ["ch_1"]);
    assert_eq!(links(&fixture("payment_intent/2022-11-15.json"), Kind::Intent, Kind::Invoice), ["in_1"]);
    assert_eq!(links(&fixture("charge/2022-11-15.json"), Kind::Charge, Kind::Invoice), ["in_1"]);
}

#[test]
fn what_older_versions_embed_is_a_fact_of_its_own() {
    let kinds =
        |path: &str| fixture(path).facts.iter().map(|fact| fact.object.to_string()).collect::<Vec<_>>();
    assert_eq!(
        kinds("payment_intent/2020-08-27.json"),
        ["payment_intent pi_1", "charge ch_1", "refund re_1"]
    );
    assert_eq!(kinds("discount/2025-03-31.basil.json"), ["discount di_1", "coupon TEN"]);
    assert_eq!(kinds("subscription/2022-11-15.json"), ["subscription sub_1", "coupon TEN", "discount di_1"]);
    assert_eq!(kinds("subscription/2026-07-29.dahlia.json"), ["subscription sub_1"]);
}

#[test]
fn an_invoice_with_item_and_invoice_discounts_reads_as_case_g() {
    let read = invoice("invoice/2026-10-28.endive.json");
    assert_eq!((read.total_minor, read.discount_minor, read.tax_exclusive_minor), (19440, 3800, 3240));
    let gross =
        read.total_minor - read.tax_exclusive_minor - read.shipping_charged_minor + read.discount_minor;
    assert_eq!(gross, 20000);
    let taken: Vec<_> = read.discounts.iter().map(|one| (one.discount.as_str(), one.amount_minor)).collect();
    assert_eq!(taken, [("di_inv", 1800), ("di_item", 2000)]);
    assert_eq!(read.partner_hint, Some("ann".into()));
    assert_eq!((read.status, read.paid_at_s), (InvoiceStatus::Paid, Some(1_699_999_500)));
    assert_eq!(read.lines[0].product.as_ref().map(Ref::as_str), Some("prod_1"));
    assert_eq!(read.lines[0].discount_minor, 3800);
}

#[test]
fn an_invoice_that_lists_no_discount_is_told_from_one_that_does_not_say() {
    let said = |rest: &str| {
        let text = format!(r#"{{"object":"invoice","id":"in_1","currency":"usd","total":1{rest}}}"#);
        let found = common::object(Kind::Invoice, &text);
        let Some(Body::Invoice(invoice)) = found.facts.first().map(|fact| fact.body.clone()) else {
            panic!("no invoice: {found:?}");
        };
        (invoice.discounts.len(), invoice.discounts_said)
    };
    let amount = r#","discounts":[],"total_discount_amounts":[{"amount":0,"discount":"di_1"}]"#;
    for (rest, expected) in [
        ("", (0, false)),
        (r#","discount":null,"discounts":[],"total_discount_amounts":[]"#, (0, true)),
        (r#","discounts":[],"total_discount_amounts":[]"#, (0, true)),
        (r#","total_discount_amounts":[]"#, (0, true)),
        (amount, (1, true)),
        // Cut down by somebody, or of a shape that is not known: an item's discounts may be missing.
        (r#","discount":null,"discounts":[]"#, (0, false)),
        (r#","discounts":[],"total_discount_amounts":null"#, (0, false)),
        (r#","discounts":[],"total_discount_amounts":"""#, (0, false)),
        // Before August 2020 there was one, or none; and it had no id.
        (r#","discount":null"#, (0, true)),
        (r#","discount":{"coupon":{"id":"TEN"}}"#, (0, false)),
        (r#","total_discount_amounts":[{"amount":5}]"#, (0, false)),
    ] {
        assert_eq!(said(rest), expected, "{rest}");
    }
    let later = serde_json::to_value(invoice("invoice/2026-10-28.endive.json")).expect("a stored fact");
    let mut before = later.clone();
    before.as_object_mut().expect("an object").remove("discounts_said");
    let read: Invoice = serde_json::from_value(before).expect("facts stored earlier are read");
    assert_eq!((read.discounts_said, later["discounts_said"].as_bool()), (false, Some(true)));
}

#[test]
fn an_invoice_records_the_subscriptions_metadata_and_its_own_name_nobody() {
    let read = |rest: &str| {
        let text = format!(r#"{{"object":"invoice","id":"in_1","currency":"usd","total":1{rest}}}"#);
        let found = common::object(Kind::Invoice, &text);
        let Some(Body::Invoice(invoice)) = found.facts.first().map(|fact| fact.body.clone()) else {
            panic!("no invoice: {found:?}");
        };
        (invoice.metadata_snapshot, invoice.partner_hint)
    };
    let ann = || Some("ann".into());
    for (rest, expected) in [
        (r#","metadata":{"partner_ref":"ann"}"#, (false, None)),
        (r#","subscription":"sub_1","metadata":{"partner_ref":"ann"}"#, (false, None)),
        (r#","subscription_details":{"metadata":null}"#, (false, None)),
        (r#","subscription_details":{"metadata":{}},"metadata":{"partner_ref":"ann"}"#, (true, None)),
        (r#","subscription_details":{"metadata":{"partner_ref":"ann"}}"#, (true, ann())),
        (r#","parent":{"subscription_details":{"metadata":{"partner_ref":"ann"}}}"#, (true, ann())),
        (r#","parent":{"subscription_details":{"metadata":{}}}"#, (true, None)),
    ] {
        assert_eq!(read(rest), expected, "{rest}");
    }
}

#[test]
fn metadata_name_a_partner_by_both_words_in_their_order() {
    let read = |metadata: &str| {
        let text = format!(r#"{{"object":"subscription","id":"sub_1","metadata":{metadata}}}"#);
        let found = common::object(Kind::Subscription, &text);
        let Some(Body::Subscription(it)) = found.facts.first().map(|fact| fact.body.clone()) else {
            panic!("no subscription: {found:?}");
        };
        let stored = serde_json::to_string(&it.partner_hint).expect("a stored hint");
        let again: kernel::fact::PartnerHint = serde_json::from_str(&stored).expect("read again");
        assert_eq!(again, it.partner_hint, "{stored}");
        stored
    };
    for (metadata, stored) in [
        (r#"{}"#, "null"),
        (r#"{"partner_ref":"ann"}"#, r#""ann""#),
        (r#"{"partner_handle":"ann"}"#, r#""ann""#),
        (r#"{"partner_handle":"ann","partner_ref":" "}"#, r#""ann""#),
        (r#"{"partner_handle":"ann","partner_ref":"junk"}"#, r#"["junk","ann"]"#),
    ] {
        assert_eq!(read(metadata), stored, "{metadata}");
    }
}

#[test]
fn inclusive_tax_and_shipping_read_as_case_h() {
    let read = invoice("invoice_shipping/2020-08-27.json");
    assert_eq!((read.shipping_charged_minor, read.shipping_net_minor), (500, 417));
    let net =
        read.total_minor - read.tax_inclusive_minor - read.tax_exclusive_minor - read.shipping_net_minor;
    assert_eq!(net, 8333);
    assert!(read.lines_truncated);
}

#[test]
fn cash_out_of_band_counts_in_every_version_as_case_e() {
    assert_eq!(invoice("invoice_out_of_band/2020-08-27.json").amount_paid_minor, 12000);
    assert_eq!(invoice("invoice_out_of_band/2025-03-31.basil.json").amount_paid_minor, 12000);
}

#[test]
fn a_single_old_tax_is_inside_only_when_the_total_proves_it() {
    let tax = |fields: &str| {
        let text = format!(r#"{{"id":"in_1","currency":"usd","tax":1667,{fields}}}"#);
        let Body::Invoice(read) = common::object(Kind::Invoice, &text).facts.remove(0).body else { panic!() };
        (read.tax_inclusive_minor, read.tax_exclusive_minor, read.discount_minor)
    };
    assert_eq!(tax(r#""subtotal":10000,"total":10000"#), (1667, 0, 0));
    assert_eq!(tax(r#""subtotal":10000,"total":11667"#), (0, 1667, 0));
    assert_eq!(tax(r#""subtotal":10000,"total":10667,"discount":{"coupon":{"id":"C"}}"#), (0, 1667, 1000));
    let known =
        r#""subtotal":10000,"total":9000,"total_discount_amounts":[{"amount":1000,"discount":"di_1"}]"#;
    assert_eq!(tax(known), (1667, 0, 1000));
}

#[test]
fn an_old_converted_session_is_read_in_the_source_currency_as_case_p() {
    let text = r#"{"id":"cs_1","mode":"payment","payment_status":"paid","currency":"eur",
        "amount_total":9200,"amount_subtotal":9660,
        "total_details":{"amount_discount":460,"amount_tax":1533,"amount_shipping":0},
        "currency_conversion":{"source_currency":"usd","amount_total":10000,"amount_subtotal":10500}}"#;
    let read = session_of(text);
    assert_eq!(read.currency.map(|currency| currency.to_string()).as_deref(), Some("usd"));
    assert_eq!((read.total_minor, read.subtotal_minor), (10000, 10500));
    assert_eq!((read.discount_minor, read.tax_minor), (500, 1666));
    assert_eq!(
        read.presented.map(|(currency, minor)| (currency.to_string(), minor)),
        Some(("eur".into(), 9200))
    );
    let free = session_of(&text.replace("\"amount_total\":9200", "\"amount_total\":0"));
    assert_eq!(free.discount_minor, 500);
}

#[test]
fn a_session_says_its_discounts_however_it_carries_them() {
    let pairs = |discounts: &str| {
        let read = session_of(&format!(r#"{{"id":"cs_1","payment_status":"unpaid",{discounts}}}"#));
        let text = |id: &Option<Ref>| id.as_ref().map_or("-", Ref::as_str).to_owned();
        read.discounts.iter().map(|(promo, coupon)| text(promo) + " " + &text(coupon)).collect::<Vec<_>>()
    };
    assert_eq!(pairs(r#""discounts":[{"coupon":"C","promotion_code":null}]"#), ["- C"]);
    assert_eq!(
        pairs(r#""discounts":[{"coupon":{"id":"C","duration":"once"},"promotion_code":"promo_1"}]"#),
        ["promo_1 C"]
    );
    let breakdown = |discount: &str| {
        pairs(&format!(
            r#""total_details":{{"breakdown":{{"discounts":[{{"amount":5,"discount":{discount}}}]}}}}"#
        ))
    };
    assert_eq!(breakdown(r#"{"id":"di_1","coupon":{"id":"C"},"promotion_code":"promo_1"}"#), ["promo_1 C"]);
    assert_eq!(breakdown(r#"{"id":"di_1","source":{"type":"coupon","coupon":"C"}}"#), ["- C"]);
    assert_eq!(pairs(r#""discounts":[]"#), Vec::<String>::new());
    assert_eq!(session_of(r#"{"id":"cs_1","payment_status":"paid"}"#).payment_status, PaymentStatus::Paid);
}

#[test]
fn dispute_states_fall_into_what_the_rules_tell_apart() {
    for (word, status) in [
        ("warning_needs_response", DisputeStatus::Inquiry),
        ("warning_closed", DisputeStatus::Inquiry),
        ("needs_response", DisputeStatus::Open("needs_response".into())),
        ("appeal_under_review", DisputeStatus::Open("appeal_under_review".into())),
        ("something_newer", DisputeStatus::Open("something_newer".into())),
        ("prevented", DisputeStatus::Prevented),
        ("charge_refunded", DisputeStatus::Prevented),
        ("won", DisputeStatus::Won),
        ("lost", DisputeStatus::Lost),
    ] {
        let text = format!(r#"{{"id":"dp_1","currency":"usd","amount":5,"status":"{word}"}}"#);
        let Body::Dispute(read) = common::object(Kind::Dispute, &text).facts.remove(0).body else { panic!() };
        assert_eq!(read.status, status);
    }
}

#[test]
fn a_deleted_customer_coupon_or_discount_says_so() {
    for (event_type, object, deleted) in [
        ("customer.deleted", r#"{"id":"cus_1","object":"customer","deleted":true}"#, true),
        ("customer.updated", r#"{"id":"cus_1","object":"customer"}"#, false),
        ("coupon.deleted", r#"{"id":"C","object":"coupon","duration":"once"}"#, true),
        ("customer.discount.deleted", r#"{"id":"di_1","object":"discount","source":{"coupon":"C"}}"#, true),
    ] {
        let found = facts::normalise_event(common::event(event_type, "2026-07-29.dahlia", object).as_bytes());
        let said = match &found.facts[0].body {
            Body::Customer(body) => body.deleted,
            Body::Coupon(body) => body.deleted,
            Body::Discount(body) => body.deleted,
            other => panic!("{other:?}"),
        };
        assert_eq!(said, deleted, "{event_type}");
        assert_eq!(found.facts[0].rank, u8::from(deleted));
    }
}

#[test]
fn a_discount_older_than_its_id_still_links_its_owner_to_the_coupon() {
    let text = r#"{"object":"discount","coupon":{"id":"C","duration":"once"},"customer":"cus_1","subscription":"sub_1"}"#;
    let found = common::object(Kind::Discount, text);
    let both = [Kind::Customer, Kind::Subscription].map(|owner| links(&found, owner, Kind::Coupon));
    assert_eq!(both, [["C"], ["C"]]);
    assert_eq!(found.facts[0].object, key(Kind::Coupon, "C"));
}

#[test]
fn previous_attributes_order_versions_of_one_second() {
    let version = |id: &str, status: &str, previous: &str| {
        let object = format!(r#"{{"id":"sub_1","object":"subscription","status":"{status}"}}"#);
        let text = common::event("customer.subscription.updated", "2026-07-29.dahlia", &object);
        let text = text.replace("evt_1", id).replace("\"data\":{", &format!("\"data\":{{{previous}"));
        facts::normalise_event(text.as_bytes()).facts.remove(0)
    };
    let earlier = version("evt_z", "active", "");
    let later = version("evt_a", "past_due", r#""previous_attributes":{"status":"\u0061ctive"},"#);
    assert_eq!(later.previous.len(), 1);
    for versions in [[earlier.clone(), later.clone()], [later.clone(), earlier.clone()]] {
        assert_eq!(kernel::fact::newest(&versions), Some(&later));
    }
}

#[test]
fn what_is_no_money_or_not_ours_records_nothing() {
    for (event_type, object, note) in [
        ("invoice.upcoming", r#"{"object":"invoice","currency":"usd","total":5}"#, None),
        ("invoice.deleted", r#"{"id":"in_1","object":"invoice","currency":"usd"}"#, None),
        ("plan.created", r#"{"id":"p","object":"plan"}"#, Some(NoteCode::TypeNotRead)),
        ("customer.wallet.created", r#"{"id":"w","object":"wallet"}"#, Some(NoteCode::TypeNotRead)),
        ("product.created", r#"{"object":"product"}"#, Some(NoteCode::ObjectWithoutId)),
        ("invoice.paid", "null", Some(NoteCode::ObjectUnreadable)),
        ("invoice.paid", r#"{"object":"invoice","currency":"usd"}"#, Some(NoteCode::ObjectWithoutId)),
        ("invoice.paid", r#"{"id":"in_1","object":"invoice"}"#, Some(NoteCode::CurrencyUnreadable)),
    ] {
        let found = facts::normalise_event(common::event(event_type, "2026-07-29.dahlia", object).as_bytes());
        assert!(found.facts.is_empty(), "{event_type}");
        assert_eq!(found.notes.first().map(|note| note.code), note, "{event_type}");
    }
}

#[test]
fn every_type_in_the_table_is_read() {
    for handle in facts::handles() {
        let object = format!(
            r#"{{"id":"x_1","object":"{}","currency":"usd","source":{{"coupon":"C"}},"customer":"x_1","alert":"a"}}"#,
            handle.kind.stripe_name()
        );
        let text = common::event(handle.event_type, "2031-01-01.unheard", &object);
        let found = facts::normalise_event(text.as_bytes());
        let named = if handle.kind == Kind::Alert { "x_1/a" } else { "x_1" };
        let about = found.facts.first().map(|fact| &fact.object).or(found.gone.first());
        assert_eq!(about, Some(&key(handle.kind, named)), "{}", handle.event_type);
    }
}

/// `COUNTINGHOUSE_SHARED` holds Stripe's own lists of types.
#[test]
fn every_type_that_stripe_lists_is_in_the_table() {
    let Some(shared) = common::shared() else {
        println!("skipped: no lists of types (set COUNTINGHOUSE_SHARED)");
        return;
    };
    let listed = |name: &str| {
        let path = shared.join("stripe").join(name);
        std::fs::read_to_string(path).expect("a list").lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let snapshot = listed("event-types.2026-10-28.endive.txt");
    let missing = snapshot.iter().filter(|name| facts::snapshot_row(name).is_none());
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&String>::new());
    let thin = listed("thin-event-types.2026-10-28.endive.txt");
    let missing = thin.iter().filter(|name| facts::thin_row(name).is_none());
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&String>::new());
    println!("{} snapshot types, {} thin types", snapshot.len(), thin.len());
}
