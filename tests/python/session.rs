//! One class behind the script, and the wire between it and a test.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use foreign::wire::{Call, Failed, Message, append_frame, read_frame, read_json};
use rig::{PATIENCE, wait_for, workspace};
use shared::value::Value;

/// The script that serves a class.
pub(crate) fn script() -> PathBuf {
    workspace().join("shared/foreign/python/illuminator_host.py")
}

/// The folder with the classes of these tests.
pub(crate) fn models() -> PathBuf {
    workspace().join("tests/python/models")
}

/// A class that is served. It ends with the test.
#[derive(Debug)]
pub(crate) struct Session {
    program: Program,
    stream: TcpStream,
    next: u64,
}

/// A process, and what it says.
#[derive(Debug)]
struct Program {
    child: Child,
    /// Files never keep it waiting, however much it says.
    stdout: File,
    stderr: File,
}

/// How a program has ended, and what it wrote to its standard error.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stderr: String,
    pub(crate) stdout: String,
}

impl Session {
    /// Starts an interpreter with the script, in a folder; or tells how it ended before it called.
    pub(crate) fn start(
        interpreter: &str,
        folders: &[&Path],
        class: &str,
        working: &Path,
    ) -> Result<Self, Ended> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("set");
        let mut command = Command::new(interpreter);
        command.arg("-");
        for folder in folders {
            command.arg("--path").arg(folder);
        }
        let address = listener.local_addr().expect("bound").to_string();
        command.args([class, &address]).current_dir(working);
        let mut program = Program::start(&mut command);
        let connection = wait_for("a call or an end", || match listener.accept() {
            Ok((stream, _)) => Some(Some(stream)),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                let ended = program.child.try_wait().expect("a child");
                ended.map(|_| None)
            }
        });
        let Some(stream) = connection else {
            return Err(program.ended());
        };
        stream.set_nonblocking(false).expect("set");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        Ok(Self {
            program,
            stream,
            next: 0,
        })
    }

    /// Sends requests in one packet, and reads their answers.
    pub(crate) fn ask(&mut self, calls: &[Call]) -> Vec<Result<Value, Failed>> {
        let mut bytes = Vec::new();
        for call in calls {
            let mut text = String::new();
            call.append(self.next, &mut text);
            append_frame(text.as_bytes(), &mut bytes);
            self.next += 1;
        }
        self.stream.write_all(&bytes).expect("sent");
        let first = self.next - calls.len() as u64;
        (first..self.next).map(|id| self.answer(id)).collect()
    }

    fn answer(&mut self, expected: u64) -> Result<Value, Failed> {
        let frame = read_frame(&mut self.stream).expect("a frame");
        let frame = frame.expect("an answer, and not the end");
        let (id, result) = match Message::read(&frame).expect("a message") {
            Message::Success(id, value) => (id, Ok(value)),
            Message::Failure(id, failed) => (id, Err(failed)),
            Message::Request(..) => panic!("a class asks for nothing"),
        };
        assert_eq!(id, expected);
        result
    }

    /// Asks for `init` with an entry of a scenario, written as JSON, and for all that comes before the first step.
    pub(crate) fn make(&mut self, entry: &Value, resolution: i64) -> Result<Value, Failed> {
        let params = Value::Map([("m".into(), entry.clone())].into());
        let init = Call {
            function: "init".into(),
            arguments: vec![Value::text("m-0")],
            named: vec![
                ("time_resolution".into(), Value::Int(resolution)),
                ("sim_params".into(), params),
                ("start_time".into(), Value::text("2012-01-01 00:00:00")),
            ],
        };
        let description = self.one(init)?;
        let created = self.one(Call::new("create", vec![Value::Int(1), Value::text("M")]))?;
        let expected = read_json(br#"[{"eid": "time-based_0", "type": "M"}]"#).expect("JSON");
        assert_eq!(created, expected);
        self.one(Call::new("setup_done", Vec::new()))?;
        Ok(description)
    }

    /// Sends one request.
    pub(crate) fn one(&mut self, call: Call) -> Result<Value, Failed> {
        self.ask(&[call]).pop().expect("one answer")
    }

    /// Makes a step with inputs `{attribute: {source: message}}`, and asks in the same packet for attributes.
    pub(crate) fn step(
        &mut self,
        time: i64,
        inputs: &Value,
        wanted: &[&str],
    ) -> (Result<Value, Failed>, Result<Value, Failed>) {
        let is_empty = matches!(inputs, Value::Map(entries) if entries.is_empty());
        let inputs = if is_empty {
            inputs.clone()
        } else {
            Value::Map([("time-based_0".into(), inputs.clone())].into())
        };
        let wanted = wanted.iter().map(|name| Value::text(name)).collect();
        let wanted = Value::Map([("time-based_0".into(), Value::List(wanted))].into());
        let step = Call::new(
            "step",
            vec![Value::Int(time), inputs, Value::Int(1_000_000)],
        );
        let mut answers = self.ask(&[step, Call::new("get_data", vec![wanted])]);
        let data = answers.pop().expect("two answers");
        (answers.pop().expect("two answers"), data)
    }

    /// Sends the content of a frame, whatever it is.
    pub(crate) fn send(&mut self, content: &[u8]) {
        let mut bytes = Vec::new();
        append_frame(content, &mut bytes);
        self.stream.write_all(&bytes).expect("sent");
    }

    /// Says that it is over; how the program ends then.
    pub(crate) fn stop(mut self) -> Ended {
        let mut text = String::new();
        Call::new("stop", Vec::new()).append(self.next, &mut text);
        self.send(text.as_bytes());
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).expect("closed");
        assert!(rest.is_empty(), "there is no answer to 'stop'");
        self.program.ended()
    }

    /// Is gone without a word; how the program ends then.
    pub(crate) fn leave(mut self) -> Ended {
        self.stream
            .shutdown(std::net::Shutdown::Both)
            .expect("open");
        self.program.ended()
    }

    /// How the program ends by itself.
    pub(crate) fn end(mut self) -> Ended {
        self.program.ended()
    }
}

