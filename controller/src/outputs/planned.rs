//! Everything that a run writes, known before it starts.

use std::collections::BTreeMap;
use std::env;
use std::path::{Component, Path, PathBuf};

use shared::model::Folder;

use super::side_files::{SideFolder, SideFolders};
use crate::output::count;
use crate::places::{
    Collision, FileId, FolderClaim, Named, OUTPUT, Place, Series, Target, WriteError,
    refuse_collisions,
};
use crate::run::Options;
use crate::scenario::{Graph, Position, Problem, Severity};

/// The option that says where the Parquet file goes.
pub(super) const PARQUET: &str = "--parquet";

/// Where the rows of a run go, and the files of its models with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Output {
    /// Where the scenario says.
    #[default]
    Scenario,
    /// To this file, and the files of models to a folder beside it; `-` is standard output.
    File(PathBuf),
    /// Into no file: a [`Sink`](super::Sink) takes the rows, and what models would write is dropped.
    Nowhere,
}

/// What a run writes.
#[derive(Debug, Default)]
pub(crate) struct Outputs {
    /// The file that the rows go to.
    pub(crate) target: Option<Target>,
    /// The Parquet file that the rows go to as well; `None` where nobody wants it.
    pub(crate) parquet: Option<Target>,
    /// Where the files of models go; `None` where they are dropped.
    pub(crate) side_folders: Option<SideFolders>,
    /// The folder beside a result that the user has put somewhere: it holds the side files of that
    /// run.
    pub(crate) own_folder: Option<PathBuf>,
    /// Where it goes what comes from outside of the simulation; `None` where nothing is wanted of it.
    pub(crate) journal: Option<Target>,
    /// Where it goes what cables are told; `None` where nobody wants it.
    pub(crate) cable_log: Option<Target>,
    /// The side files of each model.
    series: Vec<Series>,
}

