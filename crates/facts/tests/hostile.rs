//! Hostile payloads: every field of every fixture of ours replaced by everything that does not belong
//! there. Reading never panics, never depends on anything but the bytes, and stays bounded.

mod common;

use kernel::fact::Normalised;
use proptest::prelude::*;

/// The fields of a fixture, by the byte ranges of their values. Fixtures have one field a line.
fn values(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(colon) = line.find("\": ") {
            let value = line[colon + 3..].trim_end().trim_end_matches(',');
            if !value.starts_with(['{', '[']) || value.len() == 2 {
                found.push(start + colon + 3..start + colon + 3 + value.len());
            }
        }
        start += line.len();
    }
    found
}

fn kind_of(path: &str) -> kernel::Kind {
    let folder = path.split('/').next().expect("a folder");
    let kind = if folder.starts_with("invoice_") && folder != "invoice_payment" { "invoice" } else { folder };
    common::kind_named(if kind == "session" { "checkout.session" } else { kind }).expect("a kind")
}

fn hostile() -> Vec<String> {
    let plain = [
        "null",
        "true",
        "7",
        "-1",
        "1.5",
        "1e3",
        "1e400",
        "-1e400",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "\"\"",
        "\"text\"",
        "\"12\"",
        r#""\ud800""#,
        r#""\u0000""#,
        "[]",
        "[null]",
        "[[]]",
        "[7]",
        "{}",
        r#"{"id":null}"#,
        r#"{"id":""}"#,
        r#"{"data":7}"#,
        r#"{"object":"list","data":[{}]}"#,
    ];
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let nested = format!("{}7{}", r#"{"data":"#.repeat(20_000), "}".repeat(20_000));
    let long = format!("\"{}\"", "x".repeat(5000));
    plain.into_iter().map(str::to_owned).chain([deep, nested, long]).collect()
}

/// What a store must be able to keep: no NUL anywhere, notes and texts bounded.
fn check(found: &Normalised, what: &str) {
    assert!(found.notes.len() <= 32, "{what}");
    let shown = format!("{found:?}");
    assert!(!shown.contains('\0') && !shown.contains("\\0"), "{what}");
    assert!(shown.len() < 40_000, "{what}: {}", shown.len());
}

#[test]
fn every_field_survives_everything_that_does_not_belong_there() {
    let replacements = hostile();
    let mut read = 0;
    for (path, text) in common::fixtures() {
        if !path.contains("2020-08-27") && !path.contains("basil") && !path.contains("dahlia") {
            continue;
        }
        let kind = kind_of(&path);
        for range in values(&text) {
            for replacement in &replacements {
                let mut mutant = text.clone();
                mutant.replace_range(range.clone(), replacement);
                check(&common::object(kind, &mutant), &path);
                read += 1;
            }
        }
    }
    assert!(read > 10_000, "{read}");
    println!("{read} mutants");
}

#[test]
fn every_field_may_be_missing() {
    for (path, text) in common::fixtures() {
        for range in values(&text) {
            let line = text[..range.start].rfind('"').expect("a name");
            let name = text[..line].rfind('"').expect("a name");
            let mut mutant = text.clone();
            mutant.replace_range(name + 1..line, "gone");
            check(&common::object(kind_of(&path), &mutant), &path);
        }
    }
}

#[test]
fn a_field_of_the_wrong_type_is_noted_and_the_rest_is_read() {
    for (field, code) in [
        (r#""total":"x""#, "FieldUnreadable"),
        (r#""total":1e400"#, "NumberOutOfRange"),
        (r#""total":0.5"#, "FieldUnreadable"),
        (r#""customer":"""#, "RefUnusable"),
        (r#""customer":7"#, "FieldUnreadable"),
        (r#""lines":7"#, "FieldUnreadable"),
        (r#""lines":{"data":[{"id":7}]}"#, "FieldUnreadable"),
        (r#""status":"new""#, "EnumUnknown"),
        (r#""lines":{"data":[],"has_more":true}"#, "ListTruncated"),
    ] {
        let text = format!(r#"{{"id":"in_1","currency":"usd","amount_due":7,{field}}}"#);
        let found = common::object(kernel::Kind::Invoice, &text);
        let codes: Vec<String> = found.notes.iter().map(|note| format!("{:?}", note.code)).collect();
        assert!(codes.contains(&code.to_owned()), "{field}: {codes:?}");
        assert_eq!(found.facts.len(), 1, "{field}");
    }
}

#[test]
fn odd_bytes_around_an_event_are_forgiven() {
    let text =
        common::event("refund.created", "x", r#"{"id":"re_1","object":"refund","currency":"usd","x":"Y"}"#);
    let bom = format!("\u{feff}{text}");
    assert_eq!(facts::normalise_event(bom.as_bytes()).facts.len(), 1);
    let mut bytes = text.into_bytes();
    let at = bytes.iter().position(|byte| *byte == b'Y').expect("a Y");
    bytes[at] = 0xff;
    assert_eq!(facts::normalise_event(&bytes).facts.len(), 1);
}

#[test]
fn a_list_of_a_hundred_thousand_rows_is_read_in_linear_time() {
    let rows = vec!["{}"; 100_000].join(",");
    let text =
        format!(r#"{{"id":"in_1","currency":"usd","lines":{{"data":[{rows}]}},"discounts":[{rows}]}}"#);
    let found = common::object(kernel::Kind::Invoice, &text);
    assert_eq!((found.facts.len(), found.notes.len()), (1, 32));
}

fn event_text() -> impl Strategy<Value = Vec<u8>> {
    let texts: Vec<String> = common::fixtures().into_iter().map(|(_, text)| text).collect();
    let types = prop::sample::select(facts::handles().map(|one| one.event_type).collect::<Vec<_>>());
    (prop::sample::select(texts), types)
        .prop_map(|(text, event_type)| common::event(event_type, "2026-07-29.dahlia", &text).into_bytes())
}

#[test]
fn a_number_that_is_no_time_is_left_out_with_a_note() {
    for (number, read) in [
        ("9223372036854775807", None),
        ("253402207201", None),
        ("-1", None),
        ("253402207200", Some(253_402_207_200)),
        ("1700000000", Some(1_700_000_000)),
    ] {
        let invoice = format!(
            r#"{{"id":"in_1","object":"invoice","currency":"usd","created":1,"status_transitions":{{"paid_at":{number}}}}}"#
        );
        let found = common::object(kernel::Kind::Invoice, &invoice);
        let kernel::Body::Invoice(body) = &found.facts.first().expect("a fact").body else {
            panic!("an invoice")
        };
        assert_eq!(body.paid_at_s, read, "{number}");
        let noted = found.notes.iter().any(|note| note.path.ends_with("paid_at"));
        assert_eq!(noted, read.is_none(), "{number}");
        let event = format!(r#"{{"id":"evt_1","livemode":false,"created":{number}}}"#);
        let envelope = facts::Envelope::parse(event.as_bytes()).expect("an envelope");
        assert_eq!(envelope.created_s, read.unwrap_or(0), "{number}");
    }
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let found = facts::normalise_event(&bytes);
        prop_assert!(found.facts.is_empty());
        let _ = facts::Envelope::parse(&bytes);
    }

    #[test]
    fn random_mutations_never_panic_and_reading_is_deterministic(
        bytes in event_text(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = bytes;
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let found = facts::normalise_event(&bytes);
        check(&found, "mutant");
        prop_assert_eq!(&found, &facts::normalise_event(&bytes));
        let _ = facts::Envelope::parse(&bytes);
    }

    #[test]
    fn random_headers_never_panic(header in "[tv01=,a-f0-9]{0,200}", body in prop::collection::vec(any::<u8>(), 0..50)) {
        let secrets = [facts::Secret::new("whsec_1").expect("a secret")];
        prop_assert!(facts::verify(&body, &header, &secrets, 0, i64::MAX).is_err());
    }
}
