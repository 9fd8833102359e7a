//! Bodies as people see them: indented, and with what is personal hidden. What is hidden is a closed list of names of fields,
//! whatever they hold; numbers, spellings and order stay as they came. It must not know events.

/// Fields of Stripe's objects that hold names, addresses, numbers of cards and accounts, texts that people wrote, or addresses
/// of pages that let in whoever knows them.
const HIDDEN: [&str; 58] = [
    "account_holder_name",
    "account_number",
    "address",
    "address_city",
    "address_country",
    "address_line1",
    "address_line2",
    "address_state",
    "address_zip",
    "bank_name",
    "billing_details",
    "business_profile",
    "city",
    "client_secret",
    "company",
    "custom_fields",
    "customer_address",
    "customer_details",
    "customer_email",
    "customer_name",
    "customer_phone",
    "customer_purchase_ip",
    "customer_shipping",
    "customer_signature",
    "customer_tax_ids",
    "cvc_check",
    "description",
    "dob",
    "email",
    "evidence",
    "fingerprint",
    "first_name",
    "hosted_invoice_url",
    "iban",
    "individual",
    "invoice_pdf",
    "ip",
    "ip_address",
    "ip_address_location",
    "last4",
    "last_name",
    "line1",
    "line2",
    "metadata",
    "name",
    "nickname",
    "owner",
    "phone",
    "postal_code",
    "receipt_email",
    "receipt_url",
    "routing_number",
    "shipping",
    "shipping_details",
    "statement_descriptor",
    "tax_ids",
    "user_agent",
    "value",
];

/// What stands in place of a value.
const MARK: &str = "\"(hidden)\"";

const SHOWN_CHARS_MAX: usize = 200_000;
const DEPTH_SHOWN_MAX: usize = 40;

/// A body as it came, indented by its brackets alone. What is no JSON comes out as it is.
pub(super) fn pretty(text: &str) -> String {
    Printer::new(false).print(text)
}

/// The same with the value of every hidden field left out; of what is no JSON nothing is shown, for nobody knows what is
/// where in it.
pub(super) fn redacted(text: &str) -> String {
    if matches!(text.trim_start().chars().next(), Some('{' | '[')) {
        return Printer::new(true).print(text);
    }
    format!("({} bytes that are no JSON are hidden)", text.len())
}

/// Goes through a text character by character: no depth of nesting can exhaust the stack.
struct Printer {
    redacts: bool,
    out: String,
    depth: usize,
    /// The last text that was read, while it may turn out to be a field's name.
    last: String,
    /// How deep the value is that is being left out.
    hiding: Option<usize>,
}

impl Printer {
    const fn new(redacts: bool) -> Self {
        Self { redacts, out: String::new(), depth: 0, last: String::new(), hiding: None }
    }

    fn put(&mut self, char: char) {
        if self.hiding.is_none() {
            self.out.push(char);
        }
    }