impl Outputs {
    /// What the run of a graph writes.
    pub(crate) fn of(graph: &Graph, output: &Output) -> Result<Self, WriteError> {
        let (target, is_elsewhere) = match output {
            Output::Scenario => (Target::of(&graph.monitor.file)?, false),
            Output::File(path) => (Target::of_option(path)?, true),
            Output::Nowhere => return Ok(Self::default()),
        };
        // A result that the user puts elsewhere takes its side files along, so that those of the run
        // that it is to be compared with stay.
        let root = target.place().filter(|_| is_elsewhere).map(Place::files);
        let (mut side_folders, mut series) = (SideFolders::new(), Vec::new());
        for model in &graph.models {
            let written = model.files_written();
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
            target: Some(target),
            side_folders: Some(side_folders),
            own_folder: root,
            series,
            ..Self::default()
        })
    }

    /// Adds the Parquet file: the one that is asked for, else that of the scenario, which goes with a result that
    /// is put elsewhere, so that the one of the run that it is to be compared with stays.
    pub(crate) fn with_parquet(
        mut self,
        graph: &Graph,
        asked: Option<&Path>,
    ) -> Result<Self, WriteError> {
        let result = self.target.as_ref().and_then(Target::place);
        let of_scenario = graph.monitor.beside.parquet.as_ref();
        let of_scenario = of_scenario.filter(|_| self.target.is_some());
        let path = match (
            asked,
            of_scenario,
            result.filter(|_| self.own_folder.is_some()),
        ) {
            (Some(path), ..) => path.to_owned(),
            (None, Some(_), Some(elsewhere)) => elsewhere.parquet(),
            (None, Some(path), None) => path.clone(),
            (None, None, _) => return Ok(self),
        };
        let target = Target::of_parquet(&path).map_err(|error| error.chosen_with(PARQUET))?;
        self.parquet = Some(target);
        Ok(self)
    }

    /// Adds what is written of the world outside of the simulation.
    pub(crate) fn with_journal(
        mut self,
        graph: &Graph,
        options: &Options,
    ) -> Result<Self, WriteError> {
        let result = self.target.as_ref().and_then(Target::place);
        // A run that sees what an earlier one saw has nothing new to tell.
        let can_be_asked = options.pace.is_some() && graph.has_programs();
        let is_changed = options.steerable || !options.values.is_empty();
        let has_news = graph.has_sockets() || can_be_asked || is_changed;
        // That of the run that this one goes on with goes on as well.
        let has_earlier = |place: &&Place| {
            let journal = Target::of(&place.journal()).ok();
            let partial = journal.as_ref().and_then(Target::place).map(Place::partial);
            options.resume && partial.is_some_and(|partial| partial.exists())
        };
        let beside = result.filter(|place| has_news || has_earlier(place));
        let beside = beside.filter(|_| options.replay.is_none());
        let journal = options.journal.as_deref();
        self.journal = match (journal, beside) {
            (Some(path), _) => Some(Target::of_option(path)?),
            (None, Some(place)) => Some(Target::of(&place.journal())?),
            (None, None) => None,
        };
        let log = options.cable_log.as_deref();
        self.cable_log = log.map(Target::of_option).transpose()?;
        Ok(self)
    }

    /// What is wrong if more than one thing goes to standard output, `--json` among them where it is taken.
    pub(crate) fn share_stdout(&self, is_taken: bool) -> Option<String> {
        let targets = [
            (&self.target, "the rows", OUTPUT),
            (&self.journal, "the journal", "--journal"),
            (&self.cable_log, "the log of cables", "--cable-log"),
        ];
        let to_stdout = targets
            .into_iter()
            .filter(|(target, ..)| matches!(target, Some(Target::Stdout)))
            .map(|(_, what, option)| (what, option));
        let json = is_taken.then_some(("--json", ""));
        let takers: Vec<(&str, &str)> = to_stdout.chain(json).collect();
        let [(one, option), (other, _), ..] = takers.as_slice() else {
            return None;
        };
        Some(format!(
            "{one} and {other} cannot both go to standard output; name a file with {option}"
        ))
    }

    /// Keeps other runs out of the folders that the scenario names, until the claims are dropped. The
    /// folder beside a result is claimed with the result.
    pub(crate) fn claim_folders(&self) -> Result<Vec<FolderClaim>, WriteError> {
        if self.own_folder.is_some() {
            return Ok(Vec::new());
        }
        let mut folders: Vec<(Option<FileId>, &Path)> = Vec::new();
        for SideFolder { place, .. } in self.side_folders.iter().flat_map(BTreeMap::values) {
            let id = FileId::of(place);
            if folders.iter().all(|(known, _)| *known != id) {
                folders.push((id, place));
            }
        }
        let claims = folders
            .into_iter()
            .map(|(_, place)| FolderClaim::new(place));
        claims.collect()
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
    pub(crate) fn refuse_collisions(&self, reads: &[Named]) -> Result<(), Collision> {
        let target = self.target.as_ref();
        let result = target.map(|target| Named::new("the result", target.shown()));
        let mut writes = Vec::from_iter(result);
        if let Some(place) = target.and_then(Target::place) {
            writes.push(Named::new("the growing result", place.partial()));
            writes.push(Named::new("the record of the run", place.record()));
            writes.push(Named::new(
                "the record of the growing result",
                place.partial_record(),
            ));
        }
        for (what, target, option) in [
            ("the Parquet file", &self.parquet, PARQUET),
            ("the journal", &self.journal, OUTPUT),
            ("the log of cables", &self.cable_log, OUTPUT),
        ] {
            let Some(target) = target else {
                continue;
            };
            writes.push(Named::new(what, target.shown()).chosen_with(option));
            if let Some(place) = target.place() {
                let growing = Named::new(format!("{what}, growing"), place.partial());
                writes.push(growing.chosen_with(option));
            }
        }
        refuse_collisions(reads, &writes, &self.series)
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
pub(crate) fn scenario_files(graph: &Graph, scenario: Option<&Path>) -> Vec<Named> {
    let scenario = scenario.map(|scenario| Named::new("the scenario", scenario));
    let mut files = Vec::from_iter(scenario);
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
