//! Units of simulators that are written here, in an engine.

mod bench;
mod sessions;
mod simulator;
