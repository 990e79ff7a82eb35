//! What the system is told of interfaces, addresses and routes: rtnetlink(7).

use std::io;
use std::net::Ipv4Addr;
use std::os::fd::AsRawFd;

use image::Network;
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, recv, sendto, socket,
};

const NEW_LINK: u16 = 16;
const NEW_ADDRESS: u16 = 20;
const DELETE_ADDRESS: u16 = 21;
const NEW_ROUTE: u16 = 24;

const REQUEST: u16 = 1;
const ACKNOWLEDGE: u16 = 4;
/// In place of what is there.
const REPLACE: u16 = 0x100;
const CREATE: u16 = 0x400;

/// The kind of an answer that has an error code, or 0.
const ERROR: u16 = 2;

const INET: u8 = 2;

/// Attributes of addresses.
const LOCAL: u16 = 2;
const ADDRESS: u16 = 1;
const BROADCAST: u16 = 4;

/// Attributes of routes.
const GATEWAY: u16 = 5;
const OUTPUT: u16 = 4;

/// Switches an interface on.
pub(super) fn switch_on(index: u32) -> io::Result<()> {
    let up = 1_u32.to_ne_bytes();
    let body = [&[0; 4][..], &index.to_ne_bytes(), &up, &up].concat();
    ask(NEW_LINK, 0, &body)
}

/// Gives an interface an address.
pub(super) fn add(index: u32, network: Network) -> io::Result<()> {
    ask(NEW_ADDRESS, CREATE | REPLACE, &address(index, network))
}

/// Takes it away.
pub(super) fn remove(index: u32, network: Network) -> io::Result<()> {
    ask(DELETE_ADDRESS, 0, &address(index, network))
}

/// Leads to all other networks by way of a machine.
pub(super) fn lead_by(index: u32, gateway: Ipv4Addr) -> io::Result<()> {
    // For all addresses; in the main table, set at boot, to anywhere, for one receiver.
    let head = [INET, 0, 0, 0, 254, 3, 0, 1];
    let body = [
        &head[..],
        &[0; 4],
        &attribute(GATEWAY, gateway.octets()),
        &attribute(OUTPUT, index.to_ne_bytes()),
    ];
    ask(NEW_ROUTE, CREATE | REPLACE, &body.concat())
}

fn address(index: u32, network: Network) -> Vec<u8> {
    let own = network.address.octets();
    [
        &[INET, network.prefix, 0, 0][..],
        &index.to_ne_bytes(),
        &attribute(LOCAL, own),
        &attribute(ADDRESS, own),
        &attribute(BROADCAST, network.broadcast().octets()),
    ]
    .concat()
}

fn attribute(kind: u16, value: [u8; 4]) -> [u8; 8] {
    let [length, kind] = [8, kind].map(u16::to_ne_bytes);
    let mut bytes = [0; 8];
    bytes[..2].copy_from_slice(&length);
    bytes[2..4].copy_from_slice(&kind);
    bytes[4..].copy_from_slice(&value);
    bytes
}

/// Asks the system for something, and waits until it is done.
fn ask(kind: u16, flags: u16, body: &[u8]) -> io::Result<()> {
    let socket = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkRoute,
    )?;
    let message = message(kind, flags, body);
    sendto(
        socket.as_raw_fd(),
        &message,
        &NetlinkAddr::new(0, 0),
        MsgFlags::empty(),
    )?;
    let mut answer = [0; 1024];
    // The system answers on the spot.
    let length = recv(socket.as_raw_fd(), &mut answer, MsgFlags::empty())?;
    outcome(&answer[..length])
}

fn message(kind: u16, flags: u16, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(16 + body.len()).unwrap_or(u32::MAX);
    let (number, own) = (1_u32, 0_u32);
    [
        &length.to_ne_bytes()[..],
        &kind.to_ne_bytes(),
        &(REQUEST | ACKNOWLEDGE | flags).to_ne_bytes(),
        &number.to_ne_bytes(),
        &own.to_ne_bytes(),
        body,
    ]
    .concat()
}

fn outcome(answer: &[u8]) -> io::Result<()> {
    let parse = || {
        let kind = u16::from_ne_bytes(answer.get(4..6)?.try_into().ok()?);
        let code = i32::from_ne_bytes(answer.get(16..20)?.try_into().ok()?);
        (kind == ERROR).then_some(code)
    };
    match parse() {
        Some(0) => Ok(()),
        Some(code) => Err(io::Error::from_raw_os_error(-code)),
        None => Err(io::ErrorKind::InvalidData.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_that_is_not_there_is_refused_by_the_system() {
        // ENODEV
        assert_eq!(
            switch_on(0x7fff_fff0).expect_err("none").raw_os_error(),
            Some(19)
        );
    }

    #[test]
    fn an_address_is_laid_out_as_the_system_wants_it() {
        let network: Network = "192.168.0.11/24".parse().expect("an address");
        let mut expected = vec![2, 24, 0, 0, 3, 0, 0, 0];
        expected.extend([8, 0, 2, 0, 192, 168, 0, 11]);
        expected.extend([8, 0, 1, 0, 192, 168, 0, 11]);
        expected.extend([8, 0, 4, 0, 192, 168, 0, 255]);
        assert_eq!(address(3, network), expected);
    }

    #[test]
    fn answers_are_read() {
        let answer = |kind: u16, code: i32| {
            let mut answer = message(kind, 0, &code.to_ne_bytes());
            answer.extend([0; 16]);
            outcome(&answer).map_err(|error| error.raw_os_error())
        };
        assert_eq!(answer(ERROR, 0), Ok(()));
        assert_eq!(answer(ERROR, -17), Err(Some(17)));
        assert_eq!(answer(NEW_LINK, 0), Err(None));
        assert!(outcome(&[0; 5]).is_err());
    }
}
