//! Vectors computed independently (see the project's notes on Stripe), and everything that must be refused.

use super::SignatureError as E;
use super::*;

const BODY: &str = "{\n  \"id\": \"evt_test_webhook\",\n  \"object\": \"event\"\n}";
const SECRET: &str = "whsec_test_secret";
const V1: &str = "45969f456b3331a0f76e237ed33423d5f758908f1f0432d30e7d45ba89bb9edd";
const V1_OLD: &str = "0805c59157782e4841f6a621e825ec0672fd0ed08cc56d5d665d10b3d2d15e30";
const T: i64 = 1_234_567_890;

fn secret(text: &str) -> Secret {
    Secret::new(text).expect("a secret")
}

fn check(header: &str, now_s: i64) -> Result<usize, SignatureError> {
    verify(BODY.as_bytes(), header, &[secret(SECRET)], now_s, 300).map(|found| found.secret_index)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_bare_hmac_agrees_with_the_published_vectors() {
    for (message, expected) in [
        ("", "f7f9bd47fb987337b5796fdc1fdb9ba221d0d5396814bfcaf9521f43fd8927fd"),
        (
            r#"{"obj1":"hello","obj2":"world"}"#,
            "bebb1a643997f419b315ddba19e6f5411e1ce7f810ba6d3617ce72823092f363",
        ),
        ("\u{1f600}", "837da296d05c4fe31f61d5d7ead035099d9585a5bcde87de952012a78f0b0c43"),
    ] {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"test_secret").expect("a key");
        mac.update(message.as_bytes());
        assert_eq!(hex(&mac.finalize().into_bytes()), expected);
    }
}

#[test]
fn the_whole_scheme_agrees_with_the_vectors() {
    let zoe = r#"{"id":"evt_1","object":"event","data":{"object":{"name":"Zoë 😀"}}}"#;
    for (body, key, t, v1) in [
        (BODY, SECRET, 12345, "2672d138c9a412830f3bfe2ecc5bfb3277cf6f5b49d0119d77dd6cb64da1257e"),
        (BODY, SECRET, T, V1),
        (BODY, "whsec_old", T, V1_OLD),
        (zoe, SECRET, 1_700_000_000, "0f9d60b6f932071fe48f4d35734b44c86307e4711303d44108a68c3cbf9a131d"),
    ] {
        let header = format!("t={t},v1={v1}");
        assert_eq!(sign(body.as_bytes(), &secret(key), t), header);
        let found = verify(body.as_bytes(), &header, &[secret(key)], t, 0);
        assert_eq!(found, Ok(Verified { secret_index: 0, t_s: t }));
    }
}

#[test]
fn headers_are_accepted_or_refused_for_the_right_reason() {
    let upper = V1.to_uppercase();
    let many = format!("t={T}{},v1={V1}", format!(",v1={V1_OLD}").repeat(200));
    let flood = format!("t={T}{},v1={V1}", format!(",v1={V1_OLD}").repeat(10_000));
    for (header, verdict) in [
        (format!("t={T},v1={V1}"), Ok(0)),
        (format!("v1={V1},t={T}"), Ok(0)),
        (format!("t={T},v1={V1},v1=potato"), Ok(0)),
        (format!("t={T},v1=potato,v1={V1}"), Ok(0)),
        (format!("t={T},v1={V1_OLD},v1={V1}"), Ok(0)),
        (format!("t={T},v0={V1_OLD},v9=x,nonsense,v1={V1}"), Ok(0)),
        (format!("t=1,t={T},v1={V1}"), Ok(0)),
        (many, Ok(0)),
        (flood, Err(E::HeaderTooLong)),
        (format!("t={T},t=1,v1={V1}"), Err(E::OutsideTolerance)),
        (format!("t={T},v1={V1_OLD}"), Err(E::NoMatch)),
        (format!("t={T},v1=bad_signature"), Err(E::NoMatch)),
        (format!("t={T},v1={upper}"), Err(E::NoMatch)),
        (format!("t={T},v1={V1}0"), Err(E::NoMatch)),
        (format!("t={T},v1="), Err(E::NoMatch)),
        (format!("t=0{T},v1={V1}"), Err(E::NoMatch)),
        (format!("t={T}, v1={V1}"), Err(E::NoSignature)),
        (format!("t={T},V1={V1}"), Err(E::NoSignature)),
        (format!("t={T},v0={V1}"), Err(E::NoSignature)),
        (format!("t={T}"), Err(E::NoSignature)),
        (format!(" t={T},v1={V1}"), Err(E::NoTimestamp)),
        (format!("v1={V1}"), Err(E::NoTimestamp)),
        (format!("t=,v1={V1}"), Err(E::NoTimestamp)),
        (format!("t=+{T},v1={V1}"), Err(E::NoTimestamp)),
        (format!("t=-5,v1={V1}"), Err(E::NoTimestamp)),
        (format!("t={T}.0,v1={V1}"), Err(E::NoTimestamp)),
        (format!("t=NaN,v1={V1}"), Err(E::NoTimestamp)),
        (format!("t=99999999999999999999,v1={V1}"), Err(E::NoTimestamp)),
        (format!("t=9999999999999999999,v1={V1}"), Err(E::NoTimestamp)),
        ("bad_header".to_owned(), Err(E::NoTimestamp)),
        ("I'm not even a real signature header".to_owned(), Err(E::NoTimestamp)),
        (String::new(), Err(E::EmptyHeader)),
    ] {
        assert_eq!(check(&header, T), verdict, "{header:.80}");
    }
}

