//! Records that a process keeps until its end, to read them once more in the order in which they came: a [`Log`] of
//! each kind, and one [`Scratch`] for all of them, which has a bound on their memory.
//!
//! Records are kept in blocks. The first blocks stay in memory. Where there is no room for another one, it goes to a
//! file, which a thread of its own writes; there is neither file nor thread before that. The file has no name, so that
//! nothing is left of it, whatever becomes of the process.
//!
//! What cannot be written or read is lost, and all the rest with it: from then on nothing is kept, and whoever wants
//! to read gets [`Lost`]. Whoever keeps something goes on.

mod file;
mod log;
mod store;

pub use log::{Cursor, Log};
pub use store::{Lost, Scratch};
