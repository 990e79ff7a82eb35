//! How a run can fail, and the exit code of each kind.

use std::fmt;

use serde_json::{Value as Json, json};
use shared::time::{Tick, WallTime};
use shared::value::Value;
use shared::wire::KeyError;

use crate::cluster::ClusterError;
use crate::output::{Kind, printable_line, say};
use crate::places::{Collision, WriteError};

/// Wrong use, or an error of this machine.
pub(crate) const USAGE: u8 = 1;

/// The code of a warning that ended a run.
pub(crate) const WARNED: &str = "warning";

/// The user ended it.
pub(crate) const INTERRUPTED: u8 = 130;

/// Why a run did not come to its end.
#[derive(Debug)]
pub(crate) enum RunError {
    /// The scenario is refused. The text holds everything that is wrong with it, one problem a
    /// line.
    Scenario(String),
    /// A model failed.
    Model(Box<ModelFailure>),
    /// A node failed, or cannot be used.
    Cluster(Box<ClusterError>),
    /// It would write over what it reads.
    Collision(Collision),
    /// The result file cannot be written.
    Output(WriteError),
    /// The user ended it.
    Interrupted,
    /// The options do not go together.
    Usage(String),
    /// The system does not do what every system does.
    System(std::io::Error),
    /// The cluster's key cannot be used.
    Key(KeyError),
    /// The plan does not fit together: a fault of this program.
    Plan,
}

/// A model that failed, with all that helps to see why.
#[derive(Debug)]
pub(crate) struct ModelFailure {
    pub(crate) model: String,
    pub(crate) model_type: String,
    /// Where it ran.
    pub(crate) site: String,
    pub(crate) tick: Tick,
    pub(crate) time: WallTime,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) inputs: Vec<(String, Value)>,
}

impl RunError {
    /// The exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Scenario(_) | Self::Collision(_) => 2,
            Self::Model(failure) if failure.code == WARNED => 2,
            Self::Model(_) => 3,
            Self::Cluster(_) => 4,
            Self::Output(_) => 5,
            Self::Interrupted => INTERRUPTED,
            Self::Usage(_) | Self::System(_) | Self::Key(_) | Self::Plan => USAGE,
        }
    }

    /// Tells the user.
    pub(crate) fn print(&self) {
        let kind = match self {
            // Each line says itself that it is an error, and where.
            Self::Scenario(_) => Kind::Plain,
            _ => Kind::Error,
        };
        say(kind, &self.to_string());
    }

    /// For programs.
    pub(crate) fn to_json(&self) -> Json {
        json!({
            "code": self.code(),
            "message": self.to_string(),
            "exit_code": self.exit_code(),
        })
    }

    /// The machine-readable category.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Scenario(_) => "scenario",
            Self::Model(failure) => &failure.code,
            Self::Cluster(error) => error.code(),
            Self::Collision(_) => "collision",
            Self::Output(error) => error.code(),
            Self::Usage(_) => "usage",
            Self::Interrupted => "interrupted",
            Self::System(_) => "system",
            Self::Key(_) => "key",
            Self::Plan => "plan",
        }
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scenario(problems) => f.write_str(problems),
            Self::Model(failure) => failure.fmt(f),
            Self::Cluster(error) => error.fmt(f),
            Self::Collision(collision) => collision.fmt(f),
            Self::Output(error) => error.fmt(f),
            Self::Usage(text) => f.write_str(text),
            Self::Interrupted => f.write_str("interrupted"),
            Self::System(error) => error.fmt(f),
            Self::Key(error) => error.fmt(f),
            Self::Plan => {
                f.write_str("the plan does not fit together; please report this scenario")
            }
        }
    }
}

impl std::error::Error for RunError {}

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
            printable_line(message)
        )?;
        for (i, (name, value)) in inputs.iter().enumerate() {
            let lead = if i == 0 { "\n  its inputs: " } else { ", " };
            write!(f, "{lead}{name} = {value}")?;
        }
        Ok(())
    }
}

impl From<Collision> for RunError {
    fn from(collision: Collision) -> Self {
        Self::Collision(collision)
    }
}

impl From<WriteError> for RunError {
    fn from(error: WriteError) -> Self {
        Self::Output(error)
    }
}

impl From<ClusterError> for RunError {
    fn from(error: ClusterError) -> Self {
        Self::Cluster(Box::new(error))
    }
}
