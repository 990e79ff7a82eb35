//! What there is to say of an engine that does not go on: a model that failed, and what is waited for.

use serde::{Deserialize, Serialize};

use crate::plan::{ModelId, SiteId};
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

/// A model that cannot step, and what it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// The model; `None` for the monitor.
    pub model: Option<ModelId>,
    /// The tick that it would step at.
    pub tick: Tick,
    /// The site that it waits for.
    pub site: SiteId,
    /// The model there whose values it lacks; `None` where it waits for room in the window of
    /// that site.
    pub source: Option<ModelId>,
}
