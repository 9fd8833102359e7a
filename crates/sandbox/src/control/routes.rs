//! Which path is whose under `/_sandbox`, and the list of all of them for a person. It must not know what any
//! handler does.

use super::{
    Call, account, bank, business, calls, chaos, clock, deliveries, dump, endpoint, oracle, payout, silent,
    thing, trigger,
};
use crate::api::Method;
use crate::json::Obj;
use crate::world::Refusal;

type Handler = fn(&mut Call<'_>) -> Result<String, Refusal>;

/// `None` as handler: the call waits for deliveries, so the server answers it.
type Route = (Method, &'static str, &'static str, Option<Handler>);

use Method::{Delete, Get, Post};

/// `{}` is one segment of a path, `{*}` the rest.
#[rustfmt::skip]
const ROUTES: &[Route] = &[
    (Get, "/_sandbox", "this list", Some(index)),
    (Post, "/_sandbox/accounts/{}/onboard", "its owner has told everything: livemode", Some(account::onboard)),
    (Post, "/_sandbox/accounts/{}/restrict", "Stripe wants to know more: due[], livemode", Some(account::restrict)),
    (Post, "/_sandbox/advance", "seconds, hours, days, months or to=DATE; step_s, settle=false", None),
    (Post, "/_sandbox/cards/fail", "the next cards are declined: decline_code, times", Some(bank::fail_card)),
    (Post, "/_sandbox/cards/{}/renew", "its bank sends a new card: last4", Some(thing::renew_card)),
    (Get, "/_sandbox/chaos", "what goes wrong, and how often it did", Some(chaos::show)),
    (Post, "/_sandbox/chaos", "set=mild|wild|none|duplicate=5%,...; seed", Some(chaos::set)),
    (Get, "/_sandbox/clock", "the sandbox's time", Some(clock::show)),
    (Post, "/_sandbox/clock", "frozen=true|false", Some(clock::freeze)),
    (Get, "/_sandbox/deliveries", "every try, the newest first: event, endpoint, limit", Some(deliveries::list)),
    (Post, "/_sandbox/disputes", "opens one: charge or payment_intent, amount, reason, inquiry", Some(bank::open_dispute)),
    (Post, "/_sandbox/disputes/{}/decide", "status=won|lost|warning_closed|escalated|appealed", Some(bank::decide_dispute)),
    (Post, "/_sandbox/dunning", "retry_after_days[], after=cancel|unpaid|past_due", Some(bank::dunning)),
    (Post, "/_sandbox/events/{}/resend", "delivers it again: endpoint", Some(deliveries::resend)),
    (Post, "/_sandbox/fail", "the next call goes wrong: with=429|409|500|500-after|cut|cut-after or slow_s; method, path, after, times", Some(calls::fail)),
    (Post, "/_sandbox/keys", "a restricted key: key=rk_..., permissions[]", Some(calls::key)),
    (Post, "/_sandbox/limit", "calls a second: per_s, burst; without, no limit", Some(calls::limit)),
    (Get, "/_sandbox/oracle", "what each partner is due: codes[ANNA20]=anna, rates[anna]=1500, rate_bps, sales=true", Some(oracle::totals)),
    (Post, "/_sandbox/payouts", "schedule=daily|manual: whether they are made each day", Some(payout::schedule)),
    (Post, "/_sandbox/payouts/run", "the day's payouts now", Some(payout::run)),
    (Post, "/_sandbox/payouts/{}/fail", "the bank sends it back: failure_code", Some(payout::fail)),
    (Post, "/_sandbox/prices/{}/delete", "a price that nobody has used is gone", Some(thing::delete_price)),
    (Post, "/_sandbox/refunds/{}/fail", "the money comes back", Some(bank::fail_refund)),
    (Post, "/_sandbox/retries", "pauses_s[]: seconds before each further try", Some(deliveries::retries)),
    (Post, "/_sandbox/seed", "makes a business: partners, customers", Some(business::seed)),
    (Post, "/_sandbox/settle", "waits until everything due has been answered", None),
    (Post, "/_sandbox/silently/{*}", "does that call of the API and tells nobody", Some(silent::call)),
    (Delete, "/_sandbox/silently/{*}", "the same for a deletion", Some(silent::call)),
    (Get, "/_sandbox/state", "every object of a book: counts=true, version", Some(dump::state)),
    (Post, "/_sandbox/tick", "moves the time at once, without waiting: as advance", Some(clock::tick)),
    (Get, "/_sandbox/trigger", "the event types that can be triggered", Some(trigger::list)),
    (Post, "/_sandbox/trigger", "type=invoice.paid: makes that event happen", Some(trigger::trigger)),
    (Post, "/_sandbox/version", "the account's own API version: version", Some(calls::version)),
    (Post, "/_sandbox/webhook_endpoints/{}/payload", "payload=thin: events without their objects; payload=snapshot", Some(endpoint::payload)),
    (Post, "/_sandbox/webhook_endpoints/{}/roll", "a new secret; the old one signs along for keep_s more", Some(endpoint::roll)),
    (Get, "/_sandbox/webhook_endpoints/{}/secrets", "the secrets alive", Some(endpoint::secrets)),
];

/// The handler of a call, and what the variable part of its path stands for.
pub(super) fn find(method: Method, path: &str) -> Option<(Handler, &str)> {
    let routes = ROUTES.iter().filter(|(known, ..)| *known == method);
    let mut found =
        routes.filter_map(|(_, pattern, _, handler)| Some(((*handler)?, captured(pattern, path)?)));
    found.next()
}

fn captured<'a>(pattern: &str, path: &'a str) -> Option<&'a str> {
    let path = path.trim_end_matches('/');
    let Some((before, after)) = pattern.split_once('{') else { return (pattern == path).then_some("") };
    let (rest, end) = after.split_once('}')?;
    let captured = path.strip_prefix(before)?.strip_suffix(end)?;
    (!captured.is_empty() && (rest == "*" || !captured.contains('/'))).then_some(captured)
}

fn index(call: &mut Call<'_>) -> Result<String, Refusal> {
    call.params().finish()?;
    let row = |(method, path, about, _): &Route| {
        let method = match method {
            Get => "GET",
            Post => "POST",
            Delete => "DELETE",
        };
        Obj::new().str("method", method).str("path", path).str("about", about).close()
    };
    Ok(Obj::new().array("routes", ROUTES.iter().map(row)).close())
}

#[cfg(test)]
mod tests {
    use super::captured;

    #[test]
    fn a_path_has_at_most_one_variable_part() {
        let rows = [
            ("/_sandbox", "/_sandbox/", Some("")),
            ("/_sandbox/events/{}/resend", "/_sandbox/events/evt_1/resend", Some("evt_1")),
            ("/_sandbox/events/{}/resend", "/_sandbox/events/a/b/resend", None),
            ("/_sandbox/events/{}/resend", "/_sandbox/events//resend", None),
            ("/_sandbox/silently/{*}", "/_sandbox/silently/v1/coupons/X", Some("v1/coupons/X")),
        ];
        for (pattern, path, expected) in rows {
            assert_eq!(captured(pattern, path), expected, "{path}");
        }
    }
}
