//! The section `connect` of a model: which node runs it.

use std::net::{Ipv4Addr, Ipv6Addr};

use shared::wire::DEFAULT_PORT;

use super::fields::Fields;
use crate::scenario::problems::{Position, Problems, shortened};
use crate::scenario::yaml::Node;

/// The node that shall run a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connect {
    /// IPv4 or IPv6 address, the latter with its zone where it needs one, or host name.
    pub host: String,
    /// Port, at least 1.
    pub port: u16,
    /// Whether the scenario says which.
    pub has_port: bool,
    /// Where the scenario says so.
    pub place: Position,
}

impl Connect {
    /// The node that a text names: `host`, `host:port`, `ipv6` or `[ipv6]:port`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
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
        Ok(Self {
            host: host.to_owned(),
            port,
            has_port: true,
            place: Position::START,
        })
    }

    /// Reads the section; `None` where it is wrong, which is reported.
    pub(crate) fn read(
        node: &Node,
        place: Position,
        model: &str,
        problems: &mut Problems,
    ) -> Option<Self> {
        let fields = Fields::of(
            node,
            format!("'connect' of {model}"),
            &["ip", "port"],
            problems,
        )?;
        fields.refuse_unknown(problems);
        let host = match fields.required_text("ip", problems) {
            Some((text, position)) => match check_host(text) {
                Ok(()) => Some(text.to_owned()),
                Err(what) => {
                    let name = fields.name_of("ip");
                    let message = format!("{name}: '{}' {what}", shortened(text));
                    problems.error("invalid_address", position, message);
                    None
                }
            },
            None => None,
        };
        let port = match fields.get("port") {
            None => Some(DEFAULT_PORT),
            Some(_) => fields
                .integer("port", 1..=u16::MAX.into(), problems)
                .and_then(|port| u16::try_from(port).ok()),
        };
        Some(Self {
            host: host?,
            port: port?,
            has_port: fields.get("port").is_some(),
            place,
        })
    }
}

/// Refuses what is neither an IP address nor a host name, and says what it is not.
pub(crate) fn check_host(text: &str) -> Result<(), &'static str> {
    if text.parse::<Ipv4Addr>().is_ok() {
        return Ok(());
    }
    let (address, zone) = match text.split_once('%') {
        Some((address, zone)) => (address, Some(zone)),
        None => (text, None),
    };
    if let Ok(address) = address.parse::<Ipv6Addr>() {
        return check_zone(address, zone);
    }
    if text.contains(':') {
        return Err("is neither an IPv6 address nor a host name; the port has a key of its own");
    }
    if text.bytes().all(|b| b == b'.' || b.is_ascii_digit()) {
        return Err(
            "is no IPv4 address: that is four numbers from 0 to 255 without leading \
                    zeros, with points between them",
        );
    }
    let name = text.strip_suffix('.').unwrap_or(text);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b == b'-' || b == b'_' || b.is_ascii_alphanumeric())
    };
    if name.len() <= 253 && name.split('.').all(is_label) {
        Ok(())
    } else {
        Err("is neither an IP address nor a host name such as pi1 or pi1.local")
    }
}

/// An address that begins with `fe80` is good on one network only, and needs the interface to it.
fn check_zone(address: Ipv6Addr, zone: Option<&str>) -> Result<(), &'static str> {
    // As long as Linux allows.
    let is_interface = |zone: &str| {
        (1..=15).contains(&zone.len())
            && zone
                .bytes()
                .all(|b| b"-_.:".contains(&b) || b.is_ascii_alphanumeric())
    };
    match zone {
        None if address.is_unicast_link_local() => Err(
            "needs the network interface of this machine by which it is reached: fe80::1%eth0, say",
        ),
        None => Ok(()),
        Some(_) if !address.is_unicast_link_local() => {
            Err("needs no interface: only addresses that begin with fe80 do")
        }
        Some(zone) if is_interface(zone) => Ok(()),
        Some(_) => Err("has no name of a network interface behind its %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::yaml;

    fn read(text: &str) -> Result<(String, u16), String> {
        let mut problems = Problems::new("t");
        let node = yaml::read(text, &mut problems).expect("valid YAML");
        let connect = Connect::read(&node, Position::START, "model 'A'", &mut problems);
        connect
            .map(|connect| (connect.host, connect.port))
            .ok_or_else(|| problems.to_string())
    }

    #[test]
    fn a_node_is_named_by_address_or_host_name() {
        for host in [
            "192.168.0.1",
            "::1",
            "fe80::1%eth0",
            "pi1",
            "pi-1.local",
            "4pi",
            "lab_3",
        ] {
            let text = format!("ip: '{host}'");
            assert_eq!(read(&text), Ok((host.to_owned(), DEFAULT_PORT)), "{host}");
        }
        assert_eq!(
            read("{ip: 10.0.0.7, port: 1}"),
            Ok(("10.0.0.7".to_owned(), 1))
        );
    }

    #[test]
    fn addresses_that_cannot_be_are_refused() {
        for host in [
            "999.1.1.1",
            "192.168.1",
            "1.2.3.04",
            "a b",
            "-pi",
            "pi1:5123",
            "pi..1",
            "fe80::1",
            "fe80::1%",
            "fe80::1%a b",
            "fd98::1%eth0",
            "10.0.0.1%eth0",
        ] {
            let refused = read(&format!("ip: '{host}'")).expect_err(host);
            assert!(refused.contains(host), "{refused}");
        }
    }

    #[test]
    fn ports_go_from_1_to_65535() {
        for (port, right) in [
            ("0", "at least 1"),
            ("65536", "at most 65535"),
            ("-1", "at least 1"),
        ] {
            let refused = read(&format!("{{ip: pi, port: {port}}}")).expect_err(port);
            let expected = format!(
                "t:1:16: error: 'port' of 'connect' of model 'A' must be {right}, not {port}"
            );
            assert_eq!(refused, expected);
        }
        assert!(read("{ip: pi, port: '1'}").is_err());
    }

    #[test]
    fn everything_wrong_is_reported_at_once() {
        let refused = read("{port: 0, user: me}").expect_err("refused");
        assert_eq!(refused.lines().count(), 3, "{refused}");
    }
}
