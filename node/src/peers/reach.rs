//! Where a controller may have a node call: where the nodes of its run can be, and nowhere else.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The ports below are those of the system's services. A node that is installed cannot listen there.
const FIRST_PORT: u16 = 1024;

/// How far an address leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Machine,
    Wire,
    Site,
    World,
}

/// Whether a node may be called at an address in a run whose controller has reached this one here.
///
/// Nodes of a run are in one network. So whoever comes from outside can have nothing called on this
/// machine itself, nor in a network of another kind than the one it has come through. Who is on this
/// machine could call all of that without the node.
pub(super) fn may_call(here: SocketAddr, address: SocketAddr) -> bool {
    let (Some(here), Some(there)) = (reach(here.ip()), reach(address.ip())) else {
        return false;
    };
    address.port() >= FIRST_PORT && (here == Reach::Machine || here == there)
}

/// How far an address leads; `None` where it is not that of one machine.
fn reach(ip: IpAddr) -> Option<Reach> {
    let shared = |ip: Ipv4Addr| ip.octets()[0] == 100 && ip.octets()[1] & 0xc0 == 64;
    let none = |ip: Ipv4Addr| matches!(ip.octets()[0], 0 | 224..);
    match ip.to_canonical() {
        IpAddr::V4(ip) if none(ip) => None,
        IpAddr::V4(ip) if ip.is_loopback() => Some(Reach::Machine),
        IpAddr::V4(ip) if ip.is_link_local() => Some(Reach::Wire),
        IpAddr::V4(ip) if ip.is_private() || shared(ip) => Some(Reach::Site),
        IpAddr::V6(ip) if ip.is_unspecified() || ip.is_multicast() => None,
        IpAddr::V6(ip) if ip.is_loopback() => Some(Reach::Machine),
        IpAddr::V6(ip) if ip.is_unicast_link_local() => Some(Reach::Wire),
        IpAddr::V6(ip) if ip.is_unique_local() => Some(Reach::Site),
        _ => Some(Reach::World),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(here: &str, address: &str) -> bool {
        let parse = |text: &str| text.parse().expect("an address");
        may_call(parse(here), parse(address))
    }

    #[test]
    fn a_node_calls_others_in_the_network_that_its_controller_comes_through() {
        for (here, address) in [
            ("192.168.0.11:5123", "192.168.0.12:5123"),
            ("192.168.0.11:5123", "10.1.2.3:7700"),
            ("[fd00::1]:5123", "192.168.0.12:5123"),
            ("169.254.1.1:5123", "169.254.1.2:5123"),
            ("[fe80::1]:5123", "[fe80::2]:5123"),
            ("130.161.0.1:5123", "[2001:610::1]:5123"),
            ("[::ffff:192.168.0.11]:5123", "192.168.0.12:5123"),
        ] {
            assert!(may(here, address), "{here} {address}");
        }
    }

    #[test]
    fn a_node_calls_neither_its_own_machine_nor_another_network_nor_a_service_of_the_system() {
        for address in [
            "127.0.0.1:5123",
            "[::1]:5123",
            "[::ffff:127.0.0.1]:5123",
            "169.254.169.254:8080",
            "8.8.8.8:5123",
            "0.0.0.0:5123",
            "255.255.255.255:5123",
            "224.0.0.251:5353",
            "[ff02::fb]:5353",
            "192.168.0.12:22",
            "192.168.0.12:0",
        ] {
            assert!(!may("192.168.0.11:5123", address), "{address}");
        }
    }

    #[test]
    fn who_is_on_the_machine_may_have_all_nodes_called() {
        for address in ["127.0.0.2:5123", "192.168.0.12:5123", "8.8.8.8:5123"] {
            assert!(may("127.0.0.1:5123", address), "{address}");
        }
        assert!(!may("127.0.0.1:5123", "224.0.0.1:5123"));
        assert!(!may("127.0.0.1:5123", "127.0.0.1:25"));
    }
}
