//! What controller and node have in common where people use them: how a command line is read and
//! described, and how the programs print. It is a crate of its own because it is made for size on a
//! node, where what steps models is made for speed.

// Whatever is printed goes through `printer`, which neither blocks nor panics.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod command_line;
pub mod printer;
pub mod spelling;
mod visible;
mod width;

pub use visible::Visible;
pub use width::{has_colours, is_terminal, width};
