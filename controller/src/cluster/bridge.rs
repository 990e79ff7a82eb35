//! Bridges: machines that run programs, whose units are models.

use std::collections::VecDeque;
use std::net::TcpStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use foreign::remote::{Carrier, RemoteHost};
use shared::wire::{ALIVE_INTERVAL, MAX_FRAME, ToController, ToNode, Token, decode};
use transport::{Connection, within};

use super::dial::attempt;
use super::endpoint::Endpoint;
use crate::chain::chain;
use crate::key::Keyring;

/// How long it may take to write a question.
const PATIENCE: Duration = Duration::from_secs(90);

/// How often is looked after a connection on which nothing is asked.
const BEAT: Duration = Duration::from_millis(250);

/// A question goes in pieces of this size: before it knows what is wanted, a bridge takes no longer ones.
const PIECE: usize = 4 * 1024;

/// The longest answer, in bytes.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

/// The connection to a bridge for questions about its programs. They end with it, so it is kept alive, by a thread of
/// its own while nobody asks.
pub(crate) struct BridgeConnection {
    endpoint: Endpoint,
    keyring: Arc<Keyring>,
    line: Arc<Mutex<Line>>,
}

/// What goes over it.
struct Line {
    connection: Connection<TcpStream>,
    /// An answer of which more is to come.
    begun: Vec<u8>,
    answers: VecDeque<Vec<u8>>,
}

/// Connects to a bridge.
///
/// # Errors
/// Why that cannot be done, and what to do.
pub(crate) async fn bridge(
    endpoint: &Endpoint,
    keyring: &Arc<Keyring>,
) -> Result<RemoteHost<BridgeConnection>, String> {
    let token = Token::random().map_err(|error| chain(&error))?;
    let mark = format!("{:032x}", u128::from_be_bytes(token.0));
    let connection = BridgeConnection {
        line: connect(endpoint, keyring).await?,
        endpoint: endpoint.clone(),
        keyring: Arc::clone(keyring),
    };
    Ok(RemoteHost::new(endpoint.to_string(), mark, connection))
}

/// Opens a connection, and has it kept alive as long as somebody has it.
async fn connect(endpoint: &Endpoint, keyring: &Keyring) -> Result<Arc<Mutex<Line>>, String> {
    let met = attempt(endpoint, keyring).await;
    let (_, mut connection) = met.map_err(|unusable| unusable.reason)?;
    connection.set_limit(MAX_FRAME);
    let line = Arc::new(Mutex::new(Line {
        connection,
        begun: Vec::new(),
        answers: VecDeque::new(),
    }));
    let kept = Arc::downgrade(&line);
    let beating = thread::Builder::new().name("bridge".to_owned());
    let beating = beating.spawn(move || {
        while let Some(line) = kept.upgrade() {
            if let Ok(mut line) = line.try_lock() {
                line.beat();
                // What is wrong is found by whoever asks next.
                let _ = line.connection.fill().map(|_| line.take());
            }
            drop(line);
            thread::sleep(BEAT);
        }
    });
    beating.map_err(|error| chain(&error))?;
    Ok(line)
}

impl Line {
    /// Says that this side is there, if it has said nothing else; after an outage the system is to send again soon.
    fn beat(&mut self) {
        let connection = &mut self.connection;
        if connection.idle_for() >= ALIVE_INTERVAL && connection.unsent() == 0 {
            // What is wrong is found by whoever asks next.
            let _ = connection.queue(&ToNode::Alive);
        }
        connection.keep_trying();
        let _ = connection.write();
    }

    /// Takes what has come.
    fn take(&mut self) -> Result<(), String> {
        let wrong = |error: &dyn std::error::Error| format!("{}; {NO_BRIDGE}", chain(error));
        while let Some(frame) = self
            .connection
            .next_frame()
            .map_err(|error| wrong(&error))?
        {
            match decode(frame).map_err(|error| wrong(&error))? {
                ToController::Answer { last, content } => {
                    self.begun.extend_from_slice(content);
                    if self.begun.len() > MAX_ANSWER {
                        return Err(format!("an answer of more than {MAX_ANSWER} bytes"));
                    }
                    if last {
                        self.answers.push_back(std::mem::take(&mut self.begun));
                    }
                }
                ToController::Alive(_) => {}
                _ => return Err(NO_BRIDGE.to_owned()),
            }
        }
        Ok(())
    }

    fn ask(&mut self, question: &[u8]) -> Result<(), String> {
        let mut pieces = question.chunks(PIECE).peekable();
        while let Some(content) = pieces.next() {
            let last = pieces.peek().is_none();
            let queued = self.connection.queue(&ToNode::Ask { last, content });
            queued.map_err(|error| chain(&error))?;
        }
        let written = smol::block_on(within(PATIENCE, self.connection.flush()));
        let written = written.ok_or_else(|| format!("no way for {} s", PATIENCE.as_secs()))?;
        written.map_err(|error| chain(&error))
    }

    fn hear(&mut self, until: Instant) -> Result<Option<Vec<u8>>, String> {
        loop {
            self.take()?;
            if let Some(answer) = self.answers.pop_front() {
                return Ok(Some(answer));
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            let turn = smol::block_on(within(left.min(BEAT), self.connection.turn()));
            turn.unwrap_or(Ok(()))
                .map_err(|error| format!("{}; {NO_BRIDGE}", chain(&error)))?;
            self.beat();
        }
    }
}

impl BridgeConnection {
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Carrier for BridgeConnection {
    fn ask(&mut self, question: &[u8]) -> Result<(), String> {
        self.line().ask(question)
    }

    fn hear(&mut self, within: Duration) -> Result<Option<Vec<u8>>, String> {
        self.line().hear(Instant::now() + within)
    }

    fn renew(&mut self) -> Result<(), String> {
        self.line = smol::block_on(connect(&self.endpoint, &self.keyring))?;
        Ok(())
    }
}

/// What it usually is where no answer comes.
const NO_BRIDGE: &str =
    "a node runs no programs of others: 'illuminator-bridge serve' must listen there";
