//! What the first process of a Raspberry Pi does that needs no Raspberry Pi: it keeps the node running, and updates it.

mod node;
mod said;
mod updates;

pub use node::{Node, Places};
pub use said::say;
pub use updates::TRIAL;
