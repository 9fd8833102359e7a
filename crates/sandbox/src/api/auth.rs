//! Who calls: the key, the books it opens, and what a restricted key may do. Any secret key is good for the own
//! account, as nobody can have a wrong one here. It must not know what a call does.

use super::{Method, Request};
use crate::world::{BookKey, Kind, Refusal, World};

/// The caller of one call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Caller {
    pub(crate) book: BookKey,
    /// A restricted key and its permissions; `None`: everything.
    restricted: Option<(String, Vec<String>)>,
}

/// First segments of paths and the resource that Stripe's permissions name them by.
const RESOURCES: &[(&str, &str)] = &[
    ("account", "accounts_kyc_basic"),
    ("accounts", "accounts_kyc_basic"),
    ("application_fees", "application_fee"),
    ("balance", "balance"),
    ("balance_transactions", "balance_transaction_source"),
    ("charges", "charge"),
    ("checkout", "checkout_session"),
    ("coupons", "coupon"),
    ("credit_notes", "credit_note"),
    ("customers", "customer"),
    ("disputes", "dispute"),
    ("events", "event"),
    ("invoice_payments", "invoice"),
    ("invoiceitems", "invoice"),
    ("invoices", "invoice"),
    ("payment_intents", "payment_intent"),
    ("payment_links", "payment_links"),
    ("payment_methods", "payment_method"),
    ("payouts", "payout"),
    ("prices", "plan"),
    ("products", "product"),
    ("promotion_codes", "promotion_code"),
    ("refunds", "charge"),
    ("setup_intents", "setup_intent"),
    ("shipping_rates", "shipping_rate"),
    ("subscription_items", "subscription"),
    ("subscription_schedules", "subscription"),
    ("subscriptions", "subscription"),
    ("tax_ids", "customer"),
    ("tax_rates", "tax_rate"),
    ("test_helpers", "billing_clock"),
    ("transfers", "transfer"),
    ("webhook_endpoints", "webhook"),
];

/// Finds out who calls and whose books are meant.
pub(crate) fn caller(world: &mut World, request: &Request) -> Result<Caller, Refusal> {
    let key = key(request.authorization.as_deref())?;
    let (account, livemode, restricted) = if let Some(rights) = world.desk.keys.get(&key) {
        (rights.account.clone(), rights.livemode, Some((key.clone(), rights.permissions.clone())))
    } else if key.starts_with("sk_test_") {
        (None, false, None)
    } else if key.starts_with("sk_live_") {
        (None, true, None)
    } else if key.starts_with("pk_") {
        let message = "This API call cannot be made with a publishable API key. Please use a secret API key.";
        return Err(Refusal::plain(403, Kind::InvalidRequest, message).code("secret_key_required"));
    } else {
        let message = format!("Invalid API Key provided: {}", hidden(&key));
        return Err(Refusal::plain(401, Kind::InvalidRequest, message));
    };
    let own = world.own_account();
    let wanted = request.account.clone().filter(|account| account != own).or(account);
    let book = BookKey { account: wanted, livemode };
    if world.book(&book).is_none() {
        let account = book.account.unwrap_or_default();
        let message = format!(
            "The provided key '{}' does not have access to account '{account}' (or that account does not \
             exist). Application access may have been revoked.",
            hidden(&key)
        );
        return Err(Refusal::plain(403, Kind::InvalidRequest, message).code("account_invalid"));
    }
    Ok(Caller { book, restricted })
}

impl Caller {
    /// Refuses what a restricted key may not do; writing includes reading.
    pub(crate) fn may(&self, own_account: &str, method: Method, path: &str) -> Result<(), Refusal> {
        let Some((key, permissions)) = &self.restricted else { return Ok(()) };
        let segment = path.trim_start_matches("/v1/").split('/').next().unwrap_or_default();
        let known = RESOURCES.iter().find(|(name, _)| *name == segment);
        let resource = known.map_or(segment, |(_, resource)| *resource);
        let (read, write) = (format!("{resource}_read"), format!("{resource}_write"));
        let has = |permission: &String| {
            let name = permission.strip_prefix("rak_").unwrap_or(permission);
            name == write || (method == Method::Get && name == read)
        };
        if permissions.iter().any(has) {
            return Ok(());
        }
        let wanted = if method == Method::Get { read } else { write };
        let message = format!(
            "The provided key '{}' does not have the required permissions for this endpoint on account '{}'. \
             Having the 'rak_{wanted}' permission would allow this request to continue.",
            hidden(key),
            self.book.account.as_deref().unwrap_or(own_account),
        );
        Err(Refusal::plain(403, Kind::InvalidRequest, message))
    }
}

/// The key of `Bearer key`, or of `Basic` with the key as the user and no password.
fn key(authorization: Option<&str>) -> Result<String, Refusal> {
    let absent = || {
        let message = "You did not provide an API key. You need to provide your API key in the Authorization \
                       header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').";
        Refusal::plain(401, Kind::InvalidRequest, message)
    };
    let (scheme, rest) = authorization.and_then(|text| text.trim().split_once(' ')).ok_or_else(absent)?;
    let key = if scheme.eq_ignore_ascii_case("bearer") {
        rest.trim().to_owned()
    } else if scheme.eq_ignore_ascii_case("basic") {
        let pair = base64(rest.trim()).ok_or_else(absent)?;
        pair.split(':').next().unwrap_or_default().to_owned()
    } else {
        return Err(absent());
    };
    if key.is_empty() { Err(absent()) } else { Ok(key) }
}

/// `sk_test_****1234`: as much as helps to see which key it was.
fn hidden(key: &str) -> String {
    let chars: Vec<char> = key.chars().collect();
    let shown = chars.iter().enumerate().filter(|(_, char)| **char == '_').map(|(at, _)| at + 1).nth(1);
    let (head, tail) = (shown.unwrap_or(0), chars.len().saturating_sub(4));
    let hide = |(at, char): (usize, &char)| if at < head || at >= tail.max(head + 4) { *char } else { '*' };
    chars.iter().enumerate().map(hide).collect()
}

fn base64(text: &str) -> Option<String> {
    let (mut bits, mut have, mut bytes) = (0_u32, 0, Vec::new());
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = ((bits << 6) | u32::from(value)) & 0xffff;
        have += 6;
        if have >= 8 {
            have -= 8;
            bytes.push(u8::try_from((bits >> have) & 0xff).ok()?);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::{base64, hidden, key};

    #[test]
    fn keys_are_read_from_bearer_and_basic() {
        let rows = [
            (Some("Bearer sk_test_1"), Some("sk_test_1")),
            (Some("bearer  sk_test_1 "), Some("sk_test_1")),
            (Some("Basic c2tfdGVzdF8xOg=="), Some("sk_test_1")),
            (Some("Basic !"), None),
            (Some("sk_test_1"), None),
            (Some("Bearer "), None),
            (None, None),
        ];
        for (header, expected) in rows {
            assert_eq!(key(header).ok().as_deref(), expected, "{header:?}");
        }
        assert_eq!(base64("c2tfdGVzdF8xOnB3").as_deref(), Some("sk_test_1:pw"));
    }

    #[test]
    fn a_key_is_hidden_but_for_its_kind_and_end() {
        for (key, shown) in [
            ("sk_test_4eC39HqLyjWD", "sk_test_********yjWD"),
            ("nonsense", "****ense"),
            ("sk_test_ab", "sk_test_**"),
        ] {
            assert_eq!(hidden(key), shown);
        }
    }
}
