//! Bodies that no Stripe would send but a hostile or broken sender could: hand-made monsters, and rendered
//! events with one field of their object replaced by what does not belong there. It posts nothing.

use std::collections::BTreeMap;

use sandbox::{Delivery, Rng, Version, render};
use serde_json::Value;

/// Stands for text that `Value` cannot hold, until the body is written.
const MARK: &str = "\u{fffd}mutant\u{fffd}";

/// What a field becomes; `None`: it is left out.
const REPLACEMENTS: [Option<&str>; 14] = [
    None,
    Some("null"),
    Some("true"),
    Some("\"text\""),
    Some("\"\\ud800\""),
    Some("\"\\u0000\""),
    Some("[]"),
    Some("[{\"id\":7}]"),
    Some("{}"),
    Some("1e400"),
    Some("-0"),
    Some("9223372036854775807"),
    Some("-9223372036854775808"),
    Some("18446744073709551616"),
];

/// One body and what it is called in a failure.
pub(crate) struct Mutant {
    pub(crate) what: String,
    pub(crate) body: Vec<u8>,
}

/// A sample's type and version, its event, the field, and what it becomes.
type Plan<'a> = (&'a (&'a str, Version), Value, Vec<String>, Option<&'a str>);

/// For one event of each type in each of these versions: every field of the object, and of the objects in
/// it, with every replacement. Then a sample of at most `most`, the same for the same seed.
pub(crate) fn of_events(events: &[sandbox::ModelEvent], versions: &[Version], most: usize) -> Vec<Mutant> {
    let mut samples: BTreeMap<(&str, Version), Delivery> = BTreeMap::new();
    for version in versions {
        for delivery in render(events, *version) {
            let longest = samples.entry((delivery.event_type, *version)).or_insert_with(|| delivery.clone());
            if delivery.body.len() > longest.body.len() {
                *longest = delivery;
            }
        }
    }
    let mut plans: Vec<Plan<'_>> = Vec::new();
    for (sample, delivery) in &samples {
        let event: Value = serde_json::from_slice(&delivery.body).expect("a rendered event");
        for path in paths(&event["data"]["object"]) {
            for replacement in REPLACEMENTS {
                plans.push((sample, event.clone(), path.clone(), replacement));
            }
        }
    }
    let mut rng = Rng::new(7);
    let all = plans.len() as u64;
    plans.retain(|_| rng.below(all) < most as u64);
    let plans = plans.into_iter().enumerate();
    plans
        .map(|(number, (sample, event, path, replacement))| mutant(number, sample, event, &path, replacement))
        .collect()
}

/// Pointers to the fields of an object, and to those of objects and first rows of lists in it.
fn paths(object: &Value) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for (name, value) in object.as_object().into_iter().flatten() {
        paths.push(vec![name.clone()]);
        let inner = match value {
            Value::Array(rows) => rows.first().map(|row| (vec![name.clone(), "0".to_owned()], row)),
            other => match other["data"].get(0) {
                Some(row) => Some((vec![name.clone(), "data".to_owned(), "0".to_owned()], row)),
                None => Some((vec![name.clone()], other)),
            },
        };
        let Some((prefix, inner)) = inner else { continue };
        for name in inner.as_object().into_iter().flatten().map(|(name, _)| name) {
            let mut path = prefix.clone();
            path.push(name.clone());
            paths.push(path);
        }
    }
    paths
}

