//! Why a program cannot be used, or went wrong.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use shared::model::StepError;

/// Something went wrong with a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Machine-readable category. `simulator_gone` is the end of the program, or that it does not answer before the
    /// run; `simulator_failed` and `simulator_nonsense` are things that it says, or a program that is not there;
    /// `unknown_model`, `unknown_parameter`, `unknown_method`, `unknown_entity` and `unknown_attribute` are names that
    /// it does not have; `wiring` is a unit that there cannot be.
    pub code: Cow<'static, str>,
    /// The simulator, as the scenario calls it.
    pub simulator: String,
    /// What is wrong, and what would be right.
    pub message: String,
    /// The request that it was asked, as it went over the wire; shortened where it is long.
    pub request: Option<String>,
    /// The last lines that the program wrote to its standard error.
    pub output: Vec<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "simulator '{}': {}", self.simulator, self.message)?;
        if let Some(request) = &self.request {
            write!(f, "\n  it was asked: {request}")?;
        }
        if !self.output.is_empty() {
            f.write_str("\n  its last words:")?;
        }
        for line in &self.output {
            write!(f, "\n    {line}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}

impl From<Fault> for StepError {
    fn from(fault: Fault) -> Self {
        Self::new(fault.code.clone(), fault.to_string())
    }
}
