//! Why there is no connection to a node, and what the user can do about it.

use std::fs;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use shared::wire::{HandshakeError, PreambleError, Refusal, Stranger};

use super::dial::CONNECT_TIMEOUT;
use super::endpoint::Endpoint;
use super::error::refusal_text;
use crate::key::explain;

/// A node cannot be used.
#[derive(Clone, Debug)]
pub(super) struct Miss {
    /// Why, and what to do.
    pub(super) reason: String,
    /// Whether that may pass.
    pub(super) hope: Hope,
    /// What answers there.
    pub(super) who: Who,
}

/// What answers where a node should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Nothing does.
    Nobody,
    /// A node that has another key than this controller.
    OtherKey,
    /// Something else.
    Somebody,
}

/// Whether something may pass by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hope {
    /// It will not.
    None,
    /// It may, while a machine starts, say.
    Later,
    /// It may in a moment, while a service starts anew, say.
    Soon,
}

impl Miss {
    pub(super) fn new(reason: impl Into<String>, hope: Hope) -> Self {
        Self {
            reason: reason.into(),
            hope,
            who: Who::Nobody,
        }
    }

    /// The same, with what answers there.
    pub(super) fn of(self, who: Who) -> Self {
        Self { who, ..self }
    }

    /// A node that refuses a session.
    pub(super) fn refused(refusal: &Refusal) -> Self {
        let hope = match refusal {
            Refusal::Busy { .. } | Refusal::Silence { .. } | Refusal::System(_) => Hope::Later,
            _ => Hope::None,
        };
        Self::new(refusal_text(refusal), hope)
    }

    /// A host that has no address.
    pub(super) fn unknown_name(endpoint: &Endpoint, error: &io::Error) -> Self {
        let host = &endpoint.host;
        if let Some((_, zone)) = host.split_once('%') {
            let reason = format!(
                "this machine has no network interface '{zone}' (it has: {})",
                interfaces()
            );
            return Self::new(reason, Hope::Later);
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
        Self::new(reason, Hope::Later)
    }

    /// Something that listens at this port and is no node to talk to.
    pub(super) fn no_handshake(error: &HandshakeError, port: u16) -> Self {
        let hung = "it hangs, or something else listens there; restart the node ('systemctl restart \
                    illuminator-node'), and see whether the port is the right one";
        match error {
            HandshakeError::TimedOut { limit, greeted } => {
                let did = if *greeted {
                    "greets"
                } else {
                    "accepts connections"
                };
                let reason = format!(
                    "no answer for {} s: it {did} and then says nothing; {hung}",
                    limit.as_secs_f32()
                );
                Self::new(reason, Hope::Later)
            }
            HandshakeError::Closed => Self::new(
                format!(
                    "it accepts connections to port {port} and closes them without a word; see what \
                     listens there, and what the log of the node says ('journalctl --unit \
                     illuminator-node')"
                ),
                Hope::Soon,
            ),
            HandshakeError::Preamble(PreambleError::Foreign(stranger)) => {
                let seems = match stranger {
                    Stranger::Ssh => ": it is an ssh server",
                    Stranger::Web => ": it is a web server",
                    Stranger::Tls => ": it is a server that speaks TLS",
                    Stranger::Unknown => "",
                };
                let reason = format!(
                    "what answers there is not part of an Illuminator cluster{seems}; see whether \
                     {port} is the port of the node"
                );
                Self::new(reason, Hope::None)
            }
            error => Self::new(explain(error), Hope::None),
        }
    }
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
pub(super) struct Failures(Vec<(SocketAddr, io::Error)>);

impl Failures {
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
    pub(super) fn into_miss(self, endpoint: &Endpoint) -> Miss {
        let several = self.0.len() > 1;
        let port = endpoint.port;
        let told = self.0.iter().min_by_key(|(_, error)| rank(error));
        let Some((address, error)) = told else {
            return Miss::new("the name has no address", Hope::Later);
        };
        let at = if several {
            format!("at {}: ", address.ip())
        } else {
            String::new()
        };
        let hope = match error.kind() {
            ErrorKind::ConnectionRefused => Hope::Soon,
            _ => Hope::Later,
        };
        Miss::new(format!("{at}{}", no_answer(error, port)), hope)
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
fn no_answer(error: &io::Error, port: u16) -> String {
    match error.kind() {
        ErrorKind::ConnectionRefused => {
            "nothing listens there; start 'illuminator-node serve' on it".to_owned()
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

    fn miss(errors: &[i32]) -> Miss {
        let endpoint = Endpoint::parse("pi").expect("valid");
        let mut failures = Failures::default();
        for (number, &code) in errors.iter().enumerate() {
            let address = format!("10.0.0.{number}:5123").parse().expect("valid");
            failures.add(address, io::Error::from_raw_os_error(code));
        }
        failures.into_miss(&endpoint)
    }

    #[test]
    fn each_way_to_be_rejected_has_a_remedy_of_its_own() {
        const EACCES: i32 = 13;
        const ENETUNREACH: i32 = 101;
        const ETIMEDOUT: i32 = 110;
        const ECONNREFUSED: i32 = 111;
        const EHOSTUNREACH: i32 = 113;
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
            let reason = miss(&[code]).reason;
            assert!(reason.contains(said), "{reason}");
            assert!(!reason.contains("at 10.0.0.0"), "{reason}");
        }
        assert_eq!(miss(&[ECONNREFUSED]).hope, Hope::Soon);
        assert_eq!(miss(&[EHOSTUNREACH]).hope, Hope::Later);
    }

    #[test]
    fn of_several_addresses_the_one_that_says_most_is_told() {
        let reason = miss(&[110, 111]).reason;
        assert!(
            reason.starts_with("at 10.0.0.1: nothing listens there"),
            "{reason}"
        );
    }

    #[test]
    fn addresses_that_have_not_answered_timed_out() {
        let address: SocketAddr = "10.0.0.1:5123".parse().expect("valid");
        let failures = Failures::default().complete(&[address]);
        let endpoint = Endpoint::parse("pi").expect("valid");
        assert!(
            failures
                .into_miss(&endpoint)
                .reason
                .starts_with("no answer within 3 s")
        );
    }

    #[test]
    fn what_listens_there_and_is_no_node_is_named() {
        let foreign = |stranger| HandshakeError::Preamble(PreambleError::Foreign(stranger));
        let limit = std::time::Duration::from_secs(5);
        for (error, said) in [
            (
                foreign(Stranger::Ssh),
                "it is an ssh server; see whether 22 is the port",
            ),
            (foreign(Stranger::Web), "it is a web server"),
            (foreign(Stranger::Tls), "speaks TLS"),
            (HandshakeError::Closed, "closes them without a word"),
            (
                HandshakeError::TimedOut {
                    limit,
                    greeted: false,
                },
                "no answer for 5 s: it accepts connections and then says nothing; it hangs",
            ),
            (
                HandshakeError::TimedOut {
                    limit,
                    greeted: true,
                },
                "it greets and then says nothing",
            ),
            (HandshakeError::KeyMissing, "it asks for the cluster's key"),
        ] {
            let reason = Miss::no_handshake(&error, 22).reason;
            assert!(reason.contains(said), "{reason}");
        }
    }

    #[test]
    fn an_interface_that_there_is_not_is_told_with_those_that_there_are() {
        let endpoint = Endpoint::parse("fe80::1%nosuch0").expect("valid");
        let error = io::Error::other("no");
        let reason = Miss::unknown_name(&endpoint, &error).reason;
        assert!(
            reason.contains("no network interface 'nosuch0' (it has: "),
            "{reason}"
        );
    }
}
