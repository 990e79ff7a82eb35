//! The model types of the Illuminator cluster: one file a type, and their catalogue.
//!
//! A model does no input or output of its own and reads no clock. A new type is a file with one
//! [`model_type!`](shared::model_type), its `mod` line, and its line in [`CATALOGUE`].

// Whatever is printed goes through `terminal::printer`, which neither blocks nor panics.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod adder;
pub mod battery;
pub mod constant;
pub mod controller;
pub mod controller_ev;
pub mod controller_story_mode;
pub mod controller_t1;
pub mod controller_t3_congestion;
pub mod controller_t4;
pub mod csv;
pub mod ev;
pub mod generation_company_agent;
pub mod grid_connection;
pub mod justice_agent;
pub mod load;
pub mod load_ev;
pub mod load_heatpump;
pub mod operator_market;
pub mod pv;
pub mod wind;

mod dispatch;
mod market_table;
mod results_folder;
#[cfg(test)]
mod rig;
mod rounding;
mod scaling;
mod whole_step;

use shared::model::ModelType;

/// All model types, in the order of the documentation.
pub static CATALOGUE: &[&ModelType] = &[
    &csv::CSV,
    &constant::CONSTANT,
    &adder::ADDER,
    &pv::PV,
    &wind::WIND,
    &load::LOAD,
    &load_ev::LOAD_EV,
    &load_heatpump::LOAD_HEATPUMP,
    &ev::EV,
    &battery::BATTERY,
    &grid_connection::GRID_CONNECTION,
    &controller::CONTROLLER,
    &controller_t1::CONTROLLER_T1,
    &controller_t3_congestion::CONTROLLER_T3_CONGESTION,
    &controller_ev::CONTROLLER_EV,
    &controller_t4::CONTROLLER_T4,
    &controller_story_mode::CONTROLLER_STORY_MODE,
    &generation_company_agent::GENERATION_COMPANY_AGENT,
    &operator_market::OPERATOR_MARKET,
    &justice_agent::JUSTICE_AGENT,
];

/// The type with this name.
pub fn find(name: &str) -> Option<&'static ModelType> {
    CATALOGUE
        .iter()
        .copied()
        .find(|model_type| model_type.name == name)
}
