//! The part of mosaik, without mosaik.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use foreign::wire::{Call, Message, append_frame, read_frame};
use rig::PATIENCE;

/// A connection to a bridge.
pub(crate) struct Mosaik {
    pub(crate) stream: TcpStream,
    asked: u64,
}

/// What a battery is created with in these tests.
pub(crate) const BATTERY: &str = r#"{"max_p": 8, "min_p": -8, "max_energy": 20, "charge_efficiency": 100, "discharge_efficiency": 100, "soc_min": 0, "soc_max": 100, "states": {"soc": 0}}"#;

impl Mosaik {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the bridge listens");
        Self::over(stream)
    }

    pub(crate) fn over(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
        stream.set_nodelay(true).expect("a socket");
        Self { stream, asked: 0 }
    }

    /// A session with steps of a quarter of an hour.
    pub(crate) fn begin(address: SocketAddr) -> Self {
        let mut mosaik = Self::connect(address);
        mosaik.gets(r#"["init", ["I-0"], {"time_resolution": 1.0, "step_size": 900}]"#);
        mosaik
    }

    /// A session with a battery.
    pub(crate) fn with_battery(address: SocketAddr) -> Self {
        let mut mosaik = Self::begin(address);
        mosaik.gets(&format!(r#"["create", [1, "Battery"], {BATTERY}]"#));
        mosaik
    }

    /// Sends a request.
    pub(crate) fn send(&mut self, request: &str) {
        let id = self.asked;
        self.asked += 1;
        self.send_content(format!("[0, {id}, {request}]").as_bytes());
    }

    /// Sends a frame.
    pub(crate) fn send_content(&mut self, content: &[u8]) {
        let mut frame = Vec::new();
        append_frame(content, &mut frame);
        self.stream.write_all(&frame).expect("taken");
    }

    /// The next answer, as it comes; `None` at the end of the connection.
    pub(crate) fn hear(&mut self) -> Option<String> {
        let frame = read_frame(&mut self.stream).expect("whole frames");
        frame.map(|frame| String::from_utf8(frame).expect("UTF-8"))
    }

    /// Asks for something; the whole answer.
    pub(crate) fn ask(&mut self, request: &str) -> String {
        self.send(request);
        self.hear().expect("an answer")
    }

    /// Asks for something that works; what comes of it.
    #[track_caller]
    pub(crate) fn gets(&mut self, request: &str) -> String {
        let answer = self.ask(request);
        let head = format!("[1, {}, ", self.asked - 1);
        let payload = answer
            .strip_prefix(&head)
            .and_then(|rest| rest.strip_suffix(']'));
        payload
            .unwrap_or_else(|| panic!("{request}: {answer}"))
            .to_owned()
    }

    /// Asks for something that fails; exception and message.
    #[track_caller]
    pub(crate) fn fails(&mut self, request: &str) -> (String, String) {
        let answer = self.ask(request);
        match Message::read(answer.as_bytes()) {
            Ok(Message::Failure(_, failed)) => (failed.exception, failed.message),
            other => panic!("{request}: {other:?}"),
        }
    }

    /// Asks for something.
    pub(crate) fn call(&mut self, call: &Call) -> Message {
        let mut request = String::new();
        call.append(self.asked, &mut request);
        self.asked += 1;
        self.send_content(request.as_bytes());
        let answer = self.hear().expect("an answer");
        Message::read(answer.as_bytes()).expect("a message")
    }

    /// Steps a battery that gets a flow, and asks for its level: that and the time of its next step.
    #[track_caller]
    pub(crate) fn step_battery(&mut self, id: &str, time: u64, flow: f64) -> (String, String) {
        let inputs = format!(r#"{{"{id}": {{"flow2b": {{"S-0.s": {flow:?}}}}}}}"#);
        let next = self.gets(&format!(r#"["step", [{time}, {inputs}, 86399], {{}}]"#));
        let data = self.gets(&format!(r#"["get_data", [{{"{id}": ["soc"]}}], {{}}]"#));
        (data, next)
    }

    /// Whether the bridge has closed the connection, without another word.
    pub(crate) fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        // Where bytes were on their way, the end is a reset.
        let _ = self.stream.read_to_end(&mut rest);
        rest.is_empty()
    }
}
