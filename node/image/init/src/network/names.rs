//! Answers for the name of the machine: `pi1.local` (multicast DNS, RFC 6762). What the node offers it says itself.

use std::ffi::OsString;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrIn, bind, setsockopt, socket, sockopt,
};

use super::interface::Interface;

const PORT: u16 = 5353;
const EVERYBODY: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);

/// How long others may remember an answer, in seconds.
const REMEMBERED: u32 = 120;

/// Types of records.
const A: u16 = 1;
const NSEC: u16 = 47;

/// The class of all records here, and a bit before it: that there are no others of this name.
const INTERNET: u16 = 1;
const ALL_OF_IT: u16 = 0x8000;

/// The most questions of one packet that are looked at.
const MAX_QUESTIONS: u16 = 32;

/// One who answers in one network.
pub(super) struct Responder {
    socket: UdpSocket,
    /// In the form of DNS.
    name: Vec<u8>,
    address: Ipv4Addr,
}

impl Responder {
    /// Answers that the machine of this name has this address, and says so at once.
    pub(super) fn new(interface: &Interface, name: &str, address: Ipv4Addr) -> io::Result<Self> {
        let socket = socket(
            AddressFamily::Inet,
            SockType::Datagram,
            SockFlag::SOCK_CLOEXEC,
            None,
        )?;
        // The node listens there as well.
        setsockopt(&socket, sockopt::ReuseAddr, &true)?;
        setsockopt(
            &socket,
            sockopt::BindToDevice,
            &OsString::from(&interface.name),
        )?;
        bind(
            socket.as_raw_fd(),
            &SockaddrIn::from(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, PORT)),
        )?;
        let socket = UdpSocket::from(socket);
        socket.join_multicast_v4(&EVERYBODY, &address)?;
        socket.set_multicast_ttl_v4(255)?;
        let responder = Self {
            socket,
            name: dns_name(name),
            address,
        };
        responder.send(&response(0, None, &responder.name, address), None);
        Ok(responder)
    }

    /// Answers for some time.
    pub(super) fn serve(&self, time: Duration) {
        let deadline = Instant::now() + time;
        let mut packet = [0; 9000];
        while let Some(left) = deadline.checked_duration_since(Instant::now()) {
            let left = left.max(Duration::from_millis(1));
            let heard = self
                .socket
                .set_read_timeout(Some(left))
                .and_then(|()| self.socket.recv_from(&mut packet));
            match heard {
                Ok((length, from)) => {
                    if let Some(question) = asked(&packet[..length], &self.name) {
                        self.answer(&packet, question, from);
                    }
                }
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                    ) => {}
                // The interface is off, say, and would be at once when it is asked again.
                Err(_) => sleep(left),
            }
        }
    }

    fn answer(&self, packet: &[u8], question: &[u8], from: SocketAddr) {
        if from.port() == PORT {
            self.send(&response(0, None, &self.name, self.address), None);
        } else {
            // One who knows no multicast DNS gets the answer alone, as any server would give it.
            let number = u16::from_be_bytes([packet[0], packet[1]]);
            let answer = response(number, Some(question), &self.name, self.address);
            self.send(&answer, Some(from));
        }
    }

    /// What cannot be sent is asked for again.
    fn send(&self, packet: &[u8], to: Option<SocketAddr>) {
        let _ = self
            .socket
            .send_to(packet, to.unwrap_or_else(|| (EVERYBODY, PORT).into()));
    }
}

/// A name in this network, in the form of DNS.
pub fn dns_name(name: &str) -> Vec<u8> {
    let length = u8::try_from(name.len()).unwrap_or(0);
    [&[length], name.as_bytes(), b"\x05local\0"].concat()
}

