//! From the `connect` entries of a scenario to open sessions.
//!
//! Each endpoint is dialled, greeted and asked for a session on its own, and a session that is open
//! is held until all are. So whatever one node does or does not do, the others keep theirs, and the
//! reason that is told is that of the node which has it.

mod outcome;
mod places;

use std::cell::{Cell, RefCell};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use shared::model::TypeRef;
use shared::plan::MAX_SITES;
use shared::wire::TypeId;
use smol::Timer;
use smol::channel::{Receiver, Sender, bounded};
use transport::Connection;

use self::outcome::End;
use self::places::{Places, Wanted};
use super::dial::{all, connect, greet, resolve};
use super::error::Unreachable;
use super::open::{hold, open};
use super::service::Service;
use super::unusable::{Retry, Unusable};
use crate::key::Keyring;
use crate::scenario::Graph;

pub(crate) use self::outcome::Reached;

/// How long a node may be away for a moment: its service starts anew, say.
const MOMENT: Duration = Duration::from_secs(2);

/// How long until a node that does not answer is tried again.
const RETRY: Duration = Duration::from_millis(500);
/// Likewise, where the user waits for it.
const PATIENT_RETRY: Duration = Duration::from_secs(1);

/// Connects to all nodes that a scenario names and opens a session on each. Those that do not answer
/// are tried again for as long as `wait` says, and for a moment in any case; `tell` is told whom the
/// user waits for. All nodes that cannot be used are reported together.
pub(crate) async fn reach(
    graph: &Graph,
    keyring: &Keyring,
    wait: Option<Duration>,
    tell: &dyn Fn(&str),
) -> Result<Reached, Vec<Unreachable>> {
    let wanted = Wanted::all_of(graph);
    check_number(graph, &wanted)?;
    reach_all(graph, &wanted, keyring, wait, tell).await
}

/// Tries once whether those nodes of a scenario can be used that are called one of these names.
pub(crate) async fn knock(
    graph: &Graph,
    names: &[String],
    keyring: &Keyring,
) -> Result<(), Vec<Unreachable>> {
    let mut wanted = Wanted::all_of(graph);
    wanted.retain(|wanted| names.contains(&wanted.name()));
    let reached = reach_all(graph, &wanted, keyring, Some(Duration::ZERO), &|_| ()).await;
    reached?.close().await;
    Ok(())
}

/// Connects to these nodes and opens a session on each.
async fn reach_all(
    graph: &Graph,
    wanted: &[Wanted],
    keyring: &Keyring,
    wait: Option<Duration>,
    tell: &dyn Fn(&str),
) -> Result<Reached, Vec<Unreachable>> {
    let search = Search {
        graph,
        keyring,
        wait,
        tell,
        places: RefCell::new(Places::new(wanted)),
        started: Instant::now(),
        hopeless: Cell::new(false),
    };
    // Nothing is ever sent: it is the end of a channel that counts.
    let (dialling, dialled) = bounded(1);
    let (opening, opened) = bounded(1);
    let tasks: Vec<_> = (0..wanted.len())
        .map(|number| EndpointSearch {
            search: &search,
            number,
            dialling: Some(dialling.clone()),
            dialled: dialled.clone(),
        })
        .map(|one| one.search(opening.clone(), opened.clone()))
        .collect();
    drop((dialling, opening));
    let ends = all(tasks.into_iter()).await;
    let places = search.places.borrow().clone();
    places.settle(graph, ends).await
}

/// Refuses nodes beyond the most that a run can have.
fn check_number(graph: &Graph, endpoints: &[Wanted]) -> Result<(), Vec<Unreachable>> {
    let most = usize::from(MAX_SITES) - 1;
    let beyond: Vec<Unreachable> = endpoints
        .iter()
        .skip(most)
        .map(|endpoint| Unreachable {
            node: endpoint.name(),
            models: endpoint.models(graph),
            reason: format!("a run has at most {most} nodes; put more models on each"),
        })
        .collect();
    if beyond.is_empty() {
        Ok(())
    } else {
        Err(beyond)
    }
}

/// What all endpoints have in common while they are looked for.
struct Search<'a> {
    graph: &'a Graph,
    keyring: &'a Keyring,
    wait: Option<Duration>,
    tell: &'a dyn Fn(&str),
    places: RefCell<Places<'a>>,
    started: Instant,
    /// One of them can never be used, so nobody needs to wait for the others.
    hopeless: Cell<bool>,
}

/// The search for one endpoint.
struct EndpointSearch<'a> {
    search: &'a Search<'a>,
    number: usize,
    /// Dropped once it is known for the first time whether it accepts connections; of all of them,
    /// that ends `dialled`.
    dialling: Option<Sender<()>>,
    dialled: Receiver<()>,
}

