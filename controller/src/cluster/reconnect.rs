//! Going on over another connection with a session that has one over which nothing comes.

use std::future::Future;
use std::net::TcpStream;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use shared::plan::CONTROLLER;
use shared::wire::{
    Channel, OnReconnect, RECONNECT_AFTER, RECONNECT_TIMEOUT, ToNode, Token, decode,
};
use transport::{Connection, Socket, within};

use super::dial::{connect, greet, resolve};
use super::endpoint::Endpoint;
use super::node::Running;
use crate::key::Keyring;

/// Between two attempts.
pub(super) const PAUSE: Duration = Duration::from_millis(500);

/// With what sessions are gone on with.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    /// The run.
    pub(crate) token: Token,
    pub(crate) keyring: Arc<Keyring>,
}

/// What came of asking a node to go on.
pub(crate) enum Answer {
    /// It goes on, and has received so many bytes.
    Goes(Box<Connection<TcpStream>>, u64),
    /// It knows nothing of the session.
    Refused,
    /// There is none.
    None,
}

type Soon<T> = Pin<Box<dyn Future<Output = T>>>;

/// Going on over another connection with the session on a node.
#[derive(Default)]
pub(crate) enum Reconnecting {
    /// There is no need.
    #[default]
    Not,
    /// There is an attempt from this time on.
    At(Instant),
    /// A connection is made.
    Calling(Soon<Option<Connection<TcpStream>>>),
    /// The node is asked.
    Asking(Soon<Answer>),
}

impl Reconnecting {
    /// Makes an attempt where it is time for one: nothing is heard of the node. From then on there is one after the other
    /// until it goes on, since one direction of a connection may work long before the other one does.
    pub(crate) fn look(&mut self, node: &Running, channel: &Channel, pass: &Pass, now: Instant) {
        let is_due = match self {
            Self::Not => channel.silent_for(now) >= RECONNECT_AFTER,
            Self::At(time) => now >= *time,
            Self::Calling(_) | Self::Asking(_) => false,
        };
        if is_due && let Ok(endpoint) = Endpoint::parse(&node.name) {
            let service = node.service;
            let endpoint = Endpoint {
                service,
                ..endpoint
            };
            let call = call(endpoint, Arc::clone(&pass.keyring));
            let call = async move { within(RECONNECT_TIMEOUT, call).await.flatten() };
            *self = Self::Calling(Box::pin(call));
        }
    }

    /// Whether the node is asked to go on: what has been said with it stays as it was then.
    pub(crate) fn is_asking(&self) -> bool {
        matches!(self, Self::Asking(_))
    }

    /// Goes on with an attempt. Where the node goes on, what is said with it goes over another socket from then on; that is
    /// true.
    ///
    /// # Errors
    /// The node is there, and has no such session.
    pub(crate) fn poll(
        &mut self,
        channel: &mut Channel,
        socket: &mut Socket<TcpStream>,
        pass: &Pass,
        cx: &mut Context<'_>,
    ) -> Result<bool, Refused> {
        let later = || Self::At(Instant::now() + PAUSE);
        if let Self::Calling(call) = self
            && let Poll::Ready(called) = call.as_mut().poll(cx)
        {
            *self = called.map_or_else(later, |connection| {
                let ask = ask(connection, pass.token, channel.bytes_received());
                let ask =
                    async move { within(RECONNECT_TIMEOUT, ask).await.unwrap_or(Answer::None) };
                Self::Asking(Box::pin(ask))
            });
        }
        if let Self::Asking(answer) = self
            && let Poll::Ready(answer) = answer.as_mut().poll(cx)
        {
            *self = later();
            match answer {
                Answer::Goes(new, received) if channel.rewind(received) => {
                    (*socket, _) = new.into_parts();
                    *self = Self::Not;
                    return Ok(true);
                }
                Answer::Goes(..) | Answer::Refused => return Err(Refused),
                Answer::None => {}
            }
        }
        Ok(false)
    }
}

/// A node does not go on with a session.
#[derive(Debug)]
pub(crate) struct Refused;

/// Calls a node, wherever its name leads now.
async fn call(endpoint: Endpoint, keyring: Arc<Keyring>) -> Option<Connection<TcpStream>> {
    let addresses = resolve(&endpoint).await.ok()?;
    let stream = connect(&addresses).await.ok()?;
    greet(stream, endpoint.service, &keyring).await.ok()
}

/// Asks a node to go on with the session of a run, of which so many bytes have been received.
async fn ask(mut connection: Connection<TcpStream>, token: Token, received: u64) -> Answer {
    let hello = ToNode::Reconnect {
        token,
        from: CONTROLLER,
        received,
    };
    if connection.queue(&hello).is_err() {
        return Answer::None;
    }
    match connection.receive(|content| decode(content)).await {
        Ok(OnReconnect::Received(received)) => Answer::Goes(Box::new(connection), received),
        Ok(OnReconnect::Refused) => Answer::Refused,
        Err(_) => Answer::None,
    }
}
