//! How far a commission has come (MONEY.md section 6).

use rules::status::{Standing, Status};

#[test]
fn a_commission_stands_in_one_bucket_beside_what_was_settled() {
    let due = Standing {
        commission_minor: 100,
        settled_minor: 0,
        held: false,
        partly_paid: false,
        available_at: Some(50),
        ever_earned: true,
    };
    // pending, available, held, settled, receivable
    for (case, standing, as_of, buckets, status) in [
        ("before its time", due, 49, [100, 0, 0, 0, 0], Status::Pending),
        ("from its time on", due, 50, [0, 100, 0, 0, 0], Status::Available),
        ("held at any time", Standing { held: true, ..due }, 99, [0, 0, 100, 0, 0], Status::Held),
        (
            "partly paid at any time",
            Standing { partly_paid: true, ..due },
            99,
            [100, 0, 0, 0, 0],
            Status::Pending,
        ),
        ("settled", Standing { settled_minor: 100, ..due }, 99, [0, 0, 0, 100, 0], Status::Settled),
        ("settled in part", Standing { settled_minor: 40, ..due }, 99, [0, 60, 0, 40, 0], Status::Available),
        ("settled too much", Standing { settled_minor: 130, ..due }, 99, [0, 0, 0, 130, 30], Status::Settled),
        ("refunded", Standing { commission_minor: 0, ..due }, 99, [0; 5], Status::Reversed),
        (
            "refunded after it was settled",
            Standing { commission_minor: 0, settled_minor: 100, ..due },
            99,
            [0, 0, 0, 100, 100],
            Status::Reversed,
        ),
        (
            "held with nothing due",
            Standing { commission_minor: 0, held: true, ..due },
            99,
            [0; 5],
            Status::Reversed,
        ),
        (
            "never earned",
            Standing { commission_minor: 0, ever_earned: false, ..due },
            99,
            [0; 5],
            Status::None,
        ),
    ] {
        let found = standing.buckets(as_of);
        let five = [
            found.pending_minor,
            found.available_minor,
            found.held_minor,
            found.settled_minor,
            found.receivable_minor,
        ];
        assert_eq!((five, found.status), (buckets, status), "{case}");
        assert_eq!(five[..4].iter().sum::<i64>() - five[4], standing.commission_minor, "{case}");
    }
}
