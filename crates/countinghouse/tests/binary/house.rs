//! A house of the real binary for one test: its database, its environment, its server, its command line.
//! It must not know what any test is about.

use std::cell::RefCell;
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use testkit::TestDatabase;

use crate::http;
use crate::tools::{Folder, now, now_s};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_countinghouse");
pub(crate) const WEBHOOKS: &str = "/api/webhooks/stripe";
pub(crate) const TEST: &str = "whsec_test_of_the_binary";
pub(crate) const LIVE: &str = "whsec_live_of_the_binary";
pub(crate) const CONNECT: &str = "whsec_connect_of_the_binary";

const START_TIMEOUT: Duration = Duration::from_secs(30);

/// The three secrets most tests want.
pub(crate) const SECRETS: [(&str, &str); 3] = [
    ("STRIPE_WEBHOOK_SECRET_TEST", TEST),
    ("STRIPE_WEBHOOK_SECRET_LIVE", LIVE),
    ("STRIPE_WEBHOOK_SECRET_CONNECT", CONNECT),
];

pub(crate) struct House {
    pub(crate) db: TestDatabase,
    env: Vec<(String, String)>,
    dir: Folder,
    server: Option<Server>,
    starts: usize,
    /// Everything any process of this house printed.
    said: RefCell<String>,
}

struct Server {
    child: Child,
    log: PathBuf,
    address: SocketAddr,
}

/// How a verb ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
    line: String,
}

impl House {
    /// Nothing of the test's own environment reaches the program, except the path.
    pub(crate) fn new(db: TestDatabase, env: &[(&str, &str)]) -> Self {
        let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let said = RefCell::new(String::new());
        Self { db, env, dir: Folder::new(), server: None, starts: 0, said }
    }

    pub(crate) fn sqlite() -> Self {
        Self::new(TestDatabase::sqlite(), &SECRETS)
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.env.push((name.to_owned(), value.to_owned()));
    }

    /// The folder the program runs in.
    pub(crate) fn folder(&self) -> &Path {
        &self.dir.0
    }

