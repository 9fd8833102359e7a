//! The operator log and the people tables.

use kernel::operator::{Action, Handle};
use store::db::Stmt;
use store::people::{self, MappingRow, PartnerRow};
use store::{StoreError, operator};

use crate::{on_each_engine, read, work};

fn action(handle: &str) -> Action {
    Action::PartnerStatus { handle: Handle::parse(handle).expect("a handle"), active: true }
}

#[test]
fn the_log_has_no_gaps_whoever_writes_and_reads_back_as_written() {
    on_each_engine(|db| {
        std::thread::scope(|scope| {
            for worker in 0..4 {
                scope.spawn(move || {
                    for index in 0..10 {
                        let action = action(&format!("p{worker}.{index}"));
                        work(db, |tx| operator::append(tx, "jo", (index > 4).then_some(5), 9, &action));
                    }
                });
            }
        });
        let log = read(db, |r| operator::since(r, 0));
        assert_eq!(log.iter().map(|line| line.seq).collect::<Vec<_>>(), (1..=40).collect::<Vec<_>>());
        assert_eq!(read(db, operator::head), 40);
        assert_eq!(read(db, |r| operator::since(r, 38)), log[38..]);
        assert_eq!(read(db, |r| operator::page(r, i64::MAX, 1)), log[39..]);
        assert_eq!(work(db, operator::head_shared), 40);
        assert_eq!(read(db, store::verify::faults), []);
    });
}

#[test]
fn a_line_of_the_log_is_never_changed() {
    on_each_engine(|db| {
        work(db, |tx| operator::append(tx, "jo", None, 1, &action("p")));
        for stmt in ["UPDATE operator_log SET actor = 'x'", "DELETE FROM operator_log"] {
            let result = db.work(|tx| tx.exec(&Stmt::new("test.refused", stmt), &[]));
            assert_eq!(result, Err(StoreError::Constraint("operator_log_append_only".into())));
        }
    });
}

#[test]
fn people_see_partners_and_mappings_as_rows() {
    on_each_engine(|db| {
        let mut partner = PartnerRow {
            handle: "jo".into(),
            partner_ref: "prt_1".into(),
            name: "Jo".into(),
            email: "jo@example.com".into(),
            active: true,
            rate_bps: Some(1500),
            created_at: 1,
        };
        let mapping = MappingRow {
            seq: 2,
            book: 1,
            partner_handle: "jo".into(),
            public_code: Some("JO15".into()),
            stripe_promo_ref: None,
            stripe_coupon_ref: None,
            effective_at: None,
            ended_at: None,
        };
        work(db, |tx| people::write_partner(tx, &partner));
        partner.active = false;
        work(db, |tx| {
            people::write_partner(tx, &partner)?;
            people::write_mapping(tx, &mapping)?;
            people::end_mappings(tx, &[2, 3], 7)
        });
        assert_eq!(read(db, people::partners), [partner.clone()]);
        assert_eq!(read(db, |r| people::partner(r, "jo")), Some(partner));
        assert_eq!(read(db, people::mappings), [MappingRow { ended_at: Some(7), ..mapping }]);
    });
}
