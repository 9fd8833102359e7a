//! What somebody reads who typed something wrong or set something wrong: what it is, where, and what to do.

use testkit::TestDatabase;

use crate::house::{House, SECRETS};

#[test]
fn a_mistake_is_answered_with_what_to_write_instead() {
    let mut house = House::sqlite();
    let add = "partner add anna --name Anna --email a@b.example";
    for (line, code, words) in [
        (format!("{add} --rate-bps 15%"), 2, "for 15% write 1500"),
        (format!("{add} --rate-bps 1000 --product-rate prod_1=12.5%"), 2, "for 12.5% write 1250"),
        (format!("{add} --rate-bps 0.15"), 2, "15 % is 1500; 0.15 % is 15"),
        ("partner list --database-url sqlite:nowhere/at/all.db".into(), 2, "there is no folder nowhere/at"),
        ("partner list --database-url postgres://nobody@127.0.0.1:1/x".into(), 2, "no server answers there"),
        ("events retry evt_unknown --json".into(), 1, "evt_unknown is not parked"),
        ("events retry --reason amounts".into(), 1, "nothing is parked for 'amounts' now"),
        ("events retry".into(), 2, "--reason CODE, or --all"),
        ("events discard --why x".into(), 2, "--reason CODE; see"),
        (add.to_owned(), 2, "--fixed-minor 500 --currency usd"),
        ("catch-up".into(), 2, "no Stripe key: set STRIPE_API_KEY (live) or STRIPE_API_KEY_TEST"),
        ("partner show nope".into(), 1, "there is no partner 'nope'"),
        ("terms show nope".into(), 1, "there is no partner 'nope'"),
        ("partner deactivate nope".into(), 1, "nope"),
        ("code list --partner nope".into(), 1, "there is no partner 'nope'"),
        ("code end nope --code X".into(), 1, "there is no partner 'nope'"),
        ("code show NOPE".into(), 1, "NOPE"),
        ("code deactivate NOPE".into(), 1, "no partner has the code NOPE"),
        ("explain in_nope".into(), 1, "no event has mentioned in_nope"),
        ("explain evt_nope".into(), 2, "see: countinghouse events show evt_nope"),
        ("replay --subject cus_nope".into(), 2, "the console's search shows what happened to it"),
        (
            "events show evt_nope".into(),
            1,
            "no event evt_nope was received; what Stripe made in the last 30 days",
        ),
        ("events retry --reason odd".into(), 1, "nor for any other reason"),
        ("events list --state odd".into(), 2, "pending, done, waiting, parked, discarded, quarantined"),
    ] {
        let ran = house.run(&line);
        ran.expect(code);
        assert!(ran.err.contains(words), "{line}: {}", ran.err);
    }
    std::fs::write(house.folder().join("notes.md"), "no event\n").expect("a file");
    let taken = house.run("events import notes.md");
    taken.expect(0);
    assert!(taken.err.contains("see: countinghouse events quarantine"), "{}", taken.err);
    let check = house.run("config check").out;
    assert!(check.contains("sent nowhere"), "{check}");
    house.set("COUNTINGHOUSE_ALERT_SLACK_URL", "http://127.0.0.1:1/x");
    house.set("COUNTINGHOUSE_SMTP_URL", "smtp://127.0.0.1:1");
    let check = house.run("config check").out;
    assert!(
        check.contains("alerts go to: slack") && check.contains("COUNTINGHOUSE_ALERT_MAIL_FROM"),
        "{check}"
    );
    assert!(house.run("alerts test").out.contains("slack: nothing listens there"));
    assert_eq!(house.run("events retry evt_unknown --json").json()["retried"], 0);
    for verb in ["partner add", "events list", "ledger export", "config check", "demo"] {
        let help = house.ok(&format!("help {verb}"));
        assert!(help.contains(&format!("countinghouse {verb}")) && help.contains("Example"), "{help}");
    }
}

