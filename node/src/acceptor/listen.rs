//! Where a node listens.

use std::io::{Error, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};

use shared::wire::DEFAULT_PORT;
use smol::Async;

use crate::access::Access;
use crate::error::ServeError;

/// Listens on these addresses as the user has written them, on loopback where there are none.
pub(crate) fn listen(
    addresses: &[String],
    access: &Access,
) -> Result<Vec<(Async<TcpListener>, SocketAddr)>, ServeError> {
    let default = [format!("127.0.0.1:{DEFAULT_PORT}")];
    let addresses = if addresses.is_empty() {
        &default[..]
    } else {
        addresses
    };
    let listen = |text: &String| {
        let (listener, address) = bind(text).map_err(|cause| ServeError::Listen {
            address: text.clone(),
            cause,
        })?;
        access.check(address)?;
        Ok((listener, address))
    };
    addresses.iter().map(listen).collect()
}

fn bind(text: &str) -> std::io::Result<(Async<TcpListener>, SocketAddr)> {
    let addresses = resolve(text)?;
    let listener = TcpListener::bind(&addresses[..]).or_else(|error| {
        // All addresses are all that there are: without IPv6, those of IPv4.
        let all = |address: &SocketAddr| address.is_ipv6() && address.ip().is_unspecified();
        match addresses.iter().find(|address| all(address)) {
            Some(at) if is_without(&error) => TcpListener::bind((Ipv4Addr::UNSPECIFIED, at.port())),
            _ => Err(error),
        }
    })?;
    let address = listener.local_addr()?;
    Ok((Async::new(listener)?, address))
}

/// The socket addresses of `address:port`, or of an address alone. A name is looked up in the list of this
/// machine only: a resolver of names would be 18 KB of a node, which listens at addresses of its own.
fn resolve(text: &str) -> std::io::Result<Vec<SocketAddr>> {
    if let Ok(address) = text.parse() {
        return Ok(vec![address]);
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => match port.parse() {
            Ok(port) => (host, port),
            Err(_) => return Err(refused("what follows the colon is no port")),
        },
        _ => (text, DEFAULT_PORT),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let found = match host.parse() {
        Ok(address) => vec![address],
        Err(_) => listed(host, &std::fs::read_to_string(HOSTS).unwrap_or_default()),
    };
    if found.is_empty() {
        return Err(refused(
            "no address, and no name in /etc/hosts; 0.0.0.0 are all addresses of this machine",
        ));
    }
    let with_port = |address| SocketAddr::new(address, port);
    Ok(found.into_iter().map(with_port).collect())
}

/// Names of this machine and of others, with their addresses.
const HOSTS: &str = "/etc/hosts";

/// The addresses that a list of hosts has for a name.
fn listed(host: &str, hosts: &str) -> Vec<IpAddr> {
    let mut found = Vec::new();
    for line in hosts.lines() {
        let mut words = line.split('#').next().unwrap_or(line).split_whitespace();
        if let Some(Ok(address)) = words.next().map(str::parse)
            && words.any(|name| name.eq_ignore_ascii_case(host))
        {
            found.push(address);
        }
    }
    found
}

fn refused(reason: &'static str) -> Error {
    Error::new(ErrorKind::InvalidInput, reason)
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

/// An address as its network has it: on a socket for both protocols, those of IPv4 come as some of IPv6.
pub(super) fn plain(address: SocketAddr) -> SocketAddr {
    match address.ip().to_canonical() {
        IpAddr::V4(ip) => SocketAddr::from((ip, address.port())),
        IpAddr::V6(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        for (text, address) in [
            ("127.0.0.1", "127.0.0.1:5123"),
            ("127.0.0.1:80", "127.0.0.1:80"),
            ("::1", "[::1]:5123"),
            ("[::]", "[::]:5123"),
            ("[::1]:80", "[::1]:80"),
        ] {
            let address = address.parse().expect("valid");
            assert_eq!(resolve(text).expect("resolves"), [address], "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_remedy() {
        for (text, reason) in [
            ("no such host", "0.0.0.0 are all addresses"),
            ("no.such.host.invalid:80", "no name in /etc/hosts"),
            ("", "no address"),
            (":80", "no address"),
            ("127.0.0.1:http", "no port"),
            ("127.0.0.1:65536", "no port"),
        ] {
            let error = resolve(text).expect_err("refused").to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn a_name_has_the_addresses_of_the_list() {
        let hosts = "127.0.0.1\tlocalhost  # this machine pi9\n# 10.0.0.9 pi1\n\n10.0.0.1 pi1.local pi1\r\n\
                     nonsense pi1\n::1 ip6-localhost LocalHost\n";
        let addresses = |name| -> Vec<String> {
            let found = listed(name, hosts);
            found.iter().map(ToString::to_string).collect()
        };
        assert_eq!(addresses("localhost"), ["127.0.0.1", "::1"]);
        assert_eq!(addresses("pi1"), ["10.0.0.1"]);
        assert_eq!(addresses("PI1.local"), ["10.0.0.1"]);
        assert!(addresses("pi9").is_empty() && addresses("").is_empty());
        assert!(addresses("10.0.0.1").is_empty());
    }
}
