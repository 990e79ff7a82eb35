//! The model types of the Illuminator cluster: one file a type, and their catalogue.
//!
//! A model does no input or output of its own and reads no clock.

mod csv;

use shared::model::ModelType;

/// All model types, in the order of the documentation.
pub static CATALOGUE: &[&ModelType] = &[&csv::CSV];

/// The type with this name.
pub fn find(name: &str) -> Option<&'static ModelType> {
    CATALOGUE
        .iter()
        .copied()
        .find(|model_type| model_type.name == name)
}
