//! Serving mosaik, from the start to a signal or its end.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use async_signal::{Signal, Signals};
use controller::NodeAccess;
use controller::scenario::Connect;
use models::CATALOGUE;
use shared::wire::Key;
use smol::stream::StreamExt;
use terminal::spelling::nearest;

use super::connection::attend;
use super::places::Places;
use super::serving::Serving;
use crate::arguments::{Run, Serve};
use crate::error::BridgeError;
use crate::log;

/// How long mosaik has to answer a call, and how long until a connection is accepted again where the system has
/// no room for one.
const CALL: Duration = Duration::from_secs(10);
const NO_ROOM: Duration = Duration::from_millis(50);

/// Serves all types at an address to whoever connects.
pub(crate) fn serve(address: &str, arguments: &Serve) -> Result<(), BridgeError> {
    let places = places(arguments)?;
    let address = resolve(address)?;
    let serving = Serving::new(CATALOGUE.clone(), places, arguments.quiet);
    wait_for_sessions(serving, address, arguments.insecure)
}

/// Serves one type: to whoever connects, or to mosaik that waits.
pub(crate) fn run(arguments: &Run) -> Result<(), BridgeError> {
    let name = &arguments.model_type;
    let Some(types) = CATALOGUE.only(name) else {
        let near = nearest(name, CATALOGUE.names());
        let near = near.map_or_else(String::new, |near| format!(", did you mean '{near}'?"));
        return Err(BridgeError::NoType(format!(
            "there is no model type '{name}'{near}"
        )));
    };
    let address = resolve(&arguments.address)?;
    let serving = Serving::new(types, Places::default(), arguments.quiet);
    if arguments.remote {
        return wait_for_sessions(serving, address, arguments.insecure);
    }
    if !address.ip().is_loopback() && !arguments.insecure {
        return Err(BridgeError::Away { address });
    }
    let stream = TcpStream::connect_timeout(&address, CALL);
    let stream = stream.map_err(|cause| BridgeError::Dial { address, cause })?;
    attend(&serving, &stream, &address.to_string(), None);
    Ok(())
}

/// Where models run.
fn places(arguments: &Serve) -> Result<Places, BridgeError> {
    let Some(nodes) = &arguments.nodes else {
        return match arguments.key {
            Some(_) => Err(BridgeError::KeyWithoutNodes),
            None => Ok(Places::default()),
        };
    };
    let nodes = nodes.split(',').map(|node| Connect::parse(node.trim()));
    let nodes: Result<Vec<Connect>, String> = nodes.collect();
    if let Some(path) = &arguments.key {
        Key::read(path)?;
    }
    let access = NodeAccess {
        key: arguments.key.clone(),
        ..NodeAccess::default()
    };
    Ok(Places::new(nodes.map_err(BridgeError::Nodes)?, access))
}

/// The address that a text means.
fn resolve(text: &str) -> Result<SocketAddr, BridgeError> {
    let unusable = |cause| BridgeError::Address {
        address: text.to_owned(),
        cause,
    };
    let mut found = text.to_socket_addrs().map_err(unusable)?;
    let none = || unusable(io::Error::other("it has no address"));
    found.next().ok_or_else(none)
}

/// Listens, and serves all who connect until a signal ends it.
fn wait_for_sessions(
    serving: Serving,
    address: SocketAddr,
    is_open: bool,
) -> Result<(), BridgeError> {
    if !address.ip().is_loopback() && !is_open {
        return Err(BridgeError::Open { address });
    }
    let system = |what| move |cause| BridgeError::System { what, cause };
    let signals = Signals::new([Signal::Int, Signal::Term, Signal::Hup]);
    let mut signals = signals.map_err(system("tell of signals"))?;
    let listener = TcpListener::bind(address);
    let listener = listener.map_err(|cause| BridgeError::Listen { address, cause })?;
    let address = listener
        .local_addr()
        .map_err(system("say where it listens"))?;
    if !address.ip().is_loopback() {
        log::say(format_args!(
            "warning: {address} lets everybody in who reaches it: mosaik has no keys, nothing is encrypted, and who \
             comes may use the models{}",
            if serving.places.access.key.is_some() {
                " and the nodes"
            } else {
                ""
            }
        ));
    }
    log::answer(format_args!(
        "illuminator-bridge {} listens on {address}",
        env!("CARGO_PKG_VERSION")
    ));
    let serving = Arc::new(serving);
    let own = Arc::clone(&serving);
    let acceptor = thread::Builder::new().name("acceptor".to_owned());
    let accepting = acceptor.spawn(move || accept(&own, &listener));
    accepting.map_err(system("start a thread"))?;
    smol::block_on(signals.next());
    serving.connections.close();
    Ok(())
}

/// Lets in who comes, each in a thread of its own.
fn accept(serving: &Arc<Serving>, listener: &TcpListener) {
    loop {
        match listener.accept() {
            Ok((stream, peer)) => welcome(serving, stream, peer),
            Err(error) => {
                serving
                    .strangers
                    .say(format_args!("nobody can be let in: {error}"));
                thread::sleep(NO_ROOM);
            }
        }
    }
}

fn welcome(serving: &Arc<Serving>, stream: TcpStream, peer: SocketAddr) {
    let stream = Arc::new(stream);
    let Some(admitted) = serving.connections.admit(Arc::clone(&stream)) else {
        return;
    };
    let serving = Arc::clone(serving);
    let work = move || {
        attend(&serving, &stream, &peer.to_string(), Some(&admitted));
    };
    // Where there is no thread to be had, the connection is closed.
    let _ = thread::Builder::new()
        .name("session".to_owned())
        .spawn(work);
}
