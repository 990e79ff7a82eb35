//! One node of a run.

use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use shared::host::Wait;
use shared::time::Tick;
use shared::wire::{Connection, ConnectionError, SiteReport, ToNode};
use smol::Timer;

use super::error::{ClusterError, LossCause};
use super::open::OpenSession;
use super::upload::UploadError;

/// What the controller's own part of a run is called.
pub(crate) const THIS_MACHINE: &str = "this machine";

/// A node that has been reached.
#[derive(Debug)]
pub(crate) struct Node {
    /// `host:port` as the scenario has it.
    pub(crate) name: String,
    /// Where it was reached.
    pub(super) address: SocketAddr,
    /// Names of the models that it runs.
    pub(crate) models: Vec<String>,
    pub(crate) connection: Connection<TcpStream>,
    /// The version of its release, and its processor.
    pub(crate) release: String,
    pub(crate) processor: String,
    /// Sessions of others there.
    pub(crate) sessions: u16,
    /// What it said last about itself.
    pub(crate) progress: Tick,
    pub(crate) wait: Option<Wait>,
    /// What it did, once it has finished, and when it said so.
    pub(crate) report: Option<SiteReport>,
    pub(crate) finished: Option<Instant>,
    /// Parts of its plan are still to be sent.
    pub(crate) awaits_plan: bool,
    /// It takes nothing any more; what it said before may still be unread.
    pub(crate) deaf: bool,
    /// Its connection is of no use any more; what it said before may still be unread.
    pub(crate) gone: Option<ConnectionError>,
}

impl Node {
    /// A node with an open session.
    pub(super) fn new(name: String, address: SocketAddr, session: OpenSession) -> Self {
        let OpenSession {
            connection,
            release,
            processor,
            sessions,
        } = session;
        Self {
            name,
            address,
            models: Vec::new(),
            connection,
            release,
            processor,
            sessions,
            progress: 0,
            wait: None,
            report: None,
            finished: None,
            awaits_plan: true,
            deaf: false,
            gone: None,
        }
    }

    /// Takes note that the node has finished.
    pub(super) fn finish(&mut self, report: SiteReport) {
        self.report = Some(report);
        self.finished = Some(Instant::now());
    }

    /// Whether there is a sign of life to wait for, and none has come for this long.
    pub(super) fn is_silent_for(&self, timeout: Duration) -> bool {
        self.finished.is_none() && self.connection.silent_for() > timeout
    }

    /// The error that its plan cannot be sent.
    pub(super) fn not_sent(&self, error: UploadError) -> ClusterError {
        let node = self.name.clone();
        match error {
            UploadError::File(message) => ClusterError::File { node, message },
            UploadError::TooLarge(cause) => ClusterError::TooLarge { node, cause },
        }
    }

    /// The error that this node is lost.
    pub(super) fn lost(&self, cause: LossCause) -> ClusterError {
        ClusterError::Lost {
            node: self.name.clone(),
            models: self.models.clone(),
            progress: self.progress,
            cause,
        }
    }

    /// Ends the session, as well as it can be done in a moment.
    pub(crate) async fn close(&mut self) {
        if self.connection.queue(&ToNode::Close).is_ok() {
            let limit = async {
                Timer::after(Duration::from_millis(500)).await;
                Ok(())
            };
            // The node also notices that the connection is gone.
            let _ = smol::future::or(self.connection.flush(), limit).await;
        }
    }
}
