//! Listening, and the table of connections.

use std::cell::RefCell;
use std::fmt;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_signal::{Signal, Signals};
use shared::memory::{NODE_MEMORY, Pool};
use shared::model::Registry;
use shared::wire::{DEFAULT_PORT, NodeStatus, SessionStatus};
use smol::channel::{Receiver, bounded};
use smol::stream::StreamExt;
use smol::{Async, LocalExecutor, Task, Timer};
use transport::within;

use crate::access::Access;
use crate::config::Config;
use crate::lights::Lights;
use crate::links::{Lobby, VainCalls};
use crate::log::{self, Admitted, Quota};
use crate::{ServeError, guest, machine};

/// The most sessions at a time.
pub const MAX_SESSIONS: usize = 16;

/// The most connections at a time that have not opened a session yet. One more takes the place of
/// the oldest of the machine that has most of them.
pub const MAX_GUESTS: usize = 64;

/// How long sessions may take to say goodbye when the node is stopped.
const FAREWELL: Duration = Duration::from_secs(1);

/// Serves models of these types until a signal ends it.
pub(crate) fn serve(config: &Config, types: Registry) -> Result<(), ServeError> {
    machine::keep_pages_small();
    smol::block_on(serve_until_stopped(config, types))
}

async fn serve_until_stopped(config: &Config, types: Registry) -> Result<(), ServeError> {
    let signals = [Signal::Int, Signal::Term, Signal::Usr1];
    let mut signals = Signals::new(signals).map_err(ServeError::Signals)?;
    let access = Access::new(config.key.as_deref(), config.insecure)?;
    let listeners = listen(&config.listen, &access)?;
    for (_, address) in &listeners {
        if let Some(warning) = access.warning(*address) {
            log::say(format_args!("{warning}"));
        }
        log::answer(format_args!(
            "illuminator-node {} listens on {address}",
            env!("CARGO_PKG_VERSION")
        ));
    }
    let (stop, stopped) = bounded(1);
    let node = Rc::new(Node {
        executor: LocalExecutor::new(),
        table: Rc::default(),
        lobby: Rc::default(),
        stopped,
        access,
        types,
        quiet: config.quiet,
        refused: RefCell::new(Quota::new(5, "connections not let in")),
        reports: RefCell::new(Quota::new(600, "reports of sessions left out")),
        lights: Arc::new(Lights::new(&config.leds)),
        memory: Pool::new(NODE_MEMORY),
        vain_calls: VainCalls::default(),
    });
    let acceptors: Vec<Task<()>> = listeners
        .into_iter()
        .map(|(listener, address)| {
            let accepting = accept(Rc::clone(&node), listener, address);
            node.executor.spawn(accepting)
        })
        .collect();
    let table = Rc::clone(&node.table);
    let stopping = async {
        // With USR1 it serves those who are there, and whoever comes until they have gone.
        if let Some(Ok(Signal::Usr1)) = signals.next().await {
            let idle = until_idle(&table, Duration::from_millis(100));
            let told = async {
                signals.next().await;
            };
            smol::future::or(idle, told).await;
        }
    };
    node.executor.run(stopping).await;
    drop(acceptors);
    stop.close();
    let farewells = until_idle(&table, Duration::from_millis(10));
    // Whether they are over or not, that was all.
    let _ = node.executor.run(within(FAREWELL, farewells)).await;
    node.lights.stop();
    node.refused.borrow_mut().tell();
    node.reports.borrow_mut().tell();
    Ok(())
}

/// An address as its network has it: on a socket for both protocols, those of IPv4 come as some of IPv6.
fn plain(address: SocketAddr) -> SocketAddr {
    match address.ip().to_canonical() {
        IpAddr::V4(ip) => SocketAddr::from((ip, address.port())),
        IpAddr::V6(_) => address,
    }
}

/// Whether the system has no addresses of this kind.
fn is_without(error: &std::io::Error) -> bool {
    let codes = [
        rustix::io::Errno::AFNOSUPPORT,
        rustix::io::Errno::ADDRNOTAVAIL,
    ];
    codes
        .iter()
        .any(|code| error.raw_os_error() == Some(code.raw_os_error()))
}

/// Waits until there are no sessions.
async fn until_idle(table: &RefCell<Table>, pause: Duration) {
    while table.borrow_mut().is_busy() {
        Timer::after(pause).await;
    }
}

fn listen(
    addresses: &[String],
    access: &Access,
) -> Result<Vec<(Async<TcpListener>, SocketAddr)>, ServeError> {
    let default = [format!("127.0.0.1:{DEFAULT_PORT}")];
    let addresses = if addresses.is_empty() {
        &default[..]
    } else {
        addresses
    };
    let bind = |text: &String| {
        let addresses = resolve(text)?;
        let listener = TcpListener::bind(&addresses[..]).or_else(|error| {
            // All addresses are all that there are: without IPv6, those of IPv4.
            let all = |address: &SocketAddr| address.is_ipv6() && address.ip().is_unspecified();
            match addresses.iter().find(|address| all(address)) {
                Some(at) if is_without(&error) => TcpListener::bind(("0.0.0.0", at.port())),
                _ => Err(error),
            }
        })?;
        let address = listener.local_addr()?;
        Ok((Async::new(listener)?, address))
    };
    let fail = |address: &String, cause| ServeError::Listen {
        address: address.clone(),
        cause,
    };
    let listen = |text| {
        let (listener, address) = bind(text).map_err(|cause| fail(text, cause))?;
        access.check(address)?;
        Ok((listener, address))
    };
    addresses.iter().map(listen).collect()
}

