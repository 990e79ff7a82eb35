//! Sessions: what two sites of a run say to each other, and when.
//!
//! Nothing here moves a byte or knows what time it is. Whoever drives a session puts what arrives into
//! its [channels](crate::wire::Channel) and writes what they have, says what time it is, and does what
//! its events ask for. So the same code runs on a node, in the controller, and in tests whose network
//! and whose clock are their own.

mod error;
mod inbox;
mod node;
mod peer_link;
mod peer_links;

pub use error::SessionError;
pub use node::{Advance, Event, NodeSession, Side};
