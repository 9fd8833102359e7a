//! Which texts are fit to leave the house, and what is taken out of those that are not: addresses, secrets, card numbers, what
//! others have written between quotation marks, and signs that could pass for lines of the log. Pure.

/// What stands where something was taken out.
pub(super) const WITHHELD: &str = "[withheld]";

const WORD_CHARS_MAX: usize = 120;
/// As long as an id may be (DESIGN.md section 7).
const ID_CHARS_MAX: usize = 255;
const SENTENCE_CHARS_MAX: usize = 400;

/// A longer run of letters and digits without a word in front is taken for a secret.
const RANDOM_CHARS_MAX: usize = 23;

const SECRET_BEGINS: [&str; 12] = [
    "sk_",
    "rk_",
    "pk_",
    "whsec_",
    "xox",
    "ghp_",
    "eyJ",
    "Bearer",
    "Basic",
    "AKIA",
    "$argon2",
    "seti_secret",
];

const SECRET_NAMES: [&str; 7] =
    ["password=", "secret=", "token=", "key=", "authorization:", "signature=", "cookie:"];

pub(super) fn is_word(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:{}*".contains(&byte);
    !text.is_empty() && text.len() <= WORD_CHARS_MAX && text.bytes().all(fits) && !is_secret(text)
}

pub(super) fn is_id(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte);
    let (id, second) = text.split_once('@').unwrap_or((text, "0"));
    !id.is_empty()
        && text.len() <= ID_CHARS_MAX
        && id.bytes().all(fits)
        && second.bytes().all(|byte| byte.is_ascii_digit())
        && !begins_secret(id)
        && !is_card(id)
}

/// An address, or the network of one.
pub(super) fn is_network(text: &str) -> bool {
    let address = text.split_once('/').map_or(text, |(address, _)| address);
    text == "unknown" || (text.len() <= 64 && address.parse::<std::net::IpAddr>().is_ok())
}

/// A sentence without what it must not tell, in one line.
pub(super) fn cleaned(text: &str) -> String {
    let mut kept = String::with_capacity(text.len().min(SENTENCE_CHARS_MAX));
    let mut rest = unquoted(text);
    if rest.chars().count() > SENTENCE_CHARS_MAX {
        rest = rest.chars().take(SENTENCE_CHARS_MAX).collect::<String>() + "...";
    }
    let mut after_secret_name = false;
    for part in rest.split_inclusive(|c: char| c.is_whitespace() || c == ',' || c == ';') {
        let word = part.trim_end_matches(|c: char| c.is_whitespace() || c == ',' || c == ';');
        let bare = word.trim_matches(|c: char| "()[]<>{}\"'`.:!?".contains(c));
        let names_secret = ["Bearer", "Basic"].contains(&bare);
        if !bare.is_empty()
            && bare != "withheld"
            && (after_secret_name || is_secret(bare) || is_private(bare))
        {
            kept.push_str(&word.replace(bare, WITHHELD));
        } else {
            kept.push_str(word);
        }
        kept.push_str(&part[word.len()..]);
        after_secret_name = names_secret;
    }
    escaped(&kept)
}

/// Control signs, and signs that turn the direction of a line or are not seen, become visible.
pub(crate) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for sign in text.chars() {
        let unseen = matches!(u32::from(sign), 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff);
        if sign.is_control() || unseen {
            shown.extend(sign.escape_unicode());
        } else {
            shown.push(sign);
        }
    }
    shown
}

/// What stands between quotation marks was mostly written by somebody else: only an id is kept.
fn unquoted(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, mark)) = opening(rest) {
        let from = at + mark.len_utf8();
        let Some(length) = closing(&rest[from..], mark) else { break };
        let inside = &rest[from..from + length];
        kept.push_str(&rest[..from]);
        kept.push_str(if inside.contains('_') && is_id(inside) { inside } else { WITHHELD });
        kept.push(mark);
        rest = &rest[from + length + mark.len_utf8()..];
    }
    kept.push_str(rest);
    kept
}

/// A quotation mark that is no apostrophe.
fn opening(text: &str) -> Option<(usize, char)> {
    let mut before = ' ';
    for (at, sign) in text.char_indices() {
        if "\"'`".contains(sign) && !before.is_alphanumeric() {
            return Some((at, sign));
        }
        before = sign;
    }
    None
}

