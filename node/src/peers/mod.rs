//! Other nodes of a run: this one calls some of them, and lets the others in.

mod admit;
mod awaited;
mod call;
mod reach;

pub(crate) use admit::{admit, reconnect};
pub(crate) use awaited::AwaitedLinks;
pub(crate) use call::Caller;
