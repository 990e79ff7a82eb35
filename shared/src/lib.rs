//! What controller, nodes and models of the Illuminator cluster share: values, the interface of
//! model types, what a site is told to run, and the protocol between sites.
//!
//! No socket is opened here, no clock is read, and there is no model maths.

// Nothing is printed here.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod append;
pub mod cable;
pub mod files;
mod ids;
pub mod index;
pub mod journal;
pub mod led;
pub mod memory;
pub mod model;
mod names;
pub mod plan;
pub mod private;
pub mod progress;
pub mod time;
pub mod value;
pub mod variant;
pub mod wire;
