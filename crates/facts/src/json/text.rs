//! Bytes to text and JSON strings to text, whatever they contain: what cannot be decoded becomes U+FFFD.
//! It must not know what the text is for.

use std::borrow::Cow;

const REPLACEMENT: char = '\u{fffd}';

/// The body as text: a byte order mark is dropped, invalid UTF-8 replaced.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // Checking alone is several times as fast as the search for what to replace.
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// The text of a JSON string (given without its quotes). Lone surrogates and broken escapes become U+FFFD.
pub(crate) fn unescape(escaped: &str) -> Cow<'_, str> {
    if !escaped.contains('\\') {
        return Cow::Borrowed(escaped);
    }
    let mut out = String::with_capacity(escaped.len());
    let mut rest = escaped;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let (decoded, tail) = escape(after);
        out.push(decoded);
        rest = tail;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Reads one escape whose backslash is already gone.
fn escape(after: &str) -> (char, &str) {
    let mut rest = after.chars();
    let decoded = match rest.next() {
        Some('n') => '\n',
        Some('t') => '\t',
        Some('r') => '\r',
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('u') => return unicode(rest.as_str()),
        Some(itself) => itself,
        None => REPLACEMENT,
    };
    (decoded, rest.as_str())
}

fn unicode(digits: &str) -> (char, &str) {
    let Some((first, rest)) = hex4(digits) else { return (REPLACEMENT, digits) };
    if let Some(plain) = char::from_u32(first) {
        return (plain, rest);
    }
    let pair = rest.strip_prefix("\\u").and_then(hex4);
    let joined = pair.and_then(|(second, tail)| Some((join(first, second)?, tail)));
    joined.unwrap_or((REPLACEMENT, rest))
}

fn join(high: u32, low: u32) -> Option<char> {
    let paired = (0xd800..0xdc00).contains(&high) && (0xdc00..0xe000).contains(&low);
    paired.then(|| char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))).flatten()
}

fn hex4(text: &str) -> Option<(u32, &str)> {
    let digits = text.get(..4)?;
    let value = u32::from_str_radix(digits, 16).ok()?;
    Some((value, &text[4..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_and_broken_ones_replaced() {
        for (escaped, text) in [
            ("plain", "plain"),
            (r#"a\"b\\c\/d\n\t\r\b\f"#, "a\"b\\c/d\n\t\r\u{8}\u{c}"),
            (r"\u00e9\u0000", "\u{e9}\0"),
            (r"\ud83d\ude00!", "\u{1f600}!"),
            (r"\ud800", "\u{fffd}"),
            (r"\ud800\u0041", "\u{fffd}A"),
            (r"\ud800\ud83d\ude00", "\u{fffd}\u{1f600}"),
            (r"\udc00x", "\u{fffd}x"),
            (r"\u12", "\u{fffd}12"),
        ] {
            assert_eq!(unescape(escaped), text);
        }
    }

    #[test]
    fn a_byte_order_mark_is_dropped_and_bad_bytes_replaced() {
        assert_eq!(decode(b"\xef\xbb\xbf{}"), "{}");
        assert_eq!(decode(b"\"\xff\""), "\"\u{fffd}\"");
    }
}
