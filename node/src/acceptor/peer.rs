//! Those who connect, from the handshake to the end.

use std::net::{SocketAddr, TcpStream};
use std::rc::Rc;
use std::sync::Arc;

use session::SessionError;
use shared::wire::{HANDSHAKE_TIMEOUT, HandshakeError, MAX_FRAME, MAX_HANDSHAKE_FRAME};
use smol::Async;
use transport::{Connection, answer};

use super::node::Node;
use super::opening::{Opening, open};
use crate::lights::Fault;
use crate::peers;
#[cfg(feature = "programs")]
use crate::programs;
use crate::sessions::{Ended, Shown, fault};

/// Serves one connection to its end.
pub(super) async fn serve(node: Rc<Node>, id: u64, stream: Async<TcpStream>, peer: SocketAddr) {
    // Without it the system holds small frames back; the session works all the same.
    let _ = stream.get_ref().set_nodelay(true);
    let met = match answer(&stream, node.access.trust(), HANDSHAKE_TIMEOUT).await {
        Ok(met) => met,
        Err(error) => {
            if matches!(
                error,
                HandshakeError::WrongKey | HandshakeError::PeerWithoutKey
            ) {
                node.sessions.resources.lights.fault(Fault::Key);
            }
            return node.sessions.reports.refused(peer, format_args!("{error}"));
        }
    };
    if met.is_for_update() {
        // Who has no key, and a node that nobody updates, come to nothing here.
        if let (Some(updates), true) = (&node.updates, met.is_secure()) {
            let connection = Connection::new(stream, met, MAX_HANDSHAKE_FRAME);
            Box::pin(updates.pass_on(&node, connection)).await;
        }
        return;
    }
    // Who has not come this far has cost the node nothing but this much smaller future.
    Box::pin(welcome(
        node,
        id,
        peer,
        Connection::new(stream, met, MAX_HANDSHAKE_FRAME),
    ))
    .await;
}

/// Serves a peer who may use the node.
async fn welcome(node: Rc<Node>, id: u64, peer: SocketAddr, mut connection: Connection<TcpStream>) {
    let opened = open(&node, id, &mut connection).await;
    let error = match opened {
        Ok(Opening::Session(scenario, shown)) => {
            connection.set_limit(MAX_FRAME);
            let scenario = scenario.escape_debug();
            node.sessions
                .reports
                .session(peer, format_args!("session for '{scenario}'"));
            return attend(&node, peer, connection, &shown).await;
        }
        Ok(Opening::Link(token, from)) => {
            let ours = (&*node.sessions.links, &node.sessions.reports);
            return peers::admit(ours, peer, connection, token, from).await;
        }
        Ok(Opening::Reconnect(token, from, received)) => {
            let links = &*node.sessions.links;
            return peers::reconnect(links, connection, token, (from, received)).await;
        }
        #[cfg(feature = "programs")]
        Ok(Opening::Question(first)) => {
            connection.set_limit(MAX_FRAME);
            node.sessions
                .reports
                .session(peer, format_args!("asks for programs"));
            let programs = node.sessions.resources.programs.clone();
            if let Some(programs) = programs {
                programs::converse(&*programs, connection, first).await;
            }
            return;
        }
        Ok(Opening::Nothing) => return,
        Err(error) => {
            node.sessions
                .reports
                .session(peer, format_args!("no session: {error}"));
            error
        }
    };
    refuse(connection, &error).await;
}

/// Has a session, to its end.
async fn attend(
    node: &Node,
    peer: SocketAddr,
    connection: Connection<TcpStream>,
    shown: &Arc<Shown>,
) {
    let (error, connection) = match node.sessions.attend(peer, connection, shown).await {
        Ok(Ended {
            result: Ok(()),
            steps,
            connection,
        }) => {
            node.sessions
                .reports
                .session(peer, format_args!("session over, {steps} steps"));
            // The controller waits for the report.
            return connection.take_leave().await;
        }
        Ok(Ended {
            result: Err(error),
            connection,
            ..
        }) => (error, Some(connection)),
        Err(error) => (error, None),
    };
    node.sessions
        .reports
        .session(peer, format_args!("session lost: {error}"));
    if let Some(fault) = fault(&error) {
        node.sessions.resources.lights.fault(fault);
    }
    if let Some(connection) = connection {
        refuse(connection, &error).await;
    }
}

/// Tells the controller why, if it still listens.
async fn refuse(mut connection: Connection<TcpStream>, error: &SessionError) {
    let said = error.last_word().map(|word| connection.queue(&word));
    if error.can_be_told() && !matches!(said, Some(Err(_))) {
        connection.take_leave().await;
    }
}
