//! Pages about model types, and the schema of scenario files.

mod attribute_rows;
mod light_schema;
mod model_types;
#[cfg(test)]
mod scenario_page;
mod schema;
mod simulator_schema;

pub(crate) use model_types::{library, list_types, show_type};
pub(crate) use schema::schema;
