//! E-mail addresses that an event or an object names, as hashes, and whose they are: so that people find a customer by an
//! address without the books keeping one. It must not know where the hashes go; facts hold none of this.

use kernel::{Kind, ObjectKey, Ref};
use sha2::{Digest, Sha256};

use crate::json::{Fields, Node, Shape, decode, unescape};

/// Where a kind of object says addresses: paths of one or two steps.
const PATHS: [(Kind, &[&str]); 6] = [
    (Kind::Customer, &["email"]),
    (Kind::Invoice, &["customer_email"]),
    (Kind::Session, &["customer_email", "customer_details.email"]),
    (Kind::Intent, &["receipt_email"]),
    (Kind::Charge, &["receipt_email", "billing_details.email"]),
    (Kind::PaymentMethod, &["billing_details.email"]),
];

/// No address is longer.
const CHARS_MAX: usize = 320;

/// What an address comes to: the same however it is capitalised. `None` when the text is no address.
#[must_use]
pub fn address(text: &str) -> Option<[u8; 32]> {
    let plain = text.trim().to_lowercase();
    let (name, host) = plain.split_once('@')?;
    let is_one = !name.is_empty() && !host.is_empty() && plain.chars().count() <= CHARS_MAX;
    let is_one = is_one && !plain.chars().any(|char| char.is_whitespace() || char.is_control());
    is_one.then(|| Sha256::digest(plain.as_bytes()).into())
}

/// The addresses in a body, each with the customer it is said of, or with the purchase where there is none. `kind` is that of
/// an object that was fetched or listed; `None`: the body is an event.
#[must_use]
pub fn addresses(kind: Option<Kind>, bytes: &[u8]) -> Vec<(ObjectKey, [u8; 32])> {
    // Most events name nobody, and need not be read a second time to find that out. Stripe writes the sign as it is.
    if !bytes.contains(&b'@') {
        return Vec::new();
    }
    let text = decode(bytes);
    let Some(root) = Fields::parse(&text) else { return Vec::new() };
    match kind {
        Some(_) => of_object(&root),
        None => {
            let data = root.get("data").and_then(Node::fields);
            let object = data.as_ref().and_then(|data| data.get("object")).and_then(Node::fields);
            object.as_ref().map(of_object).unwrap_or_default()
        }
    }
}

fn of_object(object: &Fields<'_>) -> Vec<(ObjectKey, [u8; 32])> {
    let says = text_of(object, "object");
    let row = PATHS.iter().find(|(kind, _)| says.as_deref() == Some(kind.stripe_name()));
    let Some((kind, paths)) = row else { return Vec::new() };
    let Some(owner) = owner(*kind, object) else { return Vec::new() };
    let found = paths.iter().filter_map(|path| {
        let text = match path.split_once('.') {
            Some((outer, inner)) => text_of(&object.get(outer).and_then(Node::fields)?, inner)?,
            None => text_of(object, path)?,
        };
        Some((owner.clone(), address(&text)?))
    });
    let mut found: Vec<_> = found.collect();
    found.dedup();
    found
}

/// The customer whom the object names, else the object. A saved card of nobody leads nowhere.
fn owner(kind: Kind, object: &Fields<'_>) -> Option<ObjectKey> {
    let own = || Some(ObjectKey::new(kind, Ref::parse(&text_of(object, "id")?)?));
    if kind == Kind::Customer {
        return own();
    }
    let named = object.get("customer").and_then(|node| match node.shape() {
        Shape::Text(escaped) => Ref::parse(&unescape(escaped)),
        _ => Ref::parse(&text_of(&node.fields()?, "id")?),
    });
    match named {
        Some(id) => Some(ObjectKey::new(Kind::Customer, id)),
        None if kind == Kind::PaymentMethod => None,
        None => own(),
    }
}

fn text_of(fields: &Fields<'_>, name: &str) -> Option<String> {
    match fields.get(name).map(Node::shape) {
        Some(Shape::Text(escaped)) => Some(unescape(escaped).into_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(object: &str) -> Vec<(String, [u8; 32])> {
        let event = format!(r#"{{"id":"evt_1","type":"x","data":{{"object":{object}}}}}"#);
        let of_event = addresses(None, event.as_bytes());
        assert_eq!(
            of_event,
            addresses(Some(Kind::Customer), object.as_bytes()),
            "the same of the object alone"
        );
        of_event.into_iter().map(|(key, digest)| (key.to_string(), digest)).collect()
    }

    #[test]
    fn an_address_leads_to_its_customer_or_to_the_purchase() {
        let ada = address("ada@example.com").expect("an address");
        for (object, owners) in [
            (
                r#"{"object":"customer","id":"cus_1","email":"Ada@Example.com "}"#,
                &["customer cus_1"] as &[&str],
            ),
            (
                r#"{"object":"invoice","id":"in_1","customer":"cus_1","customer_email":"ada@example.com"}"#,
                &["customer cus_1"],
            ),
            (
                r#"{"object":"invoice","id":"in_1","customer":{"id":"cus_2"},"customer_email":"ada@example.com"}"#,
                &["customer cus_2"],
            ),
            (
                r#"{"object":"checkout.session","id":"cs_1","customer":null,"customer_details":{"email":"ada@example.com"}}"#,
                &["checkout.session cs_1"],
            ),
            (
                r#"{"object":"charge","id":"ch_1","receipt_email":"ada@example.com","billing_details":{"email":"ada@example.com"}}"#,
                &["charge ch_1"],
            ),
            (r#"{"object":"payment_method","id":"pm_1","billing_details":{"email":"ada@example.com"}}"#, &[]),
            (r#"{"object":"customer","id":"cus_1","email":null}"#, &[]),
            (r#"{"object":"customer","id":"cus_1","email":{"a":1}}"#, &[]),
            (r#"{"object":"coupon","id":"CO","email":"ada@example.com"}"#, &[]),
        ] {
            let expected: Vec<_> = owners.iter().map(|owner| ((*owner).to_owned(), ada)).collect();
            assert_eq!(found(object), expected, "{object}");
        }
        for nothing in ["", "ada", "@", "ada@", "@example.com", "a b@example.com", "ada@example.com\0"] {
            assert_eq!(address(nothing), None, "{nothing:?}");
        }
        for hostile in ["", "[]", "{", r#"{"data":7}"#, r#"{"data":{"object":[]}}"#] {
            assert_eq!(addresses(None, hostile.as_bytes()), []);
        }
    }
}
