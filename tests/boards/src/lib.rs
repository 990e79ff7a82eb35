//! Simulated boards of a demonstration table, for tests and for demonstrations without any: each is behind
//! a pseudo-terminal, a folder stands for `/dev`, and time is real.
//!
//! What they do, and how long that takes, follows the programs of the boards that there are. [`Table`] has
//! them plugged and pulled, and keeps a [`Log`] of what each read, answered and showed, and when.

#![cfg(unix)]

mod draw;
mod log;
mod play;
mod program;
mod setup;
mod table;
mod usb;

pub use draw::draw;
pub use log::{Event, Log, Shown, What};
pub use play::play;
pub use setup::{Fault, Kind, Setup};
pub use table::Table;
