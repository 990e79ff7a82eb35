//! The model types of the Illuminator cluster: one file a type, in a folder for each domain, and their
//! catalogue.
//!
//! A model does no input or output of its own and reads no clock. A new type is a file with one
//! [`model_type!`](shared::model_type), its `mod` line, and its line in [`CATALOGUE`].
//!
#![doc = include_str!("../README.md")]
// Whatever is printed goes through `terminal::printer`, which neither blocks nor panics.
#![deny(clippy::print_stdout, clippy::print_stderr)]
#![expect(clippy::doc_markdown, reason = "the library page has equations")]

pub mod control;
pub mod data;
pub mod demand;
pub mod generation;
pub mod grid;
pub mod heat;
pub mod hydrogen;
pub mod market;
pub mod storage;
pub mod table;

mod parts;
#[cfg(test)]
mod rig;

use shared::model::Registry;

/// All model types, in the order of the documentation.
pub static CATALOGUE: Registry = Registry::of(&[
    &data::csv::CSV,
    &data::constant::CONSTANT,
    &data::adder::ADDER,
    &data::dummy::DUMMY,
    &data::weather::WEATHER,
    &generation::pv::PV,
    &generation::wind::WIND,
    &demand::load::LOAD,
    &demand::load_ev::LOAD_EV,
    &demand::load_heatpump::LOAD_HEATPUMP,
    &demand::ev::EV,
    &storage::battery::BATTERY,
    &grid::grid_connection::GRID_CONNECTION,
    &control::controller::CONTROLLER,
    &control::controller_t1::CONTROLLER_T1,
    &control::controller_t3_congestion::CONTROLLER_T3_CONGESTION,
    &control::controller_ev::CONTROLLER_EV,
    &control::controller_t4::CONTROLLER_T4,
    &control::controller_story_mode::CONTROLLER_STORY_MODE,
    &table::led_connection::LED_CONNECTION,
    &market::generation_company_agent::GENERATION_COMPANY_AGENT,
    &market::operator_market::OPERATOR_MARKET,
    &market::justice_agent::JUSTICE_AGENT,
    &market::tariff::TARIFF,
    &market::energy_account::ENERGY_ACCOUNT,
    &hydrogen::electrolyser::ELECTROLYSER,
    &hydrogen::fuel_cell::FUEL_CELL,
    &hydrogen::h2_storage::H2_STORAGE,
    &hydrogen::compressor::COMPRESSOR,
    &hydrogen::h2_demand::H2_DEMAND,
    &hydrogen::h2_production::H2_PRODUCTION,
    &hydrogen::h2_network::H2_NETWORK,
    &hydrogen::h2_valve::H2_VALVE,
    &heat::electric_boiler::ELECTRIC_BOILER,
    &heat::heat_pump::HEAT_PUMP,
    &heat::heat_storage::HEAT_STORAGE,
    &heat::hot_water_tank::HOT_WATER_TANK,
    &heat::heat_demand::HEAT_DEMAND,
    &heat::heat_production::HEAT_PRODUCTION,
    &heat::heat_network::HEAT_NETWORK,
    &heat::heat_valve::HEAT_VALVE,
    &grid::electricity_network::ELECTRICITY_NETWORK,
    &grid::distribution_network::DISTRIBUTION_NETWORK,
]);
