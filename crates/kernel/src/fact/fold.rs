//! Which of several versions of one object is its state. A pure function of the *set* of versions: the
//! order in which they arrived is not among its arguments (invariants I11 and I14).

use super::{Body, Observed};

/// The version that holds, or `None` of nothing.
///
/// 1. Only the newest second counts. 2. Within it, a version that another one calls its past (its
///    tracked values equal the other's `previous_attributes`) is out. 3. Of the rest the highest rank
///    (states that cannot be left), then the largest of an amount that only grows, then the largest event id,
///    then the largest body.
#[must_use]
pub fn newest(versions: &[Observed]) -> Option<&Observed> {
    let at_s = versions.iter().map(|version| version.at_s).max()?;
    let last: Vec<&Observed> = versions.iter().filter(|version| version.at_s == at_s).collect();
    if let [only] = last.as_slice() {
        return Some(only);
    }
    let open = |candidate: &&&Observed| {
        !last.iter().any(|other| precedes(candidate, other) && !precedes(other, candidate))
    };
    let heads: Vec<&Observed> = last.iter().filter(open).copied().collect();
    let heads = if heads.is_empty() { last } else { heads };
    heads.into_iter().max_by(|left, right| {
        (left.rank, progress(&left.body), &left.event_ref)
            .cmp(&(right.rank, progress(&right.body), &right.event_ref))
            .then_with(|| format!("{:?}", left.body).cmp(&format!("{:?}", right.body)))
    })
}

/// What Stripe only ever adds to: of two versions that say nothing else of their order, more is later.
const fn progress(body: &Body) -> i64 {
    match body {
        Body::Charge(charge) => charge.amount_refunded_minor,
        Body::Invoice(invoice) => invoice.amount_paid_minor,
        Body::Intent(intent) => intent.amount_received_minor,
        Body::Coupon(coupon) => coupon.times_redeemed,
        Body::PromotionCode(code) => code.times_redeemed,
        Body::Session(_)
        | Body::Refund(_)
        | Body::Dispute(_)
        | Body::InvoicePayment(_)
        | Body::CreditNote(_)
        | Body::Discount(_)
        | Body::Customer(_)
        | Body::Subscription(_) => 0,
    }
}

/// Whether `later` names the values of `earlier` as its own past, and moved away from them.
fn precedes(earlier: &Observed, later: &Observed) -> bool {
    let value = |fields: &[(u64, u64)], name: u64| {
        fields.iter().find(|(field, _)| *field == name).map(|(_, value)| *value)
    };
    let mut known = false;
    for (name, past) in &later.previous {
        match value(&earlier.now, *name) {
            Some(current) if current == *past => known = true,
            Some(_) => return false,
            None => {}
        }
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{Body, Intent, Subscription};
    use crate::key::{Kind, ObjectKey, Ref};
    use crate::money::Currency;

    fn version(at_s: i64, event: &str, rank: u8, status: u64, was: Option<u64>) -> Observed {
        let id = Ref::parse("sub_1").expect("an id");
        Observed {
            object: ObjectKey::new(Kind::Subscription, id),
            at_s,
            event_ref: Ref::parse(event).expect("an id"),
            rank,
            now: vec![(1, status)],
            previous: was.map(|was| (1, was)).into_iter().collect(),
            body: Body::Subscription(Subscription {
                status: status.to_string(),
                customer: None,
                currency: None,
                partner_hint: None,
                trial_end_s: None,
                cancel_at_period_end: false,
                ended_at_s: None,
                created_s: 0,
            }),
        }
    }

    fn winner(versions: &[Observed]) -> &str {
        newest(versions).expect("one").event_ref.as_str()
    }

    #[test]
    fn the_newer_second_wins_whatever_the_rank() {
        assert_eq!(winner(&[version(1, "evt_b", 9, 1, None), version(2, "evt_a", 0, 2, None)]), "evt_a");
    }

    #[test]
    fn within_a_second_the_one_that_names_the_other_as_its_past_wins() {
        let created = version(5, "evt_z", 0, 1, None);
        let updated = version(5, "evt_a", 0, 2, Some(1));
        assert_eq!(winner(&[created.clone(), updated.clone()]), "evt_a");
        assert_eq!(winner(&[updated, created]), "evt_a");
    }

    #[test]
    fn a_chain_within_a_second_ends_at_its_last_link_in_every_order() {
        let chain = [
            version(5, "evt_c", 0, 1, None),
            version(5, "evt_a", 0, 2, Some(1)),
            version(5, "evt_b", 0, 3, Some(2)),
        ];
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let shuffled: Vec<Observed> = order.iter().map(|index| chain[*index].clone()).collect();
            assert_eq!(winner(&shuffled), "evt_b");
        }
    }

    #[test]
    fn without_a_past_the_final_state_then_the_larger_event_id_wins() {
        assert_eq!(winner(&[version(5, "evt_z", 0, 1, None), version(5, "evt_a", 3, 2, None)]), "evt_a");
        assert_eq!(winner(&[version(5, "evt_z", 0, 1, None), version(5, "evt_a", 0, 2, None)]), "evt_z");
    }

    #[test]
    fn without_a_past_the_larger_of_an_amount_that_only_grows_wins() {
        let received = |event: &str, rank: u8, minor: i64| Observed {
            body: Body::Intent(Intent {
                status: "processing".into(),
                currency: Currency::parse("usd").expect("a currency"),
                amount_minor: 10,
                amount_received_minor: minor,
                customer: None,
                partner_hint: None,
                created_s: 0,
            }),
            ..version(5, event, rank, 1, None)
        };
        assert_eq!(winner(&[received("evt_z", 0, 1), received("evt_a", 0, 3)]), "evt_a");
        assert_eq!(winner(&[received("evt_z", 1, 1), received("evt_a", 0, 3)]), "evt_z");
    }
}
