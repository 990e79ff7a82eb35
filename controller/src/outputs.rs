//! Everything that a run writes, known before it starts.

use std::collections::BTreeMap;
use std::env;
use std::path::{Component, Path, PathBuf};

use shared::model::Folder;

use crate::exit::RunError;
use crate::output::{SideFolder, count};
use crate::places::{FileId, FolderClaim, Named, Place, Series, Target, refuse_collisions};
use crate::scenario::{Graph, Position, Problem, Severity};

/// The folders of side files, by what the scenario calls them.
pub(crate) type SideFolders = BTreeMap<String, SideFolder>;

/// What a run writes.
#[derive(Debug)]
pub(crate) struct Outputs {
    /// Where the rows go.
    pub(crate) target: Target,
    pub(crate) side_folders: SideFolders,
    /// The folder beside a result that the user has put somewhere: it holds the side files of that
    /// run.
    pub(crate) own_folder: Option<PathBuf>,
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
            let written = model.config.files_written(&model.instance.model_type);
            for Folder {
                path: folder,
                parameter,
                names,
            } in written.folders()
            {
                let place = match &root {
                    Some(root) => root.join(below(folder)),
                    None => PathBuf::from(&**folder),
                };
                let growing = match target.place() {
                    Some(result) => result.partial_files().join(below(folder)),
                    None => place.join("partial.files"),
                };
                series.push(Series {
                    what: format!("the side files of model '{}'", model.config.name),
                    folder: place.clone(),
                    parameter: parameter.clone().into_owned(),
                    names: names.clone(),
                    ticks: graph.grid.ticks,
                    step_size: model.instance.step_size,
                });
                let folder = folder.strip_suffix('/').unwrap_or(folder).to_owned();
                side_folders.insert(folder, SideFolder { place, growing });
            }
        }
        Ok(Self {
            target,
            side_folders,
            own_folder: root,
            series,
        })
    }

    /// Keeps other runs out of the folders that the scenario names, until the claims are dropped. The
    /// folder beside a result is claimed with the result.
    pub(crate) fn claim_folders(&self) -> Result<Vec<FolderClaim>, RunError> {
        if self.own_folder.is_some() {
            return Ok(Vec::new());
        }
        let mut folders: Vec<(Option<FileId>, &Path)> = Vec::new();
        for SideFolder { place, .. } in self.side_folders.values() {
            let id = FileId::of(place);
            if folders.iter().all(|(known, _)| *known != id) {
                folders.push((id, place));
            }
        }
        let claims = folders
            .into_iter()
            .map(|(_, place)| FolderClaim::new(place));
        claims.collect::<Result<_, _>>().map_err(RunError::Output)
    }

    /// Warnings about side files of an earlier run, which would stay beside those of this one.
    pub(crate) fn stale_files(&self) -> Vec<Problem> {
        if self.own_folder.is_some() {
            return Vec::new();
        }
        let warning = |series: &Series| {
            let stale = series.stale();
            let first = stale.first()?;
            let message = format!(
                "{} of an earlier run would stay beside {series}; remove {}, or {}",
                count(stale.len() as u64, "file"),
                if stale.len() == 1 { "it" } else { "them" },
                series.remedy(),
            );
            Some(Problem {
                severity: Severity::Warning,
                code: "stale_side_files".into(),
                file: first.display().to_string().into(),
                position: Position::START,
                message,
                excerpt: None,
            })
        };
        self.series.iter().filter_map(warning).collect()
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
