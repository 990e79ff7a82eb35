//! Those who connect: who they are, and what they want.

use std::net::{Shutdown, SocketAddr, TcpStream};
use std::rc::Rc;
use std::time::{Duration, Instant};

use session::SessionError;
use shared::host::BatchError;
use shared::model::Registry;
use shared::plan::SiteId;
use shared::wire::{
    ALIVE_INTERVAL, ConnectionError, HANDSHAKE_TIMEOUT, HandshakeError, MAX_FRAME,
    MAX_HANDSHAKE_FRAME, MAX_LINK_FRAME, OnLink, Refusal, ToController, ToNode, Token, TypeId,
    decode,
};
use smol::{Async, Timer};
use transport::{Connection, answer, within};

use crate::lights::Fault;
use crate::server::Node;
use crate::session::{Ended, attend, fault};

/// How long a controller may take until it wants something, as long as it says that it is there: it
/// may wait for another node.
const COURTESY: Duration = Duration::from_secs(30);

/// Serves one connection to its end.
pub(crate) async fn serve(node: Rc<Node>, id: u64, stream: Async<TcpStream>, peer: SocketAddr) {
    // Without it the system holds small frames back; the session works all the same.
    let _ = stream.get_ref().set_nodelay(true);
    let met = match answer(&stream, node.access.trust(), HANDSHAKE_TIMEOUT).await {
        Ok(met) => met,
        Err(error) => {
            if matches!(
                error,
                HandshakeError::WrongKey | HandshakeError::PeerWithoutKey
            ) {
                node.lights.fault(Fault::Key);
            }
            return node.report_refused(peer, format_args!("{error}"));
        }
    };
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
        Ok(Opening::Session(scenario)) => {
            connection.set_limit(MAX_FRAME);
            let said = format_args!("session for '{}'", scenario.escape_debug());
            node.report(peer, said);
            return host(&node, id, peer, connection).await;
        }
        Ok(Opening::Link(token, from)) => return admit(&node, peer, connection, token, from).await,
        Ok(Opening::Nothing) => return,
        Err(error) => {
            node.report(peer, format_args!("no session: {error}"));
            error
        }
    };
    refuse(&mut connection, &error).await;
}

/// Has a session, to its end.
async fn host(node: &Rc<Node>, id: u64, peer: SocketAddr, connection: Connection<TcpStream>) {
    let (error, connection) = match attend(node, id, peer, connection).await {
        Ok(Ended {
            result: Ok(()),
            steps,
            mut connection,
        }) => {
            node.report(peer, format_args!("session over, {steps} steps"));
            // The controller waits for the report.
            return take_leave(&mut connection).await;
        }
        Ok(Ended {
            result: Err(error),
            connection,
            ..
        }) => (error, Some(connection)),
        Err(error) => (error, None),
    };
    node.report(peer, format_args!("session lost: {error}"));
    if let Some(fault) = fault(&error) {
        node.lights.fault(fault);
    }
    if let Some(mut connection) = connection {
        refuse(&mut connection, &error).await;
    }
}

/// Tells the controller why, if it still listens.
async fn refuse(connection: &mut Connection<TcpStream>, error: &SessionError) {
    let said = match error {
        SessionError::Refused(refusal) => connection.queue(&ToController::Refused(refusal.clone())),
        SessionError::Batch(BatchError::OutOfMemory(error)) => {
            connection.queue(&ToController::Refused(Refusal::OutOfMemory(*error)))
        }
        SessionError::Batch(_) => connection.queue(&ToController::Refused(Refusal::OutOfOrder)),
        SessionError::Stopped => connection.queue(&ToController::Leaving),
        // This it has been told.
        SessionError::NotReady => Ok(()),
        SessionError::Silent(limit) => connection.queue(&silence(*limit)),
        SessionError::Connection(ConnectionError::TimedOut(limit)) => {
            connection.queue(&silence(*limit))
        }
        SessionError::System(error) => {
            let what = error.to_string();
            connection.queue(&ToController::Refused(Refusal::System(what)))
        }
        SessionError::Connection(_) => return,
    };
    if said.is_ok() {
        take_leave(connection).await;
    }
}

fn silence(limit: Duration) -> ToController<'static> {
    let seconds = u16::try_from(limit.as_secs()).unwrap_or(u16::MAX);
    ToController::Refused(Refusal::Silence { seconds })
}

