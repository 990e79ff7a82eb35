//! One node of a run.

use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use shared::host::Wait;
use shared::plan::SiteId;
use shared::time::Tick;
use shared::wire::{ConnectionError, SILENCE_GRACE, SiteReport, ToController, ToNode, decode};
use smol::Timer;
use transport::Connection;

use super::error::{ClusterError, LossCause};
use super::open::OpenSession;
use super::upload::UploadError;

/// Bytes that may wait for a node. With more, whoever sends values for it waits: the models here,
/// and other nodes whose values pass here.
const MAX_UNSENT: usize = 4 * 1024 * 1024;

/// What the controller's own part of a run is called.
pub(crate) const THIS_MACHINE: &str = "this machine";

/// How long a node may take to say goodbye.
const FAREWELL: Duration = Duration::from_millis(500);

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
    pub(crate) steps: u64,
    pub(crate) wait: Option<Wait>,
    /// What it did, once it has finished, and when it said so.
    pub(crate) report: Option<SiteReport>,
    pub(crate) finished: Option<Instant>,
    /// Parts of its plan are still to be sent.
    pub(crate) awaits_plan: bool,
    /// Its models are built.
    pub(crate) is_ready: bool,
    /// Its messages wait until this site takes what has been sent to it for it.
    pub(crate) held_by: Option<SiteId>,
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
            steps: 0,
            is_ready: false,
            wait: None,
            report: None,
            finished: None,
            awaits_plan: true,
            held_by: None,
            deaf: false,
            gone: None,
        }
    }

    /// Takes note that the node has finished.
    pub(super) fn finish(&mut self, report: SiteReport) {
        self.report = Some(report);
        self.finished = Some(Instant::now());
    }

    /// Whether there is a sign of life to wait for, and none has come for this long, and as much
    /// longer as it may take on its way.
    pub(super) fn is_silent_for(&self, timeout: Duration) -> bool {
        let is_heard = self.finished.is_none() && self.held_by.is_none();
        is_heard && self.connection.silent_for() > timeout + SILENCE_GRACE
    }

    /// Whether something waits for it, and it has taken nothing for this long. While it builds its
    /// models it takes nothing.
    pub(super) fn is_deaf_for(&self, timeout: Duration) -> bool {
        let is_taking = self.awaits_plan || self.is_ready;
        is_taking
            && self.connection.unsent() > 0
            && self.connection.idle_for() > timeout + SILENCE_GRACE
    }

    /// Whether more may be sent to it before it has taken what waits.
    pub(super) fn has_room(&self) -> bool {
        self.deaf || self.connection.unsent() <= MAX_UNSENT
    }

    /// The error that its plan cannot be sent.
    pub(super) fn not_sent(&self, error: UploadError) -> ClusterError {
        let node = self.name.clone();
        match error {
            UploadError::File(message) => ClusterError::File { node, message },
            UploadError::TooLarge(cause) => ClusterError::TooLarge { node, cause },
        }
    }

    /// The error that this node is lost, while this machine was away for as long as that.
    pub(super) fn lost(&self, cause: LossCause, away: Option<Duration>) -> ClusterError {
        ClusterError::Lost {
            node: self.name.clone(),
            models: self.models.clone(),
            progress: self.progress,
            cause,
            away,
        }
    }

    /// Ends the session, as well as it can be done in a moment, and takes the node's report.
    pub(crate) async fn close(&mut self) {
        if self.gone.is_none() && self.connection.queue(&ToNode::Close).is_ok() {
            let limit = async {
                Timer::after(FAREWELL).await;
            };
            // The node also notices that the connection is gone.
            smol::future::or(self.last_words(), limit).await;
        }
    }

    /// Reads to the node's report, or to the end of what it says.
    async fn last_words(&mut self) {
        loop {
            loop {
                match self.connection.next_frame().map(|frame| frame.map(decode)) {
                    Ok(None) => break,
                    Ok(Some(Ok(ToController::Finished(report)))) => self.finish(report),
                    Ok(Some(Ok(ToController::Alive {
                        progress, steps, ..
                    }))) => (self.progress, self.steps) = (progress, steps),
                    Ok(Some(Ok(_))) => {}
                    // It has nothing more to say that is of use.
                    Ok(Some(Err(_))) | Err(_) => return,
                }
            }
            if self.report.is_some() {
                // A report that came before does not mean that it has been told.
                let _ = self.connection.flush().await;
                return;
            }
            if self.connection.turn().await.is_err() {
                return;
            }
        }
    }
}
