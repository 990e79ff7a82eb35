//! From entries to models: types are found, parameters checked, instances built; and what is known of
//! a model, built or not.

mod attributes;
mod build;
mod candidate;
mod entity;
mod files;
mod parameters;
mod renamed;
mod sections;
mod surroundings;
mod types;

pub(crate) use attributes::{Known, Published, Target};
pub(crate) use build::build;
pub(crate) use candidate::Candidate;
pub(crate) use entity::{Met, Place};
pub(crate) use files::Base;
pub(crate) use renamed::current_name;
pub(crate) use surroundings::Surroundings;
