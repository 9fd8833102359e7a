//! Which of several versions of one object is its state. A pure function of the *set* of versions: the
//! order in which they arrived is not among its arguments (invariants I11 and I14).

use super::{Body, Observed};

/// In `previous` of a version that was the object's first (`*.created`): it had no past.
pub const BIRTH: u64 = 0;

/// More versions of one second than this are not put in a chain: there are too many orders.
const CHAIN_MAX: usize = 7;

/// The version that holds, or `None` of nothing.
///
/// 1. Only the newest second counts. 2. Within it, a version that another one calls its past (its
///    tracked values equal the other's `previous_attributes`) is out. 3. Of the rest the highest rank
///    (states that cannot be left), then the largest of an amount that only grows, then the end of the one
///    chain that the versions make (from the object's first, or from what it was a second before), then the
///    largest event id, then the largest body.
#[must_use]
pub fn newest(versions: &[Observed]) -> Option<&Observed> {
    let last = last_second(versions)?;
    if let [only] = last.as_slice() {
        return Some(only);
    }
    let heads = heads(&last);
    let end = if agree(&heads) { None } else { chain_end(&last, past(versions)) };
    end.or_else(|| heads.into_iter().max_by(|left, right| by_name(left, right)))
}

/// Whether something says which version holds. If not, [`newest`] has to go by the names of events, and only
/// Stripe can tell.
#[must_use]
pub fn is_decided(versions: &[Observed]) -> bool {
    let Some(last) = last_second(versions) else { return true };
    last.len() == 1 || agree(&heads(&last)) || chain_end(&last, past(versions)).is_some()
}

/// Whether the versions of the second before could help: so whoever loads only the newest second knows that
/// he must load more.
#[must_use]
pub fn wants_past(versions: &[Observed]) -> bool {
    let Some(last) = last_second(versions) else { return false };
    last.len() > 1 && !last.iter().any(|version| is_birth(version)) && !agree(&heads(&last))
}

fn last_second(versions: &[Observed]) -> Option<Vec<&Observed>> {
    let at_s = versions.iter().map(|version| version.at_s).max()?;
    Some(versions.iter().filter(|version| version.at_s == at_s).collect())
}

/// What nothing follows, as far as pasts, ranks and growing amounts tell.
fn heads<'a>(last: &[&'a Observed]) -> Vec<&'a Observed> {
    let open = |candidate: &&&Observed| {
        !last.iter().any(|other| precedes(candidate, other) && !precedes(other, candidate))
    };
    let mut heads: Vec<&Observed> = last.iter().filter(open).copied().collect();
    if heads.is_empty() {
        heads = last.to_vec();
    }
    let height = |version: &&Observed| (version.rank, progress(&version.body));
    let highest = heads.iter().map(height).max();
    heads.retain(|version| Some(height(version)) == highest);
    heads
}

fn agree(versions: &[&Observed]) -> bool {
    versions.windows(2).all(|pair| pair[0].body == pair[1].body)
}

fn by_name(left: &Observed, right: &Observed) -> std::cmp::Ordering {
    let names = left.event_ref.cmp(&right.event_ref);
    names.then_with(|| format!("{:?}", left.body).cmp(&format!("{:?}", right.body)))
}

/// What the object was before its newest second: what holds of the second before that.
fn past(versions: &[Observed]) -> Option<&Observed> {
    let at_s = versions.iter().map(|version| version.at_s).max()?;
    let before_s = versions.iter().map(|version| version.at_s).filter(|before_s| *before_s < at_s).max()?;
    let before: Vec<&Observed> = versions.iter().filter(|version| version.at_s == before_s).collect();
    heads(&before).into_iter().max_by(|left, right| by_name(left, right))
}

/// The state in which every chain of all these versions ends, if there is a chain and they agree. A chain
/// begins with the object's first version, else with one that follows `past`, else anywhere.
fn chain_end<'a>(last: &[&'a Observed], past: Option<&Observed>) -> Option<&'a Observed> {
    if last.len() > CHAIN_MAX {
        return None;
    }
    let born = last.iter().any(|version| is_birth(version));
    let mut ends = Vec::new();
    let mut chain = Vec::new();
    grow(last, if born { None } else { past }, born, &mut chain, &mut ends);
    let end = ends.iter().copied().max_by(|left, right| by_name(left, right))?;
    agree(&ends).then_some(end)
}

