//! I2: a stored body that is not what was received is found and named, however it was spoilt.

use engine::audit::verify;
use store::args;
use store::db::{Conflict, Put, blob, int, text};

use crate::invariants::event;
use crate::world::World;

const ROWS: Put = Put {
    table: "inbox",
    cols: &[
        int("seq"),
        text("account"),
        int("livemode"),
        text("event_ref"),
        text("event_type"),
        int("created_s"),
        int("received_at"),
        text("source"),
        text("headers"),
        blob("body"),
        int("codec"),
        int("key_id"),
        blob("body_hash"),
    ],
    conflict: Conflict::Fail,
};
const HEAD: Put = Put {
    table: "inbox_head",
    cols: &[int("id"), int("seq")],
    conflict: Conflict::Update { keys: 1, set: &["seq"] },
};

#[test]
fn i2_each_spoilt_body_is_a_finding_and_the_others_are_still_looked_at() {
    for world in World::each() {
        let sound = event("evt_sound", "customer.created", r#"{"id":"cus_1","object":"customer"}"#);
        world.house.inbox().append(&[sound]).expect("appended");
        let row = |seq: i64, codec: i64, body: &[u8]| {
            let id = format!("evt_{seq}");
            let hash = [0; 32];
            args![seq, "", false, id, "x", 5_i64, 5_i64, "webhook", "{}", body, codec, 0_i64, &hash].to_vec()
        };
        let rows = vec![row(2, 1, b"damaged"), row(3, 9, b"newer"), row(4, 0, b"{\"altered\":true}")];
        let write = |tx: &mut store::Tx<'_>| {
            tx.put(&ROWS, rows.clone())?;
            tx.put(&HEAD, vec![args![1_i64, 4_i64].to_vec()])
        };
        world.house.db().work_on_inbox(write).expect("written");
        let report = verify(&world.house, true).expect("verified");
        let said: Vec<&str> =
            report.findings.iter().filter(|it| it.invariant == "I2").map(|it| it.what.as_str()).collect();
        assert_eq!(
            said,
            [
                "event evt_2 (inbox 2): a packed body is damaged: restore it from a backup",
                "event evt_3 (inbox 3): a body is stored in a way (codec 9) that this program does not know: use the \
                 newer program",
                "event evt_4 (inbox 4): the stored body is not the body received",
            ]
        );
    }
}
