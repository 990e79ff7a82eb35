//! The grid, and where something meets it.

pub mod grid_connection;