fn mutant(
    number: usize,
    sample: &(&str, Version),
    mut event: Value,
    path: &[String],
    replacement: Option<&str>,
) -> Mutant {
    event["id"] = Value::from(format!("evt_mutant_{number}"));
    let object = &mut event["data"]["object"];
    // Its own object, so that one mutant does not hide another.
    if let Some(id) = object["id"].as_str().map(|id| format!("{id}_{number}")) {
        object["id"] = Value::from(id);
    }
    let (last, above) = path.split_last().expect("a path has a name");
    let holder = object.pointer_mut(&above.iter().map(|name| format!("/{name}")).collect::<String>());
    if let Some(Value::Object(fields)) = holder {
        match replacement {
            None => fields.remove(last),
            Some(_) => fields.insert(last.clone(), Value::from(MARK)),
        };
    }
    let text = event.to_string().replace(&format!("\"{MARK}\""), replacement.unwrap_or_default());
    Mutant {
        what: format!("{} {:?} {} = {replacement:?}", sample.0, sample.1, path.join(".")),
        body: text.into_bytes(),
    }
}

/// Whole bodies made by hand. `object` is a template's place for the object.
pub(crate) fn monsters() -> Vec<Mutant> {
    let plain = event("evt_plain", r#"{"id":"in_plain","object":"invoice"}"#);
    let mut monsters: Vec<(String, Vec<u8>)> = Vec::new();
    for part in [1, 2, plain.len() / 3, plain.len() / 2, plain.len() - 1] {
        monsters.push((format!("truncated to {part} bytes"), plain.as_bytes()[..part].to_vec()));
    }
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    for (what, body) in [
        ("white space", b" \n\t".to_vec()),
        ("a NUL", b"\0".to_vec()),
        ("null", b"null".to_vec()),
        ("a number", b"0".to_vec()),
        ("an array", b"[]".to_vec()),
        ("an empty object", b"{}".to_vec()),
        ("two values", format!("{plain}{plain}").into_bytes()),
        ("a trailing byte", format!("{plain}\0").into_bytes()),
        ("random bytes", (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()),
        ("UTF-16", utf16(&plain)),
        ("UTF-8 with a BOM", format!("\u{feff}{}", event("evt_bom", "{}")).into_bytes()),
        ("a NUL between", event("evt_nul_raw", "{\"id\":\"in_\0\"}").into_bytes()),
    ] {
        monsters.push((what.to_owned(), body));
    }
    let mut latin = event("evt_latin", r#"{"id":"in_latin","customer_name":"ZoX"}"#).into_bytes();
    latin.iter_mut().filter(|byte| **byte == b'X').for_each(|byte| *byte = 0xeb);
    monsters.push(("not UTF-8".to_owned(), latin));
    for (index, object) in objects().into_iter().enumerate() {
        let what = format!("object {index} {:.40}", object);
        monsters.push((what, event(&format!("evt_object_{index}"), &object).into_bytes()));
    }
    for (index, envelope) in envelopes().into_iter().enumerate() {
        monsters.push((format!("envelope {index} {envelope:.60}"), envelope.into_bytes()));
    }
    monsters.into_iter().map(|(what, body)| Mutant { what, body }).collect()
}

fn event(id: &str, object: &str) -> String {
    format!(
        r#"{{"id":"{id}","object":"event","api_version":"2026-07-29.dahlia","created":1767225600,"livemode":false,"type":"invoice.paid","data":{{"object":{object}}}}}"#
    )
}

fn nested(open: &str, close: &str, depth: usize) -> String {
    format!("{}7{}", open.repeat(depth), close.repeat(depth))
}

/// What can stand where an invoice should.
fn objects() -> Vec<String> {
    let invoice = |field: &str| format!(r#"{{"id":"in_o","object":"invoice","currency":"usd",{field}}}"#);
    let mut objects: Vec<String> =
        ["null", "7", "[]", "\"in_text\"", "true", "{}", r#"[{"id":"in_row","object":"invoice"}]"#]
            .map(str::to_owned)
            .to_vec();
    for number in ["1e400", "-1e400", "9223372036854775808", "18446744073709551616", "-0", "0.1", "1E2"] {
        objects.push(invoice(&format!(r#""total":{number},"amount_paid":{number},"created":{number}"#)));
    }
    objects.push(nested("[", "]", 100_000));
    objects.push(nested(r#"{"a":"#, "}", 100_000));
    objects.push(invoice(&format!(r#""lines":{}"#, nested("[", "]", 100_000))));
    objects.push(invoice(&format!(r#""metadata":{}"#, nested(r#"{"a":"#, "}", 100_000))));
    let many: Vec<String> = (0..40_000).map(|n| format!("\"k{n}\":\"v\"")).collect();
    objects.push(invoice(&format!(r#""metadata":{{{}}}"#, many.join(","))));
    let rows = vec![r#"{"id":"il","amount":1,"discount_amounts":[]}"#; 15_000];
    objects.push(invoice(&format!(r#""total":1,"lines":{{"data":[{}]}}"#, rows.join(","))));
    objects.push(invoice(r#""status":"paid","status":"void","total":1,"total":"2""#));
    objects.push(invoice(&format!(r#""customer":"{}""#, "c".repeat(900_000))));
    objects.push(invoice(&format!(r#""{}":1"#, "k".repeat(900_000))));
    objects.push(r#"{"id":"in_\ud800","object":"invoice","\udfff":1}"#.to_owned());
    objects.push(r#"{"id":"in_\u0000","object":"invoice"}"#.to_owned());
    objects.push(format!(r#"{{"id":"{}","object":"invoice"}}"#, "i".repeat(70_000)));
    objects
}

/// Envelopes in which the gate's own fields are wrong.
fn envelopes() -> Vec<String> {
    let long = format!(r#"{{"id":"{}","livemode":false,"type":"x"}}"#, "e".repeat(300));
    let kind = format!(r#"{{"id":"evt_long_type","livemode":false,"type":"{}"}}"#, "t".repeat(100_000));
    let version = format!(
        r#"{{"id":"evt_long_version","livemode":false,"type":"x","api_version":"{}"}}"#,
        "v".repeat(100_000)
    );
    let texts = [
        r#"{"id":"evt_twice","id":"evt_twice_2","livemode":true,"livemode":false,"type":"x"}"#,
        r#"{"id":"evt_mode","livemode":"false","type":"x"}"#,
        r#"{"id":"evt_mode_2","livemode":null,"type":"x"}"#,
        r#"{"id":"","livemode":false,"type":"x"}"#,
        r#"{"id":7,"livemode":false,"type":"x"}"#,
        r#"{"livemode":false,"type":"x"}"#,
        r#"{"id":"evt_\u0000","livemode":false,"type":"x"}"#,
        r#"{"id":"evt_\ud800","livemode":false,"type":"x"}"#,
        r#"{"id":"evt_account","livemode":false,"type":"x","account":7}"#,
        r#"{"id":"evt_account_2","livemode":false,"type":"x","account":"","context":[]}"#,
        r#"{"id":"evt_type","livemode":false,"type":{"a":1}}"#,
        r#"{"id":"evt_type_2","livemode":false,"type":"x\u0000\ud800"}"#,
        r#"{"id":"evt_created","livemode":false,"type":"x","created":1e400}"#,
        r#"{"id":"evt_created_2","livemode":false,"type":"invoice.paid","created":9223372036854775807}"#,
        r#"{"id":"evt_created_3","livemode":false,"type":"invoice.paid","created":-9223372036854775808}"#,
        r#"{"id":"evt_data","livemode":false,"type":"invoice.paid","data":7}"#,
        r#"{"id":"evt_data_2","livemode":false,"type":"invoice.paid","data":[{"object":{}}]}"#,
        r#"{"id":"evt_thin","object":"v2.core.event","livemode":false,"type":"x","created":"yesterday","related_object":7}"#,
        r#"{"id":"evt_previous","livemode":false,"type":"invoice.updated","data":{"object":{"id":"in_p","object":"invoice"},"previous_attributes":[7]}}"#,
    ];
    texts.map(str::to_owned).into_iter().chain([long, kind, version]).collect()
}
