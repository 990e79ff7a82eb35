//! Where the machine is, and what Avahi announces there.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;

/// The networks that the machine is in, a line each, among other routes.
const ROUTES: &str = "/proc/net/route";

/// There while Avahi runs, with the number of its process.
const AVAHI: &str = "/run/avahi-daemon/pid";

/// What Avahi announces where 'controller deploy' or the Debian package has installed the node.
const SERVICE_FILE: &str = "/etc/avahi/services/illuminator.service";

/// The most networks that a node is announced in.
const MAX_NETWORKS: usize = 16;

/// A route that can be used, and one by way of another machine.
const UP: u32 = 1;
const GATEWAY: u32 = 2;

/// A network that the machine is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// The address of the machine there.
    pub address: Ipv4Addr,
    /// The bits of an address that are the network's.
    pub mask: Ipv4Addr,
    /// The port at which the node is there.
    pub port: u16,
}

impl Network {
    /// Whether an address is in the network.
    pub(super) fn contains(&self, address: Ipv4Addr) -> bool {
        address & self.mask == self.address & self.mask
    }
}

/// The networks that a node which listens at these addresses can be reached in, and that Avahi does
/// not announce it in.
pub(super) fn networks(listening: &[SocketAddr]) -> Vec<Network> {
    // Other systems have no such file.
    let routes = fs::read_to_string(ROUTES).unwrap_or_default();
    let mut networks: Vec<Network> = Vec::new();
    for (network, mask) in routes.lines().filter_map(route) {
        let Ok(address) = own_address(network) else {
            continue;
        };
        let Some(port) = port_at(address, listening) else {
            continue;
        };
        let network = Network {
            address,
            mask,
            port,
        };
        let is_known = networks.iter().any(|known| known.address == address);
        if !is_known && networks.len() < MAX_NETWORKS && !is_announced(port) {
            networks.push(network);
        }
    }
    networks
}

/// The network that a route leads to, if the machine is in it, and its mask.
fn route(line: &str) -> Option<(Ipv4Addr, Ipv4Addr)> {
    // Interface, network, gateway, flags, three counts, mask.
    let mut fields = [0; 8];
    let words = line.split_ascii_whitespace();
    for (field, word) in fields.iter_mut().zip(words).skip(1) {
        *field = u32::from_str_radix(word, 16).ok()?;
    }
    let [_, network, _, flags, _, _, _, mask] = fields;
    // The bytes stand there as the processor has them in memory.
    let [network, mask] = [network, mask].map(|word| Ipv4Addr::from(word.to_ne_bytes()));
    let leads_on = flags & (UP | GATEWAY) != UP;
    let is_network = !mask.is_unspecified() && mask != Ipv4Addr::BROADCAST;
    (is_network && !leads_on && !network.is_loopback()).then_some((network, mask))
}

/// The address that the machine has in a network: that from which it would send something there.
/// Nothing is sent.
fn own_address(network: Ipv4Addr) -> io::Result<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.connect((network | Ipv4Addr::new(0, 0, 0, 1), 1))?;
    match socket.local_addr()?.ip() {
        IpAddr::V4(address) => Ok(address),
        IpAddr::V6(_) => Err(io::ErrorKind::AddrNotAvailable.into()),
    }
}

/// The port at which a node is reached at an address.
fn port_at(address: Ipv4Addr, listening: &[SocketAddr]) -> Option<u16> {
    let is_there = |at: &&SocketAddr| at.ip().is_unspecified() || at.ip() == address;
    listening.iter().find(is_there).map(SocketAddr::port)
}

/// Whether Avahi announces a node at this port.
fn is_announced(port: u16) -> bool {
    let runs = fs::read_to_string(AVAHI)
        .is_ok_and(|process| Path::new("/proc").join(process.trim()).exists());
    let words = format!("<port>{port}</port>");
    runs && fs::read_to_string(SERVICE_FILE).is_ok_and(|text| text.contains(&words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_in_the_networks_that_it_has_a_route_to_without_a_gateway() {
        let route = |network: [u8; 4], gateway: [u8; 4], flags, mask: [u8; 4]| {
            let [network, gateway, mask] = [network, gateway, mask].map(u32::from_ne_bytes);
            super::route(&format!(
                "eth0\t{network:08X}\t{gateway:08X}\t{flags:04X}\t0\t0\t100\t{mask:08X}\t0\t0\t0"
            ))
        };
        let (network, none, mask) = ([10, 98, 0, 0], [0; 4], [255, 255, 255, 0]);
        let expected = Some((Ipv4Addr::from(network), Ipv4Addr::from(mask)));
        assert_eq!(route(network, none, 1, mask), expected);
        assert_eq!(route(network, [10, 98, 0, 9], 3, mask), None, "a gateway");
        assert_eq!(route(none, [10, 98, 0, 9], 3, none), None, "the default");
        assert_eq!(route(network, none, 0, mask), None, "down");
        assert_eq!(route(network, none, 1, [255; 4]), None, "one machine");
        assert_eq!(route([127, 0, 0, 0], none, 1, [255, 0, 0, 0]), None);
        for line in [
            "",
            "eth0",
            "Iface\tDestination\tGateway \tFlags",
            "eth0 1 2 3",
        ] {
            assert_eq!(super::route(line), None, "{line}");
        }
    }

    #[test]
    fn a_node_is_announced_where_it_can_be_reached() {
        let listening = ["127.0.0.1:1", "[fe80::1]:2", "10.0.0.5:3", "[::]:4"];
        let listening = listening.map(|address| address.parse().expect("an address"));
        let own = Ipv4Addr::new(10, 0, 0, 5);
        assert_eq!(port_at(own, &listening), Some(3));
        assert_eq!(port_at(Ipv4Addr::new(10, 0, 1, 5), &listening), Some(4));
        assert_eq!(port_at(own, &listening[..2]), None);
    }
}
