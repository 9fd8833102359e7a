//! That the traffic is as varied as it means to be, and that the world refuses hardly anything of it.

use std::collections::BTreeMap;

use super::played;

/// What must have happened in such a year, and how often at least.
const HAPPENS: [(&str, usize); 25] = [
    ("charge.captured", 2),
    ("charge.dispute.closed", 15),
    ("charge.dispute.funds_reinstated", 4),
    ("charge.expired", 1),
    ("charge.pending", 5),
    ("charge.refunded", 40),
    ("checkout.session.async_payment_succeeded", 3),
    ("checkout.session.completed", 150),
    ("checkout.session.expired", 5),
    ("credit_note.created", 15),
    ("customer.discount.created", 80),
    ("customer.discount.deleted", 2),
    ("customer.subscription.deleted", 30),
    ("customer.subscription.trial_will_end", 10),
    ("invoice.marked_uncollectible", 5),
    ("invoice.payment_failed", 60),
    ("invoice.paid", 800),
    ("invoice.sent", 25),
    ("invoice.voided", 2),
    ("invoiceitem.created", 80),
    ("payment_intent.requires_action", 1),
    ("promotion_code.created", 11),
    ("refund.created", 50),
    ("refund.failed", 3),
    ("refund.updated", 4),
];

#[test]
fn everything_happens_in_a_year_and_hardly_a_call_is_refused() {
    let (traffic, refused) = played(false, 3, 12, 300, 1_735_689_600);
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for event in &traffic.history {
        *kinds.entry(event.kind).or_default() += 1;
    }
    println!("{} events, {} sales\n{kinds:#?}", traffic.history.len(), traffic.oracle.rows.len());
    for (kind, least) in HAPPENS {
        let often = kinds.get(kind).copied().unwrap_or(0);
        assert!(often >= least, "{kind} happened {often} times");
    }
    println!("refused:\n{}", refused.join("\n"));
    assert!(refused.len() < 20, "a call that is always refused is a mistake here");
}

#[test]
fn live_and_test_books_have_years_of_their_own() {
    let of = |livemode| played(livemode, 3, 2, 10, 1_735_689_600).0;
    let (live, test) = (of(true), of(false));
    assert!(
        live.history.iter().all(|event| event.livemode) && test.history.iter().all(|event| !event.livemode)
    );
    assert_ne!(live.oracle, test.oracle);
    assert!(!live.oracle.rows.is_empty());
}

#[test]
fn every_sale_keeps_its_amounts_in_order() {
    let (traffic, _) = played(false, 5, 12, 60, 1_735_689_600);
    for row in &traffic.oracle.rows {
        assert!(row.paid_minor >= 0 && (0..=row.paid_minor).contains(&row.lost_minor), "{row:?}");
        assert!(row.total_minor <= 0 || row.paid_minor <= row.total_minor, "{row:?}");
        assert!(row.partner.is_some() || row.commission_minor == 0, "{row:?}");
    }
}
