//! Calls of a running server that go wrong on purpose, on a clock that stands still.

#[allow(dead_code, reason = "shared by several tests, each using a part")]
#[path = "common/street.rs"]
mod street;

use street::Street;

const COUPONS: &str = "/v1/coupons";
const FORM: &str = "id=TEN&percent_off=10";

#[test]
fn a_slow_call_on_a_clock_that_stands_still_ends_and_gives_its_key_free() {
    let street = Street::open(1, "none");
    street.call("POST", "/_sandbox/fail", "slow_s=2&method=POST");
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| street.keyed(COUPONS, FORM, "key"));
        // It is done before it is answered; from then on its key is held.
        while street.try_call("GET", "/v1/coupons/TEN", "").expect("an answer").0 != 200 {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert_eq!(street.keyed(COUPONS, FORM, "key").1, 409);
        assert_eq!(slow.join().expect("answered").1, 200);
    });
    let (head, status) = street.keyed(COUPONS, FORM, "key");
    assert!(status == 200 && head.to_lowercase().contains("idempotent-replayed: true"), "{head}");
}
