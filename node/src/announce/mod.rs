//! Nodes announce themselves in their networks: DNS-SD (RFC 6763) over multicast DNS (RFC 6762), with
//! IPv4. `controller nodes --discover` finds them by that.
//!
//! [`Responder`] decides what is said and when, and knows neither sockets nor clocks; `announcer` has
//! the socket, `networks` looks where the machine is and whether Avahi already announces the node there.
//!
//! A name is told apart from all others by a number that is made of the addresses and ports of its node.
//! No other machine of a network has those, so there is nothing to probe for and no conflict to settle
//! (RFC 6762, section 8.1).

mod announcer;
mod answer;
mod names;
mod networks;
mod query;
mod record;
mod responder;
#[cfg(test)]
mod tests;

pub(crate) use announcer::announce;
pub use networks::Network;
pub use responder::Responder;
