//! An address of one's own where nobody gives one: 169.254.x.y (RFC 3927), after a look whether it is free.

use std::io;
use std::net::Ipv4Addr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use image::Network;
use nix::errno::Errno;
use nix::ifaddrs::getifaddrs;
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, bind, recv, send, setsockopt,
    socket, sockopt,
};
use nix::sys::time::{TimeVal, TimeValLike};

use super::interface::{Interface, Mac};

/// So many addresses are tried.
const TRIES: u32 = 10;

/// How often is asked whether somebody has an address, and how long is waited each time.
const PROBES: u32 = 3;
const WAIT: Duration = Duration::from_millis(700);

/// The kind of frames that ask for addresses, and what they begin with: between Ethernet and IP.
const ARP: [u8; 2] = [8, 6];
const FORM: [u8; 6] = [0, 1, 8, 0, 6, 4];

/// Finds an address that nobody has.
pub(super) fn find(interface: &Interface) -> io::Result<Option<Network>> {
    let socket = open(interface)?;
    for number in 0..TRIES {
        let address = candidate(interface.mac, number);
        if is_free(&socket, interface.mac, address)? {
            // Whoever remembers somebody else there learns better.
            send(
                socket.as_raw_fd(),
                &question(interface.mac, address, address),
                MsgFlags::empty(),
            )?;
            return Ok(Some(Network {
                address,
                prefix: 16,
            }));
        }
    }
    Ok(None)
}

/// A socket for the frames of an interface.
fn open(interface: &Interface) -> io::Result<OwnedFd> {
    let socket = socket(
        AddressFamily::Packet,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::EthAll,
    )?;
    let mut devices = getifaddrs()?.filter(|device| device.interface_name == interface.name);
    let device = devices.find_map(|device| device.address?.as_link_addr().copied());
    bind(socket.as_raw_fd(), &device.ok_or(io::ErrorKind::NotFound)?)?;
    Ok(socket)
}

fn is_free(socket: &OwnedFd, mac: Mac, address: Ipv4Addr) -> io::Result<bool> {
    let mut frame = [0; 1514];
    for _ in 0..PROBES {
        let probe = question(mac, Ipv4Addr::UNSPECIFIED, address);
        send(socket.as_raw_fd(), &probe, MsgFlags::empty())?;
        let deadline = Instant::now() + WAIT;
        while let Some(left) = deadline.checked_duration_since(Instant::now()) {
            let left = i64::try_from(left.as_micros()).unwrap_or(i64::MAX).max(1);
            setsockopt(
                socket,
                sockopt::ReceiveTimeout,
                &TimeVal::microseconds(left),
            )?;
            match recv(socket.as_raw_fd(), &mut frame, MsgFlags::empty()) {
                Ok(length) if claims(&frame[..length], mac, address) => return Ok(false),
                Ok(_) | Err(Errno::EAGAIN | Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(true)
}

/// An address for a device: always the same ones in the same order, so that a Pi has the address that it had.
fn candidate(mac: Mac, number: u32) -> Ipv4Addr {
    // FNV-1a.
    let mut hash = 0x811c_9dc5_u32;
    for byte in mac.into_iter().chain(number.to_le_bytes()) {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    // The first and the last 256 are for other uses.
    let [fourth, third, ..] = (hash % (254 * 256)).to_le_bytes();
    Ipv4Addr::new(169, 254, third + 1, fourth)
}

/// A frame to all that asks who has an address.
fn question(mac: Mac, own: Ipv4Addr, wanted: Ipv4Addr) -> Vec<u8> {
    [
        &[0xff; 6][..],
        &mac,
        &ARP,
        &FORM,
        &[0, 1],
        &mac,
        &own.octets(),
        &[0; 6],
        &wanted.octets(),
    ]
    .concat()
}

/// Whether a frame says that somebody else has an address, or is about to take it.
pub fn claims(frame: &[u8], own: Mac, address: Ipv4Addr) -> bool {
    let parse = || {
        let is_arp = frame.get(12..14)? == ARP && frame.get(14..20)? == FORM;
        let (mac, has) = (frame.get(22..28)?, frame.get(28..32)?);
        let wanted = frame.get(38..42)?;
        let takes = has == [0; 4] && wanted == address.octets();
        Some(is_arp && mac != own && (has == address.octets() || takes))
    };
    parse().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Mac = [0xb8, 0x27, 0xeb, 1, 2, 3];
    const OTHER: Mac = [0xb8, 0x27, 0xeb, 1, 2, 4];

    #[test]
    fn candidates_are_link_local_and_differ() {
        let mut all: Vec<Ipv4Addr> = (0..TRIES).map(|number| candidate(OWN, number)).collect();
        all.push(candidate(OTHER, 0));
        for address in &all {
            let [_, _, third, _] = address.octets();
            assert!(
                address.is_link_local() && (1..=254).contains(&third),
                "{address}"
            );
        }
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
        assert_eq!(candidate(OWN, 0), candidate(OWN, 0));
    }

    #[test]
    fn whoever_has_an_address_or_is_about_to_take_it_is_heard() {
        let (address, none) = (candidate(OWN, 0), Ipv4Addr::UNSPECIFIED);
        let claims = |frame: &[u8]| super::claims(frame, OWN, address);
        assert!(claims(&question(
            OTHER,
            address,
            Ipv4Addr::new(169, 254, 9, 9)
        )));
        assert!(
            claims(&question(OTHER, none, address)),
            "another one asks as we do"
        );
        assert!(!claims(&question(OWN, none, address)), "our own question");
        assert!(
            !claims(&question(OTHER, candidate(OTHER, 0), address)),
            "somebody who wants to talk to us"
        );
        let frame = question(OTHER, address, address);
        for length in 0..frame.len() {
            assert!(!claims(&frame[..length]), "{length}");
        }
    }
}
