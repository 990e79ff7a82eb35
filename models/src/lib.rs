//! The model types of the Illuminator cluster: one file a type, and their catalogue.
//!
//! A model does no input or output of its own and reads no clock. A new type is a file with one
//! [`model_type!`](shared::model_type), its `mod` line, and its line in [`CATALOGUE`].

pub mod adder;
pub mod battery;
pub mod controller_t1;
pub mod csv;
pub mod generation_company_agent;
pub mod justice_agent;
pub mod load;
pub mod operator_market;
pub mod pv;
pub mod wind;

mod market_table;
mod results_folder;
#[cfg(test)]
mod rig;
mod rounding;

use shared::model::ModelType;

/// All model types, in the order of the documentation.
pub static CATALOGUE: &[&ModelType] = &[
    &csv::CSV,
    &adder::ADDER,
    &pv::PV,
    &wind::WIND,
    &load::LOAD,
    &battery::BATTERY,
    &controller_t1::CONTROLLER_T1,
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
