//! Where a run writes: the result and what stands beside it. What a run writes is known before it
//! starts, compared with what it reads, and claimed, so that nothing is written over.

mod claim;
mod collisions;
mod error;
mod folder;
mod identity;
mod named;
mod series;
mod servers;
mod system;
mod target;
mod whole;

pub(crate) use claim::{Claim, remove};
pub(crate) use collisions::refuse_collisions;
pub(crate) use error::OUTPUT;
pub use error::{Collision, SystemError, WriteError};
pub(crate) use folder::FolderClaim;
pub(crate) use identity::{FileId, or_here};
pub(crate) use named::Named;
pub(crate) use series::{Series, numbered};
pub use servers::{Beside, InfluxServer, MqttServer};
pub(crate) use servers::{Bucket, check_topic, influx_url};
pub(crate) use system::stdout;
pub(crate) use target::{Place, Target};
pub(crate) use whole::{move_whole, write_whole};
