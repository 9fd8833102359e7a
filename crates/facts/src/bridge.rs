//! Events that came through a cloud's event bus: EventBridge puts Stripe's event under `detail`, Event Grid under
//! `data`. Neither is signed by Stripe, so they are only ever read from files that somebody trusts.

use crate::json::{Fields, Node, decode};

/// The events of one line: itself, what an envelope around it holds, or those of a whole array.
#[must_use]
pub fn unwrapped(line: &[u8]) -> Vec<Vec<u8>> {
    let text = decode(line);
    if text.trim_start().starts_with('[') {
        let rows = Node::whole(&text).and_then(Node::elements);
        return rows.map_or_else(
            || vec![line.to_vec()],
            |rows| rows.iter().flat_map(|row| unwrapped(row.text().as_bytes())).collect(),
        );
    }
    let inner = Fields::parse(&text).and_then(|fields| {
        let enveloped = fields.get("detail-type").is_some() || fields.get("specversion").is_some();
        let name = if fields.get("detail-type").is_some() { "detail" } else { "data" };
        let held = fields.get(name).filter(|_| enveloped)?;
        held.fields().map(|_| held.text().as_bytes().to_vec())
    });
    vec![inner.unwrap_or_else(|| line.to_vec())]
}

#[cfg(test)]
mod tests {
    use super::unwrapped;

    #[test]
    fn what_a_clouds_envelope_holds_is_the_event() {
        let event = r#"{"id":"evt_1","object":"event","data":{"object":{}}}"#;
        let bridge = format!(
            r#"{{"version":"0","detail-type":"invoice.paid","source":"aws.partner/stripe.com","detail":{event}}}"#
        );
        let grid = format!(r#"{{"specversion":"1.0","type":"invoice.paid","data":{event}}}"#);
        let both = format!("[{grid},{bridge}]");
        let rows = [
            (event.to_owned(), vec![event]),
            (bridge, vec![event]),
            (grid, vec![event]),
            (both, vec![event, event]),
            ("nonsense".to_owned(), vec!["nonsense"]),
            ("[1,".to_owned(), vec!["[1,"]),
            (r#"{"detail-type":"x","detail":5}"#.to_owned(), vec![r#"{"detail-type":"x","detail":5}"#]),
        ];
        for (line, expected) in rows {
            let found: Vec<String> =
                unwrapped(line.as_bytes()).into_iter().map(|body| String::from_utf8(body).unwrap()).collect();
            assert_eq!(found, expected, "{line}");
        }
    }
}
