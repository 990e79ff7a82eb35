//! Nodes that run whole variants of a scenario: no tick crosses the network.

use std::collections::BTreeSet;
use std::iter;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use engine::variant::Common;
use session::LossCause;
use shared::files::Files;
use shared::value::Value;
use shared::variant::{EnginePlan, Outcome, TRACE, TallyPlan, VariantsPlan};
use shared::wire::{ALIVE_INTERVAL, FILE_PIECE, ToController, ToNode, TypeId, decode};
use smol::Timer;
use transport::{Connection, within};

use super::dial::{all, attempt};
use super::endpoint::Endpoint;
use super::error::Unreachable;
use super::loss::Loss;
use super::open::{end_of_session, open};
use super::reach::types_of;
use super::receive::receive;
use super::service::Service;
use super::upload::Upload;
use crate::chain::chain;
use crate::key::Keyring;

/// A node that is silent for so long is lost.
const SILENCE: Duration = Duration::from_secs(10);

/// So long a node may take to have everything and be ready, between two signs of life.
const UPLOADING: Duration = Duration::from_secs(60);

/// So many bytes wait to be sent before more of a plan is made.
const AHEAD: usize = 1024 * 1024;

/// What a node has said in a pause is read in so many reads at most: there may be no end to it.
const READS: usize = 64;

/// What all nodes of a sweep are given.
pub(crate) struct Task<'a> {
    /// What the scenario is called, for their logs.
    pub(crate) scenario: &'a str,
    /// What variants have in common.
    pub(crate) common: &'a Common,
    /// The same for so many of them in one engine, if they go together.
    pub(crate) several: Option<(usize, &'a Common)>,
    pub(crate) tallies: &'a TallyPlan,
    /// The rows themselves are wanted as well.
    pub(crate) rows: bool,
    /// The files that models read.
    pub(crate) paths: &'a [String],
    pub(crate) files: &'a (dyn Files + Sync),
}

/// A node that is ready for variants.
#[derive(Debug)]
pub(crate) struct VariantNode {
    /// `host:port` as the user has it.
    pub(crate) name: String,
    /// What the user should know of it.
    pub(crate) remark: Option<String>,
    connection: Connection<TcpStream>,
    beat: Instant,
    /// How many of them are left.
    reads: usize,
}

/// How a node was lost.
fn lost(cause: LossCause) -> String {
    Loss::new(cause, Service::Node).to_string()
}

/// What a node says of variants.
#[derive(Debug)]
pub(crate) enum Said {
    /// What came of one, or of several in one engine.
    Came(u64, Outcome),
    /// Rows of one: their values.
    Rows(u64, Vec<u8>),
}

/// Has all of these nodes ready for variants. Where one of them cannot be, none is.
///
/// # Errors
/// Those that cannot, each with its reason.
pub(crate) async fn ready_for_variants(
    endpoints: &[Endpoint],
    keyring: &Keyring,
    task: &Task<'_>,
) -> Result<Vec<VariantNode>, Vec<Unreachable>> {
    let trace = task.common.trace().to_bytes();
    let made = all(endpoints.iter().map(async |endpoint| {
        let node = VariantNode::ready(endpoint, keyring, task, &trace).await;
        node.map_err(|reason| Unreachable {
            node: endpoint.to_string(),
            models: vec!["variants".to_owned()],
            reason,
        })
    }));
    let mut nodes = Vec::new();
    let mut unreachable = Vec::new();
    let mut addresses: BTreeSet<SocketAddr> = BTreeSet::new();
    for made in made.await {
        match made {
            // A node under two names is one node.
            Ok((address, node)) if addresses.insert(address) => nodes.push(node),
            Ok(_) => {}
            Err(error) => unreachable.push(error),
        }
    }
    if unreachable.is_empty() {
        Ok(nodes)
    } else {
        Err(unreachable)
    }
}

impl VariantNode {
    async fn ready(
        endpoint: &Endpoint,
        keyring: &Keyring,
        task: &Task<'_>,
        trace: &[u8],
    ) -> Result<(SocketAddr, Self), String> {
        let service = endpoint.service;
        let met = attempt(endpoint, keyring).await;
        let (address, connection) = met.map_err(|unusable| unusable.reason)?;
        let types: Vec<TypeId> = types_of(task.common.types());
        let session = open(service, connection, task.scenario, types).await;
        let session = session.map_err(|unusable| unusable.reason)?;
        let remark = session.unprotected(&endpoint.to_string(), address);
        let mut node = Self {
            name: endpoint.to_string(),
            remark,
            connection: session.connection,
            beat: Instant::now() + ALIVE_INTERVAL,
            reads: 0,
        };
        node.upload(task, trace).await?;
        node.await_ready(service).await?;
        Ok((address, node))
    }

