//! Writing HTML: what is put into it is escaped here. It must not know what any page is about.

use kernel::Currency;
use kernel::money::decimal;

use super::style;

/// Text, or the value of an attribute in double quotes.
pub(super) fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for char in raw.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// An address for a link; anything but a page on the web or here leads nowhere.
pub(super) fn href(raw: &str) -> String {
    let here = raw.starts_with('/') && !raw.starts_with("//");
    let web = ["http://", "https://"].iter().any(|scheme| raw.starts_with(scheme));
    if here || web { text(raw) } else { "#".to_owned() }
}

/// `$12.34`, `€12.34`, `12.34 CHF`.
pub(super) fn money(minor: i64, currency: Currency) -> String {
    let amount = decimal(minor.unsigned_abs(), currency);
    let sign = if minor < 0 { "−" } else { "" };
    match currency.as_str() {
        "usd" => format!("{sign}${amount}"),
        "eur" => format!("{sign}€{amount}"),
        "gbp" => format!("{sign}£{amount}"),
        "jpy" => format!("{sign}¥{amount}"),
        other => format!("{sign}{amount} {}", other.to_ascii_uppercase()),
    }
}

pub(super) fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><meta name=\"robots\" content=\"noindex\">\
         <title>{}</title><style>{}</style></head><body>\
         <p class=\"test\">Test mode: no money moves here.</p>{body}</body></html>\n",
        text(title),
        style::CSS
    )
}

#[cfg(test)]
mod tests {
    use super::{href, money, text};
    use kernel::Currency;

    #[test]
    fn what_people_type_is_text_and_links_lead_to_pages() {
        assert_eq!(text("<b a=\"1\">'&"), "&lt;b a=&quot;1&quot;&gt;&#39;&amp;");
        let rows = [
            ("https://shop.test/a?b=\"c\"", "https://shop.test/a?b=&quot;c&quot;"),
            ("/shop", "/shop"),
            ("//evil.test", "#"),
            ("javascript:alert(1)", "#"),
            ("data:text/html,x", "#"),
        ];
        for (raw, expected) in rows {
            assert_eq!(href(raw), expected, "{raw}");
        }
    }

    #[test]
    fn amounts_read_as_people_write_them() {
        let rows = [
            (1234, "usd", "$12.34"),
            (-500, "eur", "−€5.00"),
            (500, "jpy", "¥500"),
            (1000, "chf", "10.00 CHF"),
        ];
        for (minor, code, expected) in rows {
            let currency = Currency::parse(code).expect("a currency");
            assert_eq!(money(minor, currency), expected);
        }
    }
}