    fn command(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        command.env_clear().current_dir(&self.dir.0);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("USER", "tester");
        command.env("COUNTINGHOUSE_DATABASE_URL", &self.db.url);
        // A test that has no Stripe of its own reaches none.
        command.env("STRIPE_API_BASE", "http://127.0.0.1:9");
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null());
        command
    }

    /// Starts `serve` on a free port and waits until it is ready; says how long that took.
    pub(crate) fn serve(&mut self) -> Duration {
        assert!(self.server.is_none(), "one server at a time");
        let from = now();
        self.starts += 1;
        let log = self.dir.0.join(format!("serve-{}.log", self.starts));
        let file = File::create(&log).expect("a log file");
        let mut command = self.command();
        let out = file.try_clone().expect("the same file");
        command.args(["serve", "--listen", "127.0.0.1:0"]).stdout(out).stderr(file);
        let child = command.spawn().expect("the program starts");
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut server = Server { child, log, address };
        server.wait_until_ready();
        self.server = Some(server);
        from.elapsed()
    }

    fn server(&self) -> &Server {
        self.server.as_ref().expect("a running server")
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server().address
    }

    pub(crate) fn pid(&self) -> u32 {
        self.server().child.id()
    }

    /// SIGKILL, in the middle of whatever it does.
    pub(crate) fn kill(&mut self) {
        let mut server = self.server.take().expect("a running server");
        server.child.kill().expect("killed");
        server.child.wait().expect("ended");
        self.note(&server.log);
    }

    /// SIGTERM; the exit code and all the server ever said.
    pub(crate) fn stop(&mut self) -> (Option<i32>, String) {
        let mut server = self.server.take().expect("a running server");
        let pid = server.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status().expect("kill is a program");
        assert!(told.success());
        let code = server.child.wait().expect("ended").code();
        (code, self.note(&server.log))
    }

    fn note(&self, log: &Path) -> String {
        let text = String::from_utf8_lossy(&std::fs::read(log).unwrap_or_default()).into_owned();
        self.said.borrow_mut().push_str(&text);
        assert!(!text.contains("panicked"), "a server panicked:\n{text}");
        text
    }

    /// Everything printed so far by verbs and ended servers.
    pub(crate) fn said(&self) -> String {
        self.said.borrow().clone()
    }

    /// Starts a verb that the test will not wait for.
    pub(crate) fn start(&self, line: &str) -> Child {
        let mut command = self.command();
        command.args(words(line)).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("the program starts")
    }

    /// Runs a verb: `run("partner list --json")`; words in 'quotes' stay together.
    pub(crate) fn run(&self, line: &str) -> Ran {
        let output = self.command().args(words(line)).output().expect("the program runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        self.said.borrow_mut().push_str(&format!("{out}\n{err}\n"));
        assert!(!err.contains("panicked"), "{line} panicked:\n{err}");
        Ran { code: output.status.code().unwrap_or(-1), out, err, line: line.to_owned() }
    }

    /// Runs a verb that must succeed; its standard output.
    pub(crate) fn ok(&self, line: &str) -> String {
        let ran = self.run(line);
        ran.expect(0);
        ran.out
    }

    /// The same with `--json`, parsed.
    pub(crate) fn json(&self, line: &str) -> Value {
        let ran = self.run(&format!("{line} --json"));
        ran.expect(0);
        ran.json()
    }

    /// Posts a body signed with this secret now; the status.
    pub(crate) fn post(&self, secret: &str, body: &[u8]) -> u16 {
        let signature = sandbox::stripe_signature(secret, now_s(), body);
        http::post(self.address(), WEBHOOKS, Some(&signature), body).expect("an answer")
    }

    /// Every event there is, newest first, quarantined ones at the end.
    pub(crate) fn events(&self) -> Vec<Value> {
        let mut events = Vec::new();
        let mut before = i64::MAX;
        loop {
            let page = rows(self.json(&format!("events list --limit 10000 --before {before}")));
            let Some(last) = page.last().and_then(|row| row["seq"].as_i64()) else { break };
            before = last;
            events.extend(page);
        }
        events.extend(rows(self.json("events list --state quarantined --limit 10000")));
        events
    }

    /// Works everything off and audits the house: level, no finding, the same books from a replay.
    pub(crate) fn audit(&self) {
        self.ok("events drain --timeout-s 60");
        let verdict = self.run("verify --deep");
        verdict.expect(0);
        self.run("replay --verify").expect(0);
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.child.kill();
            let _ = server.child.wait();
        }
    }
}

impl Server {
    /// The program prints where it listens; then its readiness is asked for.
    fn wait_until_ready(&mut self) {
        let from = now();
        loop {
            let text = std::fs::read_to_string(&self.log).unwrap_or_default();
            if let Some(address) = listening_at(&text) {
                self.address = address;
                if http::get(address, "/readyz").is_ok_and(|(status, _)| status == 200) {
                    return;
                }
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("the server ended with {status}:\n{text}");
            }
            assert!(from.elapsed() < START_TIMEOUT, "the server does not get ready:\n{text}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn listening_at(log: &str) -> Option<SocketAddr> {
    let (_, address) = log.split_once("webhooks  http://")?;
    address.split_once('/')?.0.parse().ok()
}

impl Ran {
    pub(crate) fn expect(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "countinghouse {}\n{}\n{}", self.line, self.out, self.err);
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|why| panic!("countinghouse {}: {why}\n{}", self.line, self.out))
    }
}

pub(crate) fn rows(value: Value) -> Vec<Value> {
    match value {
        Value::Array(rows) => rows,
        other => panic!("not an array: {other}"),
    }
}

fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.split('\'').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_ascii_whitespace().map(str::to_owned));
        }
    }
    words
}
