//! The socket of a node that announces itself.

use std::future::poll_fn;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use rustix::fd::OwnedFd;
use rustix::net::{self, AddressFamily, SocketType, bind, sockopt};
use smol::channel::Receiver;
use smol::{Async, Timer};

use super::networks::{Network, networks};
use super::responder::{PORT, Responder};
use crate::{log, machine};

/// Where all who speak multicast DNS are.
const EVERYBODY: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(224, 0, 0, 251), PORT);

/// How often is looked whether the machine is in other networks, and whether Avahi has come or gone.
const LOOK: Duration = Duration::from_secs(5);

/// So many packets are read at a time.
const TURN: usize = 16;

/// The longest packet of multicast DNS.
const MAX_PACKET: usize = 9000;

/// Announces a node that listens at these addresses until it is stopped, and says goodbye then. Keeps
/// still where Avahi announces it, and where nobody else can reach it.
pub(crate) async fn announce(listening: Vec<SocketAddr>, stopped: Receiver<()>) {
    let mut announcer = Announcer {
        responder: Responder::new(machine::host_name()),
        socket: None,
        has_failed: false,
    };
    let mut buffer = vec![0; MAX_PACKET];
    let mut look = Instant::now();
    // Nothing is ever sent: it is the end of the channel that counts.
    let mut stop = pin!(stopped.recv());
    let mut is_stopped = false;
    while !is_stopped {
        if Instant::now() >= look {
            announcer.look(&listening);
            look = Instant::now() + LOOK;
        }
        announcer.receive(&mut buffer);
        announcer.transmit();
        let due = announcer.responder.deadline();
        let mut time = Timer::at(due.map_or(look, |due| due.min(look)));
        is_stopped = poll_fn(|cx| {
            let is_stopped = stop.as_mut().poll(cx).is_ready();
            let is_due = Pin::new(&mut time).poll(cx).is_ready();
            if is_stopped || is_due || announcer.poll_readable(cx) {
                Poll::Ready(is_stopped)
            } else {
                Poll::Pending
            }
        })
        .await;
    }
    announcer.say_goodbye();
}

struct Announcer {
    responder: Responder,
    /// None where the node is in no network.
    socket: Option<Async<UdpSocket>>,
    /// There could be none, which has been reported.
    has_failed: bool,
}

impl Announcer {
    /// Looks in which networks the node is to be announced.
    fn look(&mut self, listening: &[SocketAddr]) {
        let networks = networks(listening);
        if !self.responder.is_in(&networks) {
            self.say_goodbye();
            self.enter(&networks);
        }
    }

    fn enter(&mut self, networks: &[Network]) {
        self.socket = match open(networks) {
            Ok(socket) => socket,
            Err(error) => {
                if !std::mem::replace(&mut self.has_failed, true) {
                    log::say(format_args!("note: the node is not announced: {error}"));
                }
                return;
            }
        };
        self.responder.enter(networks, Instant::now());
        if self.socket.is_some() {
            let label = self.responder.label();
            log::say(format_args!("announced as '{}'", label.escape_debug()));
        }
    }

    /// Sends what is due.
    fn transmit(&mut self) {
        while let (Some(socket), Some((address, packet))) =
            (&self.socket, self.responder.transmit(Instant::now()))
        {
            send(socket, address, &packet);
        }
    }

    fn say_goodbye(&self) {
        if let Some(socket) = &self.socket {
            for (address, packet) in self.responder.goodbyes() {
                send(socket, address, &packet);
            }
        }
    }

    /// Takes what has come, if not without end: others have their turn.
    fn receive(&mut self, buffer: &mut [u8]) {
        let Some(socket) = &self.socket else {
            return;
        };
        for _ in 0..TURN {
            // What cannot be read is of no interest: who asks asks again.
            let Ok((length, SocketAddr::V4(from))) = socket.get_ref().recv_from(buffer) else {
                return;
            };
            let packet = &buffer[..length];
            if let Some(answer) = self.responder.receive(packet, from, Instant::now()) {
                // Likewise.
                let _ = socket.get_ref().send_to(&answer, from);
            }
        }
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> bool {
        let socket = self.socket.as_ref();
        socket.is_some_and(|socket| socket.poll_readable(cx).is_ready())
    }
}

/// A socket that shares its port with whoever else speaks multicast DNS on this machine, and hears what
/// is said in these networks; `None` where there are none.
fn open(networks: &[Network]) -> io::Result<Option<Async<UdpSocket>>> {
    if networks.is_empty() {
        return Ok(None);
    }
    let socket = own_socket()?;
    sockopt::set_socket_reuseaddr(&socket, true)?;
    sockopt::set_socket_reuseport(&socket, true)?;
    bind(&socket, &SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, PORT))?;
    // Who hears a packet that was passed on by a router sees it by this.
    sockopt::set_ip_multicast_ttl(&socket, 255)?;
    for network in networks {
        // A network that has gone since is left out at the next look.
        let _ = sockopt::set_ip_add_membership(&socket, EVERYBODY.ip(), &network.address);
    }
    Ok(Some(Async::new_nonblocking(socket.into())?))
}

/// A socket that nobody waits for, and that programs of a bridge do not get.
#[cfg(target_os = "linux")]
fn own_socket() -> io::Result<OwnedFd> {
    let flags = net::SocketFlags::CLOEXEC | net::SocketFlags::NONBLOCK;
    Ok(net::socket_with(
        AddressFamily::INET,
        SocketType::DGRAM,
        flags,
        None,
    )?)
}

/// Likewise where there are no flags for it, as on macOS.
#[cfg(not(target_os = "linux"))]
fn own_socket() -> io::Result<OwnedFd> {
    let socket = net::socket(AddressFamily::INET, SocketType::DGRAM, None)?;
    rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC)?;
    rustix::io::ioctl_fionbio(&socket, true)?;
    Ok(socket)
}

/// Sends a packet to all in the network of this address. What does not get through is asked for again.
fn send(socket: &Async<UdpSocket>, address: Ipv4Addr, packet: &[u8]) {
    let socket = socket.get_ref();
    if sockopt::set_ip_multicast_if(socket, &address).is_ok() {
        let _ = socket.send_to(packet, EVERYBODY);
    }
}
