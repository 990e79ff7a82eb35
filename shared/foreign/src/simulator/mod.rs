//! A simulator that is connected: what it is asked, and what it answers.

mod ending;
mod faults;
mod mailbox;

use std::collections::VecDeque;
use std::io::{self, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use shared::model::Waker;
use shared::value::Value;

use ending::Ending;
pub(crate) use ending::Endings;
pub(crate) use faults::{FAILED, GONE};
pub(crate) use mailbox::ROOM;
use mailbox::{Arrived, Mailbox};

use crate::Fault;
use crate::process::Process;
use crate::said::shortened;
use crate::wire::{Call, Failed, Message, append_frame};

/// How long a simulator may leave what it is sent where it is, once there is no more room on the way.
const MAX_UNREAD: Duration = Duration::from_secs(60);
/// A simulator. It ends with this.
#[derive(Debug)]
pub(crate) struct Simulator {
    name: Arc<str>,
    stream: Arc<TcpStream>,
    mailbox: Arc<Mailbox>,
    reader: Option<JoinHandle<()>>,
    process: Option<Process>,
    endings: Arc<Endings>,
    next_number: u64,
    /// The requests without an answer, in their order.
    open: VecDeque<Asked>,
    out: Vec<u8>,
}

/// A request without an answer.
#[derive(Debug)]
struct Asked {
    number: u64,
    /// The request, as far as messages show it.
    text: String,
}

/// What a simulator has to say.
#[derive(Debug)]
pub(crate) enum Heard {
    /// The answer to its oldest open request, and what that was.
    Answer(Value, String),
    /// A request of its own.
    Request(u64, Call),
}

impl Simulator {
    /// One that is connected by this stream, with the program that it is, where that is ours.
    pub(crate) fn new(
        name: &str,
        stream: TcpStream,
        process: Option<Process>,
        endings: &Arc<Endings>,
    ) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(MAX_UNREAD))?;
        let mailbox = Arc::new(Mailbox::default());
        let (from, into) = (stream.try_clone()?, Arc::clone(&mailbox));
        let thread = thread::Builder::new().name(format!("simulator {name}"));
        let reader = thread.spawn(move || mailbox::read(from, &into))?;
        endings.begin();
        Ok(Self {
            name: name.into(),
            stream: Arc::new(stream),
            mailbox,
            reader: Some(reader),
            process,
            endings: Arc::clone(endings),
            next_number: 0,
            open: VecDeque::new(),
            out: Vec::new(),
        })
    }

    /// What the scenario calls it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Calls this whenever something has come from it.
    pub(crate) fn wake_with(&self, waker: &Waker) {
        self.mailbox.wake_with(waker);
    }

    /// Asks for something with the next packet.
    pub(crate) fn ask(&mut self, call: &Call) {
        let number = self.next_number;
        self.next_number += 1;
        let mut text = String::new();
        call.append(number, &mut text);
        append_frame(text.as_bytes(), &mut self.out);
        let text = shortened(&text).into_owned();
        self.open.push_back(Asked { number, text });
    }

    /// Answers a request of its own with the next packet.
    pub(crate) fn answer(&mut self, number: u64, answer: Result<Value, Failed>) {
        let message = match answer {
            Ok(value) => Message::Success(number, value),
            Err(failed) => Message::Failure(number, failed),
        };
        let mut text = String::new();
        message.append(&mut text);
        append_frame(text.as_bytes(), &mut self.out);
    }

    /// Sends what has gathered, in one packet.
    pub(crate) fn send(&mut self) -> Result<(), Fault> {
        if self.out.is_empty() {
            return Ok(());
        }
        let sent = (&*self.stream).write_all(&self.out);
        self.out.clear();
        match sent {
            Ok(()) => Ok(()),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                ) =>
            {
                let seconds = MAX_UNREAD.as_secs();
                Err(self.fault(
                    GONE,
                    format!("it has not read what it was sent for {seconds} s"),
                ))
            }
            // It may have said why before.
            Err(error) => Err(self.gone(Some(error.to_string()))),
        }
    }

    /// What it has to say, if anything.
    pub(crate) fn hear(&mut self) -> Result<Option<Heard>, Fault> {
        let Some(arrived) = self.mailbox.take() else {
            return Ok(None);
        };
        match arrived {
            Arrived::Message(Message::Request(number, call)) => {
                Ok(Some(Heard::Request(number, call)))
            }
            Arrived::Message(Message::Success(number, value)) => {
                let text = self.close_request(number)?;
                Ok(Some(Heard::Answer(value, text)))
            }
            Arrived::Message(Message::Failure(number, failed)) => {
                let text = self.close_request(number)?;
                Err(self.failed(failed, text))
            }
            Arrived::Nonsense(what) => Err(self.nonsense(what, None)),
            Arrived::Gone(why) => Err(self.gone(why)),
        }
    }

    /// Asks for something and waits for the answer, until it is that late where there is a limit. Requests of
    /// its own are refused meanwhile.
    pub(crate) fn call(
        &mut self,
        call: &Call,
        until: Option<Instant>,
    ) -> Result<(Value, String), Fault> {
        self.ask(call);
        self.send()?;
        loop {
            match self.hear()? {
                Some(Heard::Answer(value, text)) => return Ok((value, text)),
                Some(Heard::Request(number, asked)) => {
                    let failed = Failed {
                        exception: "RuntimeError".to_owned(),
                        message: format!("'{}' can be asked for in a step only", asked.function),
                        more: Vec::new(),
                    };
                    self.answer(number, Err(failed));
                    self.send()?;
                }
                None if until.is_some_and(|until| until <= Instant::now()) => {
                    let message = format!("it does not answer to '{}'", call.function);
                    return Err(self.fault(GONE, message));
                }
                None => {
                    let hour = || Instant::now() + Duration::from_secs(3600);
                    self.mailbox.wait(until.unwrap_or_else(hour));
                }
            }
        }
    }

    /// Takes a request from those without an answer.
    fn close_request(&mut self, number: u64) -> Result<String, Fault> {
        match self.open.front() {
            Some(asked) if asked.number == number => {
                let asked = self.open.pop_front();
                Ok(asked.map(|asked| asked.text).unwrap_or_default())
            }
            Some(asked) => {
                let wanted = asked.number;
                let message = format!("it answers request {number} where {wanted} is next");
                Err(self.nonsense(message, None))
            }
            None => Err(self.nonsense(
                format!("it answers request {number}, which nobody made"),
                None,
            )),
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.out.clear();
        self.ask(&Call::new("stop", Vec::new()));
        // Whoever waits for it is waiting no more, and what has not gone by now does not matter.
        let _ = self
            .stream
            .set_write_timeout(Some(Duration::from_millis(50)));
        let _ = (&*self.stream).write_all(&self.out);
        self.endings.end(Ending {
            stream: Arc::clone(&self.stream),
            mailbox: Arc::clone(&self.mailbox),
            reader: self.reader.take(),
            process: self.process.take(),
        });
    }
}
