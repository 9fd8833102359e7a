//! What is posted: events of paid invoices as Stripe writes them, made up to some 7 kB with metadata, with
//! a place in each where the driver writes a new event id.

use std::path::Path;

use anyhow::{Result, ensure};

/// Size of a usual invoice event with a few lines and some metadata.
pub(crate) const BODY_BYTES: usize = 7 * 1024;

/// Different invoices; every request has an event id of its own.
const TEMPLATES: usize = 1000;

/// Every body begins with this, then the id's changing part, then a quotation mark.
pub(crate) const HEAD: &[u8] = b"{\"id\":\"evt_";
pub(crate) const ID_BYTES: usize = 20;

const FIRST_S: i64 = 1_735_689_600;
const METADATA: &str = "\"metadata\":{}";

/// Bodies of equal length, one after the other in one file.
pub(crate) fn write(path: &Path) -> Result<()> {
    let mut all = Vec::with_capacity(TEMPLATES * BODY_BYTES);
    let traffic = sandbox::traffic::year(7, 12, 400, FIRST_S);
    let paid = traffic.deliveries().filter(|delivery| delivery.event_type == "invoice.paid");
    let mut count = 0;
    for delivery in paid {
        if let Some(body) = template(&delivery.body, &delivery.event_ref) {
            all.extend_from_slice(&body);
            count += 1;
        }
        if count == TEMPLATES {
            break;
        }
    }
    ensure!(count == TEMPLATES, "only {count} invoices were found to post");
    Ok(std::fs::write(path, all)?)
}

/// `None` for an invoice that is too large already, or has no metadata to be filled.
fn template(body: &[u8], event_ref: &str) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?;
    let rest = text.strip_prefix(&format!("{{\"id\":\"{event_ref}\""))?;
    let text = format!("{}{}\"{rest}", std::str::from_utf8(HEAD).ok()?, "0".repeat(ID_BYTES));
    let at = text.rfind(METADATA)? + METADATA.len() - 1;
    let padding = padding(BODY_BYTES.checked_sub(text.len())?)?;
    Some([&text[..at], &padding, &text[at..]].concat().into_bytes())
}

/// Metadata of exactly that many bytes: fields of some 60 bytes, the last one longer.
fn padding(bytes: usize) -> Option<String> {
    let field = |number: usize, value: &str| format!("\"field_{number:02}\":\"{value}\",");
    let mut text = String::new();
    for number in 0..99 {
        let next = field(number, "some value of the usual length, 40 bytes");
        if text.len() + 2 * next.len() > bytes {
            break;
        }
        text.push_str(&next);
    }
    let value = bytes.checked_sub(text.len() + field(99, "").len() - 1)?;
    text.push_str(field(99, &"x".repeat(value)).trim_end_matches(','));
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_of_the_size_and_readable() {
        let traffic = sandbox::traffic::year(7, 1, 40, FIRST_S);
        let paid = traffic.deliveries().find(|delivery| delivery.event_type == "invoice.paid").expect("one");
        let body = template(&paid.body, &paid.event_ref).expect("it fits");
        assert_eq!(body.len(), BODY_BYTES);
        let envelope = facts::Envelope::parse(&body).expect("an envelope");
        assert_eq!(envelope.id.as_str(), format!("evt_{}", "0".repeat(ID_BYTES)));
        assert_eq!(facts::normalise_event(&body).facts, {
            let mut facts = facts::normalise_event(&paid.body).facts;
            facts.iter_mut().for_each(|fact| fact.event_ref = envelope.id.clone());
            facts
        });
    }
}
