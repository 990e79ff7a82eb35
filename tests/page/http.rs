//! HTTP as it is needed here: a connection for each request, and whatever head a test wants.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use rig::PATIENCE;
use serde_json::Value as Json;

/// Somebody who answers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Server {
    pub(super) address: SocketAddr,
}

/// What was answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) content: Vec<u8>,
}

impl Answer {
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.content.clone()).expect("UTF-8")
    }

    #[track_caller]
    pub(super) fn json(&self) -> Json {
        assert_eq!(self.status, 200, "{}", self.text());
        serde_json::from_slice(&self.content).expect("JSON")
    }
}

impl Server {
    fn connect(self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        stream
    }

    /// Sends a request, with these fields in its head; a host among them takes the place of the right one.
    pub(super) fn ask(
        self,
        method: &str,
        path: &str,
        fields: &[(&str, &str)],
        content: &str,
    ) -> Answer {
        let mut stream = self.connect();
        let length = content.len();
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n"
        );
        if !fields.iter().any(|(name, _)| *name == "Host") {
            let _ = write!(request, "Host: {}\r\n", self.address);
        }
        for (name, value) in fields {
            let _ = write!(request, "{name}: {value}\r\n");
        }
        request += "\r\n";
        stream.write_all(request.as_bytes()).expect("sent");
        stream.write_all(content.as_bytes()).expect("sent");
        answer(&mut BufReader::new(stream))
    }

    pub(super) fn get(self, path: &str) -> Answer {
        self.ask("GET", path, &[], "")
    }

    pub(super) fn post(self, path: &str, content: &Json) -> Answer {
        let fields = [("Content-Type", "application/json")];
        self.ask("POST", path, &fields, &content.to_string())
    }

    /// Has something done; it must be taken.
    #[track_caller]
    pub(super) fn order(self, path: &str, content: &Json) {
        let answer = self.post(path, content);
        assert_eq!(answer.status, 204, "{content}: {}", answer.text());
    }

    /// Asks for something, and never reads what is answered.
    pub(super) fn ask_and_ignore(self, paths: &[&str]) -> TcpStream {
        let mut stream = self.connect();
        for path in paths {
            let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
            stream.write_all(request.as_bytes()).expect("sent");
        }
        stream
    }

    /// Listens to events, under the name of a viewer.
    pub(super) fn events(self, viewer: &str) -> Events {
        let mut stream = self.connect();
        let host = self.address;
        // Before 1.1 an answer has no pieces, and ends with its connection.
        let request = format!("GET /api/events?viewer={viewer} HTTP/1.0\r\nHost: {host}\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut lines = BufReader::new(stream);
        let (status, head) = head(&mut lines);
        assert_eq!(status, 200, "{head}");
        assert!(head.contains("text/event-stream"), "{head}");
        Events { lines }
    }
}

/// The status of an answer, and its head in small letters.
fn head(lines: &mut impl BufRead) -> (u16, String) {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let count = lines.read_line(&mut head).expect("an answer");
        assert!(count > 0, "half an answer: {head:?}");
    }
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.unwrap_or_else(|| panic!("no status in {head:?}"));
    (status, head.to_lowercase())
}

fn answer(lines: &mut impl BufRead) -> Answer {
    let (status, head) = head(lines);
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    let mut content = Vec::new();
    if let Some(length) = length {
        content.resize(length.trim().parse().expect("a length"), 0);
        lines.read_exact(&mut content).expect("the whole answer");
    } else {
        lines.read_to_end(&mut content).expect("the whole answer");
    }
    Answer {
        status,
        head,
        content,
    }
}

/// What a viewer hears.
#[derive(Debug)]
pub(super) struct Events {
    lines: BufReader<TcpStream>,
}

impl Iterator for Events {
    type Item = (String, Json);

    /// The next event; `None` once the other side has ended.
    fn next(&mut self) -> Option<Self::Item> {
        let mut name = String::new();
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).expect("an event") == 0 {
                return None;
            }
            if let Some(text) = line.strip_prefix("event: ") {
                text.trim_end().clone_into(&mut name);
            } else if let Some(text) = line.strip_prefix("data: ") {
                return Some((name, serde_json::from_str(text).expect("JSON")));
            }
        }
    }
}

impl Events {
    /// Waits for an event of which this holds.
    #[track_caller]
    pub(super) fn wait(&mut self, name: &str, holds: impl Fn(&Json) -> bool) -> Json {
        let end = Instant::now() + PATIENCE;
        let mut last = Json::Null;
        for (known, what) in self.by_ref() {
            if known == name && holds(&what) {
                return what;
            }
            if known == name {
                last = what;
            }
            assert!(Instant::now() < end, "no such '{name}', but {last}");
        }
        panic!("it ended without such '{name}', but with {last}");
    }

    /// Waits until a run has come to its end.
    #[track_caller]
    pub(super) fn wait_for_end(&mut self) -> Json {
        self.wait("ended", |_| true)
    }

    /// Waits for a phase; the tick of it.
    #[track_caller]
    pub(super) fn wait_for_phase(&mut self, phase: &str) -> u64 {
        let state = self.wait("state", |state| state["phase"] == phase);
        state["tick"].as_u64().expect("a tick")
    }
}
