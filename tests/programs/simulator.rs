//! A small simulator for tests: `y` is the sum of what arrives at `x`, plus the time. `at` and `then` have it misbehave.

use std::env;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{self, ExitCode};
use std::time::Duration;

use foreign::wire::{Call, Failed, Message, append_frame, read_frame};
use shared::value::{Number, Value};

const META: &str = r#"{"api_version": "3.0", "type": "time-based", "models": {"Toy": {"public": true, "params": ["at", "then"], "attrs": ["x", "y"]}}}"#;

/// What it does, and from when on.
#[derive(Default)]
struct Toy {
    at: i64,
    then: String,
    y: f64,
}

fn main() -> ExitCode {
    let address = env::args().nth(1).expect("an address");
    if address == "silent" {
        note_pid();
        wait_for_the_end();
    }
    let mut stream = TcpStream::connect(address).expect("somebody listens");
    note_pid();
    let bound = Some(Duration::from_secs(120));
    stream.set_read_timeout(bound).expect("set");
    let mut toy = Toy::default();
    while let Ok(Some(frame)) = read_frame(&mut stream) {
        let Ok(Message::Request(number, call)) = Message::read(&frame) else {
            return ExitCode::FAILURE;
        };
        if call.function == "stop" {
            break;
        }
        let mut text = String::new();
        match toy.answer(&call) {
            Ok(json) => text = format!("[1, {number}, {json}]"),
            Err(failed) => Message::Failure(number, failed).append(&mut text),
        }
        let mut bytes = Vec::new();
        append_frame(text.as_bytes(), &mut bytes);
        if stream.write_all(&bytes).is_err() {
            break;
        }
    }
    ExitCode::SUCCESS
}

/// For whoever looks whether it is gone.
fn note_pid() {
    fs::write("toy.pid", process::id().to_string()).expect("written");
}

/// Does nothing, within bounds.
fn wait_for_the_end() {
    let (listener, bound) = (std::net::TcpListener::bind("127.0.0.1:0"), 120);
    let listener = listener.expect("a port");
    let own = TcpStream::connect(listener.local_addr().expect("an address")).expect("connected");
    own.set_read_timeout(Some(Duration::from_secs(bound)))
        .expect("set");
    let _ = (&own).read(&mut [0]);
}

impl Toy {
    fn answer(&mut self, call: &Call) -> Result<String, Failed> {
        match call.function.as_str() {
            "init" => Ok(META.to_owned()),
            "create" => {
                for (name, value) in &call.named {
                    match (&**name, value) {
                        ("at", Value::Int(at)) => self.at = *at,
                        ("then", Value::Text(then)) => self.then = then.to_string(),
                        other => panic!("no such parameter: {other:?}"),
                    }
                }
                Ok(r#"[{"eid": "toy", "type": "Toy"}]"#.to_owned())
            }
            "setup_done" => Ok("null".to_owned()),
            "step" => self.step(call),
            "get_data" => Ok(format!(r#"{{"toy": {{"y": {:?}}}}}"#, self.y)),
            other => panic!("nobody asks for {other}"),
        }
    }

    fn step(&mut self, call: &Call) -> Result<String, Failed> {
        let [Value::Int(time), inputs, ..] = call.arguments.as_slice() else {
            panic!("no step: {call:?}");
        };
        if !self.then.is_empty() && *time >= self.at {
            match self.then.as_str() {
                "fail" => {
                    return Err(Failed {
                        exception: "ValueError".to_owned(),
                        message: "the tub is full".to_owned(),
                        more: Vec::new(),
                    });
                }
                "die" => {
                    eprintln!("this is the end");
                    process::exit(7);
                }
                "nonsense" => return Ok("\"soon\"".to_owned()),
                _ => wait_for_the_end(),
            }
        }
        self.y = *time as f64 + sum(inputs);
        Ok((time + 1).to_string())
    }
}

/// The sum of all numbers in a value.
fn sum(value: &Value) -> f64 {
    match value {
        Value::Map(entries) => entries.iter().map(|(_, value)| sum(value)).sum(),
        other => other.as_number().map_or(0.0, Number::to_f64),
    }
}