/// The socket addresses of `host:port`, `host` or `[ipv6]:port`.
fn resolve(text: &str) -> std::io::Result<Vec<SocketAddr>> {
    let found = text
        .to_socket_addrs()
        .or_else(|error| (text, DEFAULT_PORT).to_socket_addrs().map_err(|_| error))?;
    Ok(found.collect())
}

/// What all connections of a node share.
pub(crate) struct Node {
    executor: LocalExecutor<'static>,
    pub(crate) table: Rc<RefCell<Table>>,
    /// Where links from other nodes arrive.
    pub(crate) lobby: Rc<Lobby>,
    /// Closes when the node is being stopped.
    pub(crate) stopped: Receiver<()>,
    pub(crate) access: Access,
    /// The types that it runs.
    pub(crate) types: Registry,
    quiet: bool,
    /// How much is said about those who are not let in: anybody can knock.
    refused: RefCell<Quota>,
    /// How much is said about those who are.
    reports: RefCell<Quota>,
    pub(crate) lights: Arc<Lights>,
    /// What its sessions may take together.
    pub(crate) memory: Arc<Pool>,
    /// Links that could not be opened of late.
    pub(crate) vain_calls: VainCalls,
}

async fn accept(node: Rc<Node>, listener: Async<TcpListener>, address: SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                node.admit(stream, plain(peer));
                // However many come, those that are there go on.
                smol::future::yield_now().await;
            }
            Err(error) => {
                // Out of file descriptors, say: what is there goes on.
                let why = format_args!("cannot accept a connection: {error}");
                node.report_refused(address, why);
                Timer::after(Duration::from_millis(100)).await;
            }
        }
    }
}

impl Node {
    fn admit(self: &Rc<Self>, stream: Async<TcpStream>, peer: SocketAddr) {
        let id = self.table.borrow_mut().next_id();
        let task = self
            .executor
            .spawn(guest::serve(Rc::clone(self), id, stream, peer));
        self.table.borrow_mut().insert(Entry {
            id,
            from: peer.ip(),
            session: None,
            task,
        });
    }

    /// Does something beside all the rest, until the task is dropped.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + 'static) -> Task<()> {
        self.executor.spawn(work)
    }

    /// How the node is.
    pub(crate) fn status(&self) -> NodeStatus {
        let mut table = self.table.borrow_mut();
        table.sweep();
        let sessions = table
            .entries
            .iter()
            .filter_map(|entry| entry.session.clone());
        NodeStatus {
            release: env!("CARGO_PKG_VERSION").to_owned(),
            processor: std::env::consts::ARCH.to_owned(),
            machine: machine::name(),
            uptime: log::uptime(),
            temperature: machine::temperature(),
            load: machine::load(),
            lights: self.lights.describe(),
            sessions: sessions.collect(),
        }
    }

    /// Reports an event of a session.
    pub(crate) fn report(self: &Rc<Self>, peer: SocketAddr, text: fmt::Arguments<'_>) {
        self.write(|node| &node.reports, peer, text);
    }

    /// Reports somebody who is not let in.
    pub(crate) fn report_refused(self: &Rc<Self>, peer: SocketAddr, text: fmt::Arguments<'_>) {
        self.write(
            |node| &node.refused,
            peer,
            format_args!("not let in: {text}"),
        );
    }

    /// Writes a line about a peer, or counts it.
    fn write(
        self: &Rc<Self>,
        quota: fn(&Self) -> &RefCell<Quota>,
        peer: SocketAddr,
        text: fmt::Arguments<'_>,
    ) {
        if self.quiet {
            return;
        }
        match quota(self).borrow_mut().admit(peer, Instant::now()) {
            Admitted::Yes => log::say(format_args!("{peer}: {text}")),
            Admitted::Counted => {}
            Admitted::FirstCounted(due) => {
                let node = Rc::clone(self);
                let count = async move {
                    Timer::after(due).await;
                    quota(&node).borrow_mut().tell();
                };
                self.executor.spawn(count).detach();
            }
        }
    }
}

/// The connections of a node.
#[derive(Default)]
pub(crate) struct Table {
    entries: heapless::Vec<Entry, { MAX_SESSIONS + MAX_GUESTS }>,
    last_id: u64,
}

struct Entry {
    id: u64,
    from: IpAddr,
    /// What it does, once it is a session.
    session: Option<SessionStatus>,
    task: Task<()>,
}

impl Table {
    fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    fn sweep(&mut self) {
        self.entries.retain(|entry| !entry.task.is_finished());
    }