impl Program {
    fn start(command: &mut Command) -> Self {
        let [stdout, stderr] = [(), ()].map(|()| tempfile::tempfile().expect("a file"));
        let child = command
            .stdin(File::open(script()).expect("the script"))
            .stdout(stdout.try_clone().expect("cloned"))
            .stderr(stderr.try_clone().expect("cloned"))
            .spawn()
            .expect("the interpreter starts");
        Self {
            child,
            stdout,
            stderr,
        }
    }

    fn ended(&mut self) -> Ended {
        let status = wait_for("the end of the program", || {
            self.child.try_wait().expect("a child")
        });
        let [stdout, stderr] = [&mut self.stdout, &mut self.stderr].map(|file| {
            let mut text = String::new();
            file.seek(SeekFrom::Start(0)).expect("a file");
            file.read_to_string(&mut text).expect("UTF-8");
            text
        });
        Ended {
            code: status.code(),
            stdout,
            stderr,
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended already, unless a test ends early.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A value from JSON.
pub(crate) fn json(text: &str) -> Value {
    read_json(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// What is there under a path of keys.
pub(crate) fn at<'a>(value: &'a Value, path: &[&str]) -> &'a Value {
    path.iter().fold(value, |value, key| {
        let Value::Map(entries) = value else {
            panic!("no mapping with '{key}': {value}")
        };
        let mut entries = entries.iter();
        let found = entries.find(|(name, _)| **name == **key);
        &found.unwrap_or_else(|| panic!("no '{key}' in {value}")).1
    })
}

/// The value of an attribute among what `get_data` gave, with its origin.
pub(crate) fn published<'a>(data: &'a Value, name: &str) -> (&'a Value, &'a Value) {
    let envelope = at(data, &["time-based_0", name]);
    (at(envelope, &["message_origin"]), at(envelope, &["value"]))
}
