//! The sandbox as a process, with the house as its receiver: what the one signs and sends, the other
//! verifies and keeps, sharing no code for it.

use std::fs::File;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use testkit::TestDatabase;

use crate::house::{House, PROGRAM, WEBHOOKS};
use crate::http;
use crate::tools::{Folder, now};

pub(crate) struct Sandbox {
    child: Child,
    pub(crate) at: SocketAddr,
    _folder: Folder,
}

impl Sandbox {
    pub(crate) fn start(more: &str) -> Self {
        let folder = Folder::new();
        let log = folder.0.join("sandbox.log");
        let mut command = Command::new(PROGRAM);
        command.args(["sandbox", "--listen", "127.0.0.1:0"]).args(more.split_ascii_whitespace());
        command.env_clear().current_dir(&folder.0).stdin(Stdio::null()).stdout(Stdio::null());
        let child =
            command.stderr(File::create(&log).expect("a log file")).spawn().expect("the program starts");
        let from = now();
        let at = loop {
            let text = std::fs::read_to_string(&log).unwrap_or_default();
            let line = text.lines().find_map(|line| line.split_once("http://")?.1.split_once('/'));
            if let Some(at) = line.and_then(|(at, _)| at.parse().ok()) {
                break at;
            }
            assert!(from.elapsed() < Duration::from_secs(30), "the sandbox does not get ready:\n{text}");
            std::thread::sleep(Duration::from_millis(5));
        };
        Self { child, at, _folder: folder }
    }

    pub(crate) fn call(&self, path: &str, form: &str) -> Value {
        let (status, body) = http::form(self.at, path, form).expect("an answer");
        assert_eq!(status, 200, "{path} {form}: {body}");
        serde_json::from_str(&body).expect("JSON")
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_the_sandbox_delivers_the_house_keeps_once_through_failures_and_chaos() {
    let sandbox =
        Sandbox::start("--frozen 2026-01-01 --seed 5 --chaos duplicate=30%,refuse=30%,unanswered=20%");
    let made = sandbox.call("/v1/webhook_endpoints", "url=http://127.0.0.1:9/&enabled_events[]=*");
    let secret = made["secret"].as_str().expect("a secret").to_owned();
    let mut house = House::new(TestDatabase::sqlite(), &[("STRIPE_WEBHOOK_SECRET_TEST", &secret)]);
    let mut wanted = Vec::new();
    for number in 0..20 {
        sandbox.call("/v1/coupons", &format!("id=C{number}&percent_off=10&duration=forever"));
    }
    // Nobody listens at that port: everything fails once, and is tried again after the house has opened.
    sandbox.call("/_sandbox/settle", "");
    house.serve();
    let endpoint = format!("/v1/webhook_endpoints/{}", made["id"].as_str().expect("an id"));
    sandbox.call(&endpoint, &format!("url=http://{}{WEBHOOKS}", house.address()));
    let triggered = house.json(&format!("sandbox trigger coupon.deleted --at {}", sandbox.at));
    wanted.push(triggered["event"].as_str().expect("an id").to_owned());
    sandbox.call("/_sandbox/advance", "days=1");
    sandbox.call("/_sandbox/chaos", "set=none");
    let log: Value =
        serde_json::from_str(&http::get(sandbox.at, "/_sandbox/deliveries?limit=1000").expect("a log").1)
            .expect("JSON");
    let delivered = log["data"].as_array().expect("rows").iter().filter(|row| row["delivered"] == true);
    wanted.extend(delivered.map(|row| row["event"].as_str().expect("an id").to_owned()));
    wanted.sort();
    wanted.dedup();
    house.audit();
    let mut kept: Vec<String> =
        house.events().iter().map(|row| row["id"].as_str().expect("an id").to_owned()).collect();
    kept.sort();
    assert!(kept.len() >= 20, "{} events came through; {}", kept.len(), log["totals"]);
    assert!(kept.windows(2).all(|pair| pair[0] != pair[1]), "each is kept once");
    assert!(wanted.iter().all(|id| kept.contains(id)), "what was taken is kept");
}

#[test]
fn triggering_says_what_is_wrong() {
    let sandbox = Sandbox::start("--frozen 2026-01-01");
    let house = House::sqlite();
    let unknown = house.run(&format!("sandbox trigger invoice.payed --at {}", sandbox.at));
    unknown.expect(1);
    assert!(
        unknown.err.contains("invoice.payed") && unknown.err.contains("lists what can"),
        "{}",
        unknown.err
    );
    assert!(house.ok(&format!("sandbox trigger --list --at {}", sandbox.at)).contains("payout.paid"));
    let nobody = house.run("sandbox trigger invoice.paid --at 127.0.0.1:9");
    nobody.expect(1);
    assert!(nobody.err.contains("countinghouse sandbox --listen"), "{}", nobody.err);
    for line in
        ["sandbox trigger", "sandbox --chaos much", "sandbox --frozen yesterday", "sandbox --retries -1"]
    {
        house.run(line).expect(2);
    }
}
