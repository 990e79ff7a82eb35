//! One node of a run.

use std::io::BufRead;
use std::net::TcpStream;
use std::time::Duration;

use shared::files::{Content, Files};
use shared::host::Wait;
use shared::plan::SitePlan;
use shared::time::Tick;
use shared::wire::{
    Connection, ConnectionError, FILE_PIECE, FrameError, HANDSHAKE_TIMEOUT, MAX_FILE, MAX_FRAME,
    Refusal, SiteReport, ToController, ToNode, TypeId, decode,
};
use smol::Timer;

use super::error::{ClusterError, LossCause, Unreachable, refusal_text};

/// What the controller's own part of a run is called.
pub(crate) const THIS_MACHINE: &str = "this machine";

/// A node that has been reached.
#[derive(Debug)]
pub(crate) struct Node {
    /// `host:port` as the scenario has it.
    pub(crate) name: String,
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
    /// What it did, once it has finished.
    pub(crate) report: Option<SiteReport>,
    /// Its connection is of no use any more; what it said before may still be unread.
    pub(crate) gone: Option<ConnectionError>,
}

impl Node {
    /// A node behind a connection whose preambles have been exchanged.
    pub(super) fn new(
        name: String,
        models: Vec<String>,
        connection: Connection<TcpStream>,
    ) -> Self {
        Self {
            name,
            models,
            connection,
            release: String::new(),
            processor: String::new(),
            sessions: 0,
            progress: 0,
            wait: None,
            report: None,
            gone: None,
        }
    }

    /// Opens a session.
    pub(super) async fn open(
        &mut self,
        scenario: &str,
        types: Vec<TypeId>,
    ) -> Result<(), Unreachable> {
        let limit = async {
            Timer::after(HANDSHAKE_TIMEOUT).await;
            Err(ConnectionError::TimedOut(HANDSHAKE_TIMEOUT).to_string())
        };
        let answer = smol::future::or(self.ask(scenario, types), limit).await;
        answer.map_err(|reason| Unreachable {
            node: self.name.clone(),
            models: self.models.clone(),
            reason,
        })
    }

    async fn ask(&mut self, scenario: &str, types: Vec<TypeId>) -> Result<(), String> {
        let text = |error: ConnectionError| error.to_string();
        // Only for the node's log.
        let scenario: String = scenario.chars().take(80).collect();
        let release = env!("CARGO_PKG_VERSION");
        let open = ToNode::Open {
            release,
            scenario: &scenario,
            types,
        };
        self.connection
            .queue(&open)
            .map_err(|error| error.to_string())?;
        loop {
            let frame = self
                .connection
                .next_frame()
                .map_err(|error| text(error.into()))?;
            if let Some(content) = frame {
                match decode(content).map_err(|error| text(error.into()))? {
                    ToController::Welcome {
                        release,
                        processor,
                        sessions,
                    } => {
                        release.clone_into(&mut self.release);
                        processor.clone_into(&mut self.processor);
                        self.sessions = sessions;
                        self.connection.set_limit(MAX_FRAME);
                        return Ok(());
                    }
                    ToController::Refused(refusal) => return Err(refusal_text(&refusal)),
                    _ => return Err("it answers out of order; update it".to_owned()),
                }
            }
            self.connection.turn().await.map_err(text)?;
        }
    }

    /// Sends the node its plan and the files that its models read.
    pub(super) async fn send_plan(
        &mut self,
        plan: &SitePlan,
        paths: &[String],
        files: &dyn Files,
    ) -> Result<(), ClusterError> {
        for path in paths {
            let content = files
                .open(path)
                .map_err(|error| self.file_error(error.to_string()))?;
            self.send_file(path, content).await?;
        }
        for model in &plan.models {
            self.send(&ToNode::Model(model.clone())).await?;
        }
        let SitePlan { site, grid, .. } = *plan;
        let (imports, exports) = (plan.imports.clone(), plan.exports.clone());
        self.send(&ToNode::Start {
            site,
            grid,
            imports,
            exports,
        })
        .await
    }

    async fn send_file(
        &mut self,
        path: &str,
        mut content: Box<dyn Content>,
    ) -> Result<(), ClusterError> {
        let mut sent = 0;
        loop {
            let piece = content
                .fill_buf()
                .map_err(|error| self.file_error(error.to_string()))?;
            let piece = &piece[..piece.len().min(FILE_PIECE)];
            let (length, last) = (piece.len(), piece.is_empty());
            sent += length;
            if sent > MAX_FILE {
                let refusal = Refusal::FilesTooLarge {
                    limit: MAX_FILE as u64,
                };
                return Err(self.file_error(format!("'{path}': {}", refusal_text(&refusal))));
            }
            self.send(&ToNode::File {
                path,
                last,
                content: piece,
            })
            .await?;
            if last {
                return Ok(());
            }
            content.consume(length);
        }
    }

    async fn send(&mut self, message: &ToNode<'_>) -> Result<(), ClusterError> {
        self.connection
            .queue(message)
            .map_err(|cause| self.too_large(cause))?;
        self.connection
            .flush()
            .await
            .map_err(|error| self.lost(LossCause::Connection(error)))
    }

    fn file_error(&self, message: String) -> ClusterError {
        ClusterError::File {
            node: self.name.clone(),
            message,
        }
    }

    fn too_large(&self, cause: FrameError) -> ClusterError {
        ClusterError::TooLarge {
            node: self.name.clone(),
            cause,
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
