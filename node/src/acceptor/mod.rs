//! Listens, and finds out who connects and what they want: a handshake, then the first message.

mod accept;
mod listen;
mod node;
mod opening;
mod peer;
mod table;
mod updates;

pub(crate) use accept::accept;
pub(crate) use listen::listen;
pub(crate) use node::Node;
pub use table::{MAX_PENDING, MAX_SESSIONS};
pub(crate) use updates::Updates;
