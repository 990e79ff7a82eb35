//! The grid, and where something meets it.

pub mod distribution_network;
pub mod electricity_network;
pub mod grid_connection;
