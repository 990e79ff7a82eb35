//! Units of simulators that are written here, in an engine.

mod bench;
mod faults;
mod sessions;
mod simulator;
mod turns;
