//! A small simulator for tests: `y` is the sum of what arrives at `x`, plus the time. `at` and `then` have it misbehave,
//! or ask for a step two ticks later; `every` is how many ticks its own steps are apart. It adds a line to `toy.steps` for
//! each step.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{self, ExitCode};
use std::time::Duration;

use foreign::wire::{Call, Failed, Message, append_frame, read_frame};
use shared::value::{Number, Value};

const META: &str = r#"{"api_version": "3.0", "type": "time-based", "models": {"Toy": {"public": true, "params": ["at", "every", "then"], "attrs": ["x", "y"]}}}"#;

/// Its entities: `toy_0` and so on.
struct Toys {
    all: Vec<Toy>,
    stream: TcpStream,
    /// Ticks between its own steps.
    every: i64,
}

/// What one of them does, and from when on.
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
    let mut toys = Toys {
        all: Vec::new(),
        stream: stream.try_clone().expect("cloned"),
        every: 1,
    };
    while let Ok(Some(frame)) = read_frame(&mut stream) {
        let Ok(Message::Request(number, call)) = Message::read(&frame) else {
            return ExitCode::FAILURE;
        };
        if call.function == "stop" {
            break;
        }
        let mut text = String::new();
        match toys.answer(&call) {
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

impl Toys {
    fn answer(&mut self, call: &Call) -> Result<String, Failed> {
        match call.function.as_str() {
            "init" => Ok(META.to_owned()),
            "create" => Ok(self.create(call)),
            "setup_done" => Ok("null".to_owned()),
            "step" => self.step(call),
            "get_data" => {
                let results = self.all.iter().enumerate();
                let results = results.map(|(n, toy)| format!(r#""toy_{n}": {{"y": {:?}}}"#, toy.y));
                Ok(format!("{{{}}}", results.collect::<Vec<_>>().join(", ")))
            }
            other => panic!("nobody asks for {other}"),
        }
    }

    fn create(&mut self, call: &Call) -> String {
        let mut toy = Toy::default();
        for (name, value) in &call.named {
            match (&**name, value) {
                ("at", Value::Int(at)) => toy.at = *at,
                ("every", Value::Int(every)) => self.every = *every,
                ("then", Value::Text(then)) => toy.then = then.to_string(),
                other => panic!("no such parameter: {other:?}"),
            }
        }
        self.all.push(toy);
        format!(
            r#"[{{"eid": "toy_{}", "type": "Toy"}}]"#,
            self.all.len() - 1
        )
    }

    fn step(&mut self, call: &Call) -> Result<String, Failed> {
        let [Value::Int(time), inputs, ..] = call.arguments.as_slice() else {
            panic!("no step: {call:?}");
        };
        note_step();
        for (n, toy) in self.all.iter_mut().enumerate() {
            if !toy.then.is_empty() && *time >= toy.at {
                match toy.then.as_str() {
                    "ask" => ask_for_a_step(&mut self.stream, time + 2)?,
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
            toy.y = *time as f64 + sum_of(inputs, &format!("toy_{n}"));
        }
        Ok((time + self.every).to_string())
    }
}

/// Notes that a step is made.
fn note_step() {
    let mut options = OpenOptions::new();
    let file = options.append(true).create(true).open("toy.steps");
    // One write: simulators share the file.
    file.and_then(|mut file| file.write_all(b"step\n"))
        .expect("written");
}

/// Asks for a step at a tick.
fn ask_for_a_step(stream: &mut TcpStream, tick: i64) -> Result<(), Failed> {
    let mut bytes = Vec::new();
    let request = format!(r#"[0, 7, ["set_event", [{tick}], {{}}]]"#);
    append_frame(request.as_bytes(), &mut bytes);
    stream.write_all(&bytes).expect("sent");
    let answer = read_frame(stream).expect("a frame").expect("an answer");
    match Message::read(&answer).expect("a message") {
        Message::Success(7, _) => Ok(()),
        Message::Failure(7, failed) => Err(failed),
        other => panic!("no answer: {other:?}"),
    }
}

/// The sum of all that arrives at an entity.
fn sum_of(inputs: &Value, id: &str) -> f64 {
    let Value::Map(entities) = inputs else {
        return 0.0;
    };
    let own = entities.iter().filter(|(entity, _)| **entity == *id);
    own.map(|(_, value)| sum(value)).sum()
}

/// The sum of all numbers in a value.
fn sum(value: &Value) -> f64 {
    match value {
        Value::Map(entries) => entries.iter().map(|(_, value)| sum(value)).sum(),
        other => other.as_number().map_or(0.0, Number::to_f64),
    }
}
