//! The nodes of a run: finding them, giving them their plans, and running together with them.

mod dial;
mod discover;
mod endpoint;
mod error;
mod miss;
mod node;
mod open;
mod presence;
mod reach;
#[cfg(test)]
mod simulation;
mod survey;
mod upload;

pub(crate) use dial::{address_of, all, is_listening};
pub(crate) use discover::discover;
pub(crate) use endpoint::Endpoint;
pub use error::{ClusterError, Unreachable};
pub(crate) use node::{Node, NodeOutcome, Running, THIS_MACHINE};
pub(crate) use presence::Presence;
pub(crate) use reach::{Reached, reach};
pub(crate) use survey::{Answer, Visit, survey, visit};
pub(crate) use upload::{Upload, UploadError};
