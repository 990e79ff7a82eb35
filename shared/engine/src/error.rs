//! Why there is no engine for a plan.

use std::fmt;

use shared::memory::OutOfMemory;
use shared::model::BuildError;
use shared::plan::ModelId;

/// An engine cannot be made from a plan.
#[derive(Clone, Debug, PartialEq)]
pub enum PlanError {
    /// The plan names a type that is not in the catalogue.
    UnknownType {
        /// The model.
        model: ModelId,
        /// The name of the type.
        model_type: String,
    },
    /// A model cannot be built.
    Build {
        /// The model.
        model: ModelId,
        /// What is wrong with it.
        errors: Vec<BuildError>,
    },
    /// The plan refers to something that is not there.
    Inconsistent,
    /// It takes too much memory.
    OutOfMemory(OutOfMemory),
    /// Nobody wants it any more.
    Abandoned,
}

impl From<OutOfMemory> for PlanError {
    fn from(error: OutOfMemory) -> Self {
        Self::OutOfMemory(error)
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownType { model, model_type } => {
                write!(
                    f,
                    "model {model} is of type '{model_type}', which is not there"
                )
            }
            Self::Build { model, errors } => {
                write!(f, "model {model} cannot be built")?;
                errors.iter().try_for_each(|error| write!(f, "; {error}"))
            }
            Self::Inconsistent => f.write_str("the plan refers to something that is not there"),
            Self::OutOfMemory(error) => write!(f, "the plan takes memory {error}"),
            Self::Abandoned => f.write_str("nobody wants the plan any more"),
        }
    }
}

impl std::error::Error for PlanError {}