    fn newline(&mut self) {
        if self.hiding.is_none() {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n("  ", self.depth.min(DEPTH_SHOWN_MAX)));
        }
    }

    fn print(mut self, text: &str) -> String {
        let mut chars = text.trim().chars().peekable();
        if !matches!(chars.peek(), Some('{' | '[')) {
            return text.chars().take(SHOWN_CHARS_MAX).collect();
        }
        while let Some(next) = chars.next() {
            if self.out.len() > SHOWN_CHARS_MAX {
                self.out.push_str("\n(cut here for display)");
                break;
            }
            match next {
                '"' => self.text(&mut chars),
                '{' | '[' => {
                    self.put(next);
                    self.depth += 1;
                    while chars.next_if(char::is_ascii_whitespace).is_some() {}
                    if !matches!(chars.peek(), Some('}' | ']')) {
                        self.newline();
                    }
                }
                '}' | ']' => self.close(next),
                ',' => {
                    self.over(self.depth);
                    self.put(next);
                    self.newline();
                }
                ':' => self.value(),
                space if space.is_ascii_whitespace() => {}
                other => self.put(other),
            }
        }
        self.out
    }

    /// A text up to its end, kept in mind in case it is a name.
    fn text(&mut self, chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
        self.last.clear();
        self.put('"');
        let mut escaped = false;
        for next in chars.by_ref() {
            self.put(next);
            if next == '"' && !escaped {
                return;
            }
            escaped = !escaped && next == '\\';
            self.last.push(next);
        }
    }

    fn close(&mut self, bracket: char) {
        // A value ends with the object that it is in.
        self.over(self.depth);
        self.depth = self.depth.saturating_sub(1);
        if self.hiding.is_none() && !self.out.ends_with(['{', '[']) {
            self.newline();
        }
        self.put(bracket);
    }

    /// Behind a name.
    fn value(&mut self) {
        if self.hiding.is_some() {
            return;
        }
        self.out.push_str(": ");
        if self.redacts && is_hidden(&self.last) {
            self.out.push_str(MARK);
            self.hiding = Some(self.depth);
        }
    }

    /// What follows is on that level again.
    fn over(&mut self, depth: usize) {
        if self.hiding == Some(depth) {
            self.hiding = None;
        }
    }
}

/// However the name is written: with escapes, or in capitals.
fn is_hidden(name: &str) -> bool {
    let plain = format!("\"{name}\"");
    let plain: String = serde_json::from_str(&plain).unwrap_or_else(|_| name.to_owned());
    let plain = plain.to_ascii_lowercase();
    HIDDEN.binary_search(&plain.as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_indented_and_otherwise_left_as_it_came() {
        let text = r#"{"a":[1, 1e400,{}],"b":"x,\"{y","c":[]}"#;
        let shown = "{\n  \"a\": [\n    1,\n    1e400,\n    {}\n  ],\n  \"b\": \"x,\\\"{y\",\n  \"c\": []\n}";
        assert_eq!(pretty(text), shown);
        assert_eq!(pretty("not json"), "not json");
        assert!(pretty(&"[".repeat(100_000)).ends_with("(cut here for display)"));
        assert_eq!(pretty("}}"), "}}");
    }

    #[test]
    fn what_is_personal_is_left_out_whatever_it_holds() {
        for (body, shown) in [
            (r#"{"id":"cus_1","email":"ada@x.test","n":1}"#, r#"{"id":"cus_1","email":"(hidden)","n":1}"#),
            (
                r#"{"address":{"line1":"Way 1","city":["a",{"b":2}]},"n":1}"#,
                r#"{"address":"(hidden)","n":1}"#,
            ),
            (
                r#"{"data":{"object":{"name":null}},"n":[{"phone":7},3]}"#,
                r#"{"data":{"object":{"name":"(hidden)"}},"n":[{"phone":"(hidden)"},3]}"#,
            ),
            (r#"{"e\u006dail":"ada","EMAIL":"ada"}"#, r#"{"e\u006dail":"(hidden)","EMAIL":"(hidden)"}"#),
            (
                r#"{"email":"a,\"}b","x":"email","y":["email"]}"#,
                r#"{"email":"(hidden)","x":"email","y":["email"]}"#,
            ),
            (
                r#"[{"last4":"4242","fingerprint":"abc"}]"#,
                r#"[{"last4":"(hidden)","fingerprint":"(hidden)"}]"#,
            ),
        ] {
            let plain = |text: &str| pretty(text).split_whitespace().collect::<String>();
            let found: String = redacted(body).split_whitespace().collect();
            assert_eq!(found, plain(shown), "{body}");
        }
        // Cut off in the middle of a hidden value, or never JSON: nothing of it is shown.
        assert!(!redacted(r#"{"email":"ada@x.te"#).contains("ada"));
        assert!(!redacted(r#"{"address":{"line1":"Way"#).contains("Way"));
        assert_eq!(redacted("ada@x.test"), "(10 bytes that are no JSON are hidden)");
    }

    #[test]
    fn the_names_are_sorted_and_each_is_there_once() {
        assert!(HIDDEN.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