/// The question for a name, in the form of DNS, in a packet, if it is a query with one.
pub fn asked<'a>(packet: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let word = |place: usize| Some(u16::from_be_bytes(*packet.get(place..)?.first_chunk()?));
    // A standard query, and no answer.
    if word(2)? & 0xf800 != 0 {
        return None;
    }
    let mut rest = packet.get(12..)?;
    for _ in 0..word(4)?.min(MAX_QUESTIONS) {
        // Questions come before all else, and ours has no pointers.
        let end = name_end(rest)?;
        let (question, more) = rest.split_at_checked(end + 4)?;
        if question[..end].eq_ignore_ascii_case(name) {
            return Some(question);
        }
        rest = more;
    }
    None
}

/// Where a name ends.
fn name_end(bytes: &[u8]) -> Option<usize> {
    let mut place = 0;
    loop {
        match *bytes.get(place)? {
            0 => return Some(place + 1),
            length @ 1..=63 => place += usize::from(length) + 1,
            0xc0.. => return Some(place + 2),
            _ => return None,
        }
    }
}

/// That the machine has this address, and no other.
pub fn response(number: u16, question: Option<&[u8]>, name: &[u8], address: Ipv4Addr) -> Vec<u8> {
    let class = if question.is_some() {
        INTERNET
    } else {
        INTERNET | ALL_OF_IT
    };
    let record = |kind: u16, value: &[u8]| {
        let length = u16::try_from(value.len()).unwrap_or(0);
        [
            name,
            &kind.to_be_bytes(),
            &class.to_be_bytes(),
            &REMEMBERED.to_be_bytes(),
            &length.to_be_bytes(),
            value,
        ]
        .concat()
    };
    let questions = u16::from(question.is_some());
    // An answer with authority: questions, answers, none in between, and one besides.
    let head = [number, 0x8400, questions, 1, 0, 1]
        .map(u16::to_be_bytes)
        .concat();
    // Of the types from 0 to 7 it has the second one.
    let no_other = [name, &[0, 1, 0x40]].concat();
    [
        &head[..],
        question.unwrap_or_default(),
        &record(A, &address.octets()),
        &record(NSEC, &no_other),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(names: &[&str]) -> Vec<u8> {
        let count = u16::try_from(names.len()).expect("a few");
        let mut packet = [7, 0, count, 0, 0, 0].map(u16::to_be_bytes).concat();
        for name in names {
            packet.extend(dns_name(name));
            packet.extend([0, 1, 0, 1]);
        }
        packet
    }

    #[test]
    fn questions_for_the_name_are_heard_and_others_are_not() {
        let own = dns_name("pi1");
        let packet = query(&["pi2", "PI1"]);
        assert_eq!(asked(&packet, &own).map(<[u8]>::len), Some(own.len() + 4));
        assert_eq!(asked(&query(&["pi2", "pi11"]), &own), None);
        let mut answer = query(&["pi1"]);
        answer[2] = 0x84;
        assert_eq!(asked(&answer, &own), None);
        for length in 0..packet.len() {
            assert_eq!(asked(&packet[..length], &own), None, "{length}");
        }
        // More questions than there are, and names without end.
        assert_eq!(
            asked(&[0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 63, 1], &own),
            None
        );
    }

    #[test]
    fn an_answer_has_the_address_and_says_that_there_is_no_other() {
        let name = dns_name("pi1");
        let bytes = response(0, None, &name, Ipv4Addr::new(10, 0, 2, 15));
        let mut expected = vec![0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 1];
        expected.extend(b"\x03pi1\x05local\0");
        expected.extend([0, 1, 0x80, 1, 0, 0, 0, 120, 0, 4, 10, 0, 2, 15]);
        expected.extend(b"\x03pi1\x05local\0");
        expected.extend([0, 47, 0x80, 1, 0, 0, 0, 120, 0, 14]);
        expected.extend(b"\x03pi1\x05local\0\x00\x01\x40");
        assert_eq!(bytes, expected);
        let packet = query(&["pi1"]);
        let question = asked(&packet, &name).expect("asked");
        let single = response(7, Some(question), &name, Ipv4Addr::LOCALHOST);
        assert_eq!(single[..6], [0, 7, 0x84, 0, 0, 1]);
        assert_eq!(&single[12..12 + question.len()], question);
    }
}