#[test]
fn whoever_reads_figures_before_they_are_complete_is_told() {
    let mut house = House::sqlite();
    let event = r#"{"id":"evt_1","object":"event","type":"coupon.deleted","livemode":false,"created":1767225600,"data":{"object":{"id":"SUMMER","object":"coupon"}}}"#;
    std::fs::write(house.folder().join("events.jsonl"), event).expect("a file");
    house.ok("events import events.jsonl");
    let lines = ["ledger show", "leakage", "ledger export --format json"];
    for line in lines {
        assert!(house.run(line).err.contains("not level yet"), "{line}");
    }
    house.ok("events drain");
    let replayed = house.ok("replay --verify");
    assert!(replayed.contains("rows of Stripe's objects: the same"), "all is written: {replayed}");
    for line in lines {
        assert!(!house.run(line).err.contains("not level yet"), "{line}");
    }
    house.set("COUNTINGHOUSE_LISTENN", "127.0.0.1:1");
    house.serve();
    house.stop();
    assert!(house.said().contains("did you mean COUNTINGHOUSE_LISTEN?"), "{}", house.said());
}

#[test]
fn what_was_recorded_is_said_in_words() {
    let house = House::sqlite();
    let lines = [
        (
            "partner add anna --name Anna --email a@b.example --rate-bps 1500",
            "anna earns 15 % (1500 bps)",
            "",
        ),
        ("terms set anna --rate-bps 1250 --for new", "anna earns 12.50 % (1250 bps)", ""),
        (
            "code adopt anna --promotion-code promo_x --book live",
            "unbound until Stripe first mentions that id",
            "",
        ),
        ("code adopt anna --code ANNA20 --book live", "unbound: it binds by itself", ""),
        ("attribute in_nope anna", "for the book live", "no fact names in_nope yet in the book live"),
        ("attribute sub_nope anna --book test", "for the book test", "it applies when it arrives"),
    ];
    for (line, out, err) in lines {
        let ran = house.run(line);
        ran.expect(0);
        assert!(ran.out.contains(out) && ran.err.contains(err), "{line}: {} {}", ran.out, ran.err);
    }
}

#[test]
fn the_check_of_the_configuration_finds_what_is_wrong_with_it() {
    let right = House::new(TestDatabase::sqlite(), &SECRETS);
    let report = right.json("config check");
    assert_eq!(report["ok"], true, "{report}");
    let env = [
        ("STRIPE_WEBHOOK_SECRET_TEST", "we_1CANARY"),
        ("COUNTINGHOUSE_LISTEN", "4242"),
        ("COUNTINGHOUSE_GATE_LISTN", "127.0.0.1:4243"),
        ("STRIPE_PUBLISHABLE_KEY", "pk_CANARY"),
        ("STRIPE_DEVICE_NAME", "CANARY"),
    ];
    let wrong = House::new(TestDatabase::sqlite(), &env);
    let ran = wrong.run("config check --json");
    ran.expect(1);
    let found: Vec<String> = ran.json()["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|finding| format!("{}: {}", finding["state"], finding["text"]))
        .collect();
    for words in [
        r#""MISS": "STRIPE_WEBHOOK_SECRET_TEST holds something that does not begin with whsec_"#,
        r#""MISS": "'4242' is no address to listen at"#,
        r#""MISS": "COUNTINGHOUSE_GATE_LISTN is set, and nothing reads it; did you mean COUNTINGHOUSE_GATE_LISTEN?"#,
        r#""note": "STRIPE_PUBLISHABLE_KEY is set, and nothing reads it"#,
    ] {
        assert!(found.iter().any(|found| found.starts_with(words)), "{words}\n{}", found.join("\n"));
    }
    assert!(!found.join("\n").contains("STRIPE_DEVICE_NAME"), "Stripe's own tools read it");
    wrong.run("config check").expect(1);
    assert!(!wrong.said().contains("CANARY"), "values are never shown");
}
