//! What is written is read back; what was changed on the way is refused by name.

use store::inbox::InboxRow;

use super::*;

fn deliveries() -> Deliveries {
    let again = |delivery, source| Repeat { delivery, received_at: 1_700_000_000_000 + delivery, source };
    let repeats = vec![again(2, Source::Webhook), again(3, Source::Import)];
    Deliveries { count: 4, repeats, repeated_at: Some(1_700_000_000_009) }
}

fn kept(body: &[u8]) -> Kept {
    let row = InboxRow {
        seq: 7,
        book: Book { account: Ref::parse("acct_1"), livemode: true },
        event_ref: Ref::parse("evt_1").expect("a reference"),
        event_type: "invoice.paid".into(),
        api_version: Some("2025-03-31.basil".into()),
        created_s: 1_700_000_000,
        received_at: 1_700_000_000_123,
        source: Source::Fetch,
        headers: "{\"user-agent\":\"x\"}".into(),
        body: body.to_vec(),
        body_hash: Sha256::digest(body).into(),
    };
    Kept { row, deliveries: deliveries() }
}

fn written(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    write_event(&kept(body), &mut out);
    out
}

#[test]
fn whatever_a_body_is_its_line_is_one_line_and_gives_it_back_to_the_byte() {
    for body in [
        b"{\"id\":\"evt_1\",\n \"b\":\"\\u00e9\"}\r\n".as_slice(),
        b"",
        b"no json",
        b"\x00\x01\"\\",
        &[0xff, 0xfe, b'\n', 0],
        "\u{2028}\u{1f4b6}\u{feff}".as_bytes(),
    ] {
        let line = written(body);
        assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
        assert!(is_carried(&line));
        let Ok(Carried::Event { seq, event, deliveries: carried }) = read(&line) else {
            panic!("not an event")
        };
        let sent = kept(body).row;
        assert_eq!((seq, carried, event.body.as_slice()), (7, deliveries(), body));
        assert_eq!(
            (event.book, event.event_ref, event.event_type, event.api_version),
            (sent.book, sent.event_ref, sent.event_type, sent.api_version)
        );
        assert_eq!(
            (event.created_s, event.received_at, event.source, event.headers, event.body_hash),
            (sent.created_s, sent.received_at, sent.source, sent.headers, sent.body_hash)
        );
    }
}

#[test]
fn a_line_that_is_not_what_it_says_is_refused_by_name() {
    let line = String::from_utf8(written(b"{\"id\":\"evt_1\"}")).expect("text");
    for (from, to, why) in [
        ("\\\"id\\\"", "\\\"ID\\\"", "event evt_1: its body does not match its hash"),
        ("\"format\":1", "\"format\":2", "event evt_1: format 2 is of a newer program"),
        ("\"event\"", "\"entry\"", "event evt_1: 'entry' is neither"),
        ("\"body\":", "\"bod\":", "event evt_1: it has no body"),
        ("\"source\":\"fetch\"", "\"source\":\"x\"", "event evt_1: a field is missing or odd"),
        ("\"source\":\"import\"", "\"source\":\"x\"", "event evt_1: a field is missing or odd"),
        ("{\"countinghouse\"", "{{\"countinghouse\"", "not a line of an export"),
    ] {
        assert!(line.contains(from), "{from}");
        let refused = read(line.replacen(from, to, 1).as_bytes()).expect_err(why);
        assert!(refused.starts_with(why), "{refused}");
    }
}

#[test]
fn a_line_of_an_older_program_counts_its_deliveries_and_has_no_times() {
    let line = String::from_utf8(written(b"{}")).expect("text");
    let (head, rest) = line.split_once(",\"repeats\":").expect("repeats");
    let (_, tail) = rest.split_once(",\"headers\"").expect("more");
    let Ok(Carried::Event { deliveries, .. }) = read(format!("{head},\"headers\"{tail}").as_bytes()) else {
        panic!("not an event")
    };
    assert_eq!(deliveries, Deliveries::counted(4));
}

#[test]
fn a_line_of_ours_is_told_from_stripes_own() {
    for (line, ours) in [
        ("{\"countinghouse\":\"event\"}", true),
        ("  { \"countinghouse\" :\"event\"}", true),
        ("{\"account\":null,\"countinghouse\":\"event\"}", true),
        ("{\"id\":\"evt_1\",\"countinghouse\":\"event\"}", false),
        ("{\"account\":null,\"data\":{\"countinghouse\":\"event\"}}", false),
        ("[{\"countinghouse\":\"event\"}]", false),
        ("nonsense", false),
    ] {
        assert_eq!(is_carried(line.as_bytes()), ours, "{line}");
    }
}