/// Closes a connection once the peer has got what waits, if it still listens.
async fn take_leave(connection: &mut Connection<TcpStream>) {
    let farewell = async {
        // A socket that is closed while there is something to read takes back what was not yet
        // delivered, so what the peer still sends is taken first.
        if connection.flush().await.is_ok() && connection.stream().shutdown(Shutdown::Write).is_ok()
        {
            connection.drain().await;
        }
    };
    // Whether it arrives or not, that was all.
    let _ = within(ALIVE_INTERVAL, farewell).await;
}

/// Gives a link to the run that waits for it.
async fn admit(
    node: &Rc<Node>,
    peer: SocketAddr,
    mut connection: Connection<TcpStream>,
    token: Token,
    from: SiteId,
) {
    // The other node may be quicker than the controller.
    let found = within(HANDSHAKE_TIMEOUT, node.lobby.find(token, from)).await;
    let Some(run) = found.flatten() else {
        node.report(
            peer,
            format_args!("no run waits for a link from site {from}"),
        );
        if connection.queue(&OnLink::Refused).is_ok() {
            take_leave(&mut connection).await;
        }
        return;
    };
    connection.set_limit(MAX_LINK_FRAME);
    // Where this does not reach the caller, the run finds the connection at its end.
    if connection.queue(&OnLink::Joined).is_ok() && connection.write().is_ok() {
        run.arrived(from, connection);
    }
}

/// What somebody who is let in wants.
enum Opening {
    /// A session for this scenario.
    Session(String),
    /// To be the link of a run to a site.
    Link(Token, SiteId),
    /// To know how the node is, which it has been told.
    Nothing,
}

/// Waits for what the peer wants, and answers it.
async fn open(
    node: &Node,
    id: u64,
    connection: &mut Connection<TcpStream>,
) -> Result<Opening, SessionError> {
    let last = Instant::now() + COURTESY;
    let mut until = Instant::now() + HANDSHAKE_TIMEOUT;
    let (scenario, types) = 'wish: loop {
        while let Some(content) = connection.next_frame()? {
            match decode(content)? {
                ToNode::Open {
                    scenario, types, ..
                } => break 'wish (scenario.to_owned(), types),
                ToNode::Status => connection.queue(&ToController::Status(node.status()))?,
                ToNode::Identify { seconds } => {
                    let time = Duration::from_secs(seconds.into());
                    // A node without lights says so in its status.
                    let _ = node.lights.identify(time);
                    connection.queue(&ToController::Status(node.status()))?;
                }
                ToNode::Link { token, from } => return Ok(Opening::Link(token, from)),
                ToNode::Alive => until = last.min(Instant::now() + HANDSHAKE_TIMEOUT),
                ToNode::Close => return Ok(Opening::Nothing),
                _ => return Err(SessionError::Refused(Refusal::OutOfOrder)),
            }
        }
        let limit = async {
            Timer::at(until).await;
            Err(ConnectionError::TimedOut(HANDSHAKE_TIMEOUT))
        };
        smol::future::or(connection.turn(), limit).await?;
        // There may be no end to what it says.
        smol::future::yield_now().await;
    };
    check_types(&node.types, &types).map_err(SessionError::Refused)?;
    let others = node.table.borrow_mut().open_session(id, &scenario);
    let Some(others) = others else {
        let sessions = u16::try_from(crate::MAX_SESSIONS).unwrap_or(u16::MAX);
        return Err(SessionError::Refused(Refusal::Busy { sessions }));
    };
    connection.queue(&ToController::Welcome {
        release: env!("CARGO_PKG_VERSION"),
        processor: std::env::consts::ARCH,
        sessions: u16::try_from(others).unwrap_or(u16::MAX),
    })?;
    Ok(Opening::Session(scenario))
}

/// Compares the types that a controller wants with those of this binary.
fn check_types(types: &Registry, wanted: &[TypeId]) -> Result<(), Refusal> {
    let mut missing = Vec::new();
    let mut different = Vec::new();
    for TypeId { name, fingerprint } in wanted {
        match types.find(name) {
            None => missing.push(name.clone()),
            Some(ours) if ours.fingerprint() != *fingerprint => different.push(name.clone()),
            Some(_) => {}
        }
    }
    if let (Some(only), false) = (types.single(), missing.is_empty()) {
        return Err(Refusal::OtherType(only.name.to_string()));
    }
    match (missing.is_empty(), different.is_empty()) {
        (true, true) => Ok(()),
        (false, _) => Err(Refusal::MissingTypes(missing)),
        (true, false) => Err(Refusal::DifferentTypes(different)),
    }
}
