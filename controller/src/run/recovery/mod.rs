//! Going on after a loss.
//!
//! When a run loses a node, or two nodes lose each other, it holds. All its sites end their part: what they have made
//! beyond the rows is of no use without what is lost. Then everything up to the newest row is computed [again], in this
//! process, from the newest [snapshot](crate::placement::Snapshot) on: models are deterministic, and what came from
//! outside is on record ([heard]). That gives the next snapshot, from which the run goes on, on the nodes that are
//! there and on whoever [takes over](standby) from those that are not. Nothing is kept on nodes for it, nothing is taken back of
//! what was written, and no time is lost twice: the next loss begins with this snapshot.
//!
//! What is kept for it has a bound in memory, and goes to a file beyond ([`scratch`]). It is read part by part: each part of
//! what came from outside ends with a snapshot, from which the next one goes on.
//!
//! Programs [by bridges](bridges) are there before, as they were; or they are started anew, and then everything is
//! computed from the first step on, and compared with what has been [seen] of the rows.

mod again;
mod bridges;
mod heard;
mod lost;
mod not_again;
mod seen;
mod sources;
mod standby;

pub(crate) use again::{Again, Asides};
pub(crate) use bridges::Bridges;
pub(super) use heard::Heard;
#[cfg(test)]
pub(crate) use heard::Part;
pub(crate) use lost::Lost;
pub(crate) use not_again::NotAgain;
pub(crate) use seen::{Comparison, Seen};
pub(crate) use sources::Sources;
pub(crate) use standby::Standby;
pub use standby::Takeover;
