//! Conversations about updates, with whoever has started a node.

use std::io;
use std::net::TcpStream;
use std::time::Duration;

use shared::wire::update::{Answer, MAX_PIECE, Request, Running, Wanted};
use shared::wire::{HANDSHAKE_TIMEOUT, Key, MAX_HANDSHAKE_FRAME, Token};
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

impl Updating {
    /// Asks a node what runs there; `None` where there is none that can be updated so.
    pub(crate) async fn begin(endpoint: &Endpoint, key: &Key, force: bool) -> Option<Self> {
        let addresses = resolve(endpoint).await.ok()?;
        let (_, stream) = connect(&addresses).await.ok()?;
        let met = call_for_update(&stream, key, HANDSHAKE_TIMEOUT).await;
        let number = *Token::random().ok()?.0.first_chunk()?;
        let mut updating = Self {
            connection: Connection::new(stream, met.ok()?, MAX_HANDSHAKE_FRAME),
            number: u64::from_le_bytes(number),
            force,
            running: Running::default(),
        };
        let answer = updating.ask(Wanted::Running);
        match within(HANDSHAKE_TIMEOUT, answer).await?.ok()? {
            Answer::Running(running) => updating.running = running,
            Answer::Done | Answer::Refused(_) => return None,
        }
        Some(updating)
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
