//! The nodes of a run: finding them, giving them their plans, and running together with them.

mod access;
mod bridge;
mod dial;
mod dial_failure;
mod discover;
mod endpoint;
mod error;
mod loss;
mod node;
mod open;
mod presence;
mod reach;
mod receive;
mod reconnect;
mod service;
#[cfg(test)]
mod simulation;
mod survey;
mod unusable;
mod update;
mod upload;
mod variants;
mod waiting;

pub use access::NodeAccess;
pub(crate) use bridge::{BridgeConnection, bridge};
pub(crate) use dial::{address_of, all, is_listening};
pub(crate) use discover::discover;
pub(crate) use endpoint::Endpoint;
pub use error::{ClusterError, Unreachable};
pub use loss::Loss;
pub(crate) use node::{Node, NodeOutcome, Running, THIS_MACHINE};
pub(crate) use presence::Presence;
pub(crate) use reach::{Reached, knock, reach};
pub(crate) use reconnect::{Pass, Reconnecting};
pub(crate) use service::Service;
pub(crate) use survey::{Answer, Visit, survey, visit};
pub(crate) use update::{NoUpdates, Updating};
pub use upload::FileNotSent;
pub(crate) use upload::{Upload, UploadError};
pub(crate) use variants::{Said, Task, VariantNode, ready_for_variants};
pub(crate) use waiting::{Names, waiters_to_json};
pub use waiting::{Standstill, Waiter};