    /// Sends what all variants have in common.
    async fn upload(&mut self, task: &Task<'_>, trace: &[u8]) -> Result<(), String> {
        let engines = || iter::once((1, task.common)).chain(task.several);
        let models = engines().flat_map(|(_, common)| &common.plan().models);
        let upload = Upload::new(models, task.paths, task.files);
        let mut upload = upload.map_err(|error| chain(&error))?;
        loop {
            let is_more = upload.queue_next(self.connection.channel());
            if !is_more.map_err(|error| chain(&error))? {
                break;
            }
            self.make_room().await?;
        }
        let mut pieces = trace.chunks(FILE_PIECE).peekable();
        loop {
            let content = pieces.next().unwrap_or_default();
            let last = pieces.peek().is_none();
            self.queue(&ToNode::File {
                path: TRACE,
                last,
                content,
            })?;
            self.make_room().await?;
            if last {
                break;
            }
        }
        let engines = engines().map(|(variants, common)| EnginePlan {
            variants: u32::try_from(variants).unwrap_or(u32::MAX),
            items: common.items().to_vec(),
            makers: common.makers().cloned().collect(),
        });
        self.queue(&ToNode::Variants(Box::new(VariantsPlan {
            grid: task.common.plan().grid,
            engines: engines.collect(),
            width: u32::try_from(task.common.trace().width()).unwrap_or(u32::MAX),
            tallies: task.tallies.clone(),
            rows: task.rows,
        })))
    }

    /// Waits until there is not much to be sent.
    async fn make_room(&mut self) -> Result<(), String> {
        if self.connection.unsent() < AHEAD {
            return Ok(());
        }
        let flushed = within(UPLOADING, self.connection.flush()).await;
        let flushed = flushed.ok_or_else(|| lost(LossCause::Silent(UPLOADING.as_secs())))?;
        flushed.map_err(|error| lost(LossCause::Connection(error)))
    }

    async fn await_ready(&mut self, service: Service) -> Result<(), String> {
        loop {
            let said = receive(&mut self.connection, |said| match said {
                ToController::Ready => Ok(true),
                ToController::NotReady { errors, .. } => Err(errors
                    .first()
                    .map_or_else(String::new, |error| error.message.clone())),
                other => match end_of_session(service, other) {
                    Some(end) => Err(end.reason),
                    None => Ok(false),
                },
            });
            match within(UPLOADING, said).await {
                None => return Err(lost(LossCause::Silent(UPLOADING.as_secs()))),
                Some(Err(error)) => return Err(lost(LossCause::Connection(error))),
                Some(Ok(Err(reason))) => return Err(reason),
                Some(Ok(Ok(true))) => return Ok(()),
                Some(Ok(Ok(false))) => {}
            }
        }
    }

    fn queue(&mut self, message: &ToNode<'_>) -> Result<(), String> {
        let queued = self.connection.queue(message);
        queued.map_err(|error| chain(&error))
    }

    /// Has it run a variant with these values, or several in the engine at this place. `tallies`: what is made of the rows of
    /// each, where they change that.
    ///
    /// # Errors
    /// They do not fit a message.
    pub(crate) fn ask(
        &mut self,
        id: u64,
        engine: u32,
        values: Vec<Value>,
        tallies: Option<TallyPlan>,
    ) -> Result<(), String> {
        self.queue(&ToNode::Variant {
            id,
            engine,
            values,
            tallies: tallies.map(Box::new),
        })
    }

    /// What it has said.
    ///
    /// # Errors
    /// How it was lost.
    pub(crate) fn next(&mut self) -> Result<Option<Said>, String> {
        loop {
            let content = self.connection.next_frame();
            let said = match content {
                Ok(None) => return Ok(None),
                Ok(Some(content)) => decode(content),
                Err(error) => Err(error),
            };
            let cause = match said {
                Ok(ToController::Came { id, outcome }) => {
                    return Ok(Some(Said::Came(id, *outcome)));
                }
                Ok(ToController::Rows { id, values }) => {
                    return Ok(Some(Said::Rows(id, values.to_vec())));
                }
                Ok(ToController::Alive(_)) => continue,
                Ok(ToController::Refused(refusal)) => LossCause::Refused(refusal),
                Ok(ToController::Leaving) => LossCause::Stopped,
                Ok(_) => LossCause::Confused("it answers out of order".to_owned()),
                Err(error) => LossCause::Confused(error.to_string()),
            };
            return Err(lost(cause));
        }
    }

    /// Writes what waits, leaves it alone for a pause, and then waits until it has said something, at most for this long.
    /// Gives signs of life.
    ///
    /// # Errors
    /// How it was lost.
    pub(crate) async fn turn(&mut self, pause: Duration, limit: Duration) -> Result<(), String> {
        let now = Instant::now();
        if now >= self.beat {
            self.beat = now + ALIVE_INTERVAL;
            self.queue(&ToNode::Alive)?;
            self.connection.keep_trying();
        }
        if self.connection.silent_for() > SILENCE {
            return Err(lost(LossCause::Silent(SILENCE.as_secs())));
        }
        if !pause.is_zero() {
            let written = self.connection.write();
            written.map_err(|error| lost(LossCause::Connection(error)))?;
            Timer::after(pause).await;
            self.reads = READS;
        }
        match within(limit, self.connection.turn()).await {
            Some(Err(error)) => Err(lost(LossCause::Connection(error))),
            Some(Ok(())) | None => Ok(()),
        }
    }

    /// Reads what else has come in a pause. Returns whether there was more.
    ///
    /// # Errors
    /// How it was lost.
    pub(crate) fn read_on(&mut self) -> Result<bool, String> {
        if self.reads == 0 {
            return Ok(false);
        }
        self.reads -= 1;
        let read = self.connection.fill();
        read.map_err(|error| lost(LossCause::Connection(error)))
    }

    /// Ends its session.
    pub(crate) async fn close(mut self) {
        if self.queue(&ToNode::Close).is_ok() {
            self.connection.take_leave().await;
        }
    }
}