fn grow<'a>(
    last: &[&'a Observed],
    past: Option<&Observed>,
    born: bool,
    chain: &mut Vec<usize>,
    ends: &mut Vec<&'a Observed>,
) {
    if chain.len() == last.len() {
        ends.extend(chain.last().map(|index| last[*index]));
        return;
    }
    let before = chain.last().map_or(past, |index| Some(last[*index]));
    for index in 0..last.len() {
        let fits = match before {
            _ if chain.contains(&index) => false,
            None => !born || is_birth(last[index]),
            Some(before) => follows(before, last[index]),
        };
        if fits {
            chain.push(index);
            grow(last, past, born, chain, ends);
            chain.pop();
        }
    }
}

fn is_birth(version: &Observed) -> bool {
    version.previous.iter().any(|(name, _)| *name == BIRTH)
}

/// Whether `later` can come right after `before`: what it says of its past, and what it did not change, is
/// what was. One that says nothing of its past is news about the state as it was.
fn follows(before: &Observed, later: &Observed) -> bool {
    let past = |name: u64, now: u64| {
        let said = later.previous.iter().find(|(field, _)| *field == name);
        said.map_or(now, |(_, value)| *value)
    };
    !is_birth(later)
        && before.now.iter().all(|(name, value)| {
            let now = later.now.iter().find(|(field, _)| field == name).map(|(_, now)| *now);
            now.is_none_or(|now| past(*name, now) == *value)
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
        Body::Transfer(transfer) => transfer.amount_reversed_minor,
        Body::ApplicationFee(fee) => fee.amount_refunded_minor,
        // Of the rest people read the state, and it has ranks.
        _ => 0,
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
            body: Body::Subscription(Box::new(Subscription {
                status: status.to_string(),
                ..Subscription::default()
            })),
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

    /// (what, the versions of the newest second as (event, rank, is, was), what it was a second before, decided, winner)
    type Row = (&'static str, Vec<(&'static str, u8, u64, Option<u64>)>, Option<u64>, bool, &'static str);

    #[test]
    fn there_and_back_within_a_second_ends_where_the_chain_does_in_every_order() {
        let rows: [Row; 6] = [
            (
                "an item added and removed, known before",
                vec![("evt_b", 1, 2, Some(1)), ("evt_a", 1, 1, Some(2))],
                Some(1),
                true,
                "evt_a",
            ),
            (
                "the other way round",
                vec![("evt_b", 1, 2, Some(1)), ("evt_a", 1, 1, Some(2))],
                Some(2),
                true,
                "evt_b",
            ),
            (
                "nothing known before",
                vec![("evt_b", 1, 2, Some(1)), ("evt_a", 1, 1, Some(2))],
                None,
                false,
                "evt_b",
            ),
            (
                "made in the same second",
                vec![("evt_c", 1, 1, Some(BIRTH)), ("evt_b", 1, 2, Some(1)), ("evt_a", 1, 1, Some(2))],
                None,
                true,
                "evt_a",
            ),
            (
                "incomplete, then active",
                vec![("evt_b", 0, 1, Some(BIRTH)), ("evt_a", 1, 2, Some(1))],
                None,
                true,
                "evt_a",
            ),
            (
                "two that do not chain",
                vec![("evt_b", 1, 2, Some(9)), ("evt_a", 1, 3, Some(8))],
                Some(1),
                false,
                "evt_b",
            ),
        ];
        for (what, newest_second, before, decided, expected) in rows {
            let mut versions: Vec<Observed> = newest_second
                .iter()
                .map(|(event, rank, is, was)| match was {
                    Some(BIRTH) => {
                        Observed { previous: vec![(BIRTH, 0)], ..version(5, event, *rank, *is, None) }
                    }
                    was => version(5, event, *rank, *is, *was),
                })
                .collect();
            assert_eq!(
                wants_past(&versions),
                !newest_second.iter().any(|row| row.3 == Some(BIRTH)),
                "{what}"
            );
            versions.extend(before.map(|is| version(4, "evt_z", 1, is, None)));
            for turn in 0..versions.len() {
                let mut order = versions.clone();
                order.rotate_left(turn);
                for order in [order.clone(), order.into_iter().rev().collect()] {
                    assert_eq!((winner(&order), is_decided(&order)), (expected, decided), "{what}");
                }
            }
        }
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
