//! The nodes of a run: finding them, giving them their plans, and running together with them.

mod drive;
mod error;
mod listen;
mod node;
mod reach;
mod upload;

pub(crate) use drive::{Drive, Outcome};
pub(crate) use error::{ClusterError, Unreachable};
pub(crate) use node::{Node, THIS_MACHINE};
pub(crate) use reach::{Reached, all, is_listening, knock, reach};
