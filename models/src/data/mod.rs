//! What comes from files and from the scenario, and what is done with numbers as such.

pub mod adder;
pub mod constant;
pub mod csv;
pub mod dummy;
pub(crate) mod text;
pub mod weather;
