//! What controller, nodes and models of the Illuminator cluster share: values, the interface of
//! model types, the stepping of a part of the graph, and the protocol between sites.
//!
//! No socket is opened here, and there is no model maths. Only `printer` has a thread and looks at a clock.

// Whatever is printed goes through `shared::printer`, which neither blocks nor panics.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod command_line;
pub mod files;
pub mod host;
pub mod led;
pub mod memory;
pub mod model;
pub mod plan;
pub mod printer;
pub mod spelling;
pub mod terminal;
pub mod time;
pub mod value;
pub mod wire;
