//! Asking the network for an address: DHCP (RFC 2131, RFC 2132).

use std::collections::hash_map::RandomState;
use std::ffi::OsString;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant};

use image::Network;
use nix::sys::socket::{setsockopt, sockopt};

use super::interface::{Interface, Mac};

const SERVER: u16 = 67;
const CLIENT: u16 = 68;

/// Where the options begin, and what they begin with.
const OPTIONS: usize = 240;
const COOKIE: [u8; 4] = [99, 130, 83, 99];

/// Some servers pass over what is shorter.
const SHORTEST: usize = 300;

/// The longest lease that is believed, and the shortest: what is asked for again every moment is no address.
const LEASES: (u32, u32) = (60, 7 * 24 * 3600);

/// Kinds of messages.
const DISCOVER: u8 = 1;
const REQUEST: u8 = 3;

/// The kind of a reply that offers an address.
pub const OFFER: u8 = 2;

/// The kind of a reply that gives it.
pub const ACKNOWLEDGE: u8 = 5;

/// Options.
const MASK: u8 = 1;
const ROUTER: u8 = 3;
const HOST_NAME: u8 = 12;
const ADDRESS: u8 = 50;
const LEASE: u8 = 51;
const KIND: u8 = 53;
const SERVER_ID: u8 = 54;
const WANTED: u8 = 55;
const CLIENT_ID: u8 = 61;
const END: u8 = 255;

/// An address that the network has given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The address, and its network.
    pub network: Network,
    /// The way to other networks, if there is one.
    pub gateway: Option<Ipv4Addr>,
    /// How long it may be used.
    pub time: Duration,
}

/// Asks for an address, the one that it had if possible, so many times; waits a second for the first answer, and
/// twice as long for each other one.
pub(super) fn ask(
    interface: &Interface,
    name: &str,
    had: Option<Ipv4Addr>,
    times: u32,
) -> io::Result<Option<Lease>> {
    let socket = open(interface)?;
    for time in 0..times {
        let deadline = Instant::now() + Duration::from_secs(1 << time);
        let number = number();
        let message = Message {
            mac: interface.mac,
            number,
            name,
        };
        send(&socket, &message.discover(had))?;
        let offered = wait(&socket, deadline, |bytes| {
            reply(bytes, OFFER, number, interface.mac)
        })?;
        let Some(offer) = offered else {
            continue;
        };
        send(&socket, &message.request(&offer))?;
        let given = wait(&socket, deadline, |bytes| {
            reply(bytes, ACKNOWLEDGE, number, interface.mac)
        })?;
        if let Some(given) = given {
            return Ok(given.lease());
        }
    }
    Ok(None)
}

/// A socket for an interface that has no address yet: what it sends goes to all, and so do the answers.
fn open(interface: &Interface) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, CLIENT))?;
    setsockopt(
        &socket,
        sockopt::BindToDevice,
        &OsString::from(&interface.name),
    )?;
    socket.set_broadcast(true)?;
    Ok(socket)
}

fn send(socket: &UdpSocket, message: &[u8]) -> io::Result<()> {
    socket
        .send_to(message, (Ipv4Addr::BROADCAST, SERVER))
        .map(|_| ())
}

/// Waits for the first message that is something.
fn wait<T>(
    socket: &UdpSocket,
    deadline: Instant,
    parse: impl Fn(&[u8]) -> Option<T>,
) -> io::Result<Option<T>> {
    let mut buffer = [0; 1500];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(None);
        }
        socket.set_read_timeout(Some(left))?;
        match socket.recv(&mut buffer) {
            Ok(length) => {
                if let Some(found) = parse(&buffer[..length]) {
                    return Ok(Some(found));
                }
            }
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                ) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(error),
        }
    }
}

/// A number by which answers are told apart.
fn number() -> u32 {
    // The keys of the standard library's tables are random.
    let [a, b, c, d, ..] = RandomState::new().build_hasher().finish().to_ne_bytes();
    u32::from_ne_bytes([a, b, c, d])
}

/// What all messages of a conversation have.
struct Message<'a> {
    mac: Mac,
    number: u32,
    name: &'a str,
}

