//! The first message of those who may use the node: what they want.

use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use session::SessionError;
use shared::model::Registry;
use shared::plan::SiteId;
use shared::wire::{
    ConnectionError, HANDSHAKE_TIMEOUT, Refusal, ToController, ToNode, Token, TypeId, decode,
};
use smol::Timer;
use transport::Connection;

use super::node::Node;
use super::table::{MAX_SESSIONS, Place};
#[cfg(feature = "programs")]
use crate::programs::Question;
use crate::sessions::Shown;

/// How long a controller may take until it wants something, as long as it says that it is there: it
/// may wait for another node.
const COURTESY: Duration = Duration::from_secs(30);

/// What somebody who is let in wants.
pub(super) enum Opening {
    /// A session for this scenario, which shows here how far it is.
    Session(String, Arc<Shown>),
    /// To be the link of a run to a site.
    Link(Token, SiteId),
    /// To go on with a run over this connection, as a site that has received so many bytes.
    Reconnect(Token, SiteId, u64),
    /// To ask about programs, and how that begins.
    #[cfg(feature = "programs")]
    Question(Question),
    /// To know how the node is, which has been answered.
    Nothing,
}

/// Waits for what the peer wants, and answers it.
pub(super) async fn open(
    node: &Node,
    id: u64,
    connection: &mut Connection<TcpStream>,
) -> Result<Opening, SessionError> {
    let last = Instant::now() + COURTESY;
    let mut until = Instant::now() + HANDSHAKE_TIMEOUT;
    loop {
        while let Some(content) = connection.next_frame()? {
            match decode(content)? {
                ToNode::Open {
                    scenario, types, ..
                } => {
                    let scenario = scenario.to_owned();
                    return welcome(node, id, connection, scenario, &types);
                }
                ToNode::Status => connection.queue(&ToController::Status(node.status()))?,
                ToNode::Identify { seconds } => {
                    let time = Duration::from_secs(seconds.into());
                    // A node without lights says so in its status.
                    let _ = node.sessions.resources.lights.identify(time);
                    connection.queue(&ToController::Status(node.status()))?;
                }
                #[cfg(feature = "programs")]
                ToNode::Ask { last, content } if node.sessions.resources.programs.is_some() => {
                    return Ok(Opening::Question(Question::begin(last, content)));
                }
                ToNode::Link { token, from } => return Ok(Opening::Link(token, from)),
                ToNode::Reconnect {
                    token,
                    from,
                    received,
                } => return Ok(Opening::Reconnect(token, from, received)),
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
    }
}

/// Opens a session that needs these types, if there is room for one.
fn welcome(
    node: &Node,
    id: u64,
    connection: &mut Connection<TcpStream>,
    scenario: String,
    types: &[TypeId],
) -> Result<Opening, SessionError> {
    let known = node.sessions.resources.types();
    check_types(&known, types).map_err(SessionError::Refused)?;
    let place = node.table.borrow_mut().open_session(id, &scenario);
    let Some(Place { others, shown }) = place else {
        let sessions = u16::try_from(MAX_SESSIONS).unwrap_or(u16::MAX);
        return Err(SessionError::Refused(Refusal::Busy { sessions }));
    };
    connection.queue(&ToController::Welcome {
        release: env!("CARGO_PKG_VERSION"),
        processor: std::env::consts::ARCH,
        sessions: u16::try_from(others).unwrap_or(u16::MAX),
    })?;
    Ok(Opening::Session(scenario, shown))
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
