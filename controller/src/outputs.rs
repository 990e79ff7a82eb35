//! Everything that a run writes, known before it starts.

use std::collections::BTreeMap;
use std::env;
use std::path::{Component, Path, PathBuf};

use shared::model::{ModelConfig, Section};
use shared::value::Value;

use crate::exit::RunError;
use crate::output::SideFolder;
use crate::places::{Named, Place, Series, Target, refuse_collisions};
use crate::scenario::Graph;

/// The folders of side files, by what the scenario calls them.
pub(crate) type SideFolders = BTreeMap<String, SideFolder>;

/// What a run writes.
#[derive(Debug)]
pub(crate) struct Outputs {
    /// Where the rows go.
    pub(crate) target: Target,
    pub(crate) side_folders: SideFolders,
    /// The side files of each model.
    series: Vec<Series>,
}

impl Outputs {
    /// What the run of a graph writes; `output` is the value of `--output`.
    pub(crate) fn of(graph: &Graph, output: Option<&Path>) -> Result<Self, RunError> {
        let target = match output {
            Some(output) => Target::of_option(output)?,
            None => Target::of(&graph.monitor.file)?,
        };
        // A result that the user puts elsewhere takes its side files along, so that those of the run
        // that it is to be compared with stay.
        let root = output.and(target.place()).map(Place::files);
        let (mut side_folders, mut series) = (SideFolders::new(), Vec::new());
        for model in &graph.models {
            let written = model.config.files_written(model.instance.model_type);
            for (folder, names) in written.folders() {
                let place = match &root {
                    Some(root) => root.join(below(folder)),
                    None => PathBuf::from(folder),
                };
                let growing = match target.place() {
                    Some(result) => result.partial_files().join(below(folder)),
                    None => place.join("partial.files"),
                };
                if writes_results(&model.config) {
                    series.push(Series {
                        what: format!("the side files of model '{}'", model.config.name),
                        folder: place.clone(),
                        names,
                        ticks: graph.grid.ticks,
                    });
                }
                let folder = folder.strip_suffix('/').unwrap_or(folder).to_owned();
                side_folders.insert(folder, SideFolder { place, growing });
            }
        }
        Ok(Self {
            target,
            side_folders,
            series,
        })
    }

    /// Refuses a run that would write over one of the files that it reads, or twice into one file.
    pub(crate) fn refuse_collisions(&self, reads: &[Named]) -> Result<(), RunError> {
        let mut writes = vec![Named::new("the result", self.target.shown())];
        if let Some(place) = self.target.place() {
            writes.push(Named::new("the growing result", place.partial()));
            writes.push(Named::new("the record of the run", place.record()));
            writes.push(Named::new(
                "the record of the growing result",
                place.partial_record(),
            ));
        }
        Ok(refuse_collisions(reads, &writes, &self.series)?)
    }
}

/// Whether a model writes its side files: types that may leave it have the flag `write_results`.
fn writes_results(config: &ModelConfig) -> bool {
    let flag = config.entry(Section::Parameters, "write_results");
    !matches!(flag, Some(Value::Bool(false) | Value::Int(0)))
}

/// A path that leads nowhere but further down: steps up and roots become folders.
fn below(path: &str) -> PathBuf {
    let part = |part: Component<'_>| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::CurDir => None,
        Component::ParentDir => Some("parent".into()),
        Component::RootDir | Component::Prefix(_) => Some("root".into()),
    };
    Path::new(path).components().filter_map(part).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_a_scenario_does_not_lead_out_of_that_of_the_result() {
        for (path, inside) in [
            ("results/market", "results/market"),
            ("./a/", "a"),
            (".", ""),
            ("../a/../b", "parent/a/parent/b"),
            ("/tmp/a", "root/tmp/a"),
        ] {
            assert_eq!(below(path), Path::new(inside), "{path}");
        }
    }
}
