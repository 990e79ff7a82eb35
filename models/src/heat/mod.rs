//! Heat: made, used, stored and sent through pipes.

pub mod electric_boiler;
pub mod heat_demand;
pub mod heat_network;
pub mod heat_production;
pub mod heat_pump;
pub mod heat_storage;
pub mod heat_valve;
pub mod hot_water_tank;
