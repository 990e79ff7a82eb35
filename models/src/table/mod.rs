//! The demonstration table: units with sockets, cables between them, and the story that they tell.

pub mod led_connection;
mod remark;
mod rules;
mod story;

pub use remark::{End, Remark, remarks};

#[cfg(test)]
pub(crate) use rules::UNITS;
pub(crate) use story::{Joined, Plugs, Seen, Telling};