#[test]
fn the_tolerance_holds_in_both_directions_and_its_edge_is_inside() {
    let header = format!("t={T},v1={V1}");
    for (age, accepted) in
        [(0, true), (299, true), (300, true), (301, false), (-299, true), (-300, true), (-301, false)]
    {
        let verdict = if accepted { Ok(0) } else { Err(E::OutsideTolerance) };
        assert_eq!(check(&header, T + age), verdict, "{age}");
    }
    for (now_s, tolerance_s) in [(i64::MIN, 300), (i64::MAX, 300), (T, -1)] {
        let found = verify(BODY.as_bytes(), &header, &[secret(SECRET)], now_s, tolerance_s);
        assert_eq!(found, Err(E::OutsideTolerance));
    }
}

#[test]
fn a_stale_delivery_is_refused_before_anything_is_hashed() {
    assert_eq!(check(&format!("t={T},v1={V1_OLD}"), T + 9999), Err(E::OutsideTolerance));
}

#[test]
fn any_secret_may_match_and_all_that_do_are_named() {
    let both = format!("t={T},v1={V1_OLD},v1={V1}");
    let secrets = ["whsec_x", "whsec_old", SECRET, "whsec_old"].map(secret);
    let found = verify(BODY.as_bytes(), &both, &secrets, T, 300).expect("a match");
    assert_eq!(found.secret_index, 1);
    let found = verify_all(BODY.as_bytes(), &both, &secrets, T, 300).expect("matches");
    assert_eq!(found, VerifiedAll { secret_indices: vec![1, 2, 3], t_s: T });
    assert_eq!(verify_all(BODY.as_bytes(), &both, &secrets[..1], T, 300), Err(E::NoMatch));
    assert_eq!(verify_all(BODY.as_bytes(), &both, &secrets, T + 301, 300), Err(E::OutsideTolerance));
    assert_eq!(verify::<Secret>(BODY.as_bytes(), &both, &[], T, 300), Err(E::NoMatch));
}

#[test]
fn another_body_an_empty_body_or_a_padded_secret_is_refused() {
    let header = format!("t={T},v1={V1}");
    let with = |body: &[u8], key: &str| verify(body, &header, &[secret(key)], T, 300).map(|_| ());
    assert_eq!(with(b"", SECRET), Err(E::EmptyBody));
    assert_eq!(with(format!("{BODY}\n").as_bytes(), SECRET), Err(E::NoMatch));
    assert_eq!(with(format!("\u{feff}{BODY}").as_bytes(), SECRET), Err(E::NoMatch));
    assert_eq!(with(BODY.as_bytes(), "whsec_test_secret "), Err(E::NoMatch));
    assert_eq!(with(BODY.as_bytes(), "test_secret"), Err(E::NoMatch));
}

#[test]
fn bytes_that_are_not_text_can_be_signed() {
    let body = [0xff, 0x00, 0xfe];
    let header = sign(&body, &secret(SECRET), T);
    assert!(verify(&body, &header, &[secret(SECRET)], T, 300).is_ok());
}

#[test]
fn a_blank_secret_is_no_secret_and_none_is_ever_printed() {
    assert!(Secret::new("").is_none());
    assert!(Secret::new(" \n").is_none());
    let kept = secret(SECRET);
    assert_eq!(format!("{kept} {kept:?}"), "[redacted] [redacted]");
}
