//! Connecting to nodes and bridges.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use shared::wire::{HANDSHAKE_TIMEOUT, HandshakeError, MAX_HANDSHAKE_FRAME};
use smol::channel::unbounded;
use smol::{Async, LocalExecutor, Timer};
use transport::{Connection, call, within};

use super::dial_failure::{CONNECT_TIMEOUT, DialFailures, unknown_name};
use super::endpoint::Endpoint;
use super::service::Service;
use super::unusable::{Unusable, Who};
use crate::key::Keyring;

/// How long an address has until the next one is tried beside it, as RFC 8305 recommends.
const STAGGER: Duration = Duration::from_millis(250);

/// Runs futures side by side.
pub(crate) async fn all<'a, T: 'a>(
    futures: impl Iterator<Item = impl Future<Output = T> + 'a>,
) -> Vec<T> {
    let executor = LocalExecutor::new();
    let tasks: Vec<_> = futures.map(|future| executor.spawn(future)).collect();
    let collect = async {
        let mut results = Vec::new();
        for task in tasks {
            results.push(task.await);
        }
        results
    };
    executor.run(collect).await
}

/// The addresses of an endpoint, in the order in which the system prefers them.
pub(super) async fn resolve(endpoint: &Endpoint) -> Result<Vec<SocketAddr>, Unusable> {
    let Endpoint { host, port, .. } = endpoint.clone();
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    // An address with a zone is looked up too: that is how the zone gets its number.
    let lookup = smol::unblock(move || (host.as_str(), port).to_socket_addrs().map(Vec::from_iter));
    let late = || Err(io::ErrorKind::TimedOut.into());
    let found = within(CONNECT_TIMEOUT, lookup).await.unwrap_or_else(late);
    let found = found.map_err(|error| unknown_name(endpoint, &error))?;
    let mut addresses: Vec<SocketAddr> = Vec::new();
    for address in found {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    Ok(addresses)
}

/// The first connection to be had at any of these addresses. Each has a head start over the next
/// one, so a dead one in front costs a moment; the time limit is for all of them together.
pub(super) async fn connect(
    addresses: &[SocketAddr],
) -> Result<(SocketAddr, Async<TcpStream>), DialFailures> {
    let executor = LocalExecutor::new();
    let (report, reports) = unbounded();
    let mut failures = DialFailures::default();
    let race = async {
        let mut waiting = addresses.iter();
        let mut tasks = Vec::new();
        loop {
            if let Some(&address) = waiting.next() {
                let report = report.clone();
                tasks.push(executor.spawn(async move {
                    let connected = Async::<TcpStream>::connect(address).await;
                    // Where the race is over, nobody listens any more.
                    let _ = report.try_send((address, connected));
                }));
            } else if failures.len() == tasks.len() {
                return None;
            }
            let turn = async {
                if waiting.len() == 0 {
                    smol::future::pending::<()>().await;
                }
                Timer::after(STAGGER).await;
                None
            };
            let news = async { reports.recv().await.ok() };
            match smol::future::or(news, turn).await {
                Some((address, Ok(stream))) => return Some((address, stream)),
                Some((address, Err(error))) => failures.add(address, error),
                None => {}
            }
        }
    };
    let first = executor.run(within(CONNECT_TIMEOUT, race)).await;
    match first.flatten() {
        Some((address, stream)) => {
            // Without it the system holds small frames back; the run works all the same.
            let _ = stream.get_ref().set_nodelay(true);
            Ok((address, stream))
        }
        None => Err(failures.complete(addresses)),
    }
}

/// Greets what has accepted a connection, where this is said to be.
pub(super) async fn greet(
    (address, stream): (SocketAddr, Async<TcpStream>),
    service: Service,
    keyring: &Keyring,
) -> Result<Connection<TcpStream>, Unusable> {
    let trust = keyring.trust(address.ip());
    match call(&stream, trust, HANDSHAKE_TIMEOUT).await {
        Ok(met) => Ok(Connection::new(stream, met, MAX_HANDSHAKE_FRAME)),
        Err(error) => {
            let who = match error {
                HandshakeError::KeyRefused
                | HandshakeError::WrongKey
                | HandshakeError::KeyMissing => Who::OtherKey,
                _ => Who::Somebody,
            };
            Err(Unusable::no_handshake(&error, service, address.port()).of(who))
        }
    }
}

/// Connects to a node or a bridge by any of its addresses. Where something else listens at one of them, the
/// others are tried as well.
pub(super) async fn attempt(
    endpoint: &Endpoint,
    keyring: &Keyring,
) -> Result<(SocketAddr, Connection<TcpStream>), Unusable> {
    let mut addresses = resolve(endpoint).await?;
    let mut first = None;
    loop {
        let failure = match connect(&addresses).await {
            Ok((address, stream)) => {
                match greet((address, stream), endpoint.service, keyring).await {
                    Ok(connection) => return Ok((address, connection)),
                    Err(unusable) => {
                        addresses.retain(|&other| other != address);
                        unusable
                    }
                }
            }
            Err(failures) => {
                addresses.clear();
                failures.into_unusable(endpoint)
            }
        };
        let first = first.get_or_insert(failure);
        if addresses.is_empty() {
            return Err(first.clone());
        }
    }
}

/// Finds an address of an endpoint, or says why there is none.
pub(crate) async fn address_of(endpoint: &Endpoint) -> Result<(), String> {
    let found = resolve(endpoint).await;
    found.map(drop).map_err(|unusable| unusable.reason)
}

/// Whether something, node or not, listens at an endpoint.
pub(crate) async fn is_listening(endpoint: &Endpoint) -> bool {
    match resolve(endpoint).await {
        Ok(addresses) => connect(&addresses).await.is_ok(),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn an_address_that_refuses_gives_way_to_the_next_at_once() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let good = listener.local_addr().expect("bound");
        let dead = SocketAddr::from(([127, 0, 0, 9], good.port()));
        let (address, _) = smol::block_on(connect(&[dead, good])).expect("connects");
        assert_eq!(address, good);
        let failures = smol::block_on(connect(&[dead])).expect_err("refused");
        assert_eq!(failures.len(), 1);
    }

    #[test]
    fn an_endpoint_without_an_address_cannot_be_used() {
        let endpoint = Endpoint {
            host: "no-such-host.invalid".to_owned(),
            port: 1,
            service: Service::Node,
        };
        let unusable = smol::block_on(resolve(&endpoint)).expect_err("no address");
        assert!(
            unusable.reason.contains("no-such-host.invalid"),
            "{}",
            unusable.reason
        );
    }
}
