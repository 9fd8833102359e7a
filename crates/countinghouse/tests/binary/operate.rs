//! Operating the house from the command line: what is parked, and what becomes of it.

use serde_json::json;

use crate::house::House;

/// An invoice whose amounts cannot be calculated.
pub(crate) const POISON: &str = r#"{"id":"ID","object":"event","type":"invoice.paid","created":1767225600,"livemode":false,"data":{"object":{"id":"in_ID","object":"invoice","status":"paid","currency":"usd","total":9223372036854775807,"subtotal":9223372036854775807,"amount_paid":9223372036854775807,"amount_due":9223372036854775807,"created":1767225600,"total_discount_amounts":[{"amount":9223372036854775807,"discount":"di_1"}],"discounts":[],"lines":{"data":[]},"status_transitions":{"paid_at":1767225600}}}}"#;

/// Lines of a file to import, in the house's folder.
pub(crate) fn import(house: &House, lines: &[String]) {
    std::fs::write(house.folder().join("events.jsonl"), lines.join("\n")).expect("a file");
    house.ok("events import events.jsonl");
    house.ok("events drain --timeout-s 60");
}

#[test]
fn parked_events_are_listed_by_reason_tried_again_and_given_up_with_a_word_why() {
    let house = House::sqlite();
    import(&house, &["evt_a", "evt_b", "evt_c"].map(|id| POISON.replace("ID", id)));
    let parked = house.json("events parked");
    assert_eq!((&parked[0]["code"], &parked[0]["events"]), (&json!("amounts"), &json!(3)));
    assert_eq!(house.json("events retry evt_a"), json!({"id": "evt_a", "retried": 1}));
    assert_eq!(house.json("events retry --reason amounts"), json!({"retried": 2}));
    house.ok("events drain --timeout-s 60");
    assert_eq!(house.json("events discard evt_a evt_b --why 'a load test'"), json!({"discarded": 2}));
    let listed = house.json("events list --state discarded");
    assert_eq!(listed.as_array().map(Vec::len), Some(2));
    assert!(listed[0]["reason"].as_str().is_some_and(|why| why.starts_with("a load test (tester, ")));
    for (line, code, says) in [
        ("events retry evt_a", 1, "evt_a is not parked"),
        ("events discard --reason odd --why x", 1, "parked for other reasons: amounts"),
        ("events discard evt_c --why ' '", 2, "one line"),
        ("events discard evt_c", 2, "--why"),
        ("events retry", 2, "or --all"),
        ("events retry evt_c --all", 2, "cannot be used with"),
        ("events list --state odd", 2, "discarded"),
        ("events quarantine 7", 1, "no number 7"),
    ] {
        let ran = house.run(line);
        ran.expect(code);
        assert!(ran.err.contains(says), "{line}: {}", ran.err);
    }
    house.ok("events retry --all");
    assert_eq!(house.json("leakage"), json!({"leakage": [], "sales": []}));
    house.ok("leakage --book test");
    house.audit();
    assert_eq!(house.json("events parked")[0]["events"], 1);
}
