//! Simulators of the tests: threads that speak the protocol.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use foreign::Program;
use foreign::wire::{Call, Message, append_frame, read_frame};
use shared::value::Value;

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A simulator that waits for one connection.
pub(crate) struct Server {
    pub(crate) program: Program,
    thread: JoinHandle<()>,
}

impl Server {
    /// Serves the connection with this.
    pub(crate) fn new(serve: impl FnOnce(TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let thread = thread::spawn(move || {
            let (stream, _) = listener.accept().expect("a connection");
            stream.set_read_timeout(Some(PATIENCE)).expect("set");
            serve(stream);
        });
        let program = Program::Connect { address };
        Self { program, thread }
    }

    /// Waits for its end; whatever it asserted has held.
    pub(crate) fn join(self) {
        self.thread.join().expect("a simulator that is content");
    }
}

/// One end of a connection.
pub(crate) struct Peer(pub(crate) TcpStream);

impl Peer {
    /// The next frame; `None` at the end.
    pub(crate) fn frame(&mut self) -> Option<Vec<u8>> {
        read_frame(&mut self.0).expect("a frame")
    }

    /// The next request; `None` once it is to stop.
    pub(crate) fn request(&mut self) -> Option<(u64, Call)> {
        match Message::read(&self.frame()?).expect("a message") {
            Message::Request(_, call) if call.function == "stop" => None,
            Message::Request(number, call) => Some((number, call)),
            other => panic!("this is no request: {other:?}"),
        }
    }

    /// Sends text as a frame.
    pub(crate) fn send(&mut self, text: &str) {
        let mut bytes = Vec::new();
        append_frame(text.as_bytes(), &mut bytes);
        // The other side may have left.
        let _ = self.0.write_all(&bytes);
    }

    pub(crate) fn answer(&mut self, number: u64, value: &str) {
        self.send(&format!("[1, {number}, {value}]"));
    }

    /// Answers requests with the JSON that a function makes of them, until the end.
    pub(crate) fn serve(mut self, mut answer: impl FnMut(&Call) -> String) {
        while let Some((number, call)) = self.request() {
            let text = answer(&call);
            self.answer(number, &text);
        }
    }
}

/// The integer that is the first argument of a step.
pub(crate) fn time(call: &Call) -> i64 {
    match call.arguments.first() {
        Some(&Value::Int(time)) => time,
        other => panic!("no time: {other:?}"),
    }
}
