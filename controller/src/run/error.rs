//! How a run can fail.

use std::fmt;
use std::io;

use shared::time::{Tick, WallTime};
use shared::value::Value;
use shared::wire::KeyError;
use thiserror::Error;

use super::resume::ResumeError;
use crate::cluster::ClusterError;
use crate::deploy::StartError;
use crate::output::{printable, printable_line};
use crate::places::{Collision, WriteError};
use crate::replay::ReplayError;
use crate::scenario::{LoadError, Problem};

/// The code of a warning that ended a run.
pub(crate) const WARNED: &str = "warning";

/// Why a run did not come to its end.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunError {
    /// The scenario is refused.
    #[error(transparent)]
    Scenario(#[from] LoadError),
    /// There are warnings, and warnings are errors.
    #[error("{}", Warnings(.0))]
    Strict(Vec<Problem>),
    /// A model failed.
    #[error(transparent)]
    Model(Box<ModelFailure>),
    /// A node failed, or cannot be used.
    #[error(transparent)]
    Cluster(Box<ClusterError>),
    /// It would write over what it reads.
    #[error(transparent)]
    Collision(#[from] Collision),
    /// The result cannot be written.
    #[error(transparent)]
    Output(#[from] WriteError),
    /// Somebody ended it.
    #[error("interrupted")]
    Interrupted,
    /// What is asked for does not go together.
    #[error("{0}")]
    Usage(String),
    /// The system does not do what every system does.
    #[error(transparent)]
    System(io::Error),
    /// The journal that is to come again is none of this scenario.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// What an earlier run has left is not to be gone on with.
    #[error(transparent)]
    Resume(#[from] ResumeError),
    /// The cluster's key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The plan does not fit together: a fault of this program.
    #[error("the plan does not fit together; please report this scenario")]
    Plan,
}

impl RunError {
    /// The machine-readable category, such as `node_lost` or `missing_input:soc`.
    pub fn code(&self) -> &str {
        match self {
            Self::Scenario(_) | Self::Strict(_) => "scenario",
            Self::Model(failure) => &failure.code,
            Self::Cluster(error) => error.code(),
            Self::Collision(_) => "collision",
            Self::Output(error) => error.code(),
            Self::Usage(_) => "usage",
            Self::Interrupted => "interrupted",
            Self::System(_) => "system",
            Self::Replay(_) => "journal",
            Self::Resume(_) => "resume",
            Self::Key(_) => "key",
            Self::Plan => "plan",
        }
    }
}

impl From<ClusterError> for RunError {
    fn from(error: ClusterError) -> Self {
        Self::Cluster(Box::new(error))
    }
}

impl From<StartError> for RunError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Login(text) => Self::System(io::Error::other(text)),
            StartError::Key(error) => Self::Key(error),
            StartError::Hosts(error) => error.into(),
        }
    }
}

/// Warnings that are errors, with the lines that they are about.
struct Warnings<'a>(&'a [Problem]);

impl fmt::Display for Warnings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for warning in self.0 {
            writeln!(f, "{warning:#}")?;
        }
        let count = self.0.len();
        write!(
            f,
            "error: {count} warning(s), and --strict treats them as errors"
        )
    }
}

/// A model that failed, with all that helps to see why.
#[derive(Debug)]
#[non_exhaustive]
pub struct ModelFailure {
    /// Its name.
    pub model: String,
    /// The name of its type.
    pub model_type: String,
    /// Where it ran: `this machine`, or a node with its address.
    pub site: String,
    /// The tick of the step.
    pub tick: Tick,
    /// The simulated time of it.
    pub time: WallTime,
    /// The machine-readable category, such as `missing_input:soc`.
    pub code: String,
    /// What is wrong, and what would be right.
    pub message: String,
    /// What stood at its inputs, by name.
    pub inputs: Vec<(String, Value)>,
}

impl fmt::Display for ModelFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            model,
            model_type,
            site,
            tick,
            time,
            message,
            inputs,
            ..
        } = self;
        let (did, remedy) = match self.code.as_str() {
            WARNED => ("warned", "; --strict treats warnings as errors"),
            _ => ("failed", ""),
        };
        write!(
            f,
            "model '{model}' ({model_type}) on {site} {did} at tick {tick} ({time}): {}{remedy}",
            // A node may say what it likes.
            if self.code.starts_with("simulator_") {
                printable(message)
            } else {
                printable_line(message)
            }
        )?;
        for (i, (name, value)) in inputs.iter().enumerate() {
            let lead = if i == 0 { "\n  its inputs: " } else { ", " };
            write!(f, "{lead}{name} = {value}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ModelFailure {}
