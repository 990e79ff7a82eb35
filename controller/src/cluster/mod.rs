//! The nodes of a run: finding them, giving them their plans, and running together with them.

mod dial;
mod dial_failure;
mod discover;
mod drive;
mod endpoint;
mod error;
mod loss;
mod node;
mod open;
mod presence;
mod reach;
mod receive;
#[cfg(test)]
mod simulation;
mod survey;
mod unusable;
mod upload;

pub(crate) use dial::{address_of, all, is_listening};
pub(crate) use discover::discover;
pub(crate) use drive::{Drive, Outcome};
pub(crate) use endpoint::Endpoint;
pub(crate) use error::{ClusterError, Unreachable};
pub(crate) use node::{Node, THIS_MACHINE};
pub(crate) use reach::{Reached, reach};
pub(crate) use survey::{Answer, Visit, survey, visit};
