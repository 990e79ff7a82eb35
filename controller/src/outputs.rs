//! Everything that a run writes, known before it starts.

use std::env;
use std::path::Path;

use crate::exit::RunError;
use crate::places::{Named, Target, refuse_collisions};
use crate::scenario::Graph;

/// What a run writes.
#[derive(Debug)]
pub(crate) struct Outputs {
    /// Where the rows go.
    pub(crate) target: Target,
}

impl Outputs {
    /// What the run of a graph writes; `output` is the value of `--output`.
    pub(crate) fn of(graph: &Graph, output: Option<&Path>) -> Result<Self, RunError> {
        let target = match output {
            Some(output) => Target::of_option(output)?,
            None => Target::of(&graph.monitor.file)?,
        };
        Ok(Self { target })
    }

    /// Refuses a run that would write over one of the files that it reads, or twice into one file.
    pub(crate) fn refuse_collisions(&self, reads: &[Named]) -> Result<(), RunError> {
        let mut writes = vec![Named::new("the result", self.target.shown())];
        if let Some(place) = self.target.place() {
            writes.push(Named::new("the growing result", place.partial()));
        }
        Ok(refuse_collisions(reads, &writes, &[])?)
    }
}

/// What a scenario is read from, and the program itself.
pub(crate) fn scenario_files(graph: &Graph, scenario: &Path) -> Vec<Named> {
    let mut files = vec![Named::new("the scenario", scenario)];
    for model in &graph.models {
        let what = format!("the data file of model '{}'", model.config.name);
        files.extend(model.paths.iter().map(|path| Named::new(&*what, path)));
    }
    files.extend(env::current_exe().map(|program| Named::new("this program", program)));
    files
}
