//! How a command fails: the one place where errors become words for the user and exit codes.

use serde_json::{Value as Json, json};
use thiserror::Error;

use crate::chain::chain;
use crate::exit::{INTERRUPTED, MODEL, NODE, OUTPUT, REFUSED, USAGE};
use crate::output::{Kind, say};
use crate::run::{RunError, WARNED};
use crate::scenario::{LoadError, Problems, Severity};

/// Why a command has not done what was asked for.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// A run failed, or its scenario is refused.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The command line is wrong, or something on this machine.
    #[error("{0}")]
    Usage(String),
    /// A scenario is there and names no node.
    #[error("{0}: error: the scenario names no nodes: none of its models has 'connect'")]
    NoNodes(String),
    /// A scenario names machines for programs only.
    #[error(
        "{0}: error: the scenario names no nodes: its models that have 'connect' are programs, which \
         'illuminator-bridge serve' runs there"
    )]
    OnlyPrograms(String),
    /// Each of several errors has been printed when it came up; the worst of them has this exit code.
    #[error("see above")]
    Several(u8),
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        Self::Run(error.into())
    }
}

impl Failure {
    /// The exit code of the program.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Run(error) => code_of(error),
            Self::NoNodes(_) | Self::OnlyPrograms(_) => REFUSED,
            Self::Usage(_) => USAGE,
            Self::Several(code) => *code,
        }
    }

    /// Tells the user.
    pub(crate) fn print(&self) {
        match self {
            // Each line says itself what it is, and where.
            Self::Run(RunError::Scenario(_) | RunError::Strict(_))
            | Self::NoNodes(_)
            | Self::OnlyPrograms(_) => {
                say(Kind::Plain, &chain(self));
            }
            Self::Several(_) => {}
            error => say(Kind::Error, &chain(error)),
        }
    }
}

/// An error of a run for programs; null where there is none.
pub(crate) fn to_json(error: Option<&RunError>) -> Json {
    error.map_or(
        Json::Null,
        |error| json!({"code": error.code(), "message": chain(error), "exit_code": code_of(error)}),
    )
}

/// How the codes begin that tell of a program that fails, and of one that is not there any more.
const PROGRAM_FAILED: &str = "simulator_";
const PROGRAM_GONE: &str = "simulator_gone";

/// The exit code for what is wrong with a scenario: a program that it names may be at fault.
fn code_of_problems(problems: &Problems) -> u8 {
    let is = |code: &str| {
        let mut errors = problems.iter().filter(|p| p.severity == Severity::Error);
        errors.any(|problem| problem.code.starts_with(code))
    };
    match (is(PROGRAM_GONE), is(PROGRAM_FAILED)) {
        (true, _) => NODE,
        (false, true) => MODEL,
        (false, false) => REFUSED,
    }
}

/// The exit code for an error of a run.
fn code_of(error: &RunError) -> u8 {
    match error {
        RunError::Scenario(LoadError::Refused(problems)) => code_of_problems(problems),
        RunError::Scenario(_)
        | RunError::Strict(_)
        | RunError::Collision(_)
        | RunError::Replay(_)
        | RunError::Resume(_) => REFUSED,
        RunError::Model(failure) if failure.code == WARNED => REFUSED,
        RunError::Model(failure) if failure.code.starts_with(PROGRAM_GONE) => NODE,
        RunError::Model(_) => MODEL,
        RunError::Cluster(_) => NODE,
        RunError::Output(_) => OUTPUT,
        RunError::Interrupted => INTERRUPTED,
        RunError::Usage(_) | RunError::System(_) | RunError::Key(_) | RunError::Plan => USAGE,
    }
}
