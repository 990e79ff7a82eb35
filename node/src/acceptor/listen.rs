//! Where a node listens.

use std::net::{IpAddr, SocketAddr, TcpListener, ToSocketAddrs};

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
            Some(at) if is_without(&error) => TcpListener::bind(("0.0.0.0", at.port())),
            _ => Err(error),
        }
    })?;
    let address = listener.local_addr()?;
    Ok((Async::new(listener)?, address))
}

/// The socket addresses of `host:port`, `host` or `[ipv6]:port`.
fn resolve(text: &str) -> std::io::Result<Vec<SocketAddr>> {
    let found = text
        .to_socket_addrs()
        .or_else(|error| (text, DEFAULT_PORT).to_socket_addrs().map_err(|_| error))?;
    Ok(found.collect())
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
