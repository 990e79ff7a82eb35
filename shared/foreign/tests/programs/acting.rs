//! The program that the tests start: this test executable itself, which then acts as its arguments say.

use std::env;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use foreign::Program;

use crate::simulator::{PATIENCE, Peer, time};

/// A command that makes this executable act as these words say.
pub(crate) fn acting(words: &str) -> Program {
    let own = env::current_exe().expect("an executable");
    let own = own.to_str().expect("plain text");
    Program::Command {
        line: format!("'{own}' --ignored --exact --nocapture acting::acts at=%(addr)s {words}"),
        interpreter: None,
    }
}

/// Where programs say that they live: their connection ends when they do.
pub(crate) struct Watch(TcpListener);

impl Watch {
    pub(crate) fn new() -> Self {
        Self(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port"))
    }

    /// The word that makes a program say that it lives.
    pub(crate) fn word(&self) -> String {
        format!("watch={}", self.0.local_addr().expect("an address"))
    }

    /// Waits until a program says that it lives.
    pub(crate) fn living(&self) -> Living {
        let (mut stream, _) = self.0.accept().expect("a program");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        stream.read_exact(&mut [0]).expect("a sign of life");
        Living(stream)
    }
}

/// A program that lives.
pub(crate) struct Living(TcpStream);

impl Living {
    /// Waits for its end.
    pub(crate) fn wait(mut self) {
        match self.0.read(&mut [0]) {
            Ok(0) => {}
            // So ends the connection of a program that is killed on Windows.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
            other => panic!("it goes on: {other:?}"),
        }
    }
}

fn hang() -> ! {
    loop {
        thread::sleep(Duration::from_secs(3600));
    }
}

/// What the words of the command line say.
#[test]
#[ignore = "the other tests start it"]
fn acts() {
    let words: Vec<String> = env::args().collect();
    let word = |name: &str| {
        words
            .iter()
            .find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
    };
    let _alive = word("watch").map(|address| {
        let mut stream = TcpStream::connect(address).expect("the watch");
        stream.write_all(b"!").expect("sent");
        stream
    });
    for number in 0..word("lines").map_or(0, |count| count.parse().expect("a number")) {
        eprintln!("line {number}");
    }
    if let Some(code) = word("exit") {
        std::process::exit(code.parse().expect("a number"));
    }
    if words.iter().any(|word| word == "hang") {
        hang();
    }
    if words.iter().any(|word| word == "tree") {
        let own = env::current_exe().expect("an executable");
        let watch = words.iter().filter(|word| word.starts_with("watch="));
        let mut child = Command::new(own);
        child
            .args([
                "--ignored",
                "--exact",
                "--nocapture",
                "acting::acts",
                "hang",
            ])
            .args(watch);
        let child = child.stdin(Stdio::null()).spawn().expect("started");
        // Nobody waits for it: it is to end with this one.
        std::mem::forget(child);
    }
    let stream = TcpStream::connect(word("at").expect("an address")).expect("a host");
    stream.set_read_timeout(Some(PATIENCE)).expect("set");
    let dies = word("dies").map(|tick| tick.parse::<i64>().expect("a number"));
    Peer(stream).serve(|call| match call.function.as_str() {
        "init" => r#"{"api_version": "3.0", "models": {"M": {"attrs": ["x"]}}}"#.to_owned(),
        "create" => r#"[{"eid": "e", "type": "M"}]"#.to_owned(),
        "step" => {
            if dies == Some(time(call)) {
                eprintln!("no more of this");
                std::process::exit(5);
            }
            (time(call) + 1).to_string()
        }
        "get_data" => r#"{"e": {"x": 1}}"#.to_owned(),
        _ => "null".to_owned(),
    });
    if words.iter().any(|word| word == "stays") {
        hang();
    }
}