    fn is_busy(&mut self) -> bool {
        self.sweep();
        self.entries.iter().any(|entry| entry.session.is_some())
    }

    /// Sessions at the moment.
    fn sessions(&self) -> usize {
        self.entries
            .iter()
            .filter(|entry| entry.session.is_some())
            .count()
    }

    fn insert(&mut self, entry: Entry) {
        self.sweep();
        let guests = self.entries.iter().filter(|entry| entry.session.is_none());
        if guests.clone().count() >= MAX_GUESTS {
            // A machine that floods the node is in its own way only.
            let crowd = |from: IpAddr| guests.clone().filter(|guest| guest.from == from).count();
            let most = guests.clone().map(|guest| crowd(guest.from)).max();
            let gives_way =
                |entry: &Entry| entry.session.is_none() && Some(crowd(entry.from)) == most;
            if let Some(oldest) = self.entries.iter().position(gives_way) {
                // Dropping its task closes the connection.
                self.entries.remove(oldest);
            }
        }
        // There is room for all sessions and guests, so nothing is lost here.
        let _ = self.entries.push(entry);
    }

    /// Makes a guest's connection a session; returns how many others there are, or `None` where
    /// there are as many as the node takes.
    pub(crate) fn open_session(&mut self, id: u64, scenario: &str) -> Option<usize> {
        self.sweep();
        let others = self.sessions();
        let entry = self.entries.iter_mut().find(|entry| entry.id == id)?;
        (others < MAX_SESSIONS).then(|| {
            entry.session = Some(SessionStatus {
                scenario: scenario.to_owned(),
                models: 0,
                peer: entry.from.to_string(),
            });
            others
        })
    }

    /// Takes note of how many models a session runs.
    pub(crate) fn set_models(&mut self, id: u64, count: usize) {
        let mut sessions = self.entries.iter_mut().filter(|entry| entry.id == id);
        if let Some(session) = sessions.next().and_then(|entry| entry.session.as_mut()) {
            session.models = u32::try_from(count).unwrap_or(u32::MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guest(executor: &LocalExecutor<'static>, id: u64, machine: u8) -> Entry {
        Entry {
            id,
            from: IpAddr::from([10, 0, 0, machine]),
            session: None,
            task: executor.spawn(std::future::pending()),
        }
    }

    fn table_with(executor: &LocalExecutor<'static>, count: u64) -> Table {
        let mut table = Table::default();
        for id in 0..count {
            table.insert(guest(executor, id, 1));
        }
        table
    }

    #[test]
    fn a_guest_too_many_takes_the_place_of_the_oldest() {
        let executor = LocalExecutor::new();
        let table = table_with(&executor, MAX_GUESTS as u64 + 3);
        let ids: Vec<u64> = table.entries.iter().map(|entry| entry.id).collect();
        assert_eq!(ids, (3..MAX_GUESTS as u64 + 3).collect::<Vec<_>>());
    }

    #[test]
    fn the_guests_of_one_machine_cannot_push_out_that_of_another() {
        let executor = LocalExecutor::new();
        let mut table = table_with(&executor, MAX_GUESTS as u64 - 1);
        table.insert(guest(&executor, 100, 2));
        for id in 200..300 {
            table.insert(guest(&executor, id, 1));
        }
        assert!(table.entries.iter().any(|entry| entry.id == 100));
        assert_eq!(table.entries.len(), MAX_GUESTS);
    }

    #[test]
    fn guests_cannot_push_out_a_session_and_sessions_are_limited() {
        let executor = LocalExecutor::new();
        let mut table = table_with(&executor, 1);
        assert_eq!(table.open_session(0, "s"), Some(0));
        for others in 1..100 {
            let id = others as u64;
            table.insert(guest(&executor, id, 1));
            let expected = (others < MAX_SESSIONS).then_some(others);
            assert_eq!(table.open_session(id, "s"), expected);
        }
        assert_eq!(table.sessions(), MAX_SESSIONS);
    }

    #[test]
    fn an_address_of_one_protocol_is_not_taken_for_one_of_the_other() {
        for (address, shown) in [
            ("[::ffff:10.0.0.1]:80", "10.0.0.1:80"),
            ("10.0.0.1:80", "10.0.0.1:80"),
            ("[fe80::1%3]:80", "[fe80::1%3]:80"),
        ] {
            let address = address.parse().expect("valid");
            assert_eq!(plain(address).to_string(), shown);
        }
    }

    #[test]
    fn an_address_may_leave_out_the_port() {
        assert_eq!(
            resolve("127.0.0.1").expect("resolves"),
            ["127.0.0.1:5123".parse().expect("valid")]
        );
        assert_eq!(
            resolve("127.0.0.1:80").expect("resolves"),
            ["127.0.0.1:80".parse().expect("valid")]
        );
        assert_eq!(
            resolve("[::1]:80").expect("resolves"),
            ["[::1]:80".parse().expect("valid")]
        );
        assert!(resolve("no such host").is_err());
    }
}
