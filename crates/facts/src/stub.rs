//! What every object of Stripe's says of itself, whatever it is. It must not know any kind.

use kernel::Ref;

use crate::envelope;
use crate::json::{Fields, Node, Shape, decode};

/// An object's id, and its mode where it says so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stub {
    pub id: Ref,
    pub livemode: Option<bool>,
    /// When it was made, in unix seconds; `None`: it does not say.
    pub created_s: Option<i64>,
    /// It is the answer to a question about something that is gone.
    pub deleted: bool,
}

impl Stub {
    /// `None` when the bytes are no object, or one without an id that can be kept.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let text = decode(bytes);
        let fields = Fields::parse(&text)?;
        let flag = |name: &str| match fields.get(name).map(Node::shape) {
            Some(Shape::Bool(value)) => Some(value),
            _ => None,
        };
        let created_s = match fields.get("created").map(Node::shape) {
            Some(Shape::Number(text)) => text.parse().ok(),
            _ => None,
        };
        let (livemode, deleted) = (flag("livemode"), flag("deleted") == Some(true));
        Some(Self { id: envelope::id(&fields)?, livemode, created_s, deleted })
    }
}

#[cfg(test)]
mod tests {
    use super::Stub;

    #[test]
    fn an_object_says_its_id_and_sometimes_its_mode() {
        let stub = |text: &str| {
            Stub::parse(text.as_bytes()).map(|stub| (stub.id.to_string(), stub.livemode, stub.deleted))
        };
        assert_eq!(stub(r#"{"id":"in_1","livemode":false}"#), Some(("in_1".into(), Some(false), false)));
        assert_eq!(stub(r#"{"id":"re_1"}"#), Some(("re_1".into(), None, false)));
        assert_eq!(stub(r#"{"id":"cus_1","deleted":true}"#), Some(("cus_1".into(), None, true)));
        let made = |text: &str| Stub::parse(text.as_bytes()).and_then(|stub| stub.created_s);
        assert_eq!(made(r#"{"id":"in_1","created":1767225600}"#), Some(1_767_225_600));
        assert_eq!(made(r#"{"id":"in_1","created":"soon"}"#), None);
        for nothing in ["", "[]", "{}", r#"{"id":""}"#, r#"{"id":7}"#] {
            assert_eq!(stub(nothing), None, "{nothing}");
        }
    }
}