impl EndpointSearch<'_> {
    /// Opens a session, and holds it until all others have theirs, or cannot have one.
    async fn search(mut self, opening: Sender<()>, opened: Receiver<()>) -> End {
        let end = self.search_on().await;
        drop(self.dialling.take());
        if let End::Unusable(Unusable {
            retry: Retry::Never,
            ..
        }) = end
        {
            self.search.hopeless.set(true);
        }
        drop(opening);
        let End::Session(address, mut session) = end else {
            return end;
        };
        let all_open = async {
            let _ = opened.recv().await;
            None
        };
        let lost = async { Some(hold(session.service, &mut session.connection, true).await) };
        match smol::future::or(all_open, lost).await {
            None => End::Session(address, session),
            Some(unusable) => {
                self.search.hopeless.set(true);
                End::Unusable(unusable)
            }
        }
    }

    /// Tries until there is a session, or no retry.
    async fn search_on(&mut self) -> End {
        let mut is_announced = false;
        loop {
            let unusable = match self.attempt().await {
                Ok(end) => return end,
                Err(unusable) => unusable,
            };
            let Some(pause) = self.pause(unusable.retry) else {
                return End::Unusable(unusable);
            };
            if let (Some(wait), false) = (self.search.wait, is_announced) {
                is_announced = true;
                let (name, models) = self
                    .search
                    .places
                    .borrow()
                    .describe(self.search.graph, self.number);
                (self.search.tell)(&format!(
                    "waiting up to {} s for node {name} (for {models}): {}",
                    wait.as_secs(),
                    unusable.reason
                ));
            }
            Timer::after(pause).await;
            if self.is_elsewhere() {
                return End::Elsewhere;
            }
        }
    }

    /// How long until the next attempt; `None` if there is to be none.
    fn pause(&self, retry: Retry) -> Option<Duration> {
        let Search {
            wait,
            started,
            hopeless,
            ..
        } = self.search;
        let (limit, pause) = match (retry, *wait) {
            (Retry::Never, _) | (Retry::Later, None) => return None,
            (Retry::Soon, None) => (MOMENT, RETRY),
            (_, Some(wait)) => (wait, PATIENT_RETRY),
        };
        let is_over = hopeless.get() || started.elapsed() + pause > limit;
        (!is_over).then_some(pause)
    }

    fn is_elsewhere(&self) -> bool {
        self.search.places.borrow().stand_in(self.number).is_some()
    }

    /// One attempt.
    async fn attempt(&mut self) -> Result<End, Unusable> {
        let Search {
            keyring, places, ..
        } = self.search;
        let endpoint = places.borrow().endpoint(self.number);
        let mut first = None;
        let mut addresses = match resolve(&endpoint).await {
            Ok(addresses) => addresses,
            Err(unusable) => return self.stand_in_or(Vec::new(), unusable).await,
        };
        loop {
            let (address, stream) = match connect(&addresses).await {
                Ok(connected) => connected,
                Err(failures) => {
                    if let Some(unusable) = first {
                        return Err(unusable);
                    }
                    let unusable = failures.into_unusable(&endpoint);
                    return self.stand_in_or(addresses, unusable).await;
                }
            };
            if self.is_elsewhere() || !places.borrow_mut().take(self.number, address) {
                drop(self.dialling.take());
                return Ok(End::Elsewhere);
            }
            drop(self.dialling.take());
            let connection = match greet((address, stream), endpoint.service, keyring).await {
                Ok(connection) => connection,
                // Something else may listen at one of its addresses, and the node at another one.
                Err(unusable) if addresses.len() > 1 => {
                    first.get_or_insert(unusable);
                    addresses.retain(|&other| other != address);
                    continue;
                }
                Err(unusable) => return Err(first.unwrap_or(unusable)),
            };
            return self
                .open_session(address, endpoint.service, connection)
                .await;
        }
    }

    /// Opens a session once it is known which of the other endpoints answer: that decides which models
    /// the node is to run.
    async fn open_session(
        &mut self,
        address: SocketAddr,
        service: Service,
        mut connection: Connection<TcpStream>,
    ) -> Result<End, Unusable> {
        let others = async {
            let _ = self.dialled.recv().await;
            None
        };
        let lost = async { Some(hold(service, &mut connection, false).await) };
        if let Some(unusable) = smol::future::or(others, lost).await {
            return Err(unusable);
        }
        let Search { graph, places, .. } = self.search;
        let models = places.borrow().models_at(address);
        let types = models
            .iter()
            .map(|model| &graph.models[*model].instance.model_type);
        let types = types_of(types);
        let session = open(service, connection, &graph.name, types).await?;
        Ok(End::Session(address, Box::new(session)))
    }

    /// Nothing accepts connections there. That may be for another node to make up for.
    async fn stand_in_or(
        &mut self,
        addresses: Vec<SocketAddr>,
        unusable: Unusable,
    ) -> Result<End, Unusable> {
        self.search
            .places
            .borrow_mut()
            .nothing_at(self.number, addresses);
        drop(self.dialling.take());
        let _ = self.dialled.recv().await;
        if self.is_elsewhere() {
            return Ok(End::Elsewhere);
        }
        Err(Unusable {
            reason: format!("{}, or run with --local", unusable.reason),
            ..unusable
        })
    }
}

/// These types, each once.
pub(super) fn types_of<'a>(of_models: impl Iterator<Item = &'a TypeRef>) -> Vec<TypeId> {
    let mut types: Vec<TypeId> = Vec::new();
    for model_type in of_models {
        if !types.iter().any(|known| known.name == model_type.name) {
            let (name, fingerprint) = (
                model_type.name.to_string(),
                model_type.declared().fingerprint(),
            );
            types.push(TypeId { name, fingerprint });
        }
    }
    types
}
