//! The names that a node has, in the form of DNS: labels with their lengths, and a zero.

use super::networks::Network;

/// What a node offers.
pub(super) const SERVICE: &[u8] = b"\x0c_illuminator\x04_tcp\x05local\0";

/// Where is listed what there is on offer in a network.
pub(super) const SERVICES: &[u8] = b"\x09_services\x07_dns-sd\x04_udp\x05local\0";

/// What all names end in.
pub(super) const LOCAL: &[u8] = b"\x05local\0";

/// The most bytes of the machine's name in that of the node: a label has at most 63.
const MAX_HOST: usize = 32;

/// The names of one node.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// What no other node has.
    pub(super) number: u32,
    /// What people see of it.
    pub(super) label: String,
    /// The service on this node: the label, and what it offers.
    pub(super) instance: Vec<u8>,
    /// The machine, for this node.
    pub(super) host: Vec<u8>,
}

impl Names {
    /// The names of a node on a machine with this name, in these networks.
    pub(super) fn new(host: &str, networks: &[Network]) -> Self {
        let mut end = host.len().min(MAX_HOST);
        while !host.is_char_boundary(end) {
            end -= 1;
        }
        let number = number(networks);
        let label = format!("Illuminator node on {} ({number:08x})", &host[..end]);
        Self {
            number,
            instance: name(&label, SERVICE),
            host: name(&format!("illuminator-{number:08x}"), LOCAL),
            label,
        }
    }
}

/// A label before a name.
fn name(label: &str, rest: &[u8]) -> Vec<u8> {
    let length = u8::try_from(label.len()).unwrap_or(0);
    [&[length], label.as_bytes(), rest].concat()
}

/// A number that no other node has: FNV-1a of where this one listens.
fn number(networks: &[Network]) -> u32 {
    let mut hash = 0x811c_9dc5_u32;
    for network in networks {
        let (address, port) = (network.address.octets(), network.port.to_be_bytes());
        for byte in address.into_iter().chain(port) {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
    hash
}
