//! Updates of this node: what a controller with the key says of them is passed on to whoever has started the node, who
//! does the rest.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use shared::wire::update::{MAX_ANSWER, NAMED, SESSIONS};
use transport::{Connection, within};

use super::node::Node;
use crate::error::ServeError;

/// How long all of an update may take until another program is tried.
const PATIENCE: Duration = Duration::from_secs(300);

/// How long an answer may take: a program is written onto a card.
const ANSWER: Duration = Duration::from_secs(30);

/// The socket to whoever has started this node. A packet in it is a request, or the answer to one.
pub(crate) struct Updates(UnixStream);

impl Updates {
    /// The socket that is this program's standard input.
    pub(crate) fn from_input() -> Result<Self, ServeError> {
        let socket = || -> io::Result<_> {
            let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
            socket.set_read_timeout(Some(ANSWER))?;
            Ok(Self(socket))
        };
        socket().map_err(ServeError::NoUpdates)
    }

    /// Passes on what a controller says, and the answers, until it has gone.
    pub(super) async fn pass_on(&self, node: &Node, mut connection: Connection<TcpStream>) {
        let all = async {
            loop {
                while let Ok(Some(content)) = connection.next_frame() {
                    let Some(answer) = self.answer(node, content.to_vec()) else {
                        return;
                    };
                    connection.channel().queue_content(&answer);
                }
                if connection.turn().await.is_err() {
                    return;
                }
            }
        };
        let _ = within(PATIENCE, all).await;
    }

    /// The answer to a request. It is waited for here, as it takes a moment, and sessions have threads of their own; so
    /// those who update at the same time get each their own answers.
    fn answer(&self, node: &Node, mut request: Vec<u8>) -> Option<Vec<u8>> {
        *request.get_mut(SESSIONS)? =
            u8::try_from(node.table.borrow_mut().count()).unwrap_or(u8::MAX);
        let mut socket = &self.0;
        socket.write_all(&request).ok()?;
        let mut answer = vec![0; MAX_ANSWER];
        loop {
            let length = socket.read(&mut answer).ok()?;
            // One that came too late may be before it.
            if length == 0 || answer.get(NAMED) == request.get(NAMED) {
                answer.truncate(length);
                return (length > 0).then_some(answer);
            }
        }
    }
}
