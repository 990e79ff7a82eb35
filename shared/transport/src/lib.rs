//! Connections between controllers and nodes: the [protocol](shared::wire) over non-blocking streams.
//!
//! What is said, and when, is decided in `session` and `shared`, which open no socket and read no clock.
//! Here are the sockets and the clock.

// Nothing is printed here.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod connection;
mod meet;
mod persistence;
mod socket;
mod within;

pub use connection::Connection;
pub use meet::{answer, call, call_for_update};
pub use socket::{Socket, fill, write};
pub use within::within;
