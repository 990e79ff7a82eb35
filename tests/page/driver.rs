//! Chromium, driven by its `WebDriver`: JSON over HTTP.

use std::env;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Stdio};
use std::time::Instant;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rig::{PATIENCE, Run, wait_for};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::http::Server;

/// Where this is set, the test fails without a browser; else it is left out.
const VARIABLE: &str = "ILLUMINATOR_REQUIRE_BROWSER";

/// What an answer calls an element by.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The browser keeps to itself: no services of its maker, and no names but numbers of this machine.
const ARGUMENTS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--force-prefers-reduced-motion",
    "--disable-background-networking",
    "--disable-component-update",
    "--window-size=1280,900",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/// A browser with a page; ended when dropped.
#[derive(Debug)]
pub(super) struct Browser {
    server: Server,
    session: String,
    _driver: Run,
    _folder: TempDir,
}

impl Browser {
    /// Starts one; `None` where there is none and none has to be.
    pub(super) fn start() -> Option<Self> {
        let has = |program| Command::new(program).arg("--version").output().is_ok();
        if !(has("chromedriver") && has("chromium")) {
            let is_required = env::var_os(VARIABLE).is_some();
            assert!(!is_required, "chromium and chromedriver are not both there");
            eprintln!("SKIPPED: a test with chromium and chromedriver, which are not both there");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("log");
        let mut command = Command::new("chromedriver");
        command.arg("--port=0");
        for name in ["HOME", "TMPDIR"] {
            command.env(name, folder.path());
        }
        let stdout = File::create(&log).expect("created");
        let driver = Run::start_with_streams(&mut command, stdout.into(), Stdio::null());
        let port: u16 = wait_for("a driver that listens", || {
            let log = fs::read_to_string(&log).ok()?;
            let (_, port) = log.split_once("started successfully on port ")?;
            port.split_once('.')?.0.parse().ok()
        });
        let server = Server {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        };
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": ARGUMENTS},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }}});
        let started = value(server.post("/session", &wanted).json());
        let session = started["sessionId"].as_str().expect("a session");
        Some(Self {
            server,
            session: format!("/session/{session}"),
            _driver: driver,
            _folder: folder,
        })
    }

    #[track_caller]
    fn command(&self, path: &str, content: &Json) -> Json {
        let answer = self
            .server
            .post(&format!("{}/{path}", self.session), content);
        assert_eq!(answer.status, 200, "{path} {content}: {}", answer.text());
        value(answer.json())
    }

    /// Goes to an address.
    pub(super) fn open(&self, url: &str) {
        self.command("url", &json!({"url": url}));
    }

    /// What a script returns.
    #[track_caller]
    pub(super) fn script(&self, script: &str) -> Json {
        self.command("execute/sync", &json!({"script": script, "args": []}))
    }

    /// Waits until an expression of the page is true.
    #[track_caller]
    pub(super) fn wait(&self, expression: &str) {
        let script = format!("return Boolean({expression}) || document.body.innerText");
        let end = Instant::now() + PATIENCE;
        loop {
            let found = self.script(&script);
            if found == true {
                return;
            }
            assert!(Instant::now() < end, "{expression} is not true of {found}");
        }
    }

    /// The text of the first element of this kind; empty where there is none.
    #[track_caller]
    pub(super) fn text(&self, selector: &str) -> String {
        let script = format!("return document.querySelector({selector:?})?.textContent ?? ''");
        self.script(&script).as_str().expect("text").to_owned()
    }

    fn element(&self, selector: &str) -> String {
        let wanted = json!({"using": "css selector", "value": selector});
        let found = self.command("element", &wanted);
        found[ELEMENT].as_str().expect("an element").to_owned()
    }

    /// Clicks an element, as a mouse does.
    #[track_caller]
    pub(super) fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.command(&format!("element/{element}/click"), &json!({}));
    }

    /// Presses keys in an element.
    #[track_caller]
    pub(super) fn press(&self, selector: &str, keys: &str) {
        let element = self.element(selector);
        self.command(&format!("element/{element}/value"), &json!({"text": keys}));
    }

    /// A window of this size on a screen that is light or dark, with or without movement.
    pub(super) fn show(&self, width: u32, height: u32, scheme: &str) {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500,
        });
        self.develop("Emulation.setDeviceMetricsOverride", &size);
        let scheme = json!({"name": "prefers-color-scheme", "value": scheme});
        self.develop("Emulation.setEmulatedMedia", &json!({"features": [scheme]}));
    }

    /// A command of Chromium's own.
    fn develop(&self, command: &str, parameters: &Json) {
        let command = json!({"cmd": command, "params": parameters});
        self.command("goog/cdp/execute", &command);
    }

    /// A picture of the window, as a PNG.
    pub(super) fn picture(&self) -> Vec<u8> {
        let answer = self.server.get(&format!("{}/screenshot", self.session));
        let text = value(answer.json());
        let text = text.as_str().expect("text");
        BASE64_STANDARD.decode(text).expect("Base64")
    }

    /// What has come to a log since somebody asked for it last.
    #[track_caller]
    pub(super) fn log(&self, kind: &str) -> Vec<Json> {
        let log = self.command("se/log", &json!({"type": kind}));
        log.as_array().expect("a list").clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver ends its browser then, which would stay without it.
        self.server.ask("DELETE", &self.session, &[], "");
    }
}

fn value(mut answer: Json) -> Json {
    answer["value"].take()
}
