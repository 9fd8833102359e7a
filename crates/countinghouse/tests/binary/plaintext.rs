//! The journal exports, loaded by the programs they are meant for: `bean-check` and `hledger`. Where one is
//! neither there nor to be had, its test says so and passes.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use sandbox::traffic::year;
use sandbox::{Checkout, Delivery, History, Version, currency, render};

use crate::house::{House, TEST};
use crate::street::{deliver, set_up};
use crate::tools::Folder;

/// A house like the demo's: four currencies, one without decimals, refunds and disputes.
fn house() -> House {
    let mut house = House::sqlite();
    let traffic = year(3, 12, 40, 1_735_689_600);
    set_up(&house, &traffic.setup);
    house.ok("partner add o.b_rien-9 --name O --email o@example.com --rate-bps 1000");
    house.serve();
    let mut deliveries: Vec<Delivery> = traffic.deliveries().collect();
    deliveries.extend(odd_ids());
    let answers = deliver(house.address(), TEST, 4, &deliveries.iter().collect::<Vec<_>>());
    assert!(answers.iter().all(|answer| *answer == 200));
    house.ok("events drain");
    house
}

/// Sales whose ids and currencies are legal to us and hostile to a journal.
fn odd_ids() -> Vec<Delivery> {
    let mut odd = Vec::new();
    for (index, (id, code)) in [
        (r#"cs_\"; | quoted"#, "usd"),
        (r"cs_two\nlines\n2026-01-01 * \\ \t", "kwd"),
        (r"cs_ünïcode\u2028", "xaf"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut history = History::new(&format!("odd{index}"), false, None);
        history.at("2025-06-01T12:00:00Z");
        let price = history.price(12_345, currency(code), None);
        let bought = history.buy(&Checkout::of(&price).reference("o.b_rien-9"));
        for mut delivery in render(&history.take(), Version::Dahlia20260729) {
            let text = String::from_utf8(delivery.body).expect("text");
            delivery.body = text.replace(&bought.session.id, id).into_bytes();
            odd.push(delivery);
        }
    }
    odd
}

fn ran(command: &mut Command) -> Option<Output> {
    command.output().ok()
}

fn answers(program: &Path) -> bool {
    ran(Command::new(program).arg("--version")).is_some_and(|output| output.status.success())
}

/// `bean-check`, installed into a folder of this process if it must be.
fn bean_check() -> Option<PathBuf> {
    static INSTALLED: OnceLock<Option<Folder>> = OnceLock::new();
    let there = PathBuf::from("bean-check");
    if answers(&there) {
        return Some(there);
    }
    let folder = INSTALLED.get_or_init(|| {
        let folder = Folder::new();
        ran(Command::new("python3").args(["-m", "venv"]).arg(&folder.0))?;
        ran(Command::new(folder.0.join("bin/pip")).args(["install", "--quiet", "beancount"]))?;
        Some(folder)
    });
    let installed = folder.as_ref()?.0.join("bin/bean-check");
    answers(&installed).then_some(installed)
}

fn hledger() -> Option<PathBuf> {
    let there = PathBuf::from("hledger");
    if !answers(&there) {
        ran(Command::new("apt-get").args(["install", "-y", "-q", "hledger"]))?;
    }
    answers(&there).then_some(there)
}

fn written(house: &House, format: &str) -> PathBuf {
    let text = house.ok(&format!("ledger export --format {format}"));
    let file = house.folder().join(format!("journal.{format}"));
    std::fs::write(&file, text).expect("a file");
    file
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn beancount_loads_the_journal_without_a_complaint() {
    let Some(program) = bean_check() else {
        println!("NOT TESTED: no bean-check here, and pip could not install beancount");
        return;
    };
    let house = house();
    let file = written(&house, "beancount");
    let check = || ran(Command::new(&program).arg(&file)).expect("it runs");
    let output = check();
    let text = std::fs::read_to_string(&file).expect("the journal");
    assert!(text.contains("cs_two?lines?2026-01-01"), "the odd ids are in the journal, made harmless");
    println!("bean-check: {} lines, {}", text.lines().count(), output.status);
    assert!(output.status.success() && said(&output).is_empty(), "{}", said(&output));
    // The control: one amount changed, and it complains.
    let at = text.rfind("  -").expect("a posting");
    std::fs::write(&file, format!("{}  -9{}", &text[..at], &text[at + 3..])).expect("a file");
    assert!(!said(&check()).is_empty(), "an unbalanced journal is noticed");
}

#[test]
fn hledger_checks_the_journal_and_its_balance_is_zero() {
    let Some(program) = hledger() else {
        println!("NOT TESTED: no hledger here, and apt-get could not install it");
        return;
    };
    let house = house();
    let file = written(&house, "hledger");
    let run = |arguments: &[&str]| {
        ran(Command::new(&program).arg("-f").arg(&file).args(arguments)).expect("it runs")
    };
    let checked = run(&["check", "--strict"]);
    assert!(checked.status.success(), "{}", said(&checked));
    let balance = run(&["bal", "--no-elide", "-N", "--depth", "1", "-O", "csv"]);
    assert!(balance.status.success(), "{}", said(&balance));
    let total = run(&["bal", "--depth", "0", "-O", "csv"]);
    let last = said(&total).lines().last().unwrap_or_default().to_owned();
    println!(
        "hledger: {} lines of journal, total {last}",
        std::fs::read_to_string(&file).map_or(0, |text| text.lines().count())
    );
    assert!(last.ends_with("\"0\""), "the books balance to zero: {}", said(&total));
    let text = std::fs::read_to_string(&file).expect("the journal");
    let at = text.rfind("  -").expect("a posting");
    std::fs::write(&file, format!("{}  -9{}", &text[..at], &text[at + 3..])).expect("a file");
    assert!(!run(&["check"]).status.success(), "an unbalanced journal is noticed");
}
