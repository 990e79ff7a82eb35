//! Calling another node.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream};

use shared::plan::SiteId;
use shared::wire::{
    Connection, ConnectionError, HANDSHAKE_TIMEOUT, HandshakeError, LINK_CONNECT_TIMEOUT,
    MAX_FRAME, OnLink, ToNode, Token, call, decode,
};
use smol::{Async, Timer};

use crate::server::Node;

/// Why there is no link.
#[derive(Debug)]
pub(crate) enum NoLink {
    Unreachable(io::Error),
    Handshake(HandshakeError),
    Connection(ConnectionError),
    /// The node there does not wait for this link: it is another one, or the address is one that
    /// only the controller reaches it by.
    Refused,
}

impl fmt::Display for NoLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(error) if error.kind() == ErrorKind::TimedOut => {
                f.write_str("it does not answer")
            }
            Self::Unreachable(error) => error.fmt(f),
            Self::Handshake(error) => error.fmt(f),
            Self::Connection(error) => error.fmt(f),
            Self::Refused => f.write_str("another node answers at that address"),
        }
    }
}

impl<E: Into<ConnectionError>> From<E> for NoLink {
    fn from(error: E) -> Self {
        Self::Connection(error.into())
    }
}

/// Opens a link to the node at this address; ready when the run there has taken it.
pub(crate) async fn call_node(
    node: &Node,
    address: SocketAddr,
    token: Token,
    from: SiteId,
) -> Result<Connection<TcpStream>, NoLink> {
    let limit = async {
        Timer::after(LINK_CONNECT_TIMEOUT).await;
        Err(ErrorKind::TimedOut.into())
    };
    let stream = smol::future::or(Async::<TcpStream>::connect(address), limit).await;
    let stream = stream.map_err(NoLink::Unreachable)?;
    // Without it the system holds small frames back; the link works all the same.
    let _ = stream.get_ref().set_nodelay(true);
    let met = call(&stream, node.access.trust(), HANDSHAKE_TIMEOUT).await;
    let met = met.map_err(NoLink::Handshake)?;
    let mut connection = Connection::new(stream, met, MAX_FRAME);
    connection.queue(&ToNode::Link { token, from })?;
    let limit = async {
        Timer::after(HANDSHAKE_TIMEOUT).await;
        Err(ConnectionError::TimedOut(HANDSHAKE_TIMEOUT).into())
    };
    smol::future::or(be_joined(&mut connection), limit).await?;
    Ok(connection)
}

async fn be_joined(connection: &mut Connection<TcpStream>) -> Result<(), NoLink> {
    loop {
        if let Some(content) = connection.next_frame()? {
            return match decode(content)? {
                OnLink::Joined => Ok(()),
                _ => Err(NoLink::Refused),
            };
        }
        connection.turn().await?;
    }
}
