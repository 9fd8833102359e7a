//! `previous_attributes`: what differs between an object before and after a change, in one version's shape.
//! Plain maps are compared name by name, arrays come whole, and what was not there before is `null`. It must
//! not know what any field means.

use serde_json::{Map, Value};

use super::{Frame, rendered};
use crate::model::Object;

/// The fields as they were, as JSON; `{}` when this version shows no difference.
pub(super) fn attributes(before: &Object, after: &Object, frame: Frame) -> String {
    let read = |object| serde_json::from_str(&rendered(object, frame)).unwrap_or(Value::Null);
    match (read(before), read(after)) {
        (Value::Object(before), Value::Object(after)) => Value::Object(differing(before, &after)).to_string(),
        _ => "{}".to_owned(),
    }
}

fn differing(before: Map<String, Value>, after: &Map<String, Value>) -> Map<String, Value> {
    let added = after.keys().filter(|name| !before.contains_key(*name));
    let mut previous: Map<String, Value> = added.map(|name| (name.clone(), Value::Null)).collect();
    for (name, old) in before {
        match (old, after.get(&name)) {
            (old, Some(new)) if old == *new => {}
            (Value::Object(old), Some(Value::Object(new))) => {
                previous.insert(name, Value::Object(differing(old, new)));
            }
            (old, _) => {
                previous.insert(name, old);
            }
        }
    }
    previous
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    #[test]
    fn only_what_differs_is_said_and_arrays_come_whole() {
        let rows = [
            (json!({"a": 1, "b": 2}), json!({"a": 1, "b": 3}), json!({"b": 2})),
            (
                json!({"m": {"x": "1", "y": "2"}}),
                json!({"m": {"x": "1", "y": "3"}}),
                json!({"m": {"y": "2"}}),
            ),
            (json!({"m": {}}), json!({"m": {"x": "1"}}), json!({"m": {"x": null}})),
            (json!({"m": {"x": "1"}}), json!({"m": {}}), json!({"m": {"x": "1"}})),
            (json!({"l": [1, 2]}), json!({"l": [1, 3]}), json!({"l": [1, 2]})),
            (json!({"o": {"x": 1}}), json!({"o": null}), json!({"o": {"x": 1}})),
            (json!({"o": null}), json!({"o": {"x": 1}}), json!({"o": null})),
            (json!({"a": 1}), json!({"a": 1}), json!({})),
        ];
        for (before, after, expected) in rows {
            let (Value::Object(old), Value::Object(new)) = (&before, &after) else { panic!("maps") };
            let got = Value::Object(super::differing(old.clone(), new));
            assert_eq!(got, expected, "{before} -> {after}");
        }
    }
}
