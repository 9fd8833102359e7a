//! An object without a life, from the usual look of its kind (`plain.json`): `$id`, `$created`, `$later`,
//! `$livemode` and ids of other kinds (`$cus`) are filled in, fields marked `@family` are left out before
//! that family (and those marked `@not-basil` in that one). It must not know what any field means.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::{Frame, Version};
use crate::model::Plain;

static LOOKS: LazyLock<BTreeMap<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("plain.json")).unwrap_or_default());

const LATER_S: i64 = 2 * 86_400;

pub(super) fn render(plain: &Plain, frame: Frame) -> String {
    let mut object = match LOOKS.get(plain.object) {
        Some(look) => filled(look, plain, frame),
        None => Value::Object(Map::new()),
    };
    if let Value::Object(fields) = &mut object {
        for (name, json) in &plain.fields {
            let value = serde_json::from_str(json).unwrap_or(Value::Null);
            fields.insert((*name).to_owned(), value);
        }
        if frame.version.unknown() {
            fields.insert("x_future_scalar".to_owned(), Value::String("value".to_owned()));
        }
    }
    object.to_string()
}

fn filled(value: &Value, plain: &Plain, frame: Frame) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter_map(|(name, value)| {
                let (name, since) = name.split_once('@').unwrap_or((name, ""));
                has(frame.version, since).then(|| (name.to_owned(), filled(value, plain, frame)))
            });
            Value::Object(kept.collect())
        }
        Value::Array(rows) => rows.iter().map(|row| filled(row, plain, frame)).collect(),
        Value::String(text) => text_of(text, plain, frame),
        other => other.clone(),
    }
}

fn text_of(text: &str, plain: &Plain, frame: Frame) -> Value {
    match text {
        "$created" => return plain.created_s.into(),
        "$later" => return (plain.created_s + LATER_S).into(),
        "$livemode" => return frame.livemode.into(),
        _ => {}
    }
    let Some((before, after)) = text.split_once('$') else { return text.into() };
    let end = after.find(|letter: char| !letter.is_ascii_lowercase()).unwrap_or(after.len());
    let (prefix, rest) = after.split_at(end);
    let own = plain.id.rsplit_once('_').map_or(plain.id.as_str(), |(_, own)| own);
    let id = if prefix == "id" { plain.id.clone() } else { format!("{prefix}_{own}") };
    format!("{before}{id}{rest}").into()
}

fn has(version: Version, since: &str) -> bool {
    match since {
        "basil" => version.basil(),
        "clover" => version.clover(),
        "dahlia" => version.dahlia(),
        "endive" => version.endive(),
        "not-basil" => !version.basil() || version.clover(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_filled_in_for_their_version() {
        let plain = Plain {
            id: "credgr_1A".into(),
            object: "billing.credit_grant",
            created_s: 5,
            fields: vec![("name", "7".into())],
        };
        let shown = |version| -> Value {
            serde_json::from_str(&render(&plain, Frame { version, livemode: true })).expect("JSON")
        };
        let (old, new) = (shown(Version::Acacia20241028), shown(Version::Dahlia20260729));
        assert_eq!((&new["id"], &new["customer"]), (&"credgr_1A".into(), &"cus_1A".into()));
        assert_eq!((&new["name"], &new["created"], &new["livemode"]), (&7.into(), &5.into(), &true.into()));
        assert!(old.get("priority").is_none() && new["priority"].is_null() && new.get("priority").is_some());
    }

    #[test]
    fn every_look_is_there() {
        assert!(LOOKS.len() > 10, "plain.json is JSON");
    }
}
