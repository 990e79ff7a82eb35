//! What decides who gives and who takes.

pub mod controller;
pub mod controller_ev;
pub mod controller_story_mode;
pub mod controller_t1;
pub mod controller_t3_congestion;
pub mod controller_t4;

/// The name of the type that tells the story: what is connected to its inputs are the units.
pub fn story() -> &'static str {
    &controller_story_mode::CONTROLLER_STORY_MODE.name
}
