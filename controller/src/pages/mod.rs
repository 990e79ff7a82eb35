//! Pages about model types, and the schema of scenario files.

mod attribute_rows;
mod light_schema;
mod model_types;
#[cfg(test)]
mod scenario_page;
mod schema;
mod simulator_schema;
mod types_json;

pub(crate) use model_types::{library, list_types, show_type};
pub(crate) use schema::schema;
pub(crate) use types_json::types_to_json;
