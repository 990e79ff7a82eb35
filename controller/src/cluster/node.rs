//! One node of a run, before it and after it.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use session::NodeState;
use shared::wire::{Channel, SiteReport, ToController, ToNode};
use transport::{Connection, Socket, within};

use super::open::OpenSession;
use super::receive::receive;
use super::service::Service;

/// What the controller's own part of a run is called.
pub(crate) const THIS_MACHINE: &str = "this machine";

/// How long a node may take to say goodbye.
const FAREWELL: Duration = Duration::from_millis(500);

/// A node that has been reached, with an open session.
#[derive(Debug)]
pub(crate) struct Node {
    /// `host:port` as the scenario has it.
    pub(crate) name: String,
    /// Where it was reached.
    pub(crate) address: SocketAddr,
    pub(super) service: Service,
    /// Names of the models that it runs.
    pub(crate) models: Vec<String>,
    pub(super) connection: Connection<TcpStream>,
    /// The version of its release, and its processor.
    pub(crate) release: String,
    pub(crate) processor: String,
    /// Sessions of others there.
    pub(crate) sessions: u16,
}

impl Node {
    /// A node with an open session.
    pub(super) fn new(name: String, address: SocketAddr, session: OpenSession) -> Self {
        let OpenSession {
            service,
            connection,
            release,
            processor,
            sessions,
        } = session;
        Self {
            name,
            address,
            service,
            models: Vec::new(),
            connection,
            release,
            processor,
            sessions,
        }
    }

    /// The node for the run, and what is under way between it and the controller.
    pub(crate) fn into_running(self) -> (Running, Channel) {
        let (socket, channel) = self.connection.into_parts();
        let running = Running {
            name: self.name,
            service: self.service,
            models: self.models,
            socket,
            release: self.release,
            processor: self.processor,
        };
        (running, channel)
    }

    /// Ends a session in which nothing has been run.
    pub(crate) async fn close(&mut self) {
        let mut words = LastWords::default();
        words.hear(&mut self.connection).await;
    }
}

/// A node during a run, beside what the session knows of it.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) name: String,
    pub(crate) service: Service,
    pub(crate) models: Vec<String>,
    pub(crate) socket: Socket<TcpStream>,
    pub(crate) release: String,
    pub(crate) processor: String,
}

/// A node after a run.
#[derive(Debug)]
pub(crate) struct NodeOutcome {
    pub(crate) name: String,
    pub(crate) models: Vec<String>,
    pub(crate) release: String,
    pub(crate) processor: String,
    /// Steps of its models, as far as is known.
    pub(crate) steps: u64,
    /// What it did, where it has said so.
    pub(crate) report: Option<SiteReport>,
    /// Bytes that came from it, and that went to it.
    pub(crate) received: u64,
    pub(crate) sent: u64,
}

impl Running {
    /// Ends the session, as well as it can be done in a moment, and takes the node's report.
    pub(crate) async fn close(self, state: NodeState) -> NodeOutcome {
        let is_there = state.is_there();
        let mut words = LastWords {
            steps: state.steps,
            report: state.report.clone(),
        };
        let mut connection = Connection::from_parts(self.socket, state.into_channel());
        if is_there {
            words.hear(&mut connection).await;
        }
        NodeOutcome {
            name: self.name,
            models: self.models,
            release: self.release,
            processor: self.processor,
            steps: words.steps,
            report: words.report,
            received: connection.received(),
            sent: connection.sent(),
        }
    }
}

/// What a node has done, as it said last.
#[derive(Debug, Default)]
struct LastWords {
    steps: u64,
    report: Option<SiteReport>,
}

impl LastWords {
    /// Says goodbye, and hears what the node says to that.
    async fn hear(&mut self, connection: &mut Connection<TcpStream>) {
        if connection.queue(&ToNode::Close).is_ok() {
            // The node also notices that the connection is gone.
            let _ = within(FAREWELL, self.hear_all(connection)).await;
        }
    }

    /// Reads to the node's report, or to the end of what it says.
    async fn hear_all(&mut self, connection: &mut Connection<TcpStream>) {
        // A report that came before does not mean that the goodbye has gone.
        while self.report.is_none() {
            let said = receive(connection, |said| match said {
                ToController::Finished(report) => self.report = Some(report),
                ToController::Alive(standing) => self.steps = standing.steps,
                _ => {}
            });
            if said.await.is_err() {
                // It has nothing more to say that is of use.
                return;
            }
        }
        let _ = connection.flush().await;
    }
}
