//! The session of a node with a controller, and its peer links.

mod heartbeat;
mod inbox;
mod peer_link;
mod peer_links;
mod phase;
mod planning;
mod session;
mod turn;
mod variants;

pub use session::{Advance, Event, NodeSession, Side};
pub use variants::Asked;
