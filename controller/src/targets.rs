//! What the user names on the command line: a scenario, whose nodes are meant, or a machine.

use std::path::Path;

use crate::check::load;
use crate::exit::RunError;
use crate::output::Remarks;
use crate::scenario::Graph;

/// One target of a command.
#[derive(Debug)]
pub(crate) enum Target {
    /// A scenario with at least one model that has a `connect`.
    Scenario(Box<Graph>),
    /// Anything that is no file and not called like one.
    Named(String),
}

impl Target {
    /// Reads what was given on the command line.
    pub(crate) fn read(text: &str) -> Result<Self, RunError> {
        let path = Path::new(text);
        let is_called_so = path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("yaml") || e.eq_ignore_ascii_case("yml"));
        if !is_called_so && !path.is_file() {
            return Ok(Self::Named(text.to_owned()));
        }
        let graph = load(path, true, false, &Remarks::default())?;
        if graph.has_nodes() {
            return Ok(Self::Scenario(Box::new(graph)));
        }
        Err(RunError::Scenario(format!(
            "{text}: error: the scenario names no nodes: none of its models has 'connect'"
        )))
    }
}
