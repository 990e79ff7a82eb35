//! Why no address of an endpoint accepts connections, and what the user can do about it.

use std::fs;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use super::endpoint::Endpoint;
use super::unusable::{Retry, Unusable};

/// How long a name may take to be looked up, and then all addresses that it has to accept a
/// connection.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// A host that has no address.
pub(super) fn unknown_name(endpoint: &Endpoint, error: &io::Error) -> Unusable {
    let host = &endpoint.host;
    if let Some((_, zone)) = host.split_once('%') {
        let reason = format!(
            "this machine has no network interface '{zone}' (it has: {})",
            interfaces()
        );
        return Unusable::new(reason, Retry::Later);
    }
    let hint = if is_in_local(host) {
        "see whether it is switched on and in the same network; names in .local need Avahi there, \
         and libnss-mdns here"
    } else {
        "see whether the name is right, or give an address"
    };
    let what = match error.kind() {
        ErrorKind::TimedOut => format!("no answer within {} s", CONNECT_TIMEOUT.as_secs()),
        _ => error.to_string(),
    };
    let reason = format!("cannot find the address of '{host}': {what}; {hint}");
    Unusable::new(reason, Retry::Later)
}

/// Whether a name is one that machines in the local network give themselves.
fn is_in_local(host: &str) -> bool {
    let mut labels = host.trim_end_matches('.').rsplit('.');
    labels
        .next()
        .is_some_and(|last| last.eq_ignore_ascii_case("local"))
}

/// The names of this machine's network interfaces.
fn interfaces() -> String {
    let entries = fs::read_dir("/sys/class/net").into_iter().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    names.join(", ")
}

/// What became of the addresses of an endpoint none of which accepts connections.
#[derive(Debug, Default)]
pub(super) struct DialFailures(Vec<(SocketAddr, io::Error)>);

