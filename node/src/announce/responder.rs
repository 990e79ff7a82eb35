//! When a node says what it offers: at the start, and whenever somebody asks.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};

use super::answer::{To, write};
use super::names::Names;
use super::networks::Network;
use super::query;

/// The port of all who speak multicast DNS. Who asks from another one is a client of ordinary DNS.
pub(super) const PORT: u16 = 5353;

/// What is said to all in a network is said at most this often, and after the start twice.
const INTERVAL: Duration = Duration::from_secs(1);

/// Answers wait for a moment that differs from node to node, at least this long...
const LEAST_DELAY: Duration = Duration::from_millis(20);

/// ...and so many milliseconds more at the most.
const DELAYS: u32 = 100;

/// Who asks from another port is answered at most this often. It asks again.
const UNICAST_INTERVAL: Duration = Duration::from_millis(100);

/// What a node says in its networks, and when.
///
/// It sends nothing itself: what [`transmit`](Self::transmit) and [`receive`](Self::receive) return is
/// to be sent. It only speaks to those who are in a network of the machine's own, and says little
/// however much it is asked.
#[derive(Debug, Default)]
pub struct Responder {
    host: String,
    names: Names,
    places: Vec<Place>,
    /// When somebody was answered alone.
    unicast: Option<Instant>,
    /// Goes into the next delay.
    dice: u32,
}

/// A network, and what is to be said there.
#[derive(Debug)]
struct Place {
    network: Network,
    /// When something is to be said next.
    due: Option<Instant>,
    last: Option<Instant>,
    /// It is to be said once more.
    again: bool,
}

impl Responder {
    /// A node on a machine with this name, in no network yet.
    pub fn new(host: String) -> Self {
        Self {
            host,
            ..Self::default()
        }
    }

    /// What people see of the node.
    pub fn label(&self) -> &str {
        &self.names.label
    }

    /// Whether these are the networks in which the node is.
    pub fn is_in(&self, networks: &[Network]) -> bool {
        self.places.iter().map(|place| &place.network).eq(networks)
    }

    /// The node is in these networks from now on. Its names may be other ones then, so
    /// [say goodbye](Self::goodbyes) before.
    pub fn enter(&mut self, networks: &[Network], now: Instant) {
        self.names = Names::new(&self.host, networks);
        self.dice = self.names.number;
        self.places.clear();
        let due = Some(now + self.delay());
        for &network in networks {
            self.places.push(Place {
                network,
                due,
                last: None,
                again: true,
            });
        }
    }

    /// Takes a packet from somebody. Returns what to send back to where it came from; answers for all
    /// in the network go by way of [`transmit`](Self::transmit).
    pub fn receive(&mut self, packet: &[u8], from: SocketAddrV4, now: Instant) -> Option<Vec<u8>> {
        let is_near = |place: &Place| place.network.contains(*from.ip());
        let near = self.places.iter().position(is_near)?;
        let query = query::read(packet, &self.names)?;
        if from.port() != PORT {
            if self
                .unicast
                .is_some_and(|last| now < last + UNICAST_INTERVAL)
            {
                return None;
            }
            self.unicast = Some(now);
            let network = &self.places[near].network;
            return Some(write(&self.names, network, To::One(&query)));
        }
        let soon = now + self.delay();
        for place in self.places.iter_mut().filter(|place| is_near(place)) {
            let due = place.last.map_or(soon, |last| soon.max(last + INTERVAL));
            place.due = Some(place.due.map_or(due, |known| known.min(due)));
        }
        None
    }

    /// The next packet that is due, for all in the network of this address.
    pub fn transmit(&mut self, now: Instant) -> Option<(Ipv4Addr, Vec<u8>)> {
        let is_due = |place: &&mut Place| place.due.is_some_and(|due| due <= now);
        let place = self.places.iter_mut().find(is_due)?;
        place.last = Some(now);
        place.due = std::mem::take(&mut place.again).then_some(now + INTERVAL);
        let packet = write(&self.names, &place.network, To::All);
        Some((place.network.address, packet))
    }

    /// When there is something to transmit.
    pub fn deadline(&self) -> Option<Instant> {
        self.places.iter().filter_map(|place| place.due).min()
    }

    /// What to say to all in each network when the node goes.
    pub fn goodbyes(&self) -> impl Iterator<Item = (Ipv4Addr, Vec<u8>)> {
        self.places.iter().map(|Place { network, .. }| {
            let packet = write(&self.names, network, To::AllGoodbye);
            (network.address, packet)
        })
    }

    fn delay(&mut self) -> Duration {
        self.dice = self
            .dice
            .wrapping_mul(1_664_525)
            .wrapping_add(1_013_904_223);
        LEAST_DELAY + Duration::from_millis(u64::from((self.dice >> 16) % DELAYS))
    }
}
