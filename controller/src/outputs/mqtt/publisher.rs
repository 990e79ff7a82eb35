//! The newest values on their way to a server, in a thread that nobody waits for.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use shared::value::Value;

use super::super::cell;
use super::super::errand::End;
use super::packet::{
    ANSWERED, DISCONNECT, Hello, PING, WELCOME, append_publication, check_welcome,
};
use super::topics::Topics;
use crate::places::MqttServer;

/// From one look at the values to the next.
const TURN: Duration = Duration::from_millis(100);

/// Messages of a turn. What there is beside waits for its turn, and is newer then.
const MESSAGES: usize = 100;

/// The server has so long for whatever it does.
const ANSWER: Duration = Duration::from_secs(5);

/// From one attempt to reach it to the next.
const PAUSE: Duration = Duration::from_millis(500);

/// Once the run is over: a server that is away has so long to come back.
const RETURN: Duration = Duration::from_secs(2);

/// A server that hears nothing for longer takes the run for lost, and says so; it is asked twice in this time.
const KEEP_ALIVE_SECONDS: u16 = 10;

/// The values of the newest row; none before the first.
pub(super) type Newest = Arc<Mutex<Vec<Value>>>;

/// Says what is new.
pub(super) struct Publisher {
    pub(super) server: MqttServer,
    pub(super) client: String,
    pub(super) password: Option<String>,
    pub(super) topics: Topics,
    pub(super) newest: Newest,
    pub(super) end: End,
}

/// What a server has been told.
struct Told {
    stream: TcpStream,
    /// How many sensors have been described.
    described: usize,
    /// The values, as far as it has them.
    values: Vec<Option<Value>>,
    /// The sensor whose turn is next.
    next: usize,
    heard: Instant,
    asked: Instant,
    /// Bytes of answers that are to come.
    owed: usize,
}

impl Publisher {
    /// Publishes until the run is over; what the server has not been told then, is why.
    pub(super) fn publish(mut self) -> Option<String> {
        loop {
            let Err(why) = self.connection() else {
                return None;
            };
            // Without a pause a server that refuses would be asked all the time.
            self.end.wait(PAUSE);
            if !self.end.has_time(RETURN) {
                return Some(why.to_string());
            }
        }
    }

    /// Publishes over one connection, to the end of the run.
    fn connection(&mut self) -> io::Result<()> {
        let mut told = self.connect()?;
        loop {
            // Asked first: what is newest after that is the last.
            let is_last = self.end.has_come();
            let packets = self.news(&mut told, if is_last { usize::MAX } else { MESSAGES })?;
            told.stream.write_all(&packets)?;
            if is_last {
                return told.part(&self.topics.availability);
            }
            told.keep_up()?;
            self.end.wait(TURN);
        }
    }

    fn connect(&self) -> io::Result<Told> {
        let MqttServer {
            host, port, user, ..
        } = &self.server;
        let mut failure = io::Error::new(ErrorKind::NotFound, "its name has no address");
        let mut reached = None;
        for address in (host.as_str(), *port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, ANSWER) {
                Ok(stream) => {
                    reached = Some(stream);
                    break;
                }
                Err(error) => failure = error,
            }
        }
        let mut stream = reached.ok_or(failure)?;
        stream.set_write_timeout(Some(ANSWER))?;
        stream.set_read_timeout(Some(ANSWER))?;
        let hello = Hello {
            client: &self.client,
            keep_alive_seconds: KEEP_ALIVE_SECONDS,
            will: (&self.topics.availability, "offline"),
            user: user.as_deref(),
            password: self.password.as_deref(),
        };
        stream.write_all(&hello.packet()?)?;
        let mut answer = [0; WELCOME];
        stream.read_exact(&mut answer).map_err(no_answer)?;
        check_welcome(answer).map_err(io::Error::other)?;
        let now = Instant::now();
        Ok(Told {
            stream,
            described: 0,
            values: vec![None; self.topics.sensors.len()],
            next: 0,
            heard: now,
            asked: now,
            owed: 0,
        })
    }

    /// What the server does not know yet, in at most so many messages.
    fn news(&self, told: &mut Told, most: usize) -> io::Result<Vec<u8>> {
        let (mut packets, mut room) = (Vec::new(), most);
        let sensors = &self.topics.sensors;
        if told.described == 0 {
            append_publication(&mut packets, &self.topics.availability, b"online")?;
        }
        while let Some(sensor) = sensors.get(told.described).filter(|_| room > 0) {
            append_publication(&mut packets, &sensor.discovery, sensor.described.as_bytes())?;
            told.described += 1;
            room -= 1;
        }
        let newest = self
            .newest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        for _ in 0..newest.len() {
            if room == 0 {
                break;
            }
            let place = told.next % newest.len();
            told.next = place + 1;
            if told.values[place].as_ref() == Some(&newest[place]) {
                continue;
            }
            let payload = match &newest[place] {
                // What Home Assistant takes for a value that is not known.
                Value::Null => b"None".to_vec(),
                value => cell::text(value),
            };
            append_publication(&mut packets, &sensors[place].topic, &payload)?;
            told.values[place] = Some(newest[place].clone());
            room -= 1;
        }
        Ok(packets)
    }
}

impl Told {
    /// Hears what the server says, and asks whether it is there.
    fn keep_up(&mut self) -> io::Result<()> {
        let silence = Duration::from_secs(KEEP_ALIVE_SECONDS.into());
        self.stream.set_nonblocking(true)?;
        let heard = self.hear();
        self.stream.set_nonblocking(false)?;
        match heard {
            Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error),
            _ => {}
        }
        if self.asked.elapsed() > silence / 2 {
            self.ask()?;
        }
        if self.heard.elapsed() > silence * 2 {
            return Err(no_answer(ErrorKind::TimedOut.into()));
        }
        Ok(())
    }

    fn ask(&mut self) -> io::Result<()> {
        self.asked = Instant::now();
        self.owed += ANSWERED;
        self.stream.write_all(&PING)
    }

    /// Takes what the server says, which is that it is there.
    fn hear(&mut self) -> io::Result<()> {
        match self.stream.read(&mut [0; 256])? {
            0 => Err(ErrorKind::ConnectionReset.into()),
            count => {
                self.heard = Instant::now();
                self.owed = self.owed.saturating_sub(count);
                Ok(())
            }
        }
    }

    /// Says goodbye once the server has heard all: it answers in the order of what it is told.
    fn part(mut self, availability: &str) -> io::Result<()> {
        let mut packets = Vec::new();
        append_publication(&mut packets, availability, b"offline")?;
        self.stream.write_all(&packets)?;
        self.ask()?;
        let end = Instant::now() + ANSWER;
        while self.owed > 0 {
            if Instant::now() > end {
                return Err(no_answer(ErrorKind::TimedOut.into()));
            }
            self.hear().map_err(no_answer)?;
        }
        self.stream.write_all(&DISCONNECT)
    }
}

/// An error of a server that says nothing, in words.
fn no_answer(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            io::Error::new(ErrorKind::TimedOut, "it did not answer")
        }
        _ => error,
    }
}
