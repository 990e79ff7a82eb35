//! Units of simulators that are written here, in an engine.

mod bench;
mod events;
mod failures;
mod faults;
mod sessions;
mod simulator;
mod together;
mod turns;
