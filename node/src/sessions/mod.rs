//! Sessions: each is one controller's use of the node, with a thread of its own.

mod attend;
mod session;
mod shown;
mod sockets;
mod variants;

pub(crate) use attend::Sessions;
pub(crate) use session::{Ended, Resources, fault};
pub(crate) use shown::Shown;
