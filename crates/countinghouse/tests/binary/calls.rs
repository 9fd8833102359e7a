//! Single calls of the command line that need no business: what is refused, and what a demo promises.

use serde_json::Value;

use crate::house::House;

#[test]
fn a_wrong_call_or_configuration_exits_2_and_says_what_to_do() {
    let house = House::sqlite();
    for line in ["", "nonsense", "partner", "serve --role king", "ledger export --as-of yesterday"] {
        let refused = house.run(line);
        refused.expect(2);
        assert!(!refused.err.is_empty(), "{line} says nothing");
    }
    for url in ["mysql://x/y", "sqlite:", "sqlite:/no/such/folder/x.db", "postgres://127.0.0.1:1/none"] {
        house.run(&format!("partner list --database-url {url}")).expect(2);
    }
    house.run("partner list --config no-such-file.toml").expect(2);
    std::fs::write(house.folder().join("countinghouse.toml"), "no_such_key = 1\n").expect("a file");
    let refused = house.run("partner list");
    refused.expect(2);
    assert!(refused.err.contains("line 1"), "{}", refused.err);
}

#[test]
fn a_demo_is_the_same_bytes_for_a_seed_and_others_for_another() {
    let house = House::sqlite();
    let demo = |seed: u32| house.ok(&format!("demo --once --json --months 3 --customers 25 --seed {seed}"));
    let (first, again, other) = (demo(1), demo(1), demo(2));
    assert_eq!(first, again, "one seed, one year");
    assert_ne!(first, other, "another seed, another year");
    let summary: Value = serde_json::from_str(&first).expect("JSON");
    assert_eq!((&summary["level"], &summary["agrees_with_source"]), (&true.into(), &true.into()));
    assert!(summary["events"].as_i64().is_some_and(|events| events > 100));
}
