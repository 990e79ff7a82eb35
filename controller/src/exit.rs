//! The codes with which the program ends. docs/commands.md lists them, from the description of the command line.

/// Wrong use, or an error of this machine.
pub(crate) const USAGE: u8 = 1;
/// The scenario is refused, would write over what it reads, or has a warning and warnings are errors.
pub(crate) const REFUSED: u8 = 2;
/// A model failed.
pub(crate) const MODEL: u8 = 3;
/// A node failed or cannot be reached, or two nodes lost each other.
pub(crate) const NODE: u8 = 4;
/// The result cannot be written, or another run writes it.
pub(crate) const OUTPUT: u8 = 5;
/// The user ended it.
pub(crate) const INTERRUPTED: u8 = 130;
