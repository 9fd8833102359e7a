//! The cases of MONEY.md section 7 that need no terms in time, as objects of the API.

use serde_json::{Value, json};

use super::{Objects, Terms, due};

fn terms(rate_bps: i64) -> Terms {
    let pair = |code: &str, partner: &str| (code.to_owned(), partner.to_owned());
    let codes = vec![pair("ANNA20", "anna"), pair("BEN10", "ben"), pair("SUMMER", "anna")];
    let rates_bps = [("anna".to_owned(), rate_bps), ("ben".to_owned(), rate_bps)].into();
    Terms::said(codes, rates_bps, 0)
}

/// One subscription invoice by Anna's code, paid by one intent.
fn invoice(id: &str, total: i64, tax: i64, paid: i64) -> Value {
    json!({
        "id": id, "object": "invoice", "status": "paid", "currency": "usd", "total": total, "amount_paid": paid, "created": 1,
        "status_transitions": {"paid_at": 2}, "total_taxes": [{"amount": tax}],
        "total_discount_amounts": [{"discount": "di_1", "amount": 1}],
        "parent": {"subscription_details": {"subscription": "sub_1"}},
    })
}

fn payment(invoice: &str, intent: &str, paid: i64) -> Value {
    json!({"id": format!("inpay_{invoice}{intent}"), "invoice": invoice, "status": "paid", "amount_paid": paid, "payment": {"payment_intent": intent}})
}

fn refund(id: &str, amount: i64, status: &str) -> Value {
    json!({"id": id, "charge": "ch_1", "amount": amount, "status": status})
}

fn book(rows: &[(&'static str, Value)]) -> Objects {
    let mut objects = Objects::new();
    let known = [
        ("discount", json!({"id": "di_1", "promotion_code": "promo_1", "source": {"coupon": "TEN"}})),
        ("promotion_code", json!({"id": "promo_1", "code": "Anna20", "promotion": {"coupon": "TEN"}})),
        (
            "charge",
            json!({"id": "ch_1", "payment_intent": "pi_1", "amount": 15_000, "amount_captured": 15_000, "amount_refunded": 0}),
        ),
    ];
    for (kind, row) in known.iter().chain(rows) {
        objects.entry(kind).or_default().push(row.clone());
    }
    objects
}

fn commissions(rows: &[(&'static str, Value)], rate_bps: i64) -> Vec<(String, Option<String>, i64)> {
    due(&book(rows), &terms(rate_bps))
        .into_iter()
        .map(|row| (row.sale, row.partner, row.commission_minor))
        .collect()
}

#[test]
fn the_cases_of_the_money_rules_hold() {
    let of = |rows: &[(&'static str, Value)], rate_bps: i64| -> Vec<i64> {
        commissions(rows, rate_bps).into_iter().map(|row| row.2).collect()
    };
    let a = |more: Option<Value>| {
        let mut rows = vec![
            ("invoice", invoice("in_1", 2900, 483, 2900)),
            ("invoice_payment", payment("in_1", "pi_1", 2900)),
        ];
        rows.extend(more.map(|refund| ("refund", refund)));
        of(&rows, 3000)
    };
    assert_eq!((a(None), a(Some(refund("re_1", 1000, "succeeded")))), (vec![725], vec![474]), "case a");
    assert_eq!(a(Some(refund("re_1", 1000, "failed"))), [725], "case l");

    let j = |more: Option<Value>| {
        let mut rows = vec![
            ("invoice", invoice("in_1", 10_000, 0, 10_000)),
            ("invoice", invoice("in_2", 5000, 0, 5000)),
            ("invoice_payment", payment("in_1", "pi_1", 10_000)),
            ("invoice_payment", payment("in_2", "pi_1", 5000)),
        ];
        rows.extend(more.map(|refund| ("refund", refund)));
        of(&rows, 2000)
    };
    assert_eq!(
        (j(None), j(Some(refund("re_1", 6000, "pending")))),
        (vec![2000, 1000], vec![1200, 600]),
        "case j"
    );

    let n = |amount: i64| {
        let dispute = json!({"id": "dp_1", "charge": "ch_1", "amount": amount, "status": "lost"});
        of(
            &[
                ("invoice", invoice("in_1", 10_000, 0, 10_000)),
                ("invoice_payment", payment("in_1", "pi_1", 10_000)),
                ("refund", refund("re_1", 3000, "succeeded")),
                ("dispute", dispute),
            ],
            2000,
        )
    };
    assert_eq!((n(10_000), n(4000)), (vec![0], vec![600]), "case n");
}

#[test]
fn owners_follow_the_precedence() {
    let session = |code: Option<&str>, reference: Option<&str>, coupon: &str| {
        let row = json!({
            "id": "cs_1", "object": "checkout.session", "mode": "payment", "status": "complete", "payment_status": "paid", "created": 1,
            "currency": "usd", "amount_total": 10_000, "discounts": [{"coupon": coupon, "promotion_code": code}],
            "client_reference_id": reference, "total_details": {"amount_tax": 0, "amount_shipping": 0}, "metadata": {},
        });
        commissions(&[("checkout.session", row)], 2000).remove(0)
    };
    let anna = Some("anna".to_owned());
    assert_eq!(session(Some("promo_1"), Some("ben"), "TEN").1, anna, "a code before a reference");
    assert_eq!(session(None, Some("ben"), "SUMMER").1.as_deref(), Some("ben"), "a reference before a coupon");
    assert_eq!(session(None, None, "SUMMER").1, anna, "a coupon with one owner");
    assert_eq!(session(None, None, "TEN").1, anna, "a coupon that one partner's codes share");
    assert_eq!(session(None, Some("nobody_knows"), "OTHER").1, None, "a reference to no partner");

    let renewal = json!({"id": "di_2", "promotion_code": "promo_2", "source": {"coupon": "TEN"}});
    let ben = json!({"id": "promo_2", "code": "BEN10", "promotion": {"coupon": "TEN"}});
    let mut second = invoice("in_2", 9000, 0, 9000);
    second["total_discount_amounts"] = json!([{"discount": "di_2", "amount": 1000}]);
    second["status_transitions"]["paid_at"] = 3.into();
    let rows = [
        ("invoice", invoice("in_1", 10_000, 0, 10_000)),
        ("invoice", second),
        ("discount", renewal),
        ("promotion_code", ben),
    ];
    let owners: Vec<_> = commissions(&rows, 2000).into_iter().map(|row| (row.1, row.2)).collect();
    assert_eq!(owners, [(anna.clone(), 2000), (anna, 1800)], "case q");
}
