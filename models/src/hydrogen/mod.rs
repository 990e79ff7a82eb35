//! Hydrogen: made, used, stored, compressed and sent through pipes.

pub mod compressor;
pub mod electrolyser;
pub mod fuel_cell;
pub mod h2_demand;
pub mod h2_network;
pub mod h2_production;
pub mod h2_storage;
pub mod h2_valve;