impl Message<'_> {
    fn discover(&self, had: Option<Ipv4Addr>) -> Vec<u8> {
        let had = had.map(|had| (ADDRESS, had.octets()));
        self.of(
            DISCOVER,
            &had.as_slice()
                .iter()
                .map(|(code, value)| (*code, &value[..]))
                .collect::<Vec<_>>(),
        )
    }

    fn request(&self, offer: &Reply) -> Vec<u8> {
        let (address, server) = (offer.address.octets(), offer.server.octets());
        self.of(REQUEST, &[(ADDRESS, &address), (SERVER_ID, &server)])
    }

    fn of(&self, kind: u8, options: &[(u8, &[u8])]) -> Vec<u8> {
        let mut bytes = vec![0; OPTIONS];
        // A question, by Ethernet, whose addresses have 6 bytes. The answer is to go to all: an interface without
        // an address hears no other.
        bytes[..4].copy_from_slice(&[1, 1, 6, 0]);
        bytes[4..8].copy_from_slice(&self.number.to_be_bytes());
        bytes[10] = 0x80;
        bytes[28..34].copy_from_slice(&self.mac);
        bytes[236..].copy_from_slice(&COOKIE);
        let mut add = |code: u8, value: &[u8]| {
            bytes.extend([code, u8::try_from(value.len()).unwrap_or(u8::MAX)]);
            bytes.extend(value);
        };
        add(KIND, &[kind]);
        add(CLIENT_ID, &[&[1], &self.mac[..]].concat());
        for (code, value) in options {
            add(*code, value);
        }
        add(HOST_NAME, self.name.as_bytes());
        add(WANTED, &[MASK, ROUTER, LEASE, SERVER_ID]);
        bytes.push(END);
        bytes.resize(bytes.len().max(SHORTEST), 0);
        bytes
    }
}

/// What a server says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    address: Ipv4Addr,
    server: Ipv4Addr,
    mask: Ipv4Addr,
    router: Option<Ipv4Addr>,
    /// In seconds.
    lease: u32,
}

impl Reply {
    /// What is given, if a machine can have that.
    pub fn lease(&self) -> Option<Lease> {
        let prefix = self.mask.to_bits().leading_ones();
        // Through the text, which is checked as that of the card is.
        let network: Network = format!("{}/{prefix}", self.address).parse().ok()?;
        (network.mask() == self.mask).then(|| Lease {
            network,
            gateway: self.router.filter(|router| !router.is_unspecified()),
            time: Duration::from_secs(self.lease.clamp(LEASES.0, LEASES.1).into()),
        })
    }
}

/// Reads a reply of a kind to a conversation of this number with a device.
pub fn reply(bytes: &[u8], kind: u8, number: u32, mac: Mac) -> Option<Reply> {
    let head = bytes.get(..OPTIONS)?;
    let is_ours = head[0] == 2
        && head[4..8] == number.to_be_bytes()
        && head[28..34] == mac
        && head[236..] == COOKIE;
    let address = address(head.get(16..20)?)?;
    if !is_ours || option(bytes, KIND)? != [kind] {
        return None;
    }
    Some(Reply {
        address,
        server: self::address(option(bytes, SERVER_ID)?)?,
        mask: self::address(option(bytes, MASK)?)?,
        router: option(bytes, ROUTER).and_then(self::address),
        lease: u32::from_be_bytes(option(bytes, LEASE)?.try_into().ok()?),
    })
}

/// The first address of several.
fn address(bytes: &[u8]) -> Option<Ipv4Addr> {
    bytes.first_chunk::<4>().map(|bytes| Ipv4Addr::from(*bytes))
}

