//! Just enough WebDriver to be a person at a browser: go, read, type, press keys, look narrowly. Plain JSON over
//! HTTP to ChromeDriver. It must not know what any page is about.

use std::fs::File;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::http;
use crate::tools::{Folder, eventually, now};

pub(crate) const TAB: char = '\u{E004}';
pub(crate) const ENTER: char = '\u{E007}';
/// The name under which WebDriver hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

pub(crate) struct WebDriver {
    driver: Child,
    at: SocketAddr,
    session: String,
    /// Profile, cache and logs; gone at the end, after the browser.
    _folder: Folder,
}

impl WebDriver {
    pub(crate) fn start(programs: &testkit::Browser) -> Self {
        let folder = Folder::new();
        let log = folder.0.join("driver.log");
        let out = File::create(&log).expect("a log file");
        let mut command = Command::new(&programs.driver);
        command.arg("--port=0").env("HOME", &folder.0).env("TMPDIR", &folder.0).stdin(Stdio::null());
        command.stdout(out).stderr(Stdio::null());
        let driver = command.spawn().expect("chromedriver starts");
        let mut made =
            Self { driver, at: ([127, 0, 0, 1], 0).into(), session: String::new(), _folder: folder };
        let from = now();
        let port = loop {
            let text = std::fs::read_to_string(&log).unwrap_or_default();
            let word = text.lines().find_map(|line| line.split_once("on port ")?.1.strip_suffix('.'));
            if let Some(port) = word.and_then(|word| word.parse().ok()) {
                break port;
            }
            assert!(from.elapsed() < Duration::from_secs(30), "chromedriver does not get ready:\n{text}");
            std::thread::sleep(Duration::from_millis(5));
        };
        made.at.set_port(port);
        let profile = format!("--user-data-dir={}", made._folder.0.join("profile").display());
        let args = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            &profile,
        ];
        let chrome = json!({"binary": programs.browser, "args": args});
        let wanted = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": chrome}}});
        let value = made.asked("POST", "/session", &wanted);
        made.session = value["sessionId"].as_str().expect("a session").to_owned();
        made
    }

    fn asked(&self, method: &str, path: &str, body: &Value) -> Value {
        let text = if method == "POST" { body.to_string() } else { String::new() };
        let (status, answer) = http::json(self.at, method, path, &text).expect("an answer");
        assert_eq!(status, 200, "{method} {path} {text}: {answer}");
        serde_json::from_str::<Value>(&answer).expect("JSON")["value"].take()
    }

    fn post(&self, command: &str, body: &Value) -> Value {
        self.asked("POST", &format!("/session/{}/{command}", self.session), body)
    }

    pub(crate) fn open(&self, url: &str) {
        self.post("url", &json!({"url": url}));
    }

    /// What a script returns.
    pub(crate) fn script(&self, script: &str) -> Value {
        self.post("execute/sync", &json!({"script": script, "args": []}))
    }

    /// Everything to be read on the page, its title first.
    pub(crate) fn text(&self) -> String {
        let text =
            self.script("return document.title + '\\n' + (document.body ? document.body.innerText : '')");
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the page says all of this.
    pub(crate) fn sees(&self, wanted: &[&str]) {
        let from = now();
        loop {
            let text = self.text();
            let Some(missing) = wanted.iter().find(|part| !text.contains(**part)) else { return };
            assert!(from.elapsed() < Duration::from_secs(30), "`{missing}` is not on the page:\n{text}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn element(&self, css: &str, act: &str, body: &Value) {
        let found = self.post("element", &json!({"using": "css selector", "value": css}));
        let id = found[ELEMENT].as_str().expect("an element");
        self.post(&format!("element/{id}/{act}"), body);
    }

    pub(crate) fn click(&self, css: &str) {
        self.element(css, "click", &json!({}));
    }

    /// Types into a field instead of what it holds.
    pub(crate) fn fill(&self, css: &str, text: &str) {
        self.element(css, "clear", &json!({}));
        self.element(css, "value", &json!({"text": text}));
    }

    /// Presses keys one after the other, wherever the focus is.
    pub(crate) fn press(&self, keys: &str) {
        let strokes: Vec<Value> = keys
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key})))
            .collect();
        self.post("actions", &json!({"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]}));
    }

    /// How the element with the focus is called, by its label or its words.
    pub(crate) fn focused(&self) -> String {
        let script = "const at = document.activeElement;
            return at.ariaLabel || at.labels?.[0]?.innerText || at.innerText";
        self.script(script).as_str().unwrap_or_default().to_owned()
    }

    /// Looks at the page in a window of this width, and asks something of it there.
    pub(crate) fn at_width(&self, width: u32, script: &str) -> Value {
        let size = json!({"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
        eventually("the window's width", || self.script("return innerWidth") == width);
        let said = self.script(script);
        self.devtools("Emulation.clearDeviceMetricsOverride", &json!({}));
        said
    }

    fn devtools(&self, command: &str, params: &Value) {
        self.post("goog/cdp/execute", &json!({"cmd": command, "params": params}));
    }
}

impl Drop for WebDriver {
    /// The end of the session ends the browser too; only then may the driver go.
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let _ = http::json(self.at, "DELETE", &format!("/session/{}", self.session), "");
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
