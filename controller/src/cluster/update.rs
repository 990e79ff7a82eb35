//! Conversations about updates, with whoever has started a node.

use std::io;
use std::net::TcpStream;
use std::time::Duration;

use shared::wire::update::{Answer, MAX_PIECE, Request, Running, Wanted};
use shared::wire::{HANDSHAKE_TIMEOUT, HandshakeError, Key, MAX_HANDSHAKE_FRAME, Token};
use transport::{Connection, call_for_update, within};

use super::dial::{connect, resolve};
use super::endpoint::Endpoint;

/// How long an answer may take: a program is written onto a card.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// A conversation with whoever has started a node.
#[derive(Debug)]
pub(crate) struct Updating {
    connection: Connection<TcpStream>,
    number: u64,
    /// Sessions may be ended.
    force: bool,
    /// What runs there.
    pub(crate) running: Running,
}

/// Why there is no conversation about updates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoUpdates {
    /// No node answers.
    NoNode,
    /// A node answers that has another key.
    OtherKey,
    /// A node of this cluster answers, and takes none.
    TakesNone,
}

impl Updating {
    /// Asks a node what runs there.
    pub(crate) async fn begin(
        endpoint: &Endpoint,
        key: &Key,
        force: bool,
    ) -> Result<Self, NoUpdates> {
        let connection = call(endpoint, key).await?;
        let mut updating = Self {
            connection,
            number: random_number().ok_or(NoUpdates::NoNode)?,
            force,
            running: Running::default(),
        };
        let answer = updating.ask(Wanted::Running);
        match within(HANDSHAKE_TIMEOUT, answer).await {
            Some(Ok(Answer::Running(running))) => updating.running = running,
            _ => return Err(NoUpdates::TakesNone),
        }
        Ok(updating)
    }

    /// Sends a program piece by piece, and has it tried.
    pub(crate) async fn send(
        &mut self,
        program: &[u8],
        digest: [u8; 32],
        release: &str,
    ) -> Result<(), String> {
        let length = u32::try_from(program.len()).unwrap_or(u32::MAX);
        self.say(Wanted::Begin {
            length,
            digest,
            release,
        })
        .await?;
        for piece in program.chunks(MAX_PIECE) {
            self.say(Wanted::Piece(piece)).await?;
        }
        self.say(Wanted::Try).await
    }

    /// Has a program kept that is being tried.
    pub(crate) async fn keep(&mut self, digest: [u8; 32]) -> Result<(), String> {
        self.say(Wanted::Keep(digest)).await
    }

    async fn say(&mut self, wanted: Wanted<'_>) -> Result<(), String> {
        let cut = |error: io::Error| format!("the connection was lost: {error}");
        let late = || Err(io::ErrorKind::TimedOut.into());
        let answer = within(ANSWER_LIMIT, self.ask(wanted)).await;
        match answer.unwrap_or_else(late).map_err(cut)? {
            Answer::Refused(reason) => Err(reason),
            Answer::Done | Answer::Running(_) => Ok(()),
        }
    }

    async fn ask(&mut self, wanted: Wanted<'_>) -> io::Result<Answer> {
        let request = Request {
            sessions: 0,
            force: self.force,
            conversation: self.number,
            wanted,
        };
        let bytes = request.to_bytes();
        self.connection.channel().queue_content(&bytes);
        let answer = self
            .connection
            .receive(|content| Ok(request.read_answer(content)));
        let answer = answer.await.map_err(io::Error::other)?;
        answer.ok_or_else(|| io::ErrorKind::InvalidData.into())
    }
}

/// Meets a node that may have come up from a card.
async fn call(endpoint: &Endpoint, key: &Key) -> Result<Connection<TcpStream>, NoUpdates> {
    let addresses = resolve(endpoint).await.map_err(|_| NoUpdates::NoNode)?;
    let connected = connect(&addresses).await;
    let (_, stream) = connected.map_err(|_| NoUpdates::NoNode)?;
    match call_for_update(&stream, key, HANDSHAKE_TIMEOUT).await {
        Ok(met) => Ok(Connection::new(stream, met, MAX_HANDSHAKE_FRAME)),
        Err(HandshakeError::KeyRefused | HandshakeError::WrongKey) => Err(NoUpdates::OtherKey),
        Err(_) => Err(NoUpdates::NoNode),
    }
}

fn random_number() -> Option<u64> {
    let token = Token::random().ok()?;
    token.0.first_chunk().copied().map(u64::from_le_bytes)
}