fn closing(text: &str, mark: char) -> Option<usize> {
    let ends = |at: usize| !text[at + mark.len_utf8()..].starts_with(char::is_alphanumeric);
    text.match_indices(mark).map(|(at, _)| at).find(|at| ends(*at))
}

/// An address of a person, a place that may hold a login, or a card's number.
fn is_private(word: &str) -> bool {
    let is_mail = word.contains('@') && !is_id(word);
    is_mail || word.contains("://") || is_card(word)
}

fn is_secret(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    begins_secret(word)
        || SECRET_NAMES.iter().any(|name| lower.contains(name) && !lower.ends_with(name))
        || word.split(|c: char| !c.is_ascii_alphanumeric() && !"_-+/=".contains(c)).any(is_random)
}

fn begins_secret(word: &str) -> bool {
    let after = |begin: &str| {
        word.find(begin).is_some_and(|at| {
            word.len() > at + begin.len() && !word[..at].ends_with(|c: char| c.is_ascii_alphanumeric())
        })
    };
    SECRET_BEGINS.iter().any(|begin| after(begin))
}

/// Letters and digits in a long row. Ids have a word and an underscore in front.
fn is_random(word: &str) -> bool {
    let begin = word.split('_').next().unwrap_or_default();
    let is_named = begin.len() < word.len()
        && !begin.is_empty()
        && begin.len() <= 20
        && begin.bytes().all(|byte| byte.is_ascii_lowercase());
    word.len() > RANDOM_CHARS_MAX
        && !is_named
        && !word.contains('/')
        && word.bytes().any(|byte| byte.is_ascii_digit())
        && word.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// 13 to 19 digits with a card's check digit (Luhn), in one piece or in groups.
fn is_card(word: &str) -> bool {
    let digits: Vec<u32> = word.chars().filter_map(|c| c.to_digit(10)).collect();
    if !(13..=19).contains(&digits.len()) || !word.chars().all(|c| c.is_ascii_digit() || c == '-') {
        return false;
    }
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit * 2) {
            (0, _) => *digit,
            (_, twice) if twice > 9 => twice - 9,
            (_, twice) => twice,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_keeps_what_helps_and_loses_what_is_private() {
        for (text, kept) in [
            ("Stripe cannot be reached: connection refused", "Stripe cannot be reached: connection refused"),
            ("No such customer: 'cus_123'", "No such customer: 'cus_123'"),
            ("no customer named 'Anna Smith' here", "no customer named '[withheld]' here"),
            (
                "invalid type: string \"hush\", expected i64",
                "invalid type: string \"[withheld]\", expected i64",
            ),
            ("Stripe's and Anna's", "Stripe's and Anna's"),
            ("mail to anna@example.com, now", "mail to [withheld], now"),
            ("pi_1@1767225600 is there", "pi_1@1767225600 is there"),
            ("key sk_live_abc123 refused", "key [withheld] refused"),
            ("(whsec_abc)", "([withheld])"),
            ("Authorization: Bearer abc", "Authorization: Bearer [withheld]"),
            ("postgres://u:p@h/d is down", "[withheld] is down"),
            ("host=h password=p", "host=h [withheld]"),
            ("card 4242424242424242.", "card [withheld]."),
            ("at 1767225600123", "at 1767225600123"),
            ("0123456789abcdef0123456789abcdef", "[withheld]"),
            ("intent_4f1a2b3c4d5e6f708192a3b4", "intent_4f1a2b3c4d5e6f708192a3b4"),
            ("a\r\nb\u{1b}[31mc\u{202e}", "a\\u{d}\\u{a}b\\u{1b}[31mc\\u{202e}"),
            ("", ""),
        ] {
            assert_eq!(cleaned(text), kept);
        }
    }

    #[test]
    fn a_sentence_is_cut_short() {
        let long = "word ".repeat(200);
        assert_eq!(cleaned(&long).chars().count(), SENTENCE_CHARS_MAX + 3);
    }

    #[test]
    fn words_and_ids_have_no_spaces_and_no_secrets() {
        for (text, word, id) in [
            ("accepted", true, true),
            ("/metrics", true, false),
            ("cs_test_a1B2c3D4e5F6g7H8i9J0k1L2m3N4", true, true),
            ("acct_1:test", true, true),
            ("whsec_x", false, false),
            ("a b", false, false),
            ("", false, false),
            ("4242424242424242", true, false),
        ] {
            assert_eq!((is_word(text), is_id(text)), (word, id), "{text:?}");
        }
    }
}
