//! A model that failed.

use serde::{Deserialize, Serialize};

use crate::plan::ModelId;
use crate::time::Tick;
use crate::value::Value;

/// A model that failed. Everything before its tick can still be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// The model.
    pub model: ModelId,
    /// The tick of the step.
    pub tick: Tick,
    /// Machine-readable category.
    pub code: String,
    /// What is wrong, and what would be right.
    pub message: String,
    /// What stood at the model's inputs, by name.
    pub inputs: Vec<(String, Value)>,
}
