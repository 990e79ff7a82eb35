//! Sessions: what the sites of a run say to each other, and when.
//!
//! Nothing here moves a byte or knows what time it is. Whoever drives a session puts what arrives into
//! its [channels](shared::wire::Channel) and writes what they have, says what time it is, and does what
//! its events ask for. So the same code runs on a node, in the controller, and in tests whose network
//! and whose clock are their own.
//!
//! [`NodeSession`] is the part of a node, with its peer links; [`ControllerSession`] that of the
//! controller, with all of its nodes.
mod controller;
mod error;
mod node;

pub use controller::{
    Cause, ControllerSession, End, LinkLoss, LossCause, NodeState, Outcome, Report, Stall,
};
pub use error::SessionError;
pub use node::{Advance, Asked, Event, NodeSession, Side};
