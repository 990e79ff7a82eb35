//! What the first process of a Raspberry Pi does that needs no Raspberry Pi: it keeps the node running, and updates it;
//! and it sees to addresses and names in the network.

pub mod network;
mod node;
mod said;
mod updates;

pub use node::{Node, Places};
pub use said::say;
pub use updates::{TRIAL, Turn, Updates};
