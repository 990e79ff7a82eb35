//! Serving, from the start to the signal that ends it.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use async_signal::{Signal, Signals};
use cables::Cables;
use shared::memory::{NODE_MEMORY, Pool};
use shared::model::Registry;
use smol::channel::{Receiver, bounded};
use smol::future::or;
use smol::stream::StreamExt;
use smol::{Async, Task};
use transport::within;

use crate::acceptor::{Node, Updates, accept, listen};
use crate::access::Access;
use crate::announce::announce;
use crate::config::Config;
use crate::error::ServeError;
use crate::executor::Executor;
use crate::lights::Lights;
use crate::peers::Caller;
#[cfg(feature = "programs")]
use crate::programs::Programs;
use crate::reports::Reports;
use crate::sessions::{Resources, Sessions};
use crate::{PROGRAM, log, machine};

/// A socket that listens, and where.
type Listener = (Async<TcpListener>, SocketAddr);

/// How long sessions may take to say goodbye when the node is stopped.
const FAREWELL: Duration = Duration::from_secs(1);

/// Serves models of these types until a signal ends it.
pub(crate) fn serve(config: &Config, models: Models) -> Result<(), ServeError> {
    machine::keep_pages_small();
    smol::block_on(serve_until_stopped(config, models))
}

/// The models that a node runs.
pub(crate) struct Models {
    /// Their types.
    pub(crate) types: Registry,
    /// Programs, whose units are types as well.
    #[cfg(feature = "programs")]
    pub(crate) programs: Option<Arc<dyn Programs>>,
}

impl Models {
    /// What the program is called that runs them.
    #[cfg(feature = "programs")]
    fn program(&self) -> &'static str {
        self.programs
            .as_ref()
            .map_or(PROGRAM, |_| "illuminator-bridge")
    }

    /// What the program is called that runs them.
    #[cfg(not(feature = "programs"))]
    #[expect(clippy::unused_self, reason = "with programs it tells")]
    fn program(&self) -> &'static str {
        PROGRAM
    }
}

impl From<Registry> for Models {
    fn from(types: Registry) -> Self {
        Self {
            types,
            #[cfg(feature = "programs")]
            programs: None,
        }
    }
}

async fn serve_until_stopped(config: &Config, models: Models) -> Result<(), ServeError> {
    let signals = [Signal::Int, Signal::Term, Signal::Usr1];
    let signals = Signals::new(signals).map_err(ServeError::Signals)?;
    let access = Rc::new(Access::new(config.key.as_deref(), config.insecure)?);
    let updates = config.updates.then(Updates::from_input).transpose()?;
    let listeners = listen(&config.listen, &access)?;
    for (_, address) in &listeners {
        say_where(models.program(), *address, &access);
    }
    let executor = Rc::new(Executor::default());
    let (stop, stopped) = bounded::<()>(1);
    let announcing = announce_where(config, &listeners, &executor, &stopped);
    let sessions = sessions(config, models, &executor, &access, stopped);
    let lights = Arc::clone(&sessions.resources.lights);
    let cables = sessions.resources.cables.clone();
    let reports = Rc::clone(&sessions.reports);
    let node = Rc::new(Node::new(access, sessions, updates));
    let start =
        |(listener, address): Listener| executor.spawn(accept(Rc::clone(&node), listener, address));
    let acceptors: Vec<Task<()>> = listeners.into_iter().map(start).collect();
    executor.run(until_stopped(signals, &node)).await;
    drop(acceptors);
    stop.close();
    let farewells = async {
        if let Some(announcing) = announcing {
            announcing.await;
        }
        node.until_idle(Duration::from_millis(10)).await;
    };
    // Whether they are over or not, that was all.
    let _ = executor.run(within(FAREWELL, farewells)).await;
    lights.stop();
    cables.stop();
    reports.end();
    Ok(())
}

/// Announces the node until it is stopped, if that is wanted and others can reach it.
fn announce_where(
    config: &Config,
    listeners: &[Listener],
    executor: &Executor,
    stopped: &Receiver<()>,
) -> Option<Task<()>> {
    let listening = listeners.iter().map(|(_, address)| *address);
    let public: Vec<SocketAddr> = listening.filter(|at| !at.ip().is_loopback()).collect();
    let is_wanted = config.announce.unwrap_or(true) && !public.is_empty();
    is_wanted.then(|| executor.spawn(announce(public, stopped.clone())))
}

/// What sessions run with.
fn sessions(
    config: &Config,
    models: Models,
    executor: &Rc<Executor>,
    access: &Rc<Access>,
    stopped: Receiver<()>,
) -> Sessions {
    let reports = Rc::new(Reports::new(config.quiet, Rc::clone(executor)));
    Sessions {
        executor: Rc::clone(executor),
        stopped,
        resources: Resources {
            types: models.types,
            #[cfg(feature = "programs")]
            programs: models.programs,
            lights: Arc::new(Lights::new(&config.leds)),
            cables: watch(config.devices.as_deref()),
            memory: Pool::new(NODE_MEMORY),
        },
        reports: Rc::clone(&reports),
        caller: Rc::new(Caller::new(Rc::clone(access), reports)),
        links: Rc::default(),
    }
}

/// Has the sockets watched that there are in this folder.
fn watch(devices: Option<&Path>) -> Cables {
    let devices = devices.unwrap_or(Path::new(cables::DEVICES));
    let cables = Cables::new(devices.to_owned());
    if devices != Path::new("none")
        && let Err(error) = cables.watch_all()
    {
        log::say(format_args!(
            "no cables: {error}; the node goes on without them"
        ));
    }
    cables
}

/// Says where the node listens, and who may use it there.
fn say_where(program: &str, address: SocketAddr, access: &Access) {
    if let Some(warning) = access.warning(address) {
        log::say(format_args!("{warning}"));
    }
    log::answer(format_args!(
        "{program} {} listens on {address}",
        env!("CARGO_PKG_VERSION")
    ));
}

/// Waits for a signal. With USR1 the node serves those who are there, and whoever comes until they
/// have gone.
async fn until_stopped(mut signals: Signals, node: &Node) {
    if let Some(Ok(Signal::Usr1)) = signals.next().await {
        let idle = node.until_idle(Duration::from_millis(100));
        let again = async {
            signals.next().await;
        };
        or(idle, again).await;
    }
}
