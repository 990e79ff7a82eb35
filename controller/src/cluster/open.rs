//! Opening a session on a node, and holding it until all nodes of the run have theirs.

use std::io::{Error, ErrorKind};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use session::LossCause;
use shared::wire::{
    ALIVE_INTERVAL, ConnectionError, HANDSHAKE_TIMEOUT, MAX_FRAME, ToController, ToNode, TypeId,
};
use smol::Timer;
use transport::{Connection, within};

use super::loss::Loss;
use super::receive::receive;
use super::service::Service;
use super::unusable::{Retry, Unusable};
use crate::chain::chain;

/// A node with an open session that is silent for this long while others are waited for is lost.
const HOLD_LIMIT: Duration = Duration::from_secs(10);

/// A session that is open, and what the node said of itself.
#[derive(Debug)]
pub(super) struct OpenSession {
    pub(super) service: Service,
    pub(super) connection: Connection<TcpStream>,
    /// The version of its release, and its processor.
    pub(super) release: String,
    pub(super) processor: String,
    /// Sessions of others there.
    pub(super) sessions: u16,
}

impl OpenSession {
    /// What the user should know of a session that nothing protects, in a network.
    pub(super) fn unprotected(&self, name: &str, address: SocketAddr) -> Option<String> {
        let is_open = !self.connection.is_secure() && !address.ip().is_loopback();
        is_open.then(|| {
            format!(
                "{name} has no cluster key: what goes to it and comes from it can be read and changed \
                 in the network; 'controller deploy' gives it one"
            )
        })
    }
}

/// Opens a session.
pub(super) async fn open(
    service: Service,
    connection: Connection<TcpStream>,
    scenario: &str,
    types: Vec<TypeId>,
) -> Result<OpenSession, Unusable> {
    let opened = within(HANDSHAKE_TIMEOUT, ask(service, connection, scenario, types)).await;
    let late = ConnectionError::TimedOut(HANDSHAKE_TIMEOUT);
    opened.unwrap_or_else(|| Err(no_word(service, &late)))
}

async fn ask(
    service: Service,
    mut connection: Connection<TcpStream>,
    scenario: &str,
    types: Vec<TypeId>,
) -> Result<OpenSession, Unusable> {
    // Only for the node's log.
    let scenario: String = scenario.chars().take(80).collect();
    let open = ToNode::Open {
        release: env!("CARGO_PKG_VERSION"),
        scenario: &scenario,
        types,
    };
    let queued = connection.queue(&open);
    queued.map_err(|error| Unusable::new(error.to_string(), Retry::Never))?;
    let answer = receive(&mut connection, |answer| match answer {
        ToController::Welcome {
            release,
            processor,
            sessions,
        } => Ok((release.to_owned(), processor.to_owned(), sessions)),
        ToController::Refused(refusal) => Err(Unusable::refused(&refusal, service)),
        ToController::Leaving => Err(stopped(service)),
        _ => Err(out_of_order()),
    });
    let answer = answer.await.map_err(|error| no_word(service, &error))?;
    let (release, processor, sessions) = answer?;
    connection.set_limit(MAX_FRAME);
    Ok(OpenSession {
        service,
        connection,
        release,
        processor,
        sessions,
    })
}

fn stopped(service: Service) -> Unusable {
    let reason = Loss::new(LossCause::Stopped, service).to_string();
    Unusable::new(reason, Retry::Soon)
}

/// A node says what does not belong there.
pub(super) fn out_of_order() -> Unusable {
    Unusable::new("it answers out of order; update it", Retry::Never)
}

/// A node that has been met, and did not answer as it should.
pub(super) fn no_word(service: Service, error: &ConnectionError) -> Unusable {
    let is_reset = |error: &Error| {
        let kinds = [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe];
        kinds.contains(&error.kind())
    };
    let (reason, retry) = match error {
        // Whoever closes a connection with something unread resets it.
        ConnectionError::Io(error) if is_reset(error) => {
            return no_word(service, &ConnectionError::Closed);
        }
        ConnectionError::TimedOut(limit) => {
            let seconds = limit.as_secs_f32();
            (
                format!(
                    "no answer for {seconds} s: it greets and then says nothing; it hangs: restart \
                     it ('systemctl restart {service}')"
                ),
                Retry::Later,
            )
        }
        ConnectionError::Closed | ConnectionError::Cut => (
            format!(
                "it answers the greeting, and then closes the connection without a word; see what \
                 its log says ('journalctl --unit {service}')"
            ),
            Retry::Soon,
        ),
        ConnectionError::Io(error) => (
            format!("the connection broke after the greeting: {error}"),
            Retry::Soon,
        ),
        error => (chain(error), Retry::Never),
    };
    Unusable::new(reason, retry)
}

/// Gives a node signs of life while something else is waited for. Returns only when the node ends
/// it, with the reason.
pub(super) async fn hold(
    service: Service,
    connection: &mut Connection<TcpStream>,
    has_session: bool,
) -> Unusable {
    let mut next = Instant::now() + ALIVE_INTERVAL;
    loop {
        if has_session && connection.silent_for() > HOLD_LIMIT {
            let silent = LossCause::Silent(HOLD_LIMIT.as_secs());
            return Unusable::new(Loss::new(silent, service).to_string(), Retry::Later);
        }
        if next <= Instant::now() {
            next = Instant::now() + ALIVE_INTERVAL;
            if let Err(error) = connection.queue(&ToNode::Alive) {
                return no_word(service, &error.into());
            }
        }
        let said = async { Some(receive(connection, |said| end_of_session(service, said)).await) };
        let heartbeat_is_due = async {
            Timer::at(next).await;
            None
        };
        match smol::future::or(said, heartbeat_is_due).await {
            Some(Ok(Some(end))) => return end,
            Some(Err(error)) => return no_word(service, &error),
            Some(Ok(None)) | None => {}
        }
    }
}

/// Why what a node says ends its session, if it does: all else that it may say is that it is there.
pub(super) fn end_of_session(service: Service, said: ToController<'_>) -> Option<Unusable> {
    match said {
        ToController::Alive(_) => None,
        ToController::Leaving => Some(stopped(service)),
        ToController::Refused(refusal) => Some(Unusable::refused(&refusal, service)),
        _ => Some(out_of_order()),
    }
}
