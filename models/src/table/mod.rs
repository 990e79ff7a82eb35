//! The demonstration table: units with sockets, cables between them, and the story that they tell.

pub mod led_connection;
mod remark;
mod rules;
mod story;

pub use remark::{End, Remark, remarks};

/// The name of the type that tells the story: what is connected to its inputs are the units.
pub fn story() -> &'static str {
    &crate::control::controller_story_mode::CONTROLLER_STORY_MODE.name
}

#[cfg(test)]
pub(crate) use rules::UNITS;
pub(crate) use story::{Joined, Plugs, Seen, Telling};
