//! The session of a controller: with all nodes of a run, and with its own models.

mod channels;
mod looks;
mod loss;
mod mesh;
mod messages;
mod node;
mod outcome;
mod session;
mod stall;
mod watch;

pub use loss::{End, LinkLoss, LossCause};
pub use node::NodeState;
pub use outcome::{Outcome, Report};
pub use session::ControllerSession;
pub use stall::{Cause, Stall};