impl DialFailures {
    pub(super) fn add(&mut self, address: SocketAddr, error: io::Error) {
        self.0.push((address, error));
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// With those that have not answered at all.
    pub(super) fn complete(mut self, addresses: &[SocketAddr]) -> Self {
        for &address in addresses {
            if !self.0.iter().any(|(known, _)| *known == address) {
                self.add(address, ErrorKind::TimedOut.into());
            }
        }
        self
    }

    /// The reason that says most, with its address where there are several.
    pub(super) fn into_unusable(self, endpoint: &Endpoint) -> Unusable {
        let several = self.0.len() > 1;
        let clearest = self.0.iter().min_by_key(|(_, error)| rank(error));
        let Some((address, error)) = clearest else {
            return Unusable::new("the name has no address", Retry::Later);
        };
        let at = if several {
            format!("at {}: ", address.ip())
        } else {
            String::new()
        };
        let retry = match error.kind() {
            ErrorKind::ConnectionRefused => Retry::Soon,
            _ => Retry::Later,
        };
        Unusable::new(format!("{at}{}", no_answer(error, endpoint)), retry)
    }
}

/// The more a failure tells about the node, the less is its rank.
fn rank(error: &io::Error) -> u8 {
    match error.kind() {
        ErrorKind::ConnectionRefused => 0,
        ErrorKind::PermissionDenied => 1,
        ErrorKind::HostUnreachable => 2,
        ErrorKind::TimedOut => 3,
        _ => 4,
    }
}

/// Why nothing accepts connections there.
fn no_answer(error: &io::Error, endpoint: &Endpoint) -> String {
    let Endpoint { port, service, .. } = endpoint;
    match error.kind() {
        ErrorKind::ConnectionRefused => {
            format!("nothing listens there; start '{service} serve' on it")
        }
        ErrorKind::TimedOut => format!(
            "no answer within {} s; see whether it is switched on and in the same network, and that \
             no firewall drops connections to port {port}",
            CONNECT_TIMEOUT.as_secs()
        ),
        ErrorKind::PermissionDenied => format!(
            "a firewall, on it, on this machine or on the way, rejects connections to port {port} \
             ({error}); let TCP to this port pass. That ssh reaches it says nothing: ssh has another \
             port"
        ),
        ErrorKind::HostUnreachable => format!(
            "it cannot be reached ({error}); see whether it is switched on and in the same network. \
             If ssh or ping reach it, a firewall on it or on the way rejects connections to port \
             {port}: let TCP to this port pass"
        ),
        ErrorKind::NetworkUnreachable => format!(
            "this machine has no way to its network ({error}); see whether this machine is connected, \
             and whether the address is right"
        ),
        _ => format!("{error}; see whether its address is right"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::service::Service;

    // What a system says when it does not connect: Windows, and Linux.
    const EACCES: i32 = if cfg!(windows) { 10013 } else { 13 };
    const ENETUNREACH: i32 = if cfg!(windows) { 10051 } else { 101 };
    const ETIMEDOUT: i32 = if cfg!(windows) { 10060 } else { 110 };
    const ECONNREFUSED: i32 = if cfg!(windows) { 10061 } else { 111 };
    const EHOSTUNREACH: i32 = if cfg!(windows) { 10065 } else { 113 };

    fn unusable(errors: &[i32]) -> Unusable {
        unusable_as(Service::Node, errors)
    }

    fn unusable_as(service: Service, errors: &[i32]) -> Unusable {
        let endpoint = Endpoint::parse("pi").expect("valid");
        let endpoint = Endpoint {
            service,
            ..endpoint
        };
        let mut failures = DialFailures::default();
        for (number, &code) in errors.iter().enumerate() {
            let address = format!("10.0.0.{number}:5123").parse().expect("valid");
            failures.add(address, io::Error::from_raw_os_error(code));
        }
        failures.into_unusable(&endpoint)
    }

    #[test]
    fn each_way_to_be_rejected_has_a_remedy_of_its_own() {
        for (code, said) in [
            (ECONNREFUSED, "start 'illuminator-node serve' on it"),
            (
                EACCES,
                "a firewall, on it, on this machine or on the way, rejects connections to port 5123",
            ),
            (
                EHOSTUNREACH,
                "If ssh or ping reach it, a firewall on it or on the way rejects",
            ),
            (ENETUNREACH, "this machine has no way to its network"),
            (ETIMEDOUT, "see whether it is switched on"),
        ] {
            let reason = unusable(&[code]).reason;
            assert!(reason.contains(said), "{reason}");
            assert!(!reason.contains("at 10.0.0.0"), "{reason}");
        }
        assert_eq!(
            unusable_as(Service::Bridge, &[ECONNREFUSED]).reason,
            "nothing listens there; start 'illuminator-bridge serve' on it"
        );
        assert_eq!(unusable(&[ECONNREFUSED]).retry, Retry::Soon);
        assert_eq!(unusable(&[EHOSTUNREACH]).retry, Retry::Later);
    }

    #[test]
    fn of_several_addresses_the_one_that_says_most_is_named() {
        let reason = unusable(&[ETIMEDOUT, ECONNREFUSED]).reason;
        assert!(
            reason.starts_with("at 10.0.0.1: nothing listens there"),
            "{reason}"
        );
    }

    #[test]
    fn addresses_that_have_not_answered_timed_out() {
        let address: SocketAddr = "10.0.0.1:5123".parse().expect("valid");
        let failures = DialFailures::default().complete(&[address]);
        let endpoint = Endpoint::parse("pi").expect("valid");
        assert!(
            failures
                .into_unusable(&endpoint)
                .reason
                .starts_with("no answer within 3 s")
        );
    }

    #[test]
    fn an_interface_that_there_is_not_is_named_with_those_that_there_are() {
        let endpoint = Endpoint::parse("fe80::1%nosuch0").expect("valid");
        let error = io::Error::other("no");
        let reason = unknown_name(&endpoint, &error).reason;
        assert!(
            reason.contains("no network interface 'nosuch0' (it has: "),
            "{reason}"
        );
    }
}
