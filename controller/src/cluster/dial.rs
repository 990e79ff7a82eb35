//! Connecting to nodes.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use shared::wire::{Connection, DEFAULT_PORT, HANDSHAKE_TIMEOUT, MAX_HANDSHAKE_FRAME, call};
use smol::{Async, LocalExecutor, Timer};

use crate::key::{Keyring, explain};
use crate::scenario::{Graph, check_host};

/// How long a node may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Where a node is said to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// IPv4 or IPv6 address, or host name.
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') {
            write!(f, "[{host}]:{port}")
        } else {
            write!(f, "{host}:{port}")
        }
    }
}

impl Endpoint {
    /// Reads `host`, `host:port`, `ipv6` or `[ipv6]:port`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let bracketed = text.strip_prefix('[').and_then(|rest| {
            let (host, port) = rest.split_once(']')?;
            match port {
                "" => Some((host, None)),
                port => Some((host, Some(port.strip_prefix(':')?))),
            }
        });
        let (host, port) = match (bracketed, text.rsplit_once(':')) {
            (Some(parts), _) => parts,
            (None, Some((host, port))) if !host.contains(':') => (host, Some(port)),
            (None, _) => (text, None),
        };
        check_host(host).map_err(|what| format!("'{text}': '{host}' {what}"))?;
        let port = match port {
            None => DEFAULT_PORT,
            Some(port) => port
                .parse()
                .ok()
                .filter(|&port| port > 0)
                .ok_or_else(|| format!("'{text}': '{port}' is no port from 1 to 65535"))?,
        };
        let host = host.to_owned();
        Ok(Self { host, port })
    }

    /// All that a scenario names, each once, in the order of the file.
    pub(crate) fn all_of(graph: &Graph) -> Vec<Self> {
        let mut endpoints: Vec<Self> = Vec::new();
        for connect in graph.models.iter().filter_map(|m| m.connect.as_ref()) {
            let endpoint = Self {
                host: connect.host.clone(),
                port: connect.port,
            };
            if !endpoints.contains(&endpoint) {
                endpoints.push(endpoint);
            }
        }
        endpoints
    }
}

/// What came of an attempt to connect.
pub(super) struct Attempt {
    pub(super) addresses: Vec<IpAddr>,
    pub(super) result: Result<(SocketAddr, Connection<TcpStream>), Miss>,
}

/// Why there is no connection.
pub(super) enum Miss {
    /// Nothing answers there.
    NoAnswer(String),
    /// Something answers that cannot be used.
    Unusable(String),
}

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

/// Connects to a node by any of its addresses.
pub(super) async fn attempt(endpoint: &Endpoint, keyring: &Keyring) -> Attempt {
    let addresses = match resolve(&endpoint.host, endpoint.port).await {
        Ok(addresses) => addresses,
        Err(error) => {
            let reason = format!("cannot find the address of '{}': {error}", endpoint.host);
            return Attempt {
                addresses: Vec::new(),
                result: Err(Miss::NoAnswer(reason)),
            };
        }
    };
    let mut result = Err(Miss::NoAnswer("the name has no address".to_owned()));
    for &address in &addresses {
        result = connect(address, keyring)
            .await
            .map(|connection| (address, connection));
        if result.is_ok() {
            break;
        }
    }
    Attempt {
        addresses: addresses.iter().map(SocketAddr::ip).collect(),
        result,
    }
}

async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    let host = host.to_owned();
    let lookup = smol::unblock(move || (host.as_str(), port).to_socket_addrs().map(Vec::from_iter));
    let limit = async {
        Timer::after(CONNECT_TIMEOUT).await;
        Err(io::ErrorKind::TimedOut.into())
    };
    smol::future::or(lookup, limit).await
}

/// Whether something, node or not, listens at an endpoint.
pub(crate) async fn is_listening(endpoint: &Endpoint) -> bool {
    let limit = async {
        Timer::after(CONNECT_TIMEOUT).await;
        false
    };
    let answer = async {
        let addresses = resolve(&endpoint.host, endpoint.port).await;
        for address in addresses.unwrap_or_default() {
            if Async::<TcpStream>::connect(address).await.is_ok() {
                return true;
            }
        }
        false
    };
    smol::future::or(answer, limit).await
}

async fn connect(address: SocketAddr, keyring: &Keyring) -> Result<Connection<TcpStream>, Miss> {
    let limit = async {
        Timer::after(CONNECT_TIMEOUT).await;
        Err(io::Error::from(io::ErrorKind::TimedOut))
    };
    let stream = smol::future::or(Async::<TcpStream>::connect(address), limit).await;
    let stream = stream.map_err(|error| Miss::NoAnswer(no_answer(&error)))?;
    // Without it the system holds small frames back; the run works all the same.
    let _ = stream.get_ref().set_nodelay(true);
    let trust = keyring.trust(address.ip());
    match call(&stream, trust, HANDSHAKE_TIMEOUT).await {
        Ok(met) => Ok(Connection::new(stream, met, MAX_HANDSHAKE_FRAME)),
        Err(error) => Err(Miss::Unusable(explain(&error))),
    }
}

fn no_answer(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            "nothing listens there; start 'illuminator-node serve' on it".to_owned()
        }
        io::ErrorKind::TimedOut => format!(
            "no answer within {} s; see whether it is switched on and in the same network",
            CONNECT_TIMEOUT.as_secs()
        ),
        _ => format!("{error}; see whether its address is right"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_host_and_port_or_host_alone() {
        for (text, host, port, shown) in [
            ("pi3.local", "pi3.local", 5123, "pi3.local:5123"),
            ("192.168.0.1:80", "192.168.0.1", 80, "192.168.0.1:80"),
            ("fe80::1", "fe80::1", 5123, "[fe80::1]:5123"),
            ("[fe80::1]", "fe80::1", 5123, "[fe80::1]:5123"),
            ("[::1]:99", "::1", 99, "[::1]:99"),
        ] {
            let endpoint = Endpoint::parse(text).expect("valid");
            assert_eq!((endpoint.host.as_str(), endpoint.port), (host, port));
            assert_eq!(endpoint.to_string(), shown);
        }
        for text in [
            "", "pi:0", "pi:70000", "pi:", "a b", "1.2.3", "-pi", "[::1]x:5", ":5",
        ] {
            let error = Endpoint::parse(text);
            assert!(error.is_err(), "{text}: {error:?}");
        }
    }
}