/// The value of an option.
fn option(bytes: &[u8], wanted: u8) -> Option<&[u8]> {
    let mut rest = bytes.get(OPTIONS..)?;
    loop {
        match *rest {
            [0, ref more @ ..] => rest = more,
            [END, ..] | [] | [_] => return None,
            [code, length, ref more @ ..] => {
                let (value, more) = more.split_at_checked(length.into())?;
                if code == wanted {
                    return Some(value);
                }
                rest = more;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: Mac = [0xb8, 0x27, 0xeb, 1, 2, 3];
    const OWN: Message<'_> = Message {
        mac: MAC,
        number: 0x0102_0304,
        name: "pi1",
    };

    /// What a server answers to a message.
    fn answer(kind: u8, options: &[(u8, &[u8])]) -> Vec<u8> {
        let mut bytes = OWN.of(kind, options);
        bytes[0] = 2;
        bytes[16..20].copy_from_slice(&[192, 168, 0, 77]);
        bytes
    }

    const GIVEN: &[(u8, &[u8])] = &[
        (SERVER_ID, &[192, 168, 0, 1]),
        (MASK, &[255, 255, 255, 0]),
        (ROUTER, &[192, 168, 0, 1, 192, 168, 0, 2]),
        (LEASE, &[0, 0, 14, 16]),
    ];

    fn read(bytes: &[u8]) -> Option<Reply> {
        reply(bytes, ACKNOWLEDGE, OWN.number, MAC)
    }

    #[test]
    fn a_question_is_laid_out_as_the_rfc_has_it() {
        let bytes = OWN.discover(Some(Ipv4Addr::new(10, 0, 0, 9)));
        assert_eq!(bytes.len(), SHORTEST);
        assert_eq!(bytes[..12], [1, 1, 6, 0, 1, 2, 3, 4, 0, 0, 0x80, 0]);
        assert_eq!(bytes[28..34], MAC);
        assert_eq!(bytes[236..243], [99, 130, 83, 99, 53, 1, 1]);
        assert_eq!(option(&bytes, ADDRESS), Some(&[10, 0, 0, 9][..]));
        assert_eq!(option(&bytes, HOST_NAME), Some(&b"pi1"[..]));
        assert_eq!(
            option(&bytes, CLIENT_ID),
            Some(&[1, 0xb8, 0x27, 0xeb, 1, 2, 3][..])
        );
        assert_eq!(option(&OWN.discover(None), ADDRESS), None);
    }

    #[test]
    fn what_is_given_is_read() {
        let given = read(&answer(ACKNOWLEDGE, GIVEN)).expect("a reply");
        let lease = given.lease().expect("a lease");
        assert_eq!(lease.network.to_string(), "192.168.0.77/24");
        assert_eq!(lease.gateway, Some(Ipv4Addr::new(192, 168, 0, 1)));
        assert_eq!(lease.time, Duration::from_secs(3600));
        let request = OWN.request(&given);
        assert_eq!(option(&request, KIND), Some(&[REQUEST][..]));
        assert_eq!(option(&request, ADDRESS), Some(&[192, 168, 0, 77][..]));
        assert_eq!(option(&request, SERVER_ID), Some(&[192, 168, 0, 1][..]));
    }

    #[test]
    fn what_is_for_others_or_broken_is_passed_over() {
        let fine = answer(ACKNOWLEDGE, GIVEN);
        assert!(read(&fine).is_some());
        assert_eq!(reply(&fine, OFFER, OWN.number, MAC), None, "another kind");
        assert_eq!(
            reply(&fine, ACKNOWLEDGE, 5, MAC),
            None,
            "another conversation"
        );
        assert_eq!(
            reply(&fine, ACKNOWLEDGE, OWN.number, [0; 6]),
            None,
            "another machine"
        );
        for length in 0..fine.len() {
            // Cut anywhere it is either nothing or, in its padding, the same.
            let cut = read(&fine[..length]);
            assert!(cut.is_none() || cut == read(&fine), "{length}");
        }
        let without_mask: Vec<_> = GIVEN
            .iter()
            .copied()
            .filter(|(code, _)| *code != MASK)
            .collect();
        assert_eq!(read(&answer(ACKNOWLEDGE, &without_mask)), None);
    }

    #[test]
    fn what_no_machine_can_have_is_no_lease() {
        let lease = |mask: &[u8]| {
            let mut options = GIVEN.to_vec();
            options[1] = (MASK, mask);
            read(&answer(ACKNOWLEDGE, &options))
                .expect("a reply")
                .lease()
        };
        assert!(lease(&[255, 255, 0, 0]).is_some());
        assert_eq!(lease(&[255, 0, 255, 0]), None);
        assert_eq!(lease(&[0, 0, 0, 0]), None);
        let mut options = GIVEN.to_vec();
        options[3] = (LEASE, &[0, 0, 0, 0]);
        let short = read(&answer(ACKNOWLEDGE, &options))
            .expect("a reply")
            .lease();
        assert_eq!(short.expect("a lease").time, Duration::from_secs(60));
    }
}
